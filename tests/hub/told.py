"""What sides were told, held against what is written: nobody believes in a call that is not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hub.bus.port import Parcel
from protocol.desk_link import DeskCallUpdate, DeskSnapshot, MonitorUpdate, Queue, Ring
from protocol.values import WatcherKind
from tests.fakes.counter_room import DeskSide, KioskSide, Side
from tests.hub.invariants import CONNECTED, CONSULTS, LIVE, Row, Tables

_BY_CODE = (WatcherKind.FAMILY, WatcherKind.INTERPRETER)


def _queue(tables: Tables) -> list[Row]:
    """Waiting and ringing calls as everybody is to see them: first come first."""
    found = [call for call in tables.calls.values() if call["state"] in ("waiting", "ringing")]
    return sorted(found, key=lambda call: (call["queued_at"], call["id"]))


def kiosk_errors(tables: Tables, kiosk: KioskSide) -> Iterator[str]:
    """A linked terminal knows its call as it is: state, epoch, place, what to show, and who is there."""
    name, told = f"terminal {kiosk.kiosk.id}", kiosk.call
    live = [
        call for call in tables.calls.values() if call["kiosk"] == kiosk.kiosk.id and call["state"] in LIVE
    ]
    if not live or told is None:
        if told is not None or live:
            yield f"{name} believes in {told and told.id}, has {[call['id'] for call in live]}"
        return
    call = live[0]
    was = (told.id, str(told.state), told.queued_at, told.presentation.revision)
    now = (call["id"], call["state"], call["queued_at"], call["presentation"]["revision"])
    if was != now:
        yield f"{name} believes {was}, written is {now}"
    if (told.operator is not None) != (call["state"] in CONNECTED):
        yield f"{name} sees {told.operator} while {call['state']}"
    named = [one.name for one in told.watchers if one.kind in _BY_CODE]
    inside = [one["name"] for one in tables.guests if (one["call"], one["state"]) == (call["id"], "inside")]
    if named != (inside if call["state"] == "talking" else []):
        yield f"{name} names guests {named}, inside are {inside} while {call['state']}"
    mine = [one for one in _open_monitors(tables) if one["call"] == call["id"] and call["state"] == "talking"]
    monitor = [one["state"] == "barging" for one in mine]
    reads = [one.speaks for one in told.watchers if one.kind == "supervisor"]
    if reads != monitor:
        yield f"{name} reads of supervisors {reads}, there are {monitor}"
    if call["state"] in ("waiting", "ringing"):
        before = 0
        for other in _queue(tables):
            if other["id"] == call["id"]:
                break
            before += other["municipality"] == call["municipality"] and other["state"] == "waiting"
        if told.position != before:
            yield f"{name} was told {told.position} before it, there are {before}"


def desk_errors(tables: Tables, desk: DeskSide) -> Iterator[str]:
    """A linked desk shows the presence, the ring, the call and the queue that are written."""
    name, id = f"desk {desk.user.id}", desk.user.id
    mine = [call for call in tables.calls.values() if call["operator"] == id]
    asked = [one for one in tables.transfers.values() if one["specialist"] == id and one["state"] in CONSULTS]
    presence = tables.presences[id]
    if str(desk.presence) != presence["state"]:
        yield f"{name} shows {desk.presence}, written is {presence['state']}"
    ring = [call["id"] for call in mine if call["state"] == "ringing"]
    ring += [one["call"] for one in asked if one["state"] == "ringing"]
    if ([desk.ring.call] if desk.ring else []) != ring:
        yield f"{name} shows ring {desk.ring and desk.ring.call}, rung is {ring}"
    wrapping = presence["state"] in ("wrap_up", "overdue")
    if wrapping:
        call = [(presence["call"], tables.calls[presence["call"]]["state"])]
    else:
        call = [(call["id"], call["state"]) for call in mine if call["state"] in CONNECTED]
        consults = [one["call"] for one in asked if one["state"] != "ringing"]
        call += [(id, tables.calls[id]["state"]) for id in consults]
    shown = [(desk.call.card.call, str(desk.call.state))] if desk.call else []
    # it goes on without her, and may end in another way than her part did
    handed_on = wrapping and tables.calls[presence["call"]]["operator"] != id
    if shown != call and not (handed_on and [one for one, _ in shown] == [one for one, _ in call]):
        yield f"{name} shows call {shown}, has {call}"
    if desk.call is not None and desk.call.state in CONNECTED:
        own = [one for one in tables.guests if one["call"] == desk.call.card.call and one["ended_at"] is None]
        guests = (
            [(one["id"], one["state"], one["node"] is not None) for one in own] if mine and not asked else []
        )
        told = [(one.id, str(one.state), one.here) for one in desk.call.guests]
        if told != guests:
            yield f"{name} shows guests {told}, there are {guests}"
    lines = [(one.call, str(one.state)) for one in desk.waiting]
    queue = [
        (call["id"], call["state"])
        for call in _queue(tables)
        if call["municipality"] in (*tables.operators.get(id, ()), *tables.supervisors.get(id, ()))
    ]
    if lines != queue:
        yield f"{name} shows the queue {lines}, it is {queue}"
    yield from _monitor_errors(tables, desk)


def _open_monitors(tables: Tables) -> list[Row]:
    return [one for one in tables.monitors.values() if one["ended_at"] is None]


def _monitor_errors(tables: Tables, desk: DeskSide) -> Iterator[str]:
    """Nobody listens in secret: the operator knows, and the supervisor knows in which call she is."""
    name, id = f"desk {desk.user.id}", desk.user.id
    written = [
        (one["id"], one["state"], tables.calls[one["call"]]["state"])
        for one in _open_monitors(tables) if one["supervisor"] == id
    ]  # fmt: skip
    known = desk.monitoring
    shown = [(known.id, str(known.state), str(known.call_state))] if known else []
    if shown != written:
        yield f"{name} shows monitoring {shown}, written is {written}"
    of_her = [(one["id"], one["state"]) for one in _open_monitors(tables) if one["operator"] == id]
    call = desk.call
    if call is None or call.state not in CONNECTED or tables.calls[call.card.call]["operator"] != id:
        return
    reads = [(call.monitor.id, str(call.monitor.state))] if call.monitor else []
    if reads != of_her:
        yield f"{name} reads of a supervisor {reads}, there is {of_her}"


def foreign(side: Side, heard: Sequence[Parcel]) -> Iterator[str]:
    """12: a desk hears nothing of a municipality that is not its own."""
    assert isinstance(side, DeskSide)
    for parcel in heard:
        match parcel.message:
            case Ring(card=card):
                of = {card.municipality}
            case Queue(waiting=lines):
                of = {line.municipality for line in lines}
            case DeskCallUpdate(call=call):
                of = {call.card.municipality}
            case MonitorUpdate(monitoring=one) if one is not None:
                live = side.room.counter.board.live.get(one.call)
                of = {live.municipality} if live else set()
            case DeskSnapshot(waiting=lines, ring=ring, call=call):
                of = {line.municipality for line in lines}
                of |= {ring.municipality} if ring else set()
                of |= {call.card.municipality} if call else set()
            case _:
                continue
        if not of <= set(side.user.municipalities):
            yield f"desk {side.user.id} heard of {of}"
