"""The last stretch of a stream of samples, addressed by a number that counts from the stream's beginning.

Pure: no lock, no clock.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Wave = npt.NDArray[np.float32]


class History:
    """Keeps the newest `keep` samples. What is older, and what has not come yet, reads as silence."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._store: Wave = np.zeros(2 * keep, np.float32)  # filled from the middle, moved down when full
        self._used = keep
        self.end = 0  # number of the sample that comes next

    def push(self, block: Wave) -> None:
        """Appends at most `keep` samples."""
        if self._used + len(block) > len(self._store):
            self._store[: self._keep] = self._store[self._used - self._keep : self._used]
            self._used = self._keep
        self._store[self._used : self._used + len(block)] = block
        self._used += len(block)
        self.end += len(block)

    def window(self, start: int, count: int) -> Wave:
        """`count` samples from number `start`; a copy."""
        out = np.zeros(count, np.float32)
        oldest = self.end - self._keep
        low, high = max(start, oldest), min(start + count, self.end)
        if high > low:
            at = self._used - (self.end - low)
            out[low - start : high - start] = self._store[at : at + high - low]
        return out

    def at(self, places: npt.NDArray[np.float64]) -> Wave:
        """Samples between samples, by cubic interpolation; `places` rise, and span less than `keep`."""
        whole = np.floor(places).astype(np.int64)
        share = (places - whole).astype(np.float32)
        first = int(whole[0]) - 1
        part = self.window(first, int(whole[-1]) - first + 3)
        at = whole - first
        a, b, c, d = part[at - 1], part[at], part[at + 1], part[at + 2]
        curve = 2 * a - 5 * b + 4 * c - d + share * (3 * (b - c) + d - a)
        found: Wave = b + 0.5 * share * (c - a + share * curve)
        return found


class Decimator:
    """Every `by`-th sample of a stream behind a low-pass; blocks may have any length."""

    def __init__(self, by: int) -> None:
        self._by = by
        length = 8 * by
        taps = np.sinc((np.arange(length) - (length - 1) / 2) / (by + 1)) * np.hamming(length)
        self._taps: Wave = (taps / taps.sum()).astype(np.float32)
        self._tail: Wave = np.zeros(length - 1, np.float32)

    def __call__(self, block: Wave) -> Wave:
        joined = np.concatenate((self._tail, block))
        count = (len(joined) - len(self._taps)) // self._by + 1
        if count < 1:
            self._tail = joined
            return joined[:0]
        self._tail = joined[count * self._by :]
        windows = np.lib.stride_tricks.sliding_window_view(joined, len(self._taps))[:: self._by]
        out: Wave = windows[:count] @ self._taps
        return out
