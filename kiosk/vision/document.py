"""The still of a paper: the whole frame as it is, with what was checked on it. Never straightens or crops."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from hardware.ports import Bytes, Frame
from kiosk.vision.gate_ops import planes
from kiosk.vision.jpeg import digest, encode
from kiosk.vision.still import BAD, CAUTION, GOOD, Check, Still

_TILE: Final = 32  # pixels; about two lines of print
_INK: Final = 12.0  # standard deviation of a tile that has something written on it
_GRAIN: Final = 1.1  # the grain of a tile varies by so much around the median of empty ones
_SMALL: Final = 960  # longest side while light is measured
_BRIGHT: Final = 232  # luma of the video range (235 is white) from which nothing is left of the print
_FLOODED: Final = 0.5  # beyond this share of the paper it is too much light altogether, not a reflection
_SHEET: Final = 0.05  # of the frame: what is smaller is no sheet


def document_still(frame: Frame) -> Still:
    """The frame in full size. ValueError when it is not I420."""
    jpeg = encode(frame)
    return Still(jpeg, frame.width, frame.height, digest(jpeg), document_checks(frame), frame)


def document_checks(frame: Frame) -> tuple[Check, ...]:
    """Focus, reflection, brightness; cheap enough for live frames."""
    luma = planes(frame)[0]
    flooded, glare, paper = light(luma)
    return sharpness(edge_sharpness(luma)), reflection(flooded, glare), illumination(flooded, paper)


def edge_sharpness(luma: Bytes) -> float | None:
    """How steep the print's edges are: fine detail for the contrast of its tile, 0 (blurred) to about 1.

    The mean of the best quarter of the written tiles, the sensor's grain taken off; None without print.
    """
    rows, columns = luma.shape[0] // _TILE, luma.shape[1] // _TILE
    picture = luma[: rows * _TILE, : columns * _TILE].astype(np.float32)
    fine = cv2.Laplacian(cv2.blur(picture, (2, 2)), cv2.CV_32F)
    contrast, detail = _tile_deviation(picture, rows, columns), _tile_deviation(fine, rows, columns)
    written = contrast > _INK
    if int(written.sum()) < max(4, rows * columns // 400):
        return None
    grain = float(np.median(detail[~written])) if not written.all() else 0.0
    energy = np.maximum(0.0, detail[written] ** 2 - (_GRAIN * grain) ** 2)
    ratios = np.sort(np.sqrt(energy) / contrast[written])
    return float(ratios[-max(1, len(ratios) // 4) :].mean())


def _tile_deviation(picture: npt.NDArray[np.float32], rows: int, columns: int) -> npt.NDArray[np.float32]:
    tiles = picture.reshape(rows, _TILE, columns, _TILE)
    deviation: npt.NDArray[np.float32] = tiles.std(axis=(1, 3))
    return deviation


def light(luma: Bytes) -> tuple[float, float, float]:
    """Of the paper: shares of white pixels and of wider white patches, its luma (90th percentile)."""
    scale = min(1.0, _SMALL / max(luma.shape))
    size = (max(1, round(luma.shape[1] * scale)), max(1, round(luma.shape[0] * scale)))
    small = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    paper = _paper(small)
    white = (small >= _BRIGHT).astype(np.uint8)
    patches = cv2.morphologyEx(white, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
    brightness = float(np.percentile(small[paper], 90))
    return float(white[paper].mean()), float(patches[paper].mean()), brightness


def _paper(small: Bytes) -> npt.NDArray[np.bool_]:
    """The hull of the largest bright region, everything when there is none: roughly where a sheet lies."""
    _, bright = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = max(outlines, key=cv2.contourArea, default=None)
    if outline is None or cv2.contourArea(outline) < _SHEET * small.size:
        return np.ones(small.shape, np.bool_)
    mask = np.zeros(small.shape, np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(outline), 1)
    return mask > 0


def sharpness(steepness: float | None) -> Check:
    """Limits by blurring drawn print step by step."""
    if steepness is None:
        return Check("ピント", CAUTION, "文字が見つかりません")
    if steepness < 0.2:
        return Check("ピント", BAD, "ぼけています")
    if steepness < 0.28:
        return Check("ピント", CAUTION, "少しぼけています")
    return Check("ピント", GOOD, "合っています")


def reflection(flooded: float, glare: float) -> Check:
    """A white patch hides print; a white picture is judged by `illumination`."""
    if flooded > _FLOODED:
        return Check("反射", CAUTION, "明るすぎて測れません")
    if glare > 0.01:
        return Check("反射", BAD, "光が反射しています")
    if glare > 0.002:
        return Check("反射", CAUTION, "少し反射しています")
    return Check("反射", GOOD, "ありません")


def illumination(flooded: float, paper: float) -> Check:
    """From too dark to too light, by what should be paper."""
    if flooded > _FLOODED:
        return Check("明るさ", BAD, "明るすぎます")
    if paper < 80:
        return Check("明るさ", BAD, "暗すぎます")
    if paper < 110:
        return Check("明るさ", CAUTION, "少し暗いです")
    return Check("明るさ", GOOD, "ちょうどよい明るさです")
