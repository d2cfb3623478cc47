"""Decides which waiting call rings which operator, and from when on it may.

A call goes to whom it belongs: operators of its municipality, or specialists of its department (and, where
the duty table named the department, operators after a while: nobody waits for an empty room). Among them,
whoever has what the call needs (a skill, a language) and sits in the municipality's own centre is rung at
once, the others after a time that is written down; at once, too, when nobody of the former is on duty. Who
waits longest is served first; a step of priority is worth some seconds of waiting, no more, so that nobody
waits for ever. The longest idle is rung first. Who declined a call is rung for it again only after a pause
and only when nobody else is there.

Never changes a record: the caller claims each pair by compare-and-set and simply loses a pair that has
meanwhile gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Need:
    """The call wants an operator who has `skill` at `level` or above."""

    skill: str
    level: int = 1
    within: timedelta | None = None  # after so long anybody will do; None: nobody else ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A call that wants an operator and whose terminal is there."""

    call: str
    municipality: str
    queued_at: datetime
    declined: Mapping[str, datetime] = field(default_factory=dict)  # user -> when last
    priority: int = 0  # steps by which it is served before others
    needs: tuple[Need, ...] = ()
    centres: tuple[tuple[str, timedelta], ...] = ()  # after how long each; none at all: every centre at once
    department: str = ""  # of the municipality: then its specialists are rung, not the operators
    operators_after: timedelta | None = None  # operators too, after so long; at once where no specialist is


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Somebody on duty: an operator of `municipalities`, a specialist of `departments`, or both."""

    user: str
    municipalities: frozenset[str]
    since: datetime | None = None  # idle since then, with a desk that listens; None: not to be rung now
    skills: Mapping[str, int] = field(default_factory=dict)  # skill -> level, 1 to 5
    centre: str = ""  # none: as near as the first centre of every municipality
    departments: frozenset[tuple[str, str]] = frozenset()  # (municipality, department)


@dataclass(frozen=True, slots=True)
class Pair:
    """Ring `user` for `call`."""

    call: str
    user: str


@dataclass(frozen=True, slots=True)
class Rules:
    """Of the whole pool."""

    pause: timedelta  # before somebody who declined is rung again for the same call
    step: timedelta  # so much waiting is one step of priority worth


def rank(queued_at: datetime, priority: int, call: str, step: timedelta) -> tuple[datetime, str]:
    """A call's place in the order of serving; the smallest comes first, the id only breaks a tie."""
    return queued_at - priority * step, call


def in_order(waiting: Iterable[Waiting], step: timedelta) -> list[Waiting]:
    """First come, first served, but for priority."""
    return sorted(waiting, key=lambda one: rank(one.queued_at, one.priority, one.call, step))


def moments(call: Waiting, staff: Iterable[Operator]) -> dict[str, datetime]:
    """From when on each of the staff on duty may be rung for a call. Who never may does not stand in it.

    `staff` are also those who talk: for whoever will be free again a resident is worth keeping.
    """
    near = {one.user: AT_ONCE for one in staff if _belongs(call, one)}
    if call.department:
        special = dict.fromkeys(near, call.queued_at)
        return special if call.operators_after is None else _operators(call, staff, bool(near)) | special
    people = [one for one in staff if one.user in near]
    for need in call.needs:
        _ask(need, people, near)
    _spread(call, people, near)
    return {user: call.queued_at + delay for user, delay in near.items()}


def _operators(call: Waiting, staff: Iterable[Operator], staffed: bool) -> dict[str, datetime]:
    """Those who stand in for the department."""
    assert call.operators_after is not None
    after = call.queued_at + (call.operators_after if staffed else AT_ONCE)
    plain = replace(call, department="", operators_after=None)
    return {user: max(moment, after) for user, moment in moments(plain, staff).items()}


def _belongs(call: Waiting, one: Operator) -> bool:
    if call.department:
        return (call.municipality, call.department) in one.departments
    return call.municipality in one.municipalities


def _ask(need: Need, people: Collection[Operator], near: dict[str, timedelta]) -> None:
    """Who lacks the skill comes later, or never."""
    able = {one.user for one in people if one.skills.get(need.skill, 0) >= need.level}
    for user in [user for user in near if user not in able]:
        if need.within is None:
            del near[user]
        elif near.keys() & able:
            near[user] = max(near[user], need.within)


def _spread(call: Waiting, people: Collection[Operator], near: dict[str, timedelta]) -> None:
    """Other centres come later; those that do not serve the municipality never."""
    if not call.centres:
        return
    of = {one.user: one.centre for one in people if one.user in near}
    staffed = set(of.values())
    after: dict[str, timedelta] = {"": AT_ONCE}
    nobody_yet = "" not in staffed
    for centre, delay in call.centres:
        after[centre] = AT_ONCE if nobody_yet else delay
        nobody_yet = nobody_yet and centre not in staffed
    for user, centre in of.items():
        if centre not in after:
            del near[user]
        else:
            near[user] = max(near[user], after[centre])


def pairs(waiting: Iterable[Waiting], staff: Collection[Operator], now: datetime, rules: Rules) -> list[Pair]:
    """All rings that can start now; no eligible pair is left over."""
    free = {one.user: one for one in staff if one.since is not None}
    found: list[Pair] = []
    for call in in_order(waiting, rules.step):
        if not free:
            break
        user = _choose(call, free, moments(call, staff), now, rules.pause)
        if user is not None:
            found.append(Pair(call.call, user))
            del free[user]
    return found


def _choose(
    call: Waiting, free: Mapping[str, Operator], near: Mapping[str, datetime], now: datetime, pause: timedelta
) -> str | None:
    since = max(now, call.queued_at)  # a clock that was set back keeps nobody waiting
    eligible = [user for user, moment in near.items() if user in free and moment <= since]
    fresh = [user for user in eligible if user not in call.declined]
    again = [user for user in eligible if user in call.declined and now >= call.declined[user] + pause]
    return min(fresh or again, key=lambda user: (near[user], free[user].since, user), default=None)


def next_chance(
    waiting: Iterable[Waiting], staff: Collection[Operator], now: datetime, rules: Rules
) -> datetime | None:
    """When an idle operator may first, or again, be rung for one of these calls: look at the queue then."""
    idle = {one.user for one in staff if one.since is not None}
    found: list[datetime] = []
    for call in waiting if idle else ():
        for user, moment in moments(call, staff).items():
            if user in idle:
                again = call.declined.get(user)
                found.append(moment if again is None else max(moment, again + rules.pause))
    return min((moment for moment in found if moment > now), default=None)


def may_take(call: Waiting, one: Operator) -> bool:
    """Whether a ring still holds: asked again where it is accepted, of what the tables say by then."""
    return one.user in moments(call, [one])


def places(queue: Iterable[tuple[str, str, bool]]) -> dict[str, int]:
    """For a queue in order, as (call, municipality, whether it waits): how many waiting calls of the same
    municipality come before each."""
    before: dict[str, int] = {}
    found: dict[str, int] = {}
    for call, municipality, waits in queue:
        found[call] = before.get(municipality, 0)
        before[municipality] = found[call] + waits
    return found
