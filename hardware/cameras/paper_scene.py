"""A sheet with a form on a dark mat, as a document camera sees it: now and then it is moved a little."""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from hardware.cameras.canvas import soften
from hardware.cameras.card import Card
from hardware.cameras.i420 import from_bgr, planes
from hardware.ports import Bytes

_MAT: Final = (92, 88, 78)
_INK: Final = (70, 58, 50)
_RATIO: Final = 297 / 210  # A4 lying on its long side
_PERIOD: Final = 6.0  # seconds between two movements
_MOVING: Final = 1.6  # seconds that one takes
_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
_ROWS: Final = ("NAME", "ADDRESS", "DATE OF BIRTH", "TELEPHONE", "APPLICATION")


def pose_at(t: float) -> tuple[float, float, float]:
    """(degrees, x, y): rotation and shift in units of the height. It rests most of the time."""
    step, into = divmod(t, _PERIOD)
    a, b = _rest(int(step)), _rest(int(step) + 1)
    way = min(1.0, max(0.0, (into - (_PERIOD - _MOVING)) / _MOVING))
    eased = way * way * (3 - 2 * way)
    return a[0] + (b[0] - a[0]) * eased, a[1] + (b[1] - a[1]) * eased, a[2] + (b[2] - a[2]) * eased


def _rest(step: int) -> tuple[float, float, float]:
    return 3.2 * math.sin(step * 2.4), 0.018 * math.sin(step * 1.7 + 1), 0.014 * math.cos(step * 2.1)


def draw_form(width: int, height: int) -> Bytes:
    """The sheet itself, BGR: a heading, a table with filled-in lines, boxes, a stamp."""
    sheet = np.full((height, width, 3), (246, 250, 251), np.uint8)
    u = height / 100
    thin, thick = max(1, round(u * 0.25)), max(1, round(u * 0.6))

    def box(x: float, y: float, w: float, h: float, line: int = thin) -> None:
        corners = (round(x * u), round(y * u)), (round((x + w) * u), round((y + h) * u))
        cv2.rectangle(sheet, *corners, _INK, line, cv2.LINE_AA)

    def write(x: float, y: float, words: str, size: float, colour: tuple[int, int, int] = _INK) -> None:
        scale = size * u / 21
        corner = (round(x * u), round(y * u))
        cv2.putText(sheet, words, corner, _FONT, scale, colour, max(1, round(scale * 1.9)), cv2.LINE_AA)

    write(8, 13, "APPLICATION FORM", 5.0)
    write(92, 12, "No. 0000-0000", 2.8)
    cv2.line(sheet, (round(8 * u), round(17 * u)), (round(133 * u), round(17 * u)), _INK, thick, cv2.LINE_AA)
    for row, label in enumerate(_ROWS):
        y = 22 + row * 9.5
        box(8, y, 34, 9.5)
        box(42, y, 91, 9.5)
        write(10.5, y + 6.2, label, 2.7)
        _pen_line(sheet, u, 46, y + 5.6, 40 + 17 * ((row * 7) % 3), row)
    for n in range(12):
        box(8 + n * 6.4, 75, 6.4, 8)
    write(8, 89, "SAMPLE - NOT A REAL DOCUMENT", 2.6)
    box(96, 74, 37, 19, thick)
    cv2.circle(sheet, (round(121 * u), round(83 * u)), round(6.6 * u), (70, 60, 205), thick, cv2.LINE_AA)
    write(116.3, 84.3, "SEAL", 2.6, (70, 60, 205))
    return sheet


def _pen_line(sheet: Bytes, u: float, x: float, y: float, length: float, seed: int) -> None:
    """A wavy line like handwriting from afar: no letters, so nobody's data."""
    s = np.linspace(0, length, int(length * 5))
    wave = np.sin(s * 1.9 + seed) * 1.3 + np.sin(s * 4.3 + seed * 2) * 0.8
    points = np.stack([(x + s) * u * 16, (y + wave) * u * 16], axis=1).astype(np.int32)
    word = np.sin(s * 0.42 + seed) > -0.6
    for part in np.split(points, np.flatnonzero(np.diff(word)) + 1)[0 if word[0] else 1 :: 2]:
        cv2.polylines(sheet, [part], False, (120, 62, 40), max(1, round(u * 0.5)), cv2.LINE_AA, 4)


