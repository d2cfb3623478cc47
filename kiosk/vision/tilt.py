"""The tilt of a head from the likeness of its eyes: one eye region is looked for in the mirrored other one.

Face detectors report eye points that lean towards the upright, so their tilt is several times too small; this
needs only a rough place of the eyes. Right to about 1 degree up to 18 degrees.
"""

from __future__ import annotations

import math
from typing import Final

import cv2

from hardware.ports import Bytes
from kiosk.vision.faces import Face

_EYES: Final = 64  # pixels between the eyes in the patch
_SIDE: Final = 192  # of the patch, eyes in its middle
_HALF: Final = (24, 20)  # half width and height of an eye region, brow included
_REACH: Final = (14, 22)  # how far the other one may lie off
_ROUNDS: Final = 3  # turned upright by what was found, then looked at again
_ALIKE: Final = 0.5  # correlation below which the two regions are not a pair of eyes


def roll(luma: Bytes, face: Face) -> float | None:
    """Degrees, clockwise for the viewer; None when the eyes cannot be compared (covered, in half shadow)."""
    degrees = 0.0
    likeness = 0.0
    for _ in range(_ROUNDS):
        step, likeness = _drop(_upright(luma, face, degrees))
        degrees += math.degrees(math.atan2(step, _EYES))
    return degrees if likeness >= _ALIKE else None


def _upright(luma: Bytes, face: Face, degrees: float) -> Bytes:
    centre = (face.centre_x, face.eye_y)
    turn = cv2.getRotationMatrix2D(centre, degrees, _EYES / face.eye_distance)
    turn[:, 2] += (_SIDE / 2 - centre[0], _SIDE / 2 - centre[1])
    size = (_SIDE, _SIDE)
    patch: Bytes = cv2.warpAffine(luma, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return patch


def _drop(patch: Bytes) -> tuple[int, float]:
    """How many pixels the eye on the right lies lower, and how alike the two are (-1 to 1)."""
    x, y, (wide, high), (across, down) = _SIDE // 2 - _EYES // 2, _SIDE // 2, _HALF, _REACH
    eye = patch[y - high : y + high, x - wide : x + wide]
    mirrored = patch[:, ::-1]
    other = mirrored[y - high - down : y + high + down, x - wide - across : x + wide + across]
    found = cv2.matchTemplate(other, eye, cv2.TM_CCOEFF_NORMED)
    _, likeness, _, (_, row) = cv2.minMaxLoc(found)
    return int(row) - down, float(likeness)
