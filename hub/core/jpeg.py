"""Decides whether bytes have the frame of a JPEG picture, and how large that picture is.

Walks the segments up to the picture data and looks for the end mark (ITU-T T.81, annex B). Never decodes: a
decoder is a large door, and the only one who looks at the picture has one in the browser.
"""

from __future__ import annotations

from dataclasses import dataclass

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})


class JpegError(ValueError):
    """The message says at which byte it stops to be one."""


@dataclass(frozen=True, slots=True)
class Size:
    """In pixels."""

    width: int
    height: int


def measure(body: bytes) -> Size:
    """The size that the frame header states. JpegError for anything else."""
    if body[:2] != bytes((0xFF, _START)):
        raise JpegError("no start mark")
    if not body.endswith(bytes((0xFF, _END))):
        raise JpegError("no end mark")
    at = 2
    size: Size | None = None
    while True:
        mark, at = _mark(body, at)
        if mark == _END:
            raise JpegError("ends before the picture")
        if mark in _ALONE:
            continue
        length = int.from_bytes(body[at : at + 2], "big")
        if length < 2 or at + length > len(body):
            raise JpegError(f"segment at byte {at} has a wrong length")
        if mark in _FRAMES:
            size = _frame(body[at + 2 : at + length])
        if mark == _SCAN:
            break
        at += length
    if size is None:
        raise JpegError("no frame header")
    return size


def _mark(body: bytes, at: int) -> tuple[int, int]:
    """The next mark and where its segment begins; fill bytes are allowed."""
    if at >= len(body) or body[at] != 0xFF:
        raise JpegError(f"no mark at byte {at}")
    while at < len(body) and body[at] == 0xFF:
        at += 1
    if at >= len(body):
        raise JpegError("cut off")
    return body[at], at + 1


def _frame(segment: bytes) -> Size:
    if len(segment) < 6:
        raise JpegError("frame header too short")
    return Size(int.from_bytes(segment[3:5], "big"), int.from_bytes(segment[1:3], "big"))
