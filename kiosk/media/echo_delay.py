"""Decides how late the microphone hears the speaker, and follows that delay while it changes.

A canceller finds a constant delay by itself. It fails when the delay moves: two sound cards whose clocks run
apart by 200 ppm are enough, and so is a stream that was opened again. Ten times a second the newest sound of
the microphone is compared with what went to the speaker:

- *searching*: findings that agree over 0.3 s, at one of several rates of change, make a lock;
- *locked*: the delay and its rate are drawn towards each finding near them. When there is none the search
  begins beside it; what was known last holds until something else is found.

Pure: fed with samples of both ends, it opens nothing and reads no clock. Both ends are counted from their own
beginnings: the *lag* is the number of a microphone's sample minus that of the speaker's sample heard in it.
It may be any number, as the two were never started together.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from kiosk.media.echo_correlation import RATE, REACH, Correlation, Peak
from kiosk.media.history import Decimator, History, Wave

log = logging.getLogger(__name__)

HOP: Final = RATE // 10
STEEPEST: Final = 0.01  # change of the delay per time: 10 ms a second, 1 %
_RATES: Final = tuple(sign * step / 1000 for step in range(1, 8) for sign in (1, -1))
_RATES_A_HOP: Final = 2  # that are tried beside 0 while searching
_SURE: Final = 7.0  # height of a peak that may be a new delay
_LIKELY: Final = 4.5  # height of a peak where it is expected
_WIDE, _NARROW = RATE * 3 // 1000, RATE * 5 // 8000  # how far from the line a finding may be: at first, later
_AGREE: Final = 1.5  # samples that two findings in a row may differ by, besides their rate
_HELD: Final = 3 * HOP  # so long must findings agree: then they have no sound in common
_PATIENCE: Final = 15  # of a lock: one finding elsewhere costs 5, none at all 1
_GAIN, _RATE_GAIN = 0.3, 0.05  # of the following: settles in about a second
_AUDIBLE: Final = 30.0  # rms of int16 at the far end
_HEARD: Final = 5.0  # the same at the microphone
_PAIRINGS: Final = 50  # blocks over which the lead of one stream before the other is looked at


@dataclass(frozen=True, slots=True)
class _Finding:
    at: float  # number of the microphone's sample it belongs to
    lag: float
    rate: float
    since: float  # of the first one that it agrees with, through others


class DelayTracker:
    """`far` and `near` in the order in which they happen; `lag` whenever it is wanted."""

    def __init__(self, rate: int) -> None:
        """`rate` of the samples, a multiple of 8000."""
        self._by = rate // RATE
        self._to_near, self._to_far = Decimator(self._by), Decimator(self._by)
        self._long, self._short = Correlation(RATE // 2, 10_000), Correlation(2048, 8100)
        self._near = History(self._long.length)
        self._far = History(self._long.length + 2 * REACH)
        self._leads: deque[int] = deque(maxlen=_PAIRINGS)
        self._next = HOP  # microphone's sample of the next look
        self._at, self._lag, self._rate = 0, 0.0, 0.0  # the line that the delay follows
        self._patience = _PATIENCE
        self._within = float(_WIDE)  # samples beside the line where the echo is looked for
        self._found: list[_Finding] = []  # of the last look, while searching
        self._turn = 0  # which rates are next
        self._known = False
        self.missed = 0  # looks in a row, ten a second while there is sound, that found no echo
        self.locked = False  # written by _lock and _lose alone

    def far(self, block: Wave) -> None:
        """What goes to the speaker."""
        self._far.push(self._to_far(block))

    def near(self, block: Wave) -> None:
        """What the microphone heard, before anything is done to it."""
        self._near.push(self._to_near(block))
        self._leads.append(self._near.end - self._far.end)
        if self._near.end >= self._next:
            self._next = self._near.end + HOP
            self._look()

    def lag(self) -> float | None:
        """At the newest sample of the microphone, in samples of the full rate; None while never locked."""
        return self._line(self._near.end) * self._by if self._known else None

    def _line(self, at: float) -> float:
        return self._lag + self._rate * (at - self._at)

    def _look(self) -> None:
        if not self._sounds():
            return
        if self.locked and self._follow():
            self.missed = 0
        else:
            self.missed += 1
            self._search()

    def _sounds(self) -> bool:
        """Whether there is anything that an echo could be found of, or in."""
        near, first = self._near, min(self._leads)
        heard = near.window(near.end - self._short.length, self._short.length)
        said = self._far.window(near.end - first - self._short.length - REACH // 2, self._short.length)
        newest = self._far.window(near.end - first - self._short.length, self._short.length)
        return _rms(heard) > _HEARD and max(_rms(said), _rms(newest)) > _AUDIBLE

    def _follow(self) -> bool:
        """Draws the line towards what is found near it; False when nothing is."""
        middle = self._near.end - self._long.length / 2
        curve = self._long.curve(self._near, self._far, min(self._leads), self._rate)
        expected = self._line(middle)
        here, anywhere = curve.near(expected, round(self._within)), curve.highest()
        if here.height >= _LIKELY and here.height > anywhere.height / 2:
            off = here.lag - expected
            self._lag, self._at = self._line(self._near.end) + _GAIN * off, self._near.end
            self._rate = min(STEEPEST, max(-STEEPEST, self._rate + _RATE_GAIN * off / HOP))
            self._patience = _PATIENCE
            self._within = max(_NARROW, 0.8 * self._within)
            return True
        self._within = min(_WIDE, self._within + 2)
        self._patience -= 5 if anywhere.height >= _SURE else 1
        if self._patience <= 0:
            self._lose()
        return False

    def _search(self) -> None:
        middle = self._near.end - self._short.length / 2
        rates = {0.0, *(finding.rate for finding in self._found)}
        rates |= {_RATES[(self._turn + step) % len(_RATES)] for step in range(_RATES_A_HOP)}
        self._turn += _RATES_A_HOP
        peaks: list[tuple[Peak, float]] = []
        for rate in rates:
            peak = self._short.curve(self._near, self._far, min(self._leads), rate).highest()
            if peak.height >= _SURE:
                peaks.append((peak, rate))
        peaks.sort(key=lambda found: -found[0].height)
        fresh = [self._continued(middle, peak.lag, rate) for peak, rate in peaks[:3]]
        for finding in fresh:
            if finding.at - finding.since >= _HELD:
                self._lock(finding)
                return
        self._found = fresh + [f for f in self._found if middle - f.at < 2 * HOP][:3]

    def _continued(self, at: float, lag: float, rate: float) -> _Finding:
        agreeing = [before.since for before in self._found if _agree(before, at, lag, rate)]
        return _Finding(at, lag, rate, min(agreeing, default=at))

    def _lock(self, finding: _Finding) -> None:
        self._at, self._rate = self._near.end, finding.rate
        self._lag = finding.lag + finding.rate * (self._near.end - finding.at)
        self._patience, self._within, self._found = _PATIENCE, float(_WIDE), []
        self.locked, self._known, self.missed = True, True, 0
        log.debug("delay of the echo found", extra={"lag": round(self._lag), "change": self._rate})

    def _lose(self) -> None:
        self._lag, self._at, self._rate = self._line(self._near.end), self._near.end, 0.0
        self.locked = False
        log.debug("delay of the echo lost")


def _agree(before: _Finding, at: float, lag: float, rate: float) -> bool:
    passed = at - before.at
    off = lag - before.lag - before.rate * passed
    return before.rate == rate and abs(off) <= _AGREE * max(1.0, passed / HOP)


def _rms(block: Wave) -> float:
    return float(np.sqrt(np.mean(block**2)))
