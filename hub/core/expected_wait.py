"""Decides which wait a resident is told: a range, out of the queue and of how long calls took before.

It plays the next hours many times: whoever talks goes on for as long as some earlier call did, whoever is
free takes the next call that she may take, and so on down the queue. The range holds nine of ten of these
plays. Where too few calls are known nothing is said. Never decides who is rung, and never sees more of a
call than its place and its times.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from hub.core.routing import Operator, Waiting, moments
from protocol.values import Wait

ENOUGH = 5
"""Calls that must be known before a wait is said."""

NEWEST = 50
"""Calls of a kind that are kept: last month's times say little of today's."""

LOW, HIGH = 0.05, 0.95
STEP_S = 60
"""Ranges grow to whole minutes, so that a terminal is not told of seconds."""

_PLAYS, _FEWEST_PLAYS = 200, 24
_WORK = 60_000
"""Looks at an operator for a call in all plays of one turn: some 20 ms on a small machine."""

_BLUR, _FEW = 0.1, 0.5
"""No call takes exactly as long as another: 10 % more or less, and the more the fewer calls are known."""

Times = tuple[float, ...]
"""Handling times in seconds, from the accept to the end of the wrap-up."""


@dataclass(slots=True)
class Handling:
    """The newest handling times, by municipality and procedure."""

    _kept: dict[tuple[str, ...], deque[float]] = field(default_factory=dict)

    def add(self, municipality: str, procedure: str, seconds: float) -> None:
        """One more call is wholly over."""
        for kind in ((municipality, procedure), (municipality,), ()):
            self._kept.setdefault(kind, deque(maxlen=NEWEST)).append(seconds)

    def known(self, *kind: str) -> Times:
        """Of everybody, of a municipality, or of one of its procedures; the oldest first."""
        return tuple(self._kept.get(kind, ()))

    def times(self, municipality: str, procedure: str) -> Times:
        """Of that procedure; while too few are known of the municipality, then of all; empty: unknown."""
        for kind in ((municipality, procedure), (municipality,), ()):
            known = self.known(*kind)
            if len(known) >= ENOUGH:
                return known
        return ()


@dataclass(frozen=True, slots=True)
class Queued:
    """A call of the queue, in order, and how long its like took."""

    call: Waiting
    times: Times


@dataclass(frozen=True, slots=True)
class OnDuty:
    """An operator, and for how long she has had a call, of which kind; None: she is free."""

    operator: Operator
    busy_s: float | None = None
    times: Times = ()


def expected_waits(queue: Sequence[Queued], staff: Sequence[OnDuty], now: datetime) -> Mapping[str, Wait]:
    """A range for each call that somebody on duty may take; of the others nothing is known.

    `queue` stands in the order of serving. The same question has the same answer: chance begins anew.
    """
    if not all(one.times for one in queue) or not all(one.times for one in staff if one.busy_s is not None):
        return {}
    people = [one.operator for one in staff]
    chances = [_chances(one.call, people, now) for one in queue]
    plays = max(_FEWEST_PLAYS, min(_PLAYS, _WORK // max(1, len(queue) * len(staff))))
    waits: list[list[float]] = [[] for _ in queue]
    for number in range(plays):
        _play(random.Random(number), queue, staff, chances, waits)
    return {one.call.call: _range(found) for one, found in zip(queue, waits, strict=True) if found}


def _chances(call: Waiting, people: Sequence[Operator], now: datetime) -> list[tuple[int, float]]:
    """Who may take it, and in how many seconds at the earliest."""
    near = moments(call, people)
    return [
        (at, max(0.0, (near[one.user] - now).total_seconds()))
        for at, one in enumerate(people)
        if one.user in near
    ]


def _play(
    chance: random.Random,
    queue: Sequence[Queued],
    staff: Sequence[OnDuty],
    chances: Sequence[Sequence[tuple[int, float]]],
    waits: Sequence[list[float]],
) -> None:
    """One possible course of the next hours."""
    world: dict[Times, list[float]] = {}

    def like(times: Times) -> list[float]:
        # what is known is itself a sample: each play believes a slightly different one
        if times not in world:
            world[times] = chance.choices(times, k=len(times))
        return world[times]

    free = [0.0 if one.busy_s is None else _rest(chance, like(one.times), one.busy_s) for one in staff]
    for number, one in enumerate(queue):
        if not chances[number]:
            continue
        start, who = min((max(free[at], earliest), at) for at, earliest in chances[number])
        waits[number].append(start)
        free[who] = start + _some(chance, like(one.times))


def _some(chance: random.Random, times: Sequence[float]) -> float:
    return chance.choice(times) * chance.lognormvariate(0, _BLUR + _FEW / math.sqrt(len(times)))


def _rest(chance: random.Random, times: Sequence[float], busy_s: float) -> float:
    """What is left of a call that has lasted `busy_s`: as of those that lasted longer; else the mean."""
    longer = [one for one in times if one > busy_s]
    if longer:
        return max(0.0, _some(chance, longer) - busy_s)
    return chance.expovariate(len(times) / max(1.0, sum(times)))


def _range(found: list[float]) -> Wait:
    found.sort()
    low, high = found[int(LOW * (len(found) - 1))], found[-1 - int((1 - HIGH) * (len(found) - 1))]
    return Wait(low_s=int(low // STEP_S) * STEP_S, high_s=(int(high // STEP_S) + 1) * STEP_S)
