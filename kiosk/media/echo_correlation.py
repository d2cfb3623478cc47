"""How surely, and how late, the sound of the speaker is found again in the microphone.

Phase correlation: both spectra are made nearly flat, so that a voice shows one narrow peak instead of its
pitch. A delay that changes while one listens smears the peak; a `rate` straightens the far end before it is
compared. Pure; samples are those of `RATE`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from kiosk.media.history import History, Wave

RATE: Final = 8000
REACH: Final = RATE * 3 // 4
"""Longest delay that is looked for, in samples: 0.75 s."""

_LOW_HZ, _HIGH_HZ = 200.0, 3500.0
_FLATTEN: Final = 0.8  # 1 is flat: every band counts alike, however faint
_STRAIGHT: Final = 2e-5  # a slower change smears nothing


@dataclass(frozen=True, slots=True)
class Peak:
    """Delay in samples at the middle of what was compared; `height` in parts of the whole's mean square."""

    lag: float
    height: float


class Correlation:
    """Compares the newest `length` samples of the microphone with the far end."""

    def __init__(self, length: int, size: int) -> None:
        """`size` of the transform: at least `length` + REACH, and of small prime factors."""
        self.length = length
        self._size = size
        hertz = np.fft.rfftfreq(size, 1 / RATE)
        self._band = (hertz > _LOW_HZ) & (hertz < _HIGH_HZ)

    def curve(self, near: History, far: History, first_lag: int, rate: float) -> Curve:
        """For every lag from `first_lag` to `first_lag` + REACH. `rate`: change of the lag per sample."""
        start = near.end - self.length
        heard = np.fft.rfft(near.window(start, self.length), self._size)
        said = np.fft.rfft(self._straight(far, start - first_lag - REACH, rate), self._size)
        cross = heard * np.conj(said)
        weight = np.abs(cross) ** _FLATTEN
        flat = np.where(self._band, cross / (weight + 1e-3 * weight.max() + 1e-9), 0)
        wave = np.fft.irfft(flat, self._size)
        return Curve(np.concatenate((wave[-REACH:], wave[:1])).astype(np.float32), first_lag, rate)

    def _straight(self, far: History, start: int, rate: float) -> Wave:
        count = self.length + REACH
        if abs(rate) < _STRAIGHT:
            return far.window(start, count)
        steps = np.arange(count)
        places = start + steps - rate * (steps - REACH - self.length / 2)
        first = int(places[0]) - 1
        part = far.window(first, int(places[-1]) - first + 3)
        straight: Wave = np.interp(places - first, np.arange(len(part)), part).astype(np.float32)
        return straight


@dataclass(frozen=True, slots=True)
class Curve:
    """Likeness by lag."""

    likeness: Wave
    first_lag: int
    rate: float

    def highest(self) -> Peak:
        """The best lag of all."""
        return self._peak(0, len(self.likeness))

    def near(self, lag: float, within: int) -> Peak:
        """The best lag within +-`within` samples of `lag`; height 0 where that is out of reach."""
        at = round((lag - self.first_lag) / (1 - self.rate))
        return self._peak(max(0, at - within), min(len(self.likeness), at + within + 1))

    def _peak(self, low: int, high: int) -> Peak:
        if high - low < 3:
            return Peak(0.0, 0.0)
        top = low + int(np.argmax(self.likeness[low:high]))
        height = float(self.likeness[top]) / (float(np.sqrt(np.mean(self.likeness**2))) + 1e-12)
        between = float(top)
        if 0 < top < len(self.likeness) - 1:
            a, b, c = (float(value) for value in self.likeness[top - 1 : top + 2])
            between += 0.5 * (a - c) / (a - 2 * b + c - 1e-12)
        return Peak(self.first_lag + between * (1 - self.rate), height)
