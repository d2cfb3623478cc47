"""Operations on whole I420 frames, for the one gate that every frame passes: turn, crop, shrink, mask.

Each takes a Frame and gives a new, contiguous one with the same `captured`, `sequence` and `meta`; the frame
that came in is never written to. An operation that has nothing to do gives the same frame back.
ValueError when the data is not I420 of the size that the frame claims.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from hardware.ports import Bytes, Frame

BLACK: Final = (16, 128, 128)  # Y, U, V of black in the video range
Planes = tuple[Bytes, Bytes, Bytes]

_TURNS: Final = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in pixels of a frame, from its upper left corner."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height


def planes(frame: Frame) -> Planes:
    """Views of Y (height, width), U and V (height / 2, width / 2): writing to them writes to the frame."""
    height, width, data = frame.height, frame.width, frame.data
    if width % 2 or height % 2 or width < 2 or height < 2:
        raise ValueError(f"I420 needs even sides of at least 2, not {width}x{height}")
    if data.shape != (height * 3 // 2, width) or data.dtype != np.uint8 or not data.flags.c_contiguous:
        raise ValueError(f"not contiguous I420 of {width}x{height}: shape {data.shape}, {data.dtype}")
    chroma = data[height:].reshape(2, height // 2, width // 2)
    return data[:height], chroma[0], chroma[1]


def rotate(frame: Frame, degrees: int) -> Frame:
    """Turned clockwise by 0, 90, 180 or 270 degrees. ValueError for any other angle."""
    sources = planes(frame)
    if degrees == 0:
        return frame
    if degrees not in _TURNS:
        raise ValueError(f"a frame turns by 0, 90, 180 or 270 degrees, not {degrees}")
    width, height = (frame.width, frame.height) if degrees == 180 else (frame.height, frame.width)
    out = _blank(frame, width, height)
    for source, target in zip(sources, planes(out), strict=True):
        cv2.rotate(source, _TURNS[degrees], dst=target)
    return out


def crop(frame: Frame, rect: Rect) -> Frame:
    """The part inside `rect`, whose corners and sides must be even. ValueError when it leaves the frame."""
    sources = planes(frame)
    if any(side % 2 for side in (rect.left, rect.top, rect.width, rect.height)):
        raise ValueError(f"a crop of I420 needs even corners and sides, not {rect}")
    if not _inside(rect, frame):
        raise ValueError(f"{rect} leaves the frame of {frame.width}x{frame.height}")
    if rect == Rect(0, 0, frame.width, frame.height):
        return frame
    out = _blank(frame, rect.width, rect.height)
    for source, target, step in zip(sources, planes(out), (1, 2, 2), strict=True):
        top, left = rect.top // step, rect.left // step
        rows, columns = target.shape
        np.copyto(target, source[top : top + rows, left : left + columns])
    return out


def resize(frame: Frame, width: int, height: int) -> Frame:
    """The whole picture at another even size; averages where it shrinks, so that print does not flicker."""
    sources = planes(frame)
    if (width, height) == (frame.width, frame.height):
        return frame
    if width % 2 or height % 2 or width < 2 or height < 2:
        raise ValueError(f"I420 needs even sides of at least 2, not {width}x{height}")
    how = cv2.INTER_AREA if width <= frame.width and height <= frame.height else cv2.INTER_LINEAR
    out = _blank(frame, width, height)
    for source, target in zip(sources, planes(out), strict=True):
        rows, columns = target.shape
        cv2.resize(source, (columns, rows), dst=target, interpolation=how)
    return out


def fit(frame: Frame, width: int, height: int) -> Frame:
    """Shrunk to lie within width x height, in proportion to the nearest even pixel; never enlarged."""
    scale = min(width / frame.width, height / frame.height)
    if scale >= 1:
        planes(frame)  # a wrong frame is refused in this branch too
        return frame
    return resize(frame, _even(frame.width * scale, width), _even(frame.height * scale, height))


def mask(frame: Frame, rects: Sequence[Rect], colour: tuple[int, int, int] = BLACK) -> Frame:
    """A copy with every rectangle filled by one colour (Y, U, V); parts outside of the frame are ignored.

    Rectangles grow outwards to even pixels, so that no chroma of what is hidden stays at its edge.
    """
    planes(frame)
    out = replace(frame, data=frame.data.copy())
    for rect in rects:
        left, top = max(0, rect.left) // 2, max(0, rect.top) // 2
        right, bottom = -(-min(rect.right, frame.width) // 2), -(-min(rect.bottom, frame.height) // 2)
        if right <= left or bottom <= top:
            continue
        for plane, value, step in zip(planes(out), colour, (2, 1, 1), strict=True):
            plane[top * step : bottom * step, left * step : right * step] = value
    return out


def _blank(frame: Frame, width: int, height: int) -> Frame:
    data = np.empty((height * 3 // 2, width), np.uint8)
    return replace(frame, data=data, width=width, height=height)


def _inside(rect: Rect, frame: Frame) -> bool:
    return (
        rect.left >= 0
        and rect.top >= 0
        and rect.width >= 2
        and rect.height >= 2
        and rect.right <= frame.width
        and rect.bottom <= frame.height
    )


def _even(length: float, most: int) -> int:
    """The nearest even number, at least 2 and not beyond `most`."""
    return max(2, min(round(length / 2) * 2, most // 2 * 2))
