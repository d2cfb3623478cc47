"""The drawn resident in front of a plain light wall: sways gently, blinks, looks about."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from hardware.cameras.canvas import Canvas, Colour
from hardware.cameras.card import Card
from hardware.cameras.i420 import from_bgr, planes
from hardware.cameras.person import RESIDENT, Look, draw_eyes, draw_person
from hardware.ports import Bytes

_WALL: Final[Colour] = (238, 234, 228)
_SWAY: Final = 0.014  # of the height, to either side
_BLINK_EVERY: Final = 3.7  # seconds
_EYES: Final = {  # openness, gaze
    "ahead": (1.0, 0.0),
    "left": (1.0, -0.8),
    "right": (1.0, 0.8),
    "half": (0.45, 0.0),
    "closed": (0.0, 0.0),
}


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the person is at a moment: offsets in units of the height, and the eyes' state."""

    x: float
    y: float
    eyes: str


def pose_at(t: float) -> Pose:
    """A calm person: never still, never fast. `t` in seconds."""
    x = _SWAY * (0.7 * math.sin(t * 0.83) + 0.3 * math.sin(t * 1.71 + 1.0))
    y = _SWAY * 0.35 * math.sin(t * 1.30)
    blink = t % _BLINK_EVERY
    if blink < 0.20:
        return Pose(x, y, "closed" if 0.05 <= blink < 0.15 else "half")
    look = (t * 0.21) % 1.0
    return Pose(x, y, "left" if 0.55 < look < 0.65 else "right" if 0.80 < look < 0.88 else "ahead")


def draw_figure(width: int, height: int, look: Look, eyes: str, wall: Colour) -> Bytes:
    """One BGR picture of the person at rest before a plain wall."""
    zoom = 2 if height <= 800 else 1  # small pictures are drawn double and reduced: finer edges
    unit = min(height, width * 3 / 4)
    canvas = Canvas(width * zoom, height * zoom, unit * zoom, wall)
    draw_person(canvas, look)
    draw_eyes(canvas, look, *_EYES[eyes])
    picture: Bytes = canvas.picture
    if zoom != 1:
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
    return picture


class FaceScene:
    """Frames of one size. The figure is drawn once for each state of the eyes; a frame is a shifted copy."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._unit = min(height, width * 3 / 4)
        self._margin = (math.ceil(_SWAY * self._unit) + 3) & ~1
        self._card = Card(width, height)
        self._figures: dict[str, Bytes] = {}

    def render(self, t: float, text: str) -> Bytes:
        """An I420 picture of the moment `t` with this counter."""
        pose = pose_at(t)
        figure = planes(self._figure(pose.eyes))
        x = self._margin - round(pose.x * self._unit)
        y = self._margin - round(pose.y * self._unit)
        data = np.empty((self._height * 3 // 2, self._width), np.uint8)
        for plane, source, half in zip(planes(data), figure, (1, 2, 2), strict=True):
            rows, columns = plane.shape
            plane[...] = source[y // half : y // half + rows, x // half : x // half + columns]
        self._card.stamp(data, text)
        return data

    def _figure(self, eyes: str) -> Bytes:
        """I420 with a margin on all sides; the wall is plain, so a shift shows no seam."""
        figure = self._figures.get(eyes)
        if figure is None:
            width, height = self._width + 2 * self._margin, self._height + 2 * self._margin
            drawn = draw_figure(self._width, self._height, RESIDENT, eyes, _WALL)
            m = self._margin
            big = np.empty((height, width, 3), np.uint8)
            big[:] = _WALL
            big[m:-m, m:-m] = drawn
            big[-m:, m:-m] = drawn[-1]  # the garment goes on below the frame
            figure = self._figures[eyes] = from_bgr(big)
        return figure
