"""The queue as routing sees it, out of records, content and the board; and what a resident may hope for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from hub.core import disasters, duties, expected_wait, routing
from hub.core.call import CallRecord
from hub.core.expected_wait import OnDuty, Queued, Times
from hub.core.presence import PresenceRecord, on_duty
from hub.core.routing import Operator, Rules, Waiting
from hub.counter.turn import Turn
from hub.store import calls, pool
from protocol.errors import LocalError
from protocol.values import CallState, PresenceState, Wait

_QUEUED = (CallState.WAITING, CallState.RINGING)

ON_DUTY = tuple(state for state in PresenceState if on_duty(state))

REFRESH = timedelta(seconds=30)
"""How often waits are looked at anew while nothing happens: a long talk makes them longer."""

REST = timedelta(seconds=2)
"""Time between two looks at the waits: in a rush they cost more than they tell."""


def rules(turn: Turn) -> Rules:
    """As the settings say."""
    queue = turn.settings.queue
    return Rules(pause=timedelta(seconds=queue.decline_pause_s), step=timedelta(seconds=queue.priority_s))


def waiting_of(turn: Turn, record: CallRecord, declined: Mapping[str, datetime] | None = None) -> Waiting:
    """What a call wants; a site or procedure that is no longer written down wants nothing."""
    town = turn.content.town(record.municipality)
    procedure = town.procedures.get(record.topic)
    try:
        site = town.site(record.site).skill
    except LocalError:
        site = None
    shared = turn.content.shared
    urgent = record.municipality in turn.disasters
    passed_on = turn.asked.get(record.id, "")
    return Waiting(
        call=record.id, municipality=record.municipality, queued_at=record.queued_at,
        declined=declined or {}, priority=priority_of(turn, record),
        needs=shared.needs((procedure.skill if procedure else None, site), record.language),
        centres=() if urgent else shared.order(record.municipality),
        department=passed_on or ("" if urgent else department_of(turn, record)),
        operators_after=None if passed_on else timedelta(seconds=turn.settings.queue.department_s),
    )  # fmt: skip


def department_of(turn: Turn, record: CallRecord) -> str:
    """Which department takes it by the duty table of the moment of the touch; '' for operators."""
    town, side = turn.content.town(record.municipality), turn.board.kiosks.get(record.kiosk)
    try:
        terminal = side.kiosk.terminal if side else ""
        return duties.who(town, record.site, terminal, record.topic, record.queued_at).department
    except LocalError:
        return ""


def priority_of(turn: Turn, record: CallRecord) -> int:
    """By how many steps a call is served before others."""
    if record.municipality in turn.disasters:
        return disasters.PRIORITY
    procedure = turn.content.town(record.municipality).procedures.get(record.topic)
    return procedure.priority if procedure else 0


def queue(turn: Turn, municipalities: Collection[str]) -> list[CallRecord]:
    """Calls that wait or ring, in the order in which they are served."""
    live = turn.live().values()
    found = [one for one in live if one.state in _QUEUED and one.municipality in municipalities]
    step = rules(turn).step
    return sorted(found, key=lambda one: routing.rank(one.queued_at, priority_of(turn, one), one.id, step))


async def people(
    turn: Turn, presences: Sequence[PresenceRecord] | None = None
) -> list[tuple[PresenceRecord, Operator]]:
    """Everybody on duty, as the tables say in this transaction; idle is who is available at a desk."""
    found = await pool.in_states(turn.tx, ON_DUTY) if presences is None else presences
    known = turn.operators
    if unread := [one.user for one in found if one.user not in known]:
        known.update(await pool.operators(turn.tx, unread))
    return [
        (one, replace(known[one.user], since=one.idle_since if idle(turn, one) else None)) for one in found
    ]


def idle(turn: Turn, one: PresenceRecord) -> bool:
    """Whether she can be rung now."""
    return one.state is PresenceState.AVAILABLE and turn.board.desk_here(one.user)


def plain(turn: Turn, municipality: str) -> Waiting:
    """A call from there that needs nothing in particular."""
    return Waiting(
        call="",
        municipality=municipality,
        queued_at=turn.now,
        centres=turn.content.shared.order(municipality),
    )


async def waits(turn: Turn, line: Sequence[CallRecord]) -> Mapping[str, Wait]:
    """What each waiting call may hope for; `line` is the whole queue in order.

    In a rush it is the answer of a moment ago, in which the newest calls do not stand yet.
    """
    waiting = [one for one in line if one.state is CallState.WAITING]
    if not waiting:
        return {}
    board = turn.board
    if board.waits_at is not None and turn.now < board.waits_at + REST:
        turn.after_commit.append(partial(setattr, board, "next_waits", board.waits_at + REST))
        return board.waits
    found = await _waits(turn, waiting)
    turn.after_commit.append(partial(setattr, board, "waits", found))
    turn.after_commit.append(partial(setattr, board, "waits_at", turn.now))
    return found


async def _waits(turn: Turn, waiting: Sequence[CallRecord]) -> Mapping[str, Wait]:
    everybody = await people(turn)
    engaged = turn.live()
    if over := [one.call for one, _ in everybody if one.call and one.call not in engaged]:
        engaged |= await calls.those(turn.tx, over, turn.municipalities)
    return expected_wait.expected_waits(
        [Queued(waiting_of(turn, one), _times(turn, one)) for one in waiting],
        [_on_duty(turn, who, engaged.get(one.call or "")) for one, who in everybody],
        turn.now,
    )


def _on_duty(turn: Turn, who: Operator, record: CallRecord | None) -> OnDuty:
    """Whoever is being rung is about to begin."""
    if record is None:
        return OnDuty(who)
    busy = turn.now - record.accepted_at if record.accepted_at else timedelta(0)
    return OnDuty(who, busy.total_seconds(), _times(turn, record))


def _times(turn: Turn, record: CallRecord) -> Times:
    return turn.board.handling.times(record.municipality, record.topic)
