"""The bytes between agent and screen."""

from __future__ import annotations

import pytest

from kiosk.core.ui_wire import (
    MESSAGE_BYTES,
    Drawn,
    FrameReady,
    Hello,
    Message,
    StreamEnded,
    StreamOpened,
    WireError,
    decode,
    encode,
)
from kiosk.core.view import Ink, InkCleared, Picture, Pointer, Prompt, Screen, Touch, TouchKind
from kiosk.ui.samples import samples


@pytest.mark.parametrize("name", sorted(samples()))
def test_every_view_survives_the_way(name: str) -> None:
    """What the agent says is what the screen reads."""
    view = samples()[name]
    assert decode(encode(view)) == view


@pytest.mark.parametrize(
    "message",
    [
        StreamOpened(stream=Picture.OPERATOR, width=640, height=480),
        FrameReady(stream=Picture.PAPER, number=7, buffer=3, captured=1.5),
        StreamEnded(stream=Picture.SELF),
        Pointer(x=0.5, y=0.25, on=True),
        Ink(stroke="s1", points=((0.0, 1.0), (0.5, 0.25))),
        InkCleared(),
        Prompt(id=4, text="前を見てください"),
        Hello(width=1280, height=800),
        Touch(kind=TouchKind.LANGUAGE, value="vi", revision=9),
        Drawn(revision=9, screen=Screen.IDLE),
    ],
    ids=lambda m: type(m).__name__,
)
def test_every_message_survives_the_way(message: Message) -> None:
    """Each kind has its byte."""
    assert decode(encode(message)) == message


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"V",
        b"Z\x80",
        b"V\x80",
        b"T\x81\xa4kind\xa4nope",
        b"N\xff",
        b"V" + b"\x91" * 4000,
        b"V" + b"\xc1",
    ],
    ids=["empty", "bare", "unknown", "incomplete", "kind", "garbage", "deep", "reserved"],
)
def test_nonsense_is_refused_in_one_way(raw: bytes) -> None:
    """The other side's mistake is a WireError and nothing else."""
    with pytest.raises(WireError):
        decode(raw)


def test_a_message_that_is_too_long_is_refused() -> None:
    """Neither sent nor read."""
    with pytest.raises(WireError):
        decode(b"S" + b"\x00" * MESSAGE_BYTES)
    with pytest.raises(ValueError, match="at most"):
        encode(Prompt(id=1, text="あ" * MESSAGE_BYTES))
