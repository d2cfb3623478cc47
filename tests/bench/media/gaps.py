"""What a list of pictures says: freezes, delay, and when the picture came back. Pure; all times in ms.

A list holds (came, drawn) for every different picture, in the order of arrival.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence

from tests.bench.media.peers.drawn import age_ms

Pictures = Sequence[tuple[int, int]]


def longest_freeze(pictures: Pictures, start: int, end: int) -> int:
    """Longest time within [start, end] in which the picture stood still; it counts from the last picture
    before `start`, and to `end` when none came any more."""
    return max(_standstills(pictures, start, end), default=end - start)


def frozen_for(pictures: Pictures, start: int, end: int, longer_than: int = 500) -> int:
    """How much of [start, end] was standstill of more than `longer_than` at a time."""
    return min(sum(gap for gap in _standstills(pictures, start, end) if gap > longer_than), end - start)


def delays(pictures: Pictures, start: int, end: int) -> list[int]:
    """From drawing to arrival, of those that came in [start, end]."""
    return [age_ms(drawn, came) for came, drawn in pictures if start <= came <= end]


def back_after(pictures: Pictures, healed: int, fresh: int = 3) -> int | None:
    """From `healed` to the third picture that was drawn after it; one alone may be a remnant. None: never."""
    new = [came for came, drawn in pictures if came >= healed and age_ms(drawn, came) <= came - healed]
    return new[fresh - 1] - healed if len(new) >= fresh else None


def median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value that `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def _standstills(pictures: Pictures, start: int, end: int) -> list[int]:
    before = [came for came, _ in pictures if came < start]
    within = [came for came, _ in pictures if start <= came <= end]
    moments = [before[-1] if before else start, *within, end]
    return [later - earlier for earlier, later in itertools.pairwise(moments)]
