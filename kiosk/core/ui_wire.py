"""The bytes between the agent and the screen: one kind byte, then msgpack. No sockets here.

The two ends share a Unix SOCK_SEQPACKET connection, so a message never needs framing. This file decides how a
message is written and read; it never decides when one is sent, and it never touches a descriptor: a
`StreamOpened` travels with exactly one (a sealed memfd of `hardware.frames`), attached by the socket's owner.

agent -> screen: View, StreamOpened, FrameReady, StreamEnded, Pointer, Ink, InkCleared, Prompt
screen -> agent: Hello (first, and again when the size changes), Touch, Drawn
"""

from __future__ import annotations

from typing import Final

import msgspec

from kiosk.core.view import Ink, InkCleared, Part, Picture, Pointer, Prompt, Screen, Touch, View

MESSAGE_BYTES: Final = 128 * 1024  # more than the longest View; a longer message is cut and thus refused


class WireError(ValueError):
    """A message that is not of this language: the peer's mistake. Drop it, keep the connection."""


class StreamOpened(Part, frozen=True):
    """New frame buffers for a picture; the memfd comes with the message and replaces an older one."""

    stream: Picture
    width: int
    height: int


class FrameReady(Part, frozen=True):
    """Frame `number` stands in `buffer`; `captured` is CLOCK_MONOTONIC in seconds. May be lost."""

    stream: Picture
    number: int
    buffer: int
    captured: float = 0.0


class StreamEnded(Part, frozen=True):
    """The picture is over: its memory is forgotten and its place on the screen is wiped."""

    stream: Picture


class Hello(Part, frozen=True):
    """The screen is there: its working size in pixels after rotation."""

    width: int
    height: int


class Drawn(Part, frozen=True):
    """This View has really been drawn: the flip after it has happened."""

    revision: int
    screen: Screen


Message = (
    View | StreamOpened | FrameReady | StreamEnded | Pointer | Ink | InkCleared | Prompt
    | Hello | Touch | Drawn
)  # fmt: skip

_KINDS: Final[dict[bytes, type[Message]]] = {
    b"V": View,
    b"F": StreamOpened,
    b"N": FrameReady,
    b"X": StreamEnded,
    b"P": Pointer,
    b"I": Ink,
    b"C": InkCleared,
    b"S": Prompt,
    b"H": Hello,
    b"T": Touch,
    b"D": Drawn,
}
_BYTES: Final[dict[type[Message], bytes]] = {kind: byte for byte, kind in _KINDS.items()}
_DECODERS: Final = {byte: msgspec.msgpack.Decoder(kind) for byte, kind in _KINDS.items()}
_ENCODER: Final = msgspec.msgpack.Encoder()


def encode(message: Message) -> bytes:
    """The bytes to send. ValueError when they are more than `MESSAGE_BYTES`."""
    raw = _BYTES[type(message)] + _ENCODER.encode(message)
    if len(raw) > MESSAGE_BYTES:
        raise ValueError(
            f"a {type(message).__name__} of {len(raw)} bytes, at most {MESSAGE_BYTES} may be sent"
        )
    return raw


def decode(raw: bytes) -> Message:
    """The message in `raw`. WireError for an unknown kind, a wrong body or too many bytes."""
    if len(raw) > MESSAGE_BYTES:
        raise WireError(f"{len(raw)} bytes, at most {MESSAGE_BYTES} are read")
    decoder = _DECODERS.get(raw[:1])
    if decoder is None:
        raise WireError(f"unknown kind {raw[:1]!r}")
    try:
        message: Message = decoder.decode(raw[1:])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WireError(f"kind {raw[:1]!r}: {error}") from error
    return message
