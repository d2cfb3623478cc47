"""Decides which waiting call rings which operator.

Oldest call first; among the operators of its municipality the longest idle first. Who declined a call is rung
for it again only after a pause and only when nobody else is there. Never changes a record: the caller claims
each pair by compare-and-set and simply loses a pair that has meanwhile gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from protocol.values import Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A call that wants an operator and whose terminal is there."""

    call: str
    municipality: str
    queued_at: datetime
    declined: Mapping[str, datetime] = field(default_factory=dict)  # user -> when last
    priority: int = 0  # the higher one first


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """An available operator with a desk that listens."""

    user: str
    municipalities: frozenset[str]
    since: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """Ring `user` for `call`."""

    call: str
    user: str


def in_order(waiting: Iterable[Waiting]) -> list[Waiting]:
    """Within a priority first come, first served; the id only breaks a tie."""
    return sorted(waiting, key=lambda one: (-one.priority, one.queued_at, one.call))


def pairs(waiting: Iterable[Waiting], idle: Iterable[Idle], now: datetime, pause: timedelta) -> list[Pair]:
    """All rings that can start now; no eligible pair is left over."""
    free = {one.user: one for one in idle}
    found: list[Pair] = []
    for call in in_order(waiting):
        chosen = _choose(call, free.values(), now, pause)
        if chosen is not None:
            found.append(Pair(call.call, chosen.user))
            del free[chosen.user]
    return found


def _choose(call: Waiting, idle: Iterable[Idle], now: datetime, pause: timedelta) -> Idle | None:
    eligible = [one for one in idle if call.municipality in one.municipalities]
    fresh = [one for one in eligible if one.user not in call.declined]
    again = [one for one in eligible if one.user in call.declined and now >= call.declined[one.user] + pause]
    return min(fresh or again, key=lambda one: (one.since, one.user), default=None)


def next_chance(waiting: Iterable[Waiting], now: datetime, pause: timedelta) -> datetime | None:
    """When an operator who declined may next be rung again: look at the queue then."""
    moments = [at + pause for one in waiting for at in one.declined.values()]
    return min((moment for moment in moments if moment > now), default=None)


def places(queue: Iterable[tuple[str, str, bool]]) -> dict[str, int]:
    """For a queue in order, as (call, municipality, whether it waits): how many waiting calls of the same
    municipality come before each."""
    before: dict[str, int] = {}
    found: dict[str, int] = {}
    for call, municipality, waits in queue:
        found[call] = before.get(municipality, 0)
        before[municipality] = found[call] + waits
    return found


def expected_wait(ahead: int, operators: int, talks_s: Sequence[float]) -> Wait | None:
    """A range in seconds out of recent talks; None while too few are known or nobody is on duty."""
    if operators < 1 or len(talks_s) < 3:
        return None
    middle = sorted(talks_s)[len(talks_s) // 2] * (ahead + 1) / operators
    return Wait(low_s=int(middle * 0.5), high_s=int(middle * 1.5) + 1)
