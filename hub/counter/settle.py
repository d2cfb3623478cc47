"""Ends a turn: rings whoever can be rung, then tells every side what has changed for it, once."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from hub.core import content as texts
from hub.core import routing
from hub.core.call import CallRecord, Rung
from hub.core.presence import on_duty
from hub.counter import views
from hub.counter.desk_snapshot import LINES, desk_snapshot
from hub.counter.steps import step
from hub.counter.turn import Turn
from hub.store import calls, captures, people
from protocol.desk_link import DeskCallUpdate, Queue
from protocol.kiosk_link import Call, Snapshot
from protocol.values import CallState, PresenceState, TerminalCall, WaitingCall


async def settle(turn: Turn) -> None:
    """Leave no pair unrung and nobody untold."""
    if turn.queue_changed:
        await _route(turn)
    if turn.duty_changed:
        await _count_duty(turn)
    queue = await calls.queue(turn.tx, turn.municipalities) if turn.queue_changed else []
    await _tell_kiosks(turn, queue)
    await _tell_desks(turn)
    if turn.queue_changed:
        tell_queue(turn, queue)
    turn.outbox += turn.last


async def _route(turn: Turn) -> None:
    """Ring for every pair that is there now."""
    waiting = [
        record
        for record in await calls.queue(turn.tx, turn.municipalities)
        if record.state is CallState.WAITING and turn.board.kiosk_here(record.kiosk)
    ]
    declined = await calls.declines(turn.tx, [one.id for one in waiting], turn.municipalities)
    hopeful = [
        routing.Waiting(
            call=one.id, municipality=one.municipality, queued_at=one.queued_at,
            declined=declined.get(one.id, {}),
        )
        for one in waiting
    ]  # fmt: skip
    idle = [
        routing.Idle(user=one.user, municipalities=municipalities, since=one.idle_since)
        for one, municipalities in await people.operators(turn.tx, [PresenceState.AVAILABLE])
        if turn.board.desk_here(one.user)
    ]
    pause = timedelta(seconds=turn.settings.queue.decline_pause_s)
    until = turn.now + timedelta(seconds=turn.settings.queue.ring_s)
    by_id = {one.id: one for one in waiting}
    rung: set[str] = set()
    for pair in routing.pairs(hopeful, idle, turn.now, pause):
        await step(turn, by_id[pair.call], Rung(pair.user, until), "hub")
        rung.add(pair.call)
    chance = routing.next_chance([one for one in hopeful if one.call not in rung], turn.now, pause)
    turn.after_commit.append(lambda: setattr(turn.board, "next_chance", chance))


async def _count_duty(turn: Turn) -> None:
    """How many operators each municipality may hope for; terminals hear when that begins or ends."""
    states = [state for state in PresenceState if on_duty(state)]
    tally: Tally[str] = Tally()
    for _, municipalities in await people.operators(turn.tx, states):
        tally.update(municipalities)
    turn.board.on_duty = dict(tally)
    for device, side in turn.board.kiosks.items():
        if side.line.here:
            await tell_site(turn, device)


async def tell_site(turn: Turn, device: str, *, always: bool = False) -> None:
    """Send a snapshot when what the terminal knows of its place has changed."""
    side = turn.board.kiosks[device]
    municipality = side.kiosk.municipality
    site = views.site(side, turn.content, turn.now, turn.board.on_duty.get(municipality, 0) > 0)
    side.site_changes_at = texts.next_change(turn.content, municipality, side.kiosk.site, turn.now)
    if site == side.told_site and not always:
        return
    side.told_site = site
    record = await calls.live_of_kiosk(turn.tx, device, municipality)
    call = None
    if record is not None:
        queue = await calls.queue(turn.tx, [municipality])
        call = await terminal_call(turn, record, queue)
        turn.after_commit.append(lambda: turn.board.told_call.update({call.id: call}))
    turn.to_kiosk(device, Snapshot(site=site, call=call), call.id if call else None)


async def terminal_call(turn: Turn, record: CallRecord, queue: Sequence[CallRecord]) -> TerminalCall:
    """The call as its terminal sees it, with its place in the queue."""
    user = None
    if record.connected and record.operator:
        user = await people.user_with(turn.tx, record.operator)
    if record.state not in (CallState.WAITING, CallState.RINGING):
        return views.terminal_call(record, user, turn.content)
    ahead = sum(
        1
        for one in queue
        if one.municipality == record.municipality
        and one.state is CallState.WAITING
        and (one.queued_at, one.id) < (record.queued_at, record.id)
    )
    talks = turn.board.talks_s.get(record.municipality, [])
    wait = routing.expected_wait(ahead, turn.board.on_duty.get(record.municipality, 0), talks)
    return views.terminal_call(record, user, turn.content, position=ahead, wait=wait)


async def _tell_kiosks(turn: Turn, queue: Sequence[CallRecord]) -> None:
    """Calls that moved, and waiting calls whose place in the queue is another now."""
    records = {one.id: one for one in queue} | {id: turn.written[id] for id in turn.tell_kiosks_of}
    if turn.tell_kiosks_of and not turn.queue_changed:
        queue = await calls.queue(turn.tx, turn.municipalities)
    for id, record in records.items():
        told = await terminal_call(turn, record, queue)
        if id not in turn.tell_kiosks_of and turn.board.told_call.get(id) == told:
            continue
        turn.to_kiosk(record.kiosk, Call(call=told), id)
        if record.live:
            turn.after_commit.append(partial(turn.board.told_call.__setitem__, id, told))


async def _tell_desks(turn: Turn) -> None:
    """Operators whose call moved; afterwards a snapshot for those who left it."""
    for id, user in turn.tell_desks_of.items():
        record = await turn.call(id)
        stills = await captures.of_call(turn.tx, id, record.municipality)
        turn.to_desk(user, DeskCallUpdate(call=views.desk_call(record, stills, turn.board, turn.content)), id)
    for user in sorted(turn.snapshots_for):
        turn.to_desk(user, await desk_snapshot(turn, user))


def tell_queue(turn: Turn, queue: Sequence[CallRecord]) -> None:
    """Every desk hears of the calls that it may take, when they differ from what it was told."""
    lines = [views.waiting_line(one, turn.board.kiosks[one.kiosk].kiosk, turn.content) for one in queue]
    for user, side in turn.board.desks.items():
        mine = lines_for(lines, side.user.municipalities)
        if side.line.here and mine != side.told_queue:
            side.told_queue = mine
            turn.to_desk(user, Queue(waiting=mine))


def lines_for(lines: Sequence[WaitingCall], municipalities: Sequence[str]) -> tuple[WaitingCall, ...]:
    """The oldest lines within these municipalities."""
    return tuple([line for line in lines if line.municipality in municipalities][:LINES])
