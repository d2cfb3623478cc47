"""Measures on pictures, named as OFIQ names them. Numbers only: what is good enough is said by who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from hardware.ports import Bytes
from kiosk.vision.faces import Face
from kiosk.vision.head import Head

_EYES: Final = 64  # pixels between the eyes in the face patch; the limits were found at this size
_PATCH: Final = (192, 224)  # width, height
_FLAT: Final = 15.0  # grey levels between dark and light parts of a face below which nothing can be said
_GROUND_ROWS: Final = 112  # height of the crop while its background is measured
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FaceMeasures:
    """Of the skin of one face; brightness runs from 0 to 255."""

    luminance_mean: float
    over_exposed: float  # share of pixels at 250 and above
    illumination_difference: float  # between left and right half, as a share of the mean
    sharpness: float | None  # energy of the finest detail; None when the face has too little contrast


@dataclass(frozen=True, slots=True)
class Ground:
    """The background of a crop in CIE Lab; `share` is the part of the crop that was looked at."""

    share: float
    lightness: float  # L* 0 to 100, median
    spread: float  # standard deviation of L*
    drop: float  # median minus 3rd percentile of L*: shadows
    chroma: float
    chroma_spread: float
    gradient: float  # mean, in grey levels a pixel at `_GROUND_ROWS`


def face_measures(bgr: Bytes, face: Face, roll: float = 0.0) -> FaceMeasures:
    """Measures the face in an upright patch of fixed scale, so that near and far faces compare.

    `roll` in degrees, clockwise for the viewer.
    """
    patch = _face_patch(bgr, face, roll)
    grey = cv2.cvtColor(patch, cv2.COLOR_BGR2GRAY)
    skin = _face_oval(face)
    inner: Mask = cv2.erode(skin.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    values = grey[skin].astype(np.float32)
    mean = float(values.mean())
    middle = _PATCH[0] // 2
    left = float(grey[:, :middle][skin[:, :middle]].mean())
    right = float(grey[:, middle:][skin[:, middle:]].mean())
    return FaceMeasures(
        luminance_mean=mean,
        over_exposed=float((values >= 250).mean()),
        illumination_difference=abs(left - right) / (mean + 1),
        sharpness=_sharpness(grey, inner, values),
    )


def _face_patch(bgr: Bytes, face: Face, roll: float) -> Bytes:
    scale = _EYES / face.eye_distance
    centre = (face.centre_x, (face.eye_y + face.chin_y) / 2)
    turn = cv2.getRotationMatrix2D(centre, roll, scale)
    turn[:, 2] += np.array([_PATCH[0] / 2 - centre[0], _PATCH[1] / 2 - centre[1]])
    patch: Bytes = cv2.warpAffine(bgr, turn, _PATCH, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return patch


def _face_oval(face: Face) -> Mask:
    """Brow to chin in the patch, inside the outline of the cheeks."""
    half = min(1.9, (face.chin_y - face.eye_y) / face.eye_distance) * _EYES / 2
    eyes, chin = _PATCH[1] / 2 - half, _PATCH[1] / 2 + half
    top = eyes - 0.5 * (chin - eyes)
    mask = np.zeros((_PATCH[1], _PATCH[0]), np.uint8)
    centre = (_PATCH[0] // 2, round((top + chin) / 2))
    cv2.ellipse(mask, centre, (round(0.92 * _EYES), round((chin - top) / 2)), 0, 0, 360, 255, -1)
    return mask > 0


def _sharpness(grey: Bytes, where: Mask, values: Floats) -> float | None:
    """The weaker of across and down, because motion blurs only one; for the face's own contrast."""
    contrast = float(np.percentile(values, 95) - np.percentile(values, 5))
    if contrast < _FLAT:
        return None
    kernel = np.array([[-1, 2, -1]], np.float32)
    picture = grey.astype(np.float32)
    energies = (float(cv2.filter2D(picture, -1, k)[where].var()) for k in (kernel, kernel.T))
    return min(energies) / (contrast + 1) ** 2 * 1e4


def background_uniformity(crop: Bytes, head: Head, left: int, top: int) -> Ground | None:
    """The background beside and above the head in a BGR crop whose corner is (left, top) of the frame.

    A generous oval around the head and everything below the jaw are left out. None when nothing is left.
    """
    scale = _GROUND_ROWS / crop.shape[0]
    size = (max(1, round(crop.shape[1] * scale)), _GROUND_ROWS)
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    mask = _ground_mask(small.shape[:2], head, scale, left, top)
    if int(mask.sum()) < 200:
        return None
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB).astype(np.float32)
    lightness = lab[..., 0][mask] * (100 / 255)
    colour = lab[..., 1:][mask] - 128
    return Ground(
        share=float(mask.mean()),
        lightness=float(np.median(lightness)),
        spread=float(lightness.std()),
        drop=float(np.median(lightness) - np.percentile(lightness, 3)),
        chroma=float(np.hypot(*colour.mean(axis=0))),
        chroma_spread=float(colour.std(axis=0).max()),
        gradient=float(_gradient(small)[mask].mean()),
    )


def _ground_mask(shape: tuple[int, int], head: Head, scale: float, left: int, top: int) -> Mask:
    mask = np.ones(shape, np.uint8)
    tall = head.height * scale
    x, crown = (head.centre_x - left) * scale, (head.crown_y - top) * scale
    centre, radii = (round(x), round(crown + 0.5 * tall)), (round(0.43 * tall), round(0.58 * tall))
    cv2.ellipse(mask, centre, radii, 0, 0, 360, 0, -1)
    jaw = round(crown + 0.80 * tall)  # shoulders and long hair begin below
    mask[max(0, jaw) :] = 0
    return mask > 0


def _gradient(bgr: Bytes) -> Floats:
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    across = cv2.Sobel(grey, cv2.CV_32F, 1, 0) / 4
    down = cv2.Sobel(grey, cv2.CV_32F, 0, 1) / 4
    steep: Floats = np.hypot(across, down).astype(np.float32)
    return steep
