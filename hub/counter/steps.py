"""Moves a call and its operator's presence together: one event, both records, one turn."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from hub.core import captures as rules
from hub.core.audit import Action
from hub.core.call import (
    Accepted,
    CallMachine,
    CallRecord,
    Declined,
    Effect,
    Event,
    HandedOver,
    OperatorGone,
    PassedOn,
    RingExpired,
    Rung,
    TakenBack,
    Withdrawn,
)
from hub.core.presence import Event as PresenceEvent
from hub.core.presence import PresenceMachine, on_duty
from hub.counter.cards import ring_card
from hub.counter.turn import Turn
from hub.store import calls, captures, people
from protocol.desk_link import CaptureUpdate, Presence, Ring, RingEnded
from protocol.kiosk_link import CancelCapture

log = logging.getLogger(__name__)


async def step(turn: Turn, record: CallRecord, event: Event, actor: str) -> CallRecord:
    """Let an event happen to a call: write it, then collect what both sides are told."""
    machine = CallMachine(record)
    effects = machine.handle(event, turn.now)
    saved = await turn.save(machine.record)
    await calls.add_event(turn.tx, saved, type(event).__name__, turn.now, {"by": actor})
    log.info(
        "call moved",
        extra={"call": record.id, "event": type(event).__name__, "was": record.state, "now": saved.state},
    )
    if isinstance(event, Accepted):
        await calls.accept_leg(turn.tx, saved, turn.now)
        await move_presence(turn, event.operator, PresenceEvent.ACCEPTED)
        await turn.note(Action.CALL_ACCEPTED, saved, actor)
    for effect in effects:
        await _obey(turn, effect, record, saved, event)
    if not saved.live:
        await turn.note(Action.CALL_ENDED, saved, actor, state=str(saved.state))
    elif isinstance(event, OperatorGone):
        await turn.note(Action.CALL_REQUEUED, saved, actor)
    return saved


async def _obey(turn: Turn, effect: Effect, before: CallRecord, after: CallRecord, event: Event) -> None:
    """One effect of the call's machine."""
    match effect:
        case Effect.TELL_KIOSK:
            turn.tell_kiosks_of.add(after.id)
        case Effect.TELL_DESK:
            assert after.operator is not None
            turn.tell_desks_of[after.id] = after.operator
        case Effect.RING:
            await _ring(turn, after, event)
        case Effect.RING_OVER:
            await _ring_over(turn, before, event)
        case Effect.CALL_OVER:
            await _call_over(turn, before, event)
        case Effect.DROP_CAPTURES:
            await drop_captures(turn, after)
        case Effect.FORGET_MEDIA:
            turn.after_commit.append(lambda: turn.board.media.pop(after.id, None))
        case Effect.QUEUE:
            turn.queue_changed = True


async def _ring(turn: Turn, record: CallRecord, event: Event) -> None:
    assert isinstance(event, Rung)
    await calls.open_leg(turn.tx, record, event.operator, turn.now)
    await move_presence(turn, event.operator, PresenceEvent.RING_STARTED, call=record.id)
    turn.to_desk(event.operator, Ring(card=await ring_card(turn, record)), record.id)


_RING_ENDS = {
    Declined: ("declined", PresenceEvent.DECLINED),
    RingExpired: ("timeout", PresenceEvent.RING_TIMEOUT),
    Withdrawn: ("withdrawn", PresenceEvent.RING_CANCELLED),
    TakenBack: ("taken_back", PresenceEvent.RING_CANCELLED),
}
_PARTS_END = {OperatorGone: "gone", HandedOver: "handed_over", PassedOn: "passed_on"}


async def _ring_over(turn: Turn, before: CallRecord, event: Event) -> None:
    """The ring card goes; whoever was rung is free again or, after a time-out, away."""
    assert before.operator is not None
    why, moved = _RING_ENDS.get(type(event), ("left", PresenceEvent.RING_CANCELLED))
    await calls.close_leg(turn.tx, before, turn.now, why)
    turn.to_desk(before.operator, RingEnded(why=why), before.id)
    await move_presence(turn, before.operator, moved)


async def _call_over(turn: Turn, before: CallRecord, event: Event) -> None:
    """The operator's part ends: wrap-up, or gone without one."""
    assert before.operator is not None
    await calls.close_leg(turn.tx, before, turn.now, _PARTS_END.get(type(event), "ended"))
    moved = PresenceEvent.CALL_LOST if isinstance(event, OperatorGone) else PresenceEvent.CALL_ENDED
    await move_presence(turn, before.operator, moved)
    turn.snapshots_for.add(before.operator)


async def move_presence(
    turn: Turn, user: str, event: PresenceEvent, *, call: str | None = None, reason: str = ""
) -> None:
    """Let an event happen to an operator's presence and tell the desk."""
    record = await people.presence_of(turn.tx, user)
    assert record is not None, "a desk has its presence from its first hello on"
    machine = PresenceMachine(record)
    limit = turn.settings.queue.wrap_up_s
    until = turn.now + timedelta(seconds=limit) if limit else None
    if not machine.handle(event, turn.now, call=call, reason=reason, until=until):
        return
    saved = await people.presences.save(turn.tx, machine.record)
    turn.after_commit.append(partial(turn.board.wraps_up_until, user, saved.until))
    side = turn.board.desks.get(user)
    if side is not None and not side.line.here and event is not PresenceEvent.VANISHED:
        side.vanished = False  # look again: a state that waits for nobody must not outlast the absence
    turn.to_desk(user, Presence(state=saved.state, since=saved.since, reason=saved.reason, until=saved.until))
    turn.queue_changed = True
    turn.duty_changed |= on_duty(record.state) != on_duty(saved.state)


async def drop_captures(turn: Turn, record: CallRecord) -> None:
    """Unfinished stills end with the talk that asked for them."""
    for one in await captures.of_call(turn.tx, record.id, record.municipality):
        if one.stage in rules.FINAL:
            continue
        saved = await captures.rows.save(turn.tx, rules.cancel(one))
        turn.to_kiosk(record.kiosk, CancelCapture(capture=one.id), record.id)
        turn.to_desk(one.requested_by, CaptureUpdate(capture=saved.shown()), record.id)
        turn.after_commit.append(partial(turn.board.capture_due.pop, one.id, None))
