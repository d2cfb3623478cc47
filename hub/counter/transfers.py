"""Moves a transfer, and with it the call, both people's presence and the legs: one event, one turn.

`core.transfer` decides; here its effects are done. What happens to the call by itself (it ends, it is taken)
reaches its transfer at the end of the turn, through `follow`.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

from hub.core import departments
from hub.core.absence import Patience, vanishes
from hub.core.audit import Action
from hub.core.call import CallRecord, Consulting, HandedOver, NotNow, PassedOn, Rejoined, Rung, TakenBack
from hub.core.presence import WRAPPING
from hub.core.presence import Event as PresenceEvent
from hub.core.transfer import (
    TOGETHER,
    Answered,
    CallOver,
    Cancelled,
    Declined,
    Effect,
    Event,
    Found,
    HandOver,
    Joined,
    Left,
    MediaStand,
    Parted,
    Taken,
    TimeIsUp,
    TransferMachine,
    TransferRecord,
)
from hub.counter import queueing
from hub.counter.board import Board
from hub.counter.cards import ring_card
from hub.counter.relay import hand_over
from hub.counter.steps import move_presence, step
from hub.counter.turn import Turn
from hub.store import calls, people, transfers
from hub.store.calls import CONSULT
from protocol.common import Renew
from protocol.desk_link import Ring, RingEnded, StartTransfer
from protocol.values import CallState, PresenceState, TransferKind, TransferState, TransferStep

log = logging.getLogger(__name__)


async def start(turn: Turn, user: str, record: CallRecord, said: StartTransfer) -> None:
    """A new transfer of a call that `user` is connected in. NotNow says why there can be none."""
    town = turn.content.town(record.municipality)
    if turn.transfer(record.id) is not None:
        raise NotNow("in_transfer", "この通話は転送の途中です。先に取り消してください。")
    department = town.department(said.department)
    if department is None:
        raise NotNow("unknown_department", "この課は、この自治体にはありません。")
    staff = [who for _, who in await queueing.people(turn)]
    if departments.asked(town.municipality.departments, record.municipality, department.id, staff) is None:
        raise NotNow(
            "department_absent",
            f"{department.name}は不在です。代わりの課もありません。折り返しを約束するか、電話"
            f"({department.telephone})で確かめてください。",
        )
    blind = said.kind is TransferKind.BLIND
    limits = turn.settings.transfer
    until = turn.now + timedelta(seconds=limits.blind_wait_s if blind else limits.consult_wait_s)
    transfer = TransferRecord(
        id=uuid.uuid4().hex, municipality=record.municipality, call=record.id, kind=said.kind, origin=user,
        department=department.id, reason=said.reason, asked_at=turn.now, wait_until=until, until=until,
        state=TransferState.PASSED if blind else TransferState.ASKING,
    )  # fmt: skip
    await transfers.rows.insert(turn.tx, transfer)
    turn.moved[record.id] = transfer
    await _note(turn, record, transfer, "TransferStarted", f"user:{user}")
    turn.queue_changed = True
    if blind:
        await step(turn, record, PassedOn(user), f"user:{user}")
    else:
        turn.tell_desks_of[record.id] = user


async def take_step(turn: Turn, user: str, transfer: TransferRecord, wanted: TransferStep) -> None:
    """What a party wants next. NotNow when it is not hers to want, or not now."""
    record = await turn.call(transfer.call)
    until = turn.now + timedelta(seconds=turn.settings.transfer.hand_over_s)
    events: dict[TransferStep, Event] = {
        TransferStep.CANCEL: Cancelled(user),
        TransferStep.JOIN: Joined(user),
        TransferStep.PART: Parted(user),
        TransferStep.HAND_OVER: HandOver(user, until, record.epoch),
        TransferStep.LEAVE: Left(user),
    }
    if wanted is TransferStep.HAND_OVER and not turn.board.kiosk_here(record.kiosk):
        raise NotNow(
            "terminal_away", "窓口端末につながっていません。つながってから、もう一度押してください。"
        )
    if wanted is TransferStep.CANCEL and transfer.state is TransferState.PASSED:
        presence = await people.presence_of(turn.tx, user)
        if presence is None or presence.state not in WRAPPING or presence.call != record.id:
            raise NotNow("gone", "後処理を終えたため、この通話は引き取れません。")
    await move(turn, transfer, events[wanted], f"user:{user}")


def rung(turn: Turn, user: str, call: str | None) -> TransferRecord | None:
    """The consult for which this specialist is rung now."""
    transfer = turn.transfer(call or "")
    ringing = transfer is not None and transfer.state is TransferState.RINGING
    return transfer if transfer is not None and ringing and transfer.specialist == user else None


async def move(turn: Turn, before: TransferRecord, event: Event, actor: str) -> TransferRecord:
    """Let an event happen to a transfer: write it, then do what follows."""
    machine = TransferMachine(before)
    effects = machine.handle(event, turn.now)
    after = await transfers.rows.save(turn.tx, machine.record)
    turn.moved[after.call] = after
    record = await turn.call(after.call)
    await _note(turn, record, after, f"Transfer{type(event).__name__}", actor)
    log.info(
        "transfer moved",
        extra={
            "transfer": after.id, "event": type(event).__name__, "was": before.state, "now": after.state,
        },
    )  # fmt: skip
    for effect in effects:
        await _obey(turn, effect, before, after, event, actor)
    return after


async def _note(turn: Turn, record: CallRecord, transfer: TransferRecord, kind: str, actor: str) -> None:
    """History and audit: who, which department, where it stands; never the reason."""
    detail = {
        "transfer": transfer.id, "kind": str(transfer.kind), "department": transfer.department,
        "state": str(transfer.state), "specialist": transfer.specialist or "",
    }  # fmt: skip
    await calls.add_event(turn.tx, record, kind, turn.now, {"by": actor} | detail)
    await turn.note(Action.CALL_TRANSFER, record, actor, **detail)


async def _obey(
    turn: Turn, effect: Effect, before: TransferRecord, after: TransferRecord, event: Event, actor: str
) -> None:
    record = await turn.call(after.call)
    match effect:
        case Effect.RING:
            await _ring(turn, record, after)
        case Effect.RING_OVER:
            await _ring_over(turn, record, before, event)
        case Effect.LOOK:
            turn.queue_changed = True
            await _home_first(turn, record, after)
        case Effect.HOLD:
            if isinstance(event, Answered):
                await _answered(turn, record, event.user)
            await step(turn, record, Consulting(), actor)
        case Effect.RESIDENT_BACK:
            if record.state is CallState.CONSULTING:
                await step(turn, record, Rejoined(), actor)
        case Effect.FREE:
            await _free(turn, record, before, event)
        case Effect.RENEW:
            turn.to_kiosk_last(record.kiosk, Renew(reason="hand_over"), record.id)
        case Effect.COMPLETE:
            await _complete(turn, record, after, actor)
        case Effect.TAKE_BACK:
            await _take_back(turn, record, after, actor)
        case Effect.TELL:
            if record.connected and record.operator:
                turn.tell_desks_of[record.id] = record.operator
            if TransferState.JOINED in (before.state, after.state):
                turn.written.setdefault(record.id, record)
                turn.tell_kiosks_of.add(record.id)  # the resident reads who sees her
            if before.state is TransferState.PASSED:
                turn.snapshots_for.add(after.origin)


async def _ring(turn: Turn, record: CallRecord, transfer: TransferRecord) -> None:
    assert transfer.specialist is not None
    await calls.open_leg(turn.tx, record, transfer.specialist, turn.now, role=CONSULT)
    await move_presence(turn, transfer.specialist, PresenceEvent.RING_STARTED, call=record.id)
    turn.to_desk(transfer.specialist, Ring(card=await ring_card(turn, record)), record.id)


_RING_ENDS = {
    Declined: ("declined", PresenceEvent.DECLINED),
    TimeIsUp: ("timeout", PresenceEvent.RING_TIMEOUT),
}


async def _ring_over(turn: Turn, record: CallRecord, before: TransferRecord, event: Event) -> None:
    assert before.specialist is not None
    why, moved = _RING_ENDS.get(type(event), ("left", PresenceEvent.RING_CANCELLED))
    await calls.close_leg(turn.tx, record, turn.now, why, role=CONSULT)
    turn.to_desk(before.specialist, RingEnded(why=why), record.id)
    await move_presence(turn, before.specialist, moved)


async def _answered(turn: Turn, record: CallRecord, user: str) -> None:
    await calls.accept_leg(turn.tx, record, turn.now, role=CONSULT)
    await move_presence(turn, user, PresenceEvent.ACCEPTED)


async def _free(turn: Turn, record: CallRecord, before: TransferRecord, event: Event) -> None:
    """The specialist has no more to do with it; whoever is gone is not rung again at once."""
    assert before.specialist is not None
    gone = isinstance(event, Left) and event.user is None
    await calls.close_leg(turn.tx, record, turn.now, "gone" if gone else "consulted", role=CONSULT)
    moved = PresenceEvent.CALL_LOST if gone else PresenceEvent.CONSULT_OVER
    await move_presence(turn, before.specialist, moved)
    turn.snapshots_for.add(before.specialist)


async def _complete(turn: Turn, record: CallRecord, transfer: TransferRecord, actor: str) -> None:
    """The one moment at which another person becomes responsible."""
    assert transfer.specialist is not None
    await calls.close_leg(turn.tx, record, turn.now, "consulted", role=CONSULT)
    saved = await step(turn, record, HandedOver(transfer.specialist), actor)
    await calls.open_leg(turn.tx, saved, transfer.specialist, turn.now, accepted=True)


async def _take_back(turn: Turn, record: CallRecord, transfer: TransferRecord, actor: str) -> None:
    saved = await step(turn, record, TakenBack(transfer.origin), actor)
    await calls.open_leg(turn.tx, saved, transfer.origin, turn.now, accepted=True)
    await move_presence(turn, transfer.origin, PresenceEvent.TAKEN_BACK)
    hand_over(turn, saved)


async def _home_first(turn: Turn, record: CallRecord, transfer: TransferRecord) -> None:
    """A call that nobody of the department took goes to the operator who knows it, if she is free."""
    if transfer.state is not TransferState.RETURNED or record.state is not CallState.WAITING:
        return
    presence = await people.presence_of(turn.tx, transfer.origin)
    free = presence is not None and presence.state is PresenceState.AVAILABLE
    if free and turn.board.desk_here(transfer.origin) and turn.board.kiosk_here(record.kiosk):
        until = turn.now + timedelta(seconds=turn.settings.queue.ring_s)
        await step(turn, record, Rung(transfer.origin, until), "hub")


async def follow(turn: Turn) -> None:
    """What has happened to calls in this turn happens to their transfers."""
    for record in list(turn.written.values()):
        transfer = turn.transfer(record.id)
        if transfer is None:
            continue
        if transfer.state is TransferState.PASSED:
            if record.connected and record.operator:
                await move(turn, transfer, Taken(record.operator), f"user:{record.operator}")
            elif not record.live:
                await move(turn, transfer, CallOver(), "hub")
        elif not record.connected:
            await move(turn, transfer, CallOver(), "hub")


async def resolve(turn: Turn) -> None:
    """Whose specialists are rung now for calls that were passed on: substitutes follow presence."""
    for transfer in turn.transfers():
        if transfer.state is TransferState.PASSED:
            town = turn.content.town(transfer.municipality).municipality
            staff = [who for _, who in await queueing.people(turn)]
            found = departments.asked(town.departments, town.id, transfer.department, staff)
            turn.asked[transfer.call] = found or transfer.department


async def find(turn: Turn) -> None:
    """Ring a specialist for every consult that wants one, the oldest first."""
    await resolve(turn)
    asking = [one for one in turn.transfers() if one.state is TransferState.ASKING]
    if not asking:
        return
    until = turn.now + timedelta(seconds=turn.settings.queue.ring_s)
    for transfer in sorted(asking, key=lambda one: (one.asked_at, one.id)):
        town = turn.content.town(transfer.municipality).municipality
        user = departments.choose(
            town.departments, transfer.municipality, transfer.department,
            [who for _, who in await queueing.people(turn)], apart_from=(*transfer.tried, transfer.origin),
        )  # fmt: skip
        if user is not None:
            await move(turn, transfer, Found(user, until), "hub")


async def media_stand(turn: Turn, call: str, epoch: int) -> None:
    """The terminal sees and hears in this epoch: a hand-over that it belongs to is complete."""
    transfer = turn.transfer(call)
    if transfer is not None and transfer.state is TransferState.HANDING and epoch > transfer.epoch:
        await move(turn, transfer, MediaStand(), "hub")


def moments(board: Board, patience: Patience) -> Iterator[datetime | None]:
    """When a transfer wants to be looked at."""
    for transfer in board.transfers.values():
        record = board.live.get(transfer.call)
        if record is not None and not (
            transfer.state is TransferState.PASSED and record.state is CallState.RINGING
        ):
            yield transfer.until
        yield _gone_at(board, transfer, patience)


def _gone_at(board: Board, transfer: TransferRecord, patience: Patience) -> datetime | None:
    if transfer.state not in TOGETHER or transfer.specialist is None:
        return None
    side = board.desks.get(transfer.specialist)
    away = side.line.away_since if side else board.started
    return vanishes(board.started, away, patience)


async def run(turn: Turn, patience: Patience) -> None:
    """Do what is due: time-outs, and specialists who are gone."""
    for transfer in turn.transfers():
        record = await turn.call(transfer.call)
        gone_at = _gone_at(turn.board, transfer, patience)
        if gone_at is not None and turn.now >= gone_at:
            await move(turn, transfer, Left(), "hub")
        elif (
            transfer.until is not None
            and turn.now >= transfer.until
            and not (transfer.state is TransferState.PASSED and record.state is CallState.RINGING)
        ):
            await move(turn, transfer, TimeIsUp(), "hub")
