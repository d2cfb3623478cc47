"""The card that marks a picture as simulated: a QR counter and the word, in the lower left quarter."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from hardware.cameras.counter import QR_MODULES, QUIET_MODULES, qr_picture
from hardware.cameras.i420 import planes
from hardware.ports import Bytes

_WORD: Final = "SIMULATED"
_WHITE, _BLACK = 235, 16  # video range


class Card:
    """Prepared for one picture size; `stamp` costs a tenth of a millisecond at 640x480."""

    def __init__(self, width: int, height: int) -> None:
        unit = min(height, width * 3 // 4)
        self._module = max(2, unit * 5 // 480)
        side = (QR_MODULES + 2 * QUIET_MODULES) * self._module
        word_height = 5 * self._module
        self._width, self._height = _even(side), _even(side + word_height)
        self._blank = np.full((self._height, self._width), _WHITE, np.uint8)
        _write(self._blank, side, self._module)
        margin = _even(unit // 80)
        self._left, self._top = margin, (height - margin - self._height) & ~1

    def stamp(self, data: Bytes, text: str) -> None:
        """Puts the card with this counter onto an I420 picture of the prepared size."""
        card = self._blank.copy()
        code = qr_picture(text, self._module)[: -2 * self._module]  # the word begins inside the quiet zone
        card[: code.shape[0], : code.shape[1]] = np.where(code > 127, np.uint8(_WHITE), np.uint8(_BLACK))
        luma, u, v = planes(data)
        luma[self._top : self._top + self._height, self._left : self._left + self._width] = card
        rows = slice(self._top // 2, (self._top + self._height) // 2)
        columns = slice(self._left // 2, (self._left + self._width) // 2)
        u[rows, columns] = 128
        v[rows, columns] = 128


def _even(n: int) -> int:
    return (n + 1) & ~1


def _write(blank: Bytes, side: int, module: int) -> None:
    """The word under the code, on the quiet zone's lower edge."""
    scale = module * 3.3 / 21
    thickness = max(1, round(module * 0.42))
    (width, height), _ = cv2.getTextSize(_WORD, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    corner = ((side - width) // 2, side + module // 2 + height)
    cv2.putText(blank, _WORD, corner, cv2.FONT_HERSHEY_SIMPLEX, scale, 48, thickness, cv2.LINE_AA)
