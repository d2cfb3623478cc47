"""What time alone brings: rings that nobody answered, sides that are gone, doors that open or close."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from hub.core import absence
from hub.core.absence import Gone, Patience
from hub.core.audit import Action, Entry
from hub.core.call import CallRecord, KioskGone, OperatorGone, RingExpired
from hub.core.captures import CaptureRecord
from hub.core.presence import Event as PresenceEvent
from hub.core.relay import RENEWAL
from hub.counter import callbacks, guests, monitors, once, staff, stills, transfers
from hub.counter.board import Board
from hub.counter.settle import tell_site
from hub.counter.steps import move_presence, step
from hub.counter.turn import Turn
from hub.store import captures, done, people, trail

SWEEP = timedelta(minutes=10)
"""How often keys of old captures, and promises that nobody kept, are looked for."""


def next_due(board: Board, patience: Patience) -> datetime | None:
    """The earliest moment at which something may be due."""
    return min((moment for moment in _moments(board, patience) if moment is not None), default=None)


def _moments(board: Board, patience: Patience) -> Iterator[datetime | None]:
    yield board.next_chance
    yield board.next_waits
    yield from transfers.moments(board, patience)
    yield from guests.moments(board)
    yield from monitors.moments(board, patience)
    yield from board.wrap_ups.values()
    yield board.next_sweep
    yield from board.capture_due.values()
    for ring in board.staff.values():
        yield ring.until
    for record in board.live.values():
        yield record.ring_until
        yield board.relay_due.get(record.id)
        yield absence.deadline(board.links(record), patience)
    yield board.next_place
    for desk in board.desks.values():
        yield absence.vanishes(board.started, desk.line.away_since, patience) if not desk.vanished else None


async def run(turn: Turn, patience: Patience) -> list[CaptureRecord]:
    """Do everything that is due at `turn.now`; gives the stills that are unreadable once this is written."""
    await _calls(turn, patience)
    await transfers.run(turn, patience)
    await guests.run(turn)
    await monitors.run(turn, patience)
    await _wrap_ups(turn)
    await _desks(turn, patience)
    for id, due in list(turn.board.capture_due.items()):
        if turn.now >= due:
            await stills.expire(turn, id)
    for ring in list(turn.board.staff.values()):
        if ring.until is not None and turn.now >= ring.until:
            await staff.expire(turn, ring.id)
    if turn.board.next_place is not None and turn.now >= turn.board.next_place:
        await _places(turn)
    for moment in (turn.board.next_chance, turn.board.next_waits):
        if moment is not None and turn.now >= moment:
            turn.queue_changed = True
    if turn.board.next_sweep is not None and turn.now >= turn.board.next_sweep:
        return await sweep(turn)
    return []


async def _places(turn: Turn) -> None:
    for device, side in turn.board.kiosks.items():
        if side.line.here and side.site_changes_at is not None and turn.now >= side.site_changes_at:
            await tell_site(turn, device)
    turn.after_commit.append(turn.board.look_at_places)


async def _calls(turn: Turn, patience: Patience) -> None:
    for known in list(turn.board.live.values()):
        record = await turn.call(known.id)
        if record.ring_until is not None and turn.now >= record.ring_until:
            record = await step(turn, record, RingExpired(), "hub")
        match absence.gone(turn.board.links(record), patience, turn.now):
            case Gone.OPERATOR:
                await step(turn, record, OperatorGone(), "hub")
            case Gone.KIOSK:
                await step(turn, record, KioskGone(), "hub")
            case None:
                _renew_relays(turn, record)


def _renew_relays(turn: Turn, record: CallRecord) -> None:
    """Both sides of a long call hear of it again, and so get relay credentials that are still good."""
    due = turn.board.relay_due.get(record.id)
    if due is None or turn.now < due:
        return
    turn.after_commit.append(partial(turn.board.relay_due.__setitem__, record.id, turn.now + RENEWAL))
    turn.written.setdefault(record.id, record)
    turn.tell_kiosks_of.add(record.id)
    if record.connected and record.operator:
        turn.tell_desks_of[record.id] = record.operator
        monitors.tell_supervisor(turn, record)
    guests.renew_relays(turn, record)


async def _desks(turn: Turn, patience: Patience) -> None:
    for user, side in turn.board.desks.items():
        moment = absence.vanishes(turn.board.started, side.line.away_since, patience)
        if side.vanished or moment is None or turn.now < moment:
            continue
        turn.after_commit.append(partial(setattr, side, "vanished", True))
        if await people.presence_of(turn.tx, user) is not None:
            await move_presence(turn, user, PresenceEvent.VANISHED)


async def _wrap_ups(turn: Turn) -> None:
    """Whoever has not come out of hers is away: nobody is rung who may not be there."""
    for user, until in list(turn.board.wrap_ups.items()):
        if turn.now < until:
            continue
        presence = await people.presence_of(turn.tx, user)
        written = presence.until if presence else None
        if written is not None and turn.now >= written:
            await move_presence(turn, user, PresenceEvent.WRAP_UP_EXPIRED)
        else:
            turn.after_commit.append(partial(turn.board.wraps_up_until, user, written))


async def sweep(turn: Turn) -> list[CaptureRecord]:
    """Stills whose time is over become unreadable, which is recorded; old promises and words go."""
    turn.after_commit.append(partial(setattr, turn.board, "next_sweep", turn.now + SWEEP))
    await done.forget(turn.tx, turn.now - once.KEPT)
    await callbacks.expire(turn)
    due = await captures.due(turn.tx, turn.municipalities, turn.now)
    for capture in due:
        await captures.destroy_key(turn.tx, capture, turn.now)
        entry = Entry(
            at=turn.now, municipality=capture.municipality, actor="hub", action=Action.CAPTURE_KEY_DESTROYED,
            subject=capture.id,
        )  # fmt: skip
        await trail.append(turn.tx, entry)
    return due
