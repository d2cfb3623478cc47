"""Ends a turn: rings whoever can be rung, then tells every side what has changed for it, once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from msgspec import structs

from hub.core import duties, permissions, routing
from hub.core.call import CallRecord, Rung
from hub.core.relay import RENEWAL
from hub.core.transfer import TOGETHER
from hub.counter import beside, guests, monitors, queueing, supervisors, transfers, views
from hub.counter.board import PlaceView
from hub.counter.cards import department_presence, desk_call
from hub.counter.desk_snapshot import LINES, desk_snapshot
from hub.counter.steps import step
from hub.counter.turn import Turn
from hub.counter.watchers import watchers
from hub.store import calls, pool
from hub.store.places import Kiosk
from protocol.desk_link import DepartmentsUpdate, DeskCallUpdate, Queue
from protocol.kiosk_link import Call, Snapshot
from protocol.values import CallState, TerminalCall, Wait, WaitingCall


async def settle(turn: Turn) -> None:
    """Leave no pair unrung and nobody untold."""
    await transfers.follow(turn)
    await monitors.follow(turn)
    queue = queueing.queue(turn, turn.municipalities) if turn.queue_changed else []
    if turn.queue_changed:
        await transfers.find(turn)
        await _route(turn, queue)
        await transfers.follow(turn)
        await monitors.follow(turn)
        queue = [turn.written.get(one.id, one) for one in queue]
    await guests.follow(turn)
    if turn.duty_changed:
        await _count_duty(turn)
    await _tell_kiosks(turn, queue)
    await _tell_desks(turn)
    supervisors.tell(turn)
    if turn.queue_changed:
        await _tell_departments(turn)
    if turn.queue_changed:
        tell_queue(turn, queue)
    turn.outbox += turn.last


async def _route(turn: Turn, queue: Sequence[CallRecord]) -> None:
    """Ring for every pair that is there now."""
    chance: datetime | None = None
    if any(one.state is CallState.WAITING for one in queue):
        chance = await _ring_pairs(turn, queue)
    turn.after_commit.append(partial(setattr, turn.board, "next_chance", chance))
    waits = any(turn.written.get(one.id, one).state is CallState.WAITING for one in queue)
    refresh = turn.now + queueing.REFRESH if waits else None
    turn.after_commit.append(partial(setattr, turn.board, "next_waits", refresh))


async def _ring_pairs(turn: Turn, queue: Sequence[CallRecord]) -> datetime | None:
    """Gives the moment at which somebody may first, or again, be rung for a call that still waits."""
    presences = await pool.in_states(turn.tx, queueing.ON_DUTY)
    if not any(queueing.idle(turn, one) for one in presences):
        return None
    people = [who for _, who in await queueing.people(turn, presences)]
    hopeful = await _hopeful(turn, queue)
    rules = queueing.rules(turn)
    until = turn.now + timedelta(seconds=turn.settings.queue.ring_s)
    by_id = {one.id: one for one in queue}
    rung: dict[str, str] = {}
    for pair in routing.pairs(hopeful, people, turn.now, rules):
        await step(turn, by_id[pair.call], Rung(pair.user, until), "hub")
        rung[pair.call] = pair.user
    left = [one for one in hopeful if one.call not in rung]
    still = [one for one in people if one.user not in rung.values()]
    return routing.next_chance(left, still, turn.now, rules)


async def _hopeful(turn: Turn, queue: Sequence[CallRecord]) -> list[routing.Waiting]:
    """The calls that want an operator and whose terminal is there."""
    waiting = [one for one in queue if one.state is CallState.WAITING and turn.board.kiosk_here(one.kiosk)]
    declined = await calls.declines(turn.tx, [one.id for one in waiting], turn.municipalities)
    return [queueing.waiting_of(turn, one, declined.get(one.id)) for one in waiting]


async def duty_now(turn: Turn) -> dict[str, int]:
    """The municipalities that may hope for somebody, and for how many."""
    people = [who for _, who in await queueing.people(turn)]
    tally = {one: len(routing.moments(queueing.plain(turn, one), people)) for one in turn.municipalities}
    return {one: count for one, count in tally.items() if count}


async def _count_duty(turn: Turn) -> None:
    """How many operators each municipality may hope for; terminals hear when that begins or ends."""
    before, turn.on_duty = turn.on_duty, await duty_now(turn)
    turn.after_commit.append(lambda: setattr(turn.board, "on_duty", turn.on_duty))
    turned = {one for one in turn.municipalities if (one in before) != (one in turn.on_duty)}
    for device, side in turn.board.kiosks.items() if turned else ():
        if side.line.here and side.kiosk.municipality in turned:
            await tell_site(turn, device)


async def tell_site(turn: Turn, device: str, *, always: bool = False) -> None:
    """Send a snapshot when what the terminal knows of its place has changed."""
    side = turn.board.kiosks[device]
    record = turn.call_of_kiosk(device)
    view = _place(turn, side.kiosk, record.topic if record else "")
    turn.after_commit.append(partial(turn.board.place_told, device, view.until))
    if view.site == side.told_site and not always:
        return
    side.told_site = view.site
    call = None
    if record is not None:
        queue = queueing.queue(turn, turn.municipalities)
        call = terminal_call(turn, record, _places(queue), await queueing.waits(turn, queue))
        turn.after_commit.append(partial(turn.board.told_call.__setitem__, call.id, call))
        call = _with_relays(turn, record, call)
    wanted = turn.staff_ring(device)
    said = Snapshot(site=view.site, call=call, staff=wanted.state if wanted else None)
    turn.to_kiosk(device, said, call.id if call else None)


def _place(turn: Turn, kiosk: Kiosk, topic: str) -> PlaceView:
    """What a terminal is told of its place; looked up again only when it may read differently."""
    key = kiosk.municipality, kiosk.site, kiosk.terminal
    on_duty = turn.on_duty.get(kiosk.municipality, 0) > 0
    disaster = turn.disasters.get(kiosk.municipality)
    known = turn.board.places.get(key)
    if known is not None and not topic and known.holds(on_duty, disaster, turn.now):
        return known
    site = views.site(kiosk, turn.content, turn.now, on_duty=on_duty, topic=topic, disaster=disaster)
    town = turn.content.town(kiosk.municipality)
    until = duties.next_change(town, kiosk.site, kiosk.terminal, turn.now)
    view = PlaceView(site, on_duty, disaster, turn.now, until)
    if not topic:
        turn.board.places[key] = view
    return view


def terminal_call(
    turn: Turn, record: CallRecord, ahead: Mapping[str, int], waits: Mapping[str, Wait]
) -> TerminalCall:
    """The call as its terminal sees it, with its place in the queue and what it may hope for."""
    user = None
    if record.connected and record.operator:
        user = turn.board.desks[record.operator].user
    if record.state not in (CallState.WAITING, CallState.RINGING):
        return views.terminal_call(record, user, turn.content, watchers=watchers(turn, record))
    position = ahead.get(record.id, 0)
    return views.terminal_call(record, user, turn.content, position=position, wait=waits.get(record.id))


def _with_relays(turn: Turn, record: CallRecord, told: TerminalCall) -> TerminalCall:
    """Credentials go along with whatever is told; they are new each time, so they are no reason to tell."""
    if record.live and turn.relays.limited:
        turn.after_commit.append(partial(turn.board.relay_due.setdefault, record.id, turn.now + RENEWAL))
    return structs.replace(told, ice_servers=turn.ice_servers(record))


def _places(queue: Sequence[CallRecord]) -> dict[str, int]:
    """How many residents of the same municipality come before each call of the queue."""
    return routing.places([(one.id, one.municipality, one.state is CallState.WAITING) for one in queue])


async def _tell_kiosks(turn: Turn, queue: Sequence[CallRecord]) -> None:
    """Calls that moved, and waiting calls whose place in the queue is another now."""
    records = {one.id: one for one in queue} | {id: turn.written[id] for id in turn.tell_kiosks_of}
    if turn.tell_kiosks_of and not turn.queue_changed:
        queue = queueing.queue(turn, turn.municipalities)
    ahead, waits = _places(queue), await queueing.waits(turn, queue)
    for id, record in records.items():
        told = terminal_call(turn, record, ahead, waits)
        if id not in turn.tell_kiosks_of and turn.board.told_call.get(id) == told:
            continue
        turn.to_kiosk(record.kiosk, Call(call=_with_relays(turn, record, told)), id)
        if record.live:
            turn.after_commit.append(partial(turn.board.told_call.__setitem__, id, told))


async def _tell_desks(turn: Turn) -> None:
    """Operators whose call moved, or one beside it; afterwards a snapshot for those who left it."""
    for record in list(turn.written.values()):
        known = turn.board.live.get(record.id)
        if known is None or known.state is not record.state:
            beside.tell(turn, turn.board.kiosks[record.kiosk].kiosk)
    for id, user in turn.tell_desks_of.items():
        record = await turn.call(id)
        transfer = turn.transfer(id)
        consulted = transfer.specialist if transfer and transfer.state in TOGETHER else None
        for party in filter(None, (user, consulted)):
            turn.to_desk(party, DeskCallUpdate(call=await desk_call(turn, record, party)), id)
    for user in sorted(turn.snapshots_for):
        turn.to_desk(user, await desk_snapshot(turn, user))


async def _tell_departments(turn: Turn) -> None:
    """Somebody came, went or became free: whoever is in a call sees to whom she could pass it."""
    for record in (turn.board.live | turn.written).values():
        side = turn.board.desks.get(record.operator or "") if record.connected else None
        if side is None or not side.line.here:
            continue
        places = await department_presence(turn, record)
        if places != side.told_departments:
            side.told_departments = places
            turn.to_desk(side.user.id, DepartmentsUpdate(departments=places), record.id)


def tell_queue(turn: Turn, queue: Sequence[CallRecord]) -> None:
    """Every desk hears of the calls that it may take, when they differ from what it was told."""
    lines = [views.waiting_line(one, turn.board.kiosks[one.kiosk].kiosk, turn.content) for one in queue]
    for user, side in turn.board.desks.items():
        mine = lines_for(lines, permissions.seen(side.user.memberships, "queue"))
        if side.line.here and mine != side.told_queue:
            side.told_queue = mine
            turn.to_desk(user, Queue(waiting=mine))


def lines_for(lines: Sequence[WaitingCall], municipalities: Sequence[str]) -> tuple[WaitingCall, ...]:
    """The oldest lines within these municipalities."""
    return tuple([line for line in lines if line.municipality in municipalities][:LINES])
