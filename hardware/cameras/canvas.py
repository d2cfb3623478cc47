"""Soft-edged shapes on a BGR picture: what the drawn scenes are made of.

Coordinates are in units of the scene's height, x counted from the middle, y from the top, so that one drawing
serves every size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from hardware.ports import Bytes

Point = tuple[float, float]
Colour = tuple[int, int, int]  # blue, green, red
_SHIFT = 4  # fractional bits of OpenCV's drawing coordinates


def smooth(points: Sequence[Point], closed: bool = True, steps: int = 10) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    p = np.asarray(points, dtype=np.float64)
    p = np.vstack([p[-1], p, p[:2]]) if closed else np.vstack([p[0], p, p[-1]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    out = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        out.append(
            0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        )
    if not closed:
        out.append(p[-2:-1])
    return [(float(x), float(y)) for x, y in np.concatenate(out)]


def mirror(points: Sequence[Point]) -> list[Point]:
    """The right half, top to bottom, completed by its mirror image; points on the axis stay single."""
    return [*points, *((-x, y) for x, y in reversed(points) if x)]


class Canvas:
    """A BGR picture of width x height whose unit is `unit` pixels and whose x = 0 is the middle."""

    def __init__(self, width: int, height: int, unit: float, colour: Colour) -> None:
        self.picture: Bytes = np.empty((height, width, 3), np.uint8)
        self.picture[:] = colour
        self.unit = unit
        self._middle = width / 2

    def pixels(self, points: Sequence[Point]) -> npt.NDArray[np.int32]:
        """Fixed-point pixel coordinates for OpenCV."""
        p = np.asarray(points, np.float64) * self.unit + (self._middle, 0.0)
        return np.rint(p * (1 << _SHIFT)).astype(np.int32)

    def mask(self, points: Sequence[Point]) -> Bytes:
        """The filled polygon as a mask, to clip other shapes."""
        mask = np.zeros(self.picture.shape[:2], np.uint8)
        cv2.fillPoly(mask, [self.pixels(points)], 255, cv2.LINE_AA, _SHIFT)
        return mask

    def fill(
        self,
        points: Sequence[Point],
        colour: Colour,
        alpha: float = 1.0,
        blur: float = 0.0,
        clip: Bytes | None = None,
    ) -> None:
        """A filled polygon; `blur` softens its edge by so many units; only inside `clip`."""
        box = self._box(points, blur)
        if box is not None:
            layer = np.zeros((box[1] - box[0], box[3] - box[2]), np.uint8)
            moved = self._moved(points, box)
            cv2.fillPoly(layer, [moved], 255, cv2.LINE_AA, _SHIFT)
            self._blend(layer, box, colour, alpha, blur, clip)

    def line(
        self,
        points: Sequence[Point],
        colour: Colour,
        thickness: float,
        alpha: float = 1.0,
        blur: float = 0.0,
        clip: Bytes | None = None,
    ) -> None:
        """A round-ended line of `thickness` units."""
        box = self._box(points, blur + thickness)
        if box is not None:
            layer = np.zeros((box[1] - box[0], box[3] - box[2]), np.uint8)
            width = max(1, round(thickness * self.unit))
            cv2.polylines(layer, [self._moved(points, box)], False, 255, width, cv2.LINE_AA, _SHIFT)
            self._blend(layer, box, colour, alpha, blur, clip)

    def ellipse(self, centre: Point, radii: Point, colour: Colour, **how: Any) -> None:
        """A filled ellipse; `how` as in `fill`."""
        self.fill(oval(centre, radii), colour, **how)

    def text(self, at: Point, words: str, height: float, colour: Colour, bold: bool = False) -> None:
        """Latin letters of capital height `height`, centred at `at`."""
        scale = height * self.unit / 21.0  # OpenCV's simplex capitals are 21 pixels high at scale 1
        thickness = max(1, round(scale * (2.6 if bold else 1.7)))
        (width, _), _ = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
        x = at[0] * self.unit + self._middle - width / 2
        y = (at[1] + height / 2) * self.unit
        corner = (round(x), round(y))
        cv2.putText(
            self.picture, words, corner, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, thickness, cv2.LINE_AA
        )

    def _box(self, points: Sequence[Point], margin: float) -> tuple[int, int, int, int] | None:
        p = np.asarray(points) * self.unit + (self._middle, 0.0)
        grow = 3 * margin * self.unit + 3
        height, width = self.picture.shape[:2]
        left, top = np.floor(p.min(axis=0) - grow).astype(int)
        right, bottom = np.ceil(p.max(axis=0) + grow).astype(int)
        box = (max(0, int(top)), min(height, int(bottom)), max(0, int(left)), min(width, int(right)))
        return box if box[0] < box[1] and box[2] < box[3] else None

    def _moved(self, points: Sequence[Point], box: tuple[int, int, int, int]) -> npt.NDArray[np.int32]:
        return self.pixels(points) - np.array([box[2], box[0]], np.int32) * (1 << _SHIFT)

    def _blend(
        self,
        layer: Bytes,
        box: tuple[int, int, int, int],
        colour: Colour,
        alpha: float,
        blur: float,
        clip: Bytes | None,
    ) -> None:
        rows, columns = slice(box[0], box[1]), slice(box[2], box[3])
        if blur:
            layer = soften(layer, blur * self.unit)
        if clip is not None:
            layer = cv2.multiply(layer, clip[rows, columns], scale=1 / 255)
        weight = cv2.merge([cv2.multiply(layer, (alpha,))] * 3)
        under = cv2.multiply(self.picture[rows, columns], 255 - weight, scale=1 / 255)
        over = cv2.multiply(weight, (*colour, 0.0), scale=1 / 255)
        self.picture[rows, columns] = cv2.add(under, over)


def soften(layer: Bytes, sigma: float) -> Bytes:
    """A Gaussian blur, done on a smaller picture where it is wide: the eye cannot tell, the start-up can."""
    factor = max(1, int(sigma / 3))
    if factor == 1:
        out: Bytes = cv2.GaussianBlur(layer, (0, 0), sigma)
        return out
    height, width = layer.shape[:2]
    small = cv2.resize(
        layer, (max(1, width // factor), max(1, height // factor)), interpolation=cv2.INTER_AREA
    )
    small = cv2.GaussianBlur(small, (0, 0), sigma / factor)
    wide: Bytes = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return wide


def oval(centre: Point, radii: Point, start: float = 0.0, end: float = 360.0) -> list[Point]:
    """Points of an ellipse or of a part of it, degrees clockwise from the right."""
    turns = np.radians(np.linspace(start, end, 49))
    return [(centre[0] + radii[0] * float(np.cos(t)), centre[1] + radii[1] * float(np.sin(t))) for t in turns]