class PaperScene:
    """Frames of one size. While the sheet rests, a frame is a copy and a new counter."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._unit = min(height, width * 3 / 4)
        self._card = Card(width, height)
        self._mat = _draw_mat(width, height)
        side = min(1.12 * self._unit, 0.66 * width)
        self._ink, self._cover, self._size = _sheet_with_shadow(int(side), int(side / _RATIO))
        self._composed: tuple[tuple[float, float, float], Bytes] | None = None

    def render(self, t: float, text: str) -> Bytes:
        """An I420 picture of the moment `t` with this counter."""
        pose = pose_at(t)
        if self._composed is None or self._composed[0] != pose:
            self._composed = (pose, self._compose(pose))
        data = self._composed[1].copy()
        self._card.stamp(data, text)
        return data

    def _compose(self, pose: tuple[float, float, float]) -> Bytes:
        data = self._mat.copy()
        degrees, x, y = pose
        centre = (0.60 * self._width + x * self._unit, 0.46 * self._height + y * self._unit)
        for plane, ink, cover, zoom in zip(
            planes(data), self._ink, self._cover, (1.0, 0.5, 0.5), strict=True
        ):
            turn = cv2.getRotationMatrix2D((self._size[0] * zoom / 2, self._size[1] * zoom / 2), degrees, 1.0)
            turn[:, 2] += np.array(centre) * zoom - np.array(self._size) * zoom / 2
            _lay(plane, ink, cover, turn)
        return data


def _lay(plane: Bytes, ink: Bytes, cover: Bytes, turn: npt.NDArray[np.float64]) -> None:
    """Warps `ink` (already multiplied by its cover) onto `plane`, only where it lands."""
    height, width = ink.shape
    corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]], np.float64) @ turn.T
    left, top = np.maximum(0, np.floor(corners.min(axis=0)).astype(int))
    right, bottom = np.ceil(corners.max(axis=0)).astype(int)
    under = plane[top:bottom, left:right]
    local = turn.copy()
    local[:, 2] -= (left, top)
    size = (under.shape[1], under.shape[0])
    over = cv2.warpAffine(ink, local, size, borderValue=0)
    hole = 255 - cv2.warpAffine(cover, local, size, borderValue=0)
    under[...] = cv2.add(cv2.multiply(under, hole, scale=1 / 255), over)


def _draw_mat(width: int, height: int) -> Bytes:
    """A matte mat, a little darker towards the corners, with a fine grain."""
    y, x = np.mgrid[0:1:60j, 0:1:80j]
    far = ((x - 0.5) ** 2 + (y - 0.45) ** 2)[..., None]
    small = np.rint(np.asarray(_MAT) * (1.10 - 0.45 * far)).astype(np.uint8)
    data = from_bgr(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))
    luma = planes(data)[0]
    tile = np.random.default_rng(7).integers(0, 5, (256, 256), dtype=np.uint8)
    grain = np.tile(tile, (height // 256 + 1, width // 256 + 1))[:height, :width]
    luma[...] = cv2.add(luma, grain)  # also hides the steps of the shading
    return data


def _sheet_with_shadow(
    width: int, height: int
) -> tuple[tuple[Bytes, Bytes, Bytes], tuple[Bytes, Bytes, Bytes], tuple[int, int]]:
    """Ink and cover for Y, U and V, and the size of the whole with the margin for its shadow."""
    width, height, margin = width & ~1, height & ~1, (width // 24) & ~1
    full = (width + 2 * margin, height + 2 * margin)
    drop = margin // 4
    cover = np.zeros((full[1], full[0]), np.uint8)
    cover[margin + drop : margin + drop + height, margin + drop : margin + drop + width] = 150
    cover = soften(cover, margin / 5)
    sheet = np.zeros((full[1], full[0], 3), np.uint8)
    inner = (slice(margin, margin + height), slice(margin, margin + width))
    sheet[inner] = draw_form(width, height)
    cover[inner] = 255
    y, u, v = planes(from_bgr(sheet))
    small = cv2.resize(cover, (full[0] // 2, full[1] // 2), interpolation=cv2.INTER_AREA)
    ink = tuple(cv2.multiply(p, c, scale=1 / 255) for p, c in ((y, cover), (u, small), (v, small)))
    return (ink[0], ink[1], ink[2]), (cover, small, small), full
