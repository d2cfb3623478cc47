"""Decides how much received sound is kept in store and what the speaker gets: the smallest delay that does
not stutter. Grows when the line jitters, and shrinks again when it has calmed down.

Pure: `now` is an argument, there is no lock and no thread. Times in seconds, sound in samples of 48 kHz.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from hardware.ports import Samples
from kiosk.media import stretch

RATE = 48_000
FLOOR = RATE * 40 // 1000  # samples in store before sound starts
CEILING = RATE * 200 // 1000
MARGIN = RATE * 20 // 1000  # added to the jitter that was seen
FILL_LIMIT = RATE * 120 // 1000  # a longer loss is jumped over, not filled
OVERFLOW = 2 * CEILING  # a backlog beyond this is cut at once: nobody wants to hear the past
JITTER_S = 4.0  # how long jitter is remembered
SPARE_PULLS = 75  # pulls (1.5 s) over which the unused store is measured
SPARE_HIGH = RATE * 30 // 1000  # more than this is never touched: shorten
SPARE_LOW = RATE * 4 // 1000  # less than this: lengthen before it runs dry


@dataclass(slots=True)
class PlayoutCounters:
    """Samples by what happened to them; `dry` counts the times that the store ran out."""

    filled: int = 0
    shortened: int = 0
    lengthened: int = 0
    late: int = 0
    dry: int = 0


class PlayoutBuffer:
    """`push` decoded blocks in order, `pull` what the speaker needs."""

    def __init__(self) -> None:
        self.counters = PlayoutCounters()
        self.reset()

    def reset(self) -> None:
        """Forgets all sound and timing: a new stream follows, or the call is over."""
        self._store: Samples = np.zeros(0, np.int16)
        self._end: int | None = None  # timestamp behind the newest sample
        self._transits: deque[tuple[float, float]] = deque()  # (arrival, arrival - media time) in samples
        self._spare: deque[int] = deque(maxlen=SPARE_PULLS)  # store left after each pull
        self._filling = True

    @property
    def depth(self) -> int:
        """Samples in store."""
        return len(self._store)

    @property
    def target(self) -> int:
        """Samples that must be in store before sound starts."""
        if not self._transits:
            return FLOOR
        transits = [value for _, value in self._transits]
        jitter = float(np.percentile(transits, 95)) - min(transits)
        return int(min(CEILING, max(FLOOR, jitter + MARGIN)))

    def push(self, timestamp: int, samples: Samples, now: float) -> None:
        """Adds a decoded block whose first sample has this 48 kHz timestamp (unwrapped)."""
        self._note_transit(timestamp, now)
        gap = 0 if self._end is None else timestamp - self._end
        if gap < 0 and -gap < RATE:
            self.counters.late += len(samples)
            return
        if 0 < gap <= FILL_LIMIT:
            self._append(self._fill(gap))
        self._append(samples)
        self._end = timestamp + len(samples)
        if len(self._store) > OVERFLOW:
            self._store = self._store[-self.target :]
            self._spare.clear()

    def pull(self, count: int) -> Samples:
        """Exactly `count` samples; silence while the store fills."""
        if self._filling:
            if len(self._store) < max(count, self.target):
                return np.zeros(count, np.int16)
            self._filling = False
            self._spare.clear()
            self._store = stretch.fade_in(self._store)
        self._adjust(count)
        if len(self._store) < count:
            return self._run_dry(count)
        out, self._store = self._store[:count], self._store[count:]
        self._spare.append(len(self._store))
        return out

    def _append(self, samples: Samples) -> None:
        self._store = np.concatenate((self._store, samples.astype(np.int16, copy=False)))

    def _note_transit(self, timestamp: int, now: float) -> None:
        self._transits.append((now, now * RATE - timestamp))
        while now - self._transits[0][0] > JITTER_S:
            self._transits.popleft()

    def _fill(self, gap: int) -> Samples:
        """What was heard last, fading: softer than a hole."""
        self.counters.filled += gap
        last = self._store[-960:]
        if len(last) == 0:
            return np.zeros(gap, np.int16)
        echo = np.resize(last[::-1], min(gap, 960))  # mirrored, so that it joins without a step
        return np.concatenate((stretch.fade_out(echo), np.zeros(gap - len(echo), np.int16)))

    def _adjust(self, count: int) -> None:
        if len(self._spare) < SPARE_PULLS or len(self._store) < stretch.NEEDS + count:
            if self._spare and min(self._spare) < SPARE_LOW and len(self._store) >= stretch.NEEDS:
                self._change(stretch.lengthen(self._store))
            return
        if min(self._spare) > SPARE_HIGH:
            self._change(stretch.shorten(self._store))
        elif min(self._spare) < SPARE_LOW:
            self._change(stretch.lengthen(self._store))

    def _change(self, changed: Samples) -> None:
        by = len(changed) - len(self._store)
        self.counters.lengthened += max(by, 0)
        self.counters.shortened += max(-by, 0)
        self._store = changed
        self._spare = deque((value + by for value in self._spare), maxlen=SPARE_PULLS)

    def _run_dry(self, count: int) -> Samples:
        self.counters.dry += 1
        self._filling = True
        rest, self._store = self._store, np.zeros(0, np.int16)
        tail = stretch.fade_out(rest) if len(rest) else rest
        return np.concatenate((tail, np.zeros(count - len(rest), np.int16)))
