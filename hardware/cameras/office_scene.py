"""The drawn operator with a headset in a softly blurred office: what a simulated desk camera shows."""

from __future__ import annotations

import cv2
import numpy as np

from hardware.cameras.canvas import Canvas, soften
from hardware.cameras.card import Card
from hardware.cameras.face_scene import draw_figure, pose_at
from hardware.cameras.i420 import from_bgr
from hardware.cameras.person import OPERATOR
from hardware.ports import Bytes


class OfficeScene:
    """Frames of one size; the figure is cut out once for each state of the eyes and laid on the office."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._unit = min(height, width * 3 / 4)
        self._card = Card(width, height)
        self._office = _draw_office(width, height)
        self._figures: dict[str, tuple[Bytes, Bytes]] = {}

    def render(self, t: float, text: str) -> Bytes:
        """An I420 picture of the moment `t` with this counter."""
        pose = pose_at(t)
        ink, hole = self._figure(pose.eyes)
        shift = np.array([[1, 0, pose.x * self._unit], [0, 1, pose.y * self._unit]], np.float32)
        size = (self._width, self._height)
        moved = cv2.warpAffine(ink, shift, size, borderMode=cv2.BORDER_REPLICATE)
        behind = cv2.warpAffine(hole, shift, size, borderMode=cv2.BORDER_REPLICATE)
        data = from_bgr(cv2.add(moved, cv2.multiply(self._office, behind, scale=1 / 255)))
        self._card.stamp(data, text)
        return data

    def _figure(self, eyes: str) -> tuple[Bytes, Bytes]:
        """What the figure adds and how much of the office is left, from drawings before black and white."""
        figure = self._figures.get(eyes)
        if figure is None:
            black = draw_figure(self._width, self._height, OPERATOR, eyes, (0, 0, 0))
            white = draw_figure(self._width, self._height, OPERATOR, eyes, (255, 255, 255))
            figure = self._figures[eyes] = (black, cv2.subtract(white, black))
        return figure


def _draw_office(width: int, height: int) -> Bytes:
    canvas = Canvas(width, height, min(height, width * 3 / 4), (206, 214, 218))
    canvas.fill([(-0.9, 0.78), (0.9, 0.78), (0.9, 1.1), (-0.9, 1.1)], (150, 164, 176))
    canvas.fill([(-0.60, 0.10), (-0.27, 0.10), (-0.27, 0.56), (-0.60, 0.56)], (246, 240, 228))
    canvas.fill([(-0.60, 0.36), (-0.27, 0.30), (-0.27, 0.56), (-0.60, 0.56)], (196, 206, 176), blur=0.01)
    canvas.line([(-0.435, 0.10), (-0.435, 0.56)], (190, 196, 200), 0.014)
    for shelf in (0.24, 0.40, 0.56):
        x = 0.33
        for book in range(7):
            tall = 0.085 + 0.02 * ((book * 5 + int(shelf * 100)) % 3)
            tone = ((150, 140, 112), (120, 150, 178), (176, 168, 150), (112, 122, 140))[
                (book + int(shelf * 50)) % 4
            ]
            canvas.fill([(x, shelf - tall), (x + 0.034, shelf - tall), (x + 0.034, shelf), (x, shelf)], tone)
            x += 0.040
        canvas.fill(
            [(0.31, shelf), (0.66, shelf), (0.66, shelf + 0.014), (0.31, shelf + 0.014)], (140, 158, 172)
        )
    for leaf in range(7):
        tilt = (leaf - 3) * 0.035
        canvas.ellipse((-0.50 + tilt, 0.66 - 0.02 * (leaf % 3)), (0.022, 0.085), (96, 148, 92), alpha=0.9)
    canvas.fill([(-0.56, 0.70), (-0.44, 0.70), (-0.46, 0.80), (-0.54, 0.80)], (120, 128, 190))
    return soften(canvas.picture, canvas.unit * 0.013)
