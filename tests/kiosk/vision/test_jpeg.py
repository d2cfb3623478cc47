"""What leaves as a JPEG is the picture and nothing about it."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from hardware.ports import Frame
from kiosk.vision.jpeg import digest, encode
from tests.fakes.scenes import as_frame, decode, room, sheet


def markers(jpeg: bytes) -> list[int]:
    """The markers of all segments before the first scan."""
    at, found = 2, []
    while jpeg[at + 1] != 0xDA:
        found.append(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


def test_a_jpeg_carries_no_exif_and_no_comment() -> None:
    """No place, time, device or thumbnail: only what a decoder needs."""
    jpeg = encode(as_frame(sheet(640, 360)))
    assert jpeg[:2] == b"\xff\xd8"
    assert jpeg[-2:] == b"\xff\xd9"
    extra = [marker for marker in markers(jpeg) if 0xE1 <= marker <= 0xEF or marker == 0xFE]
    assert extra == []


def test_colours_survive_the_way_through_i420() -> None:
    """A red wall is a red wall, within 6 levels of 255."""
    jpeg = encode(as_frame(room(64, 48, (40, 60, 200))))
    back = decode(jpeg)
    assert back.shape == (48, 64, 3)
    assert np.abs(back.reshape(-1, 3).mean(axis=0) - (40, 60, 200)).max() < 6


def test_the_digest_is_over_the_bytes_that_are_sent() -> None:
    """The hub recomputes the same 64 hexadecimal digits."""
    jpeg = encode(as_frame(room(64, 48)))
    assert digest(jpeg) == hashlib.sha256(jpeg).hexdigest()


def test_a_frame_of_the_wrong_shape_is_refused() -> None:
    """An error, never a picture of rubbish."""
    with pytest.raises(ValueError, match="I420"):
        encode(Frame(np.zeros((10, 8), np.uint8), 8, 8, 0.0, 0))
