"""Decides what the wallboard says of a day: the figures, what is an alarm, and what stands above what.

Out of records and the time alone. Never reads the store, never knows who looks at it, and holds nothing of
what a resident said, wrote or showed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from protocol.desk_link import WallboardUpdate
from protocol.values import (
    AlarmKind,
    CallState,
    PresenceState,
    WallAlarm,
    WallCall,
    WallFigures,
    WallPerson,
    WallTown,
)

MOST_CALLS = 40
MOST_PEOPLE = 60
MOST_TOWNS = 30
MOST_ALARMS = 20
"""Rows that a board has room for; a message has 64 KiB."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What is in time, and what too long."""

    service: timedelta
    waiting: timedelta
    wrap_up: timedelta


@dataclass(frozen=True, slots=True)
class Offered:
    """A call of today: when it came, was first answered, and ended, None for not (yet)."""

    municipality: str
    queued_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None


def figures(calls: Iterable[Offered], now: datetime, service: timedelta) -> WallFigures:
    """Of these calls. The service level is a share of those that were answered, given up late, or are late.

    Whoever leaves within the promised time has not been failed; whoever still waits beyond it has.
    """
    found = list(calls)
    waits = [one.answered_at - one.queued_at for one in found if one.answered_at is not None]
    unanswered = [one for one in found if one.answered_at is None]
    in_time = sum(wait <= service for wait in waits)
    failed = sum((one.ended_at or now) - one.queued_at > service for one in unanswered)
    judged = len(waits) + failed
    return WallFigures(
        offered=len(found),
        answered=len(waits),
        abandoned=sum(one.ended_at is not None for one in unanswered),
        service_level=in_time / judged if judged else None,
        average_s=round(sum(waits, timedelta()).total_seconds() / len(waits)) if waits else None,
    )


_CALL_RANK = (CallState.WAITING, CallState.RINGING)
_PEOPLE = (
    PresenceState.TALKING, PresenceState.RINGING, PresenceState.WRAP_UP, PresenceState.OVERDUE,
    PresenceState.AVAILABLE, PresenceState.AWAY,
)  # fmt: skip
"""In the order of the board; whoever is offline does not stand on it."""


def board(
    *, towns: Sequence[WallTown], calls: Sequence[WallCall], people: Sequence[WallPerson],
    today: WallFigures, rules: Rules, now: datetime,
) -> WallboardUpdate:  # fmt: skip
    """One supervisor's board of these rows, with its alarms."""
    ordered = sorted(calls, key=_call_place)
    here = sorted((one for one in people if one.state in _PEOPLE), key=_person_place)
    return WallboardUpdate(
        today=today,
        service_s=round(rules.service.total_seconds()),
        waiting_s=round(rules.waiting.total_seconds()),
        towns=tuple(sorted(towns, key=lambda one: (not one.waiting, one.name))[:MOST_TOWNS]),
        calls=tuple(ordered[:MOST_CALLS]),
        people=tuple(here[:MOST_PEOPLE]),
        alarms=tuple(islice(_alarms(towns, ordered, here, rules, now), MOST_ALARMS)),
        more_calls=max(0, len(ordered) - MOST_CALLS),
        more_people=max(0, len(here) - MOST_PEOPLE),
    )


def _call_place(call: WallCall) -> tuple[bool, bool, datetime, str]:
    """Whoever wants a supervisor first, then those that wait, the longest foremost."""
    if call.state in _CALL_RANK:
        return not call.wanted, False, call.queued_at, call.call
    return not call.wanted, True, call.accepted_at or call.queued_at, call.call


def _person_place(one: WallPerson) -> tuple[int, datetime, str]:
    return _PEOPLE.index(one.state), one.since, one.user


def _alarms(
    towns: Sequence[WallTown], calls: Sequence[WallCall], people: Sequence[WallPerson], rules: Rules,
    now: datetime,
) -> Iterator[WallAlarm]:  # fmt: skip
    """The gravest kind first."""
    for town in towns:
        if town.open and not town.on_duty:
            yield WallAlarm(kind=AlarmKind.NOBODY_ON_DUTY, subject=town.municipality, name=town.name)
    for call in calls:
        if call.state in _CALL_RANK and now - call.queued_at > rules.waiting:
            name = f"{call.municipality_name} {call.site_name}"
            yield WallAlarm(kind=AlarmKind.WAITING_LONG, subject=call.call, name=name, since=call.queued_at)
    for one in people:
        late = one.state is PresenceState.WRAP_UP and now - one.since > rules.wrap_up
        if late or one.state is PresenceState.OVERDUE:
            yield WallAlarm(kind=AlarmKind.WRAP_UP_LONG, subject=one.user, name=one.name, since=one.since)
