"""What an operator's words do: presence, accept, decline, what the terminal shows, end, wrap-up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

from hub.core import away, presentation, routing, transfer
from hub.core import cameras as camera_rules
from hub.core import content as texts
from hub.core.audit import Action
from hub.core.call import (
    Accepted,
    CallRecord,
    Declined,
    EndedOnPromise,
    EndPressed,
    Held,
    NotNow,
    Resumed,
    Withdrawn,
)
from hub.core.presence import WRAPPING, PresenceRecord
from hub.core.presence import Event as PresenceEvent
from hub.counter import queueing, staff, transfers
from hub.counter.desk_snapshot import desk_snapshot
from hub.counter.relay import hand_over, reply_again
from hub.counter.steps import move_presence, step
from hub.counter.turn import Turn
from hub.store import callbacks as promises
from hub.store import calls, people, pool
from hub.store import transfers as transfer_rows
from protocol.common import CallStaff, RestartDevice, SetVolume, WithdrawStaff
from protocol.desk_link import (
    OTHER_PROCEDURE,
    SetPresence,
    ShowPage,
    StartTransfer,
    StepTransfer,
    WrappedUp,
    WrapUp,
)
from protocol.kiosk_link import Present
from protocol.values import CallState, CameraRole, Page, PresenceState, Presentation

COMMAND = timedelta(seconds=10)
"""A word to a device that reached the terminal later than this would surprise whoever sits there."""


def actor(user: str) -> str:
    """How an operator stands in events and audit."""
    return f"user:{user}"


async def arrived(turn: Turn, user: str, *, resumed: bool) -> None:
    """A desk has said hello: snapshot; whoever was offline is away until she says otherwise.

    A link that goes on has been told everything but the queue, which the counter's next turn compares.
    """
    if await people.presence_of(turn.tx, user) is None:
        first = PresenceRecord(user=user, state=PresenceState.OFFLINE, since=turn.now, idle_since=turn.now)
        await people.presences.insert(turn.tx, first)
    await move_presence(turn, user, PresenceEvent.ARRIVED)
    turn.queue_changed = False  # the counter looks at it in a turn of its own
    if resumed:
        return
    turn.outbox.clear()  # the snapshot says it all
    turn.to_desk(user, await desk_snapshot(turn, user))
    reply_again(turn, user)


async def set_presence(turn: Turn, user: str, said: SetPresence) -> None:
    """Available or away. NotNow while a ring, a call or a wrap-up wants something else first."""
    event = PresenceEvent.GO_AVAILABLE if said.state == "available" else PresenceEvent.GO_AWAY
    if event is PresenceEvent.GO_AVAILABLE and turn.monitor_by(user) is not None:
        raise NotNow("monitoring", "モニタリングを終えてから、受付可にしてください。")
    reason = away.checked(said.reason, turn.settings.reasons) if event is PresenceEvent.GO_AWAY else ""
    await move_presence(turn, user, event, reason=reason)


async def mine(turn: Turn, user: str, call: str | None) -> CallRecord:
    """The call of the envelope within the operator's municipalities. NotNow('gone') otherwise."""
    return await turn.call(call, turn.board.desks[user].user.municipalities)


async def talking(turn: Turn, user: str, call: str | None) -> CallRecord:
    """The call of the envelope, if this operator is connected in it. NotNow('gone') otherwise."""
    record = await mine(turn, user, call)
    if record.operator != user or not record.connected:
        raise NotNow("gone", "この通話はもう終わっています。")
    return record


async def accept(turn: Turn, user: str, call: str | None) -> None:
    """Take the rung call, or consult; what the terminal has offered meanwhile is handed over with a call.

    Whoever may not have it any more (memberships and skills change while it rings) loses the ring instead.
    """
    record = await mine(turn, user, call)
    consult = transfers.rung(turn, user, record.id)
    if consult is not None:
        await transfers.move(turn, consult, transfer.Answered(user), actor(user))
        return
    await transfers.resolve(turn)
    hers = record.state is CallState.RINGING and record.operator == user
    if hers and not routing.may_take(queueing.waiting_of(turn, record), await pool.operator(turn.tx, user)):
        await step(turn, record, Withdrawn(user), "hub")
        return
    record = await step(turn, record, Accepted(user), actor(user))
    hand_over(turn, record)
    await staff.tell_operator(turn, record)


async def decline(turn: Turn, user: str, call: str | None) -> None:
    """Pass the ring on."""
    consult = transfers.rung(turn, user, call)
    if consult is not None:
        await transfers.move(turn, consult, transfer.Declined(user), actor(user))
        return
    await step(turn, await mine(turn, user, call), Declined(user), actor(user))


async def staff_wanted(turn: Turn, user: str, call: str | None, word: CallStaff | WithdrawStaff) -> None:
    """Ring the branch's own staff to the resident of this call, or no longer."""
    record = await talking(turn, user, call)
    if isinstance(word, CallStaff):
        await staff.ring(turn, record.kiosk, word.reason, actor(user), record.id)
    else:
        await staff.withdraw(turn, record.kiosk, actor(user))


async def end(turn: Turn, user: str, call: str | None) -> None:
    """End the call; with a promise to call back that stands, the resident is told of it once more."""
    record = await mine(turn, user, call)
    promised = await promises.open_of(turn.tx, record.municipality, record.id)
    await step(turn, record, EndedOnPromise(user) if promised else EndPressed(user), actor(user))


async def hold(turn: Turn, user: str, call: str | None, reason: str) -> None:
    """Ask the resident to wait; what is shown to her meanwhile stays."""
    record = await mine(turn, user, call)
    pending = turn.transfer(record.id)
    if pending is not None and pending.state in transfer.TOGETHER and record.operator == user:
        raise NotNow("in_transfer", "相談中は保留にできません。相談を終えるか、三者通話をやめてください。")
    await step(turn, record, Held(user, reason), actor(user))


async def resume(turn: Turn, user: str, call: str | None) -> None:
    """Back to the resident."""
    await step(turn, await mine(turn, user, call), Resumed(user), actor(user))


async def start_transfer(turn: Turn, user: str, call: str | None, said: StartTransfer) -> None:
    """Ask a department, or pass the call on to it."""
    await transfers.start(turn, user, await talking(turn, user, call), said)


async def step_transfer(turn: Turn, user: str, call: str | None, said: StepTransfer) -> None:
    """The next step of a transfer by one of its two parties. NotNow('gone') for anybody else."""
    record = await mine(turn, user, call)
    pending = turn.transfer(record.id)
    if pending is None or pending.id != said.transfer or user not in (pending.origin, pending.specialist):
        raise NotNow("gone", "この転送はもう終わっています。")
    await transfers.take_step(turn, user, pending, said.step)


async def present(turn: Turn, user: str, call: str | None, word: presentation.Word) -> None:
    """Change what the terminal shows; both sides hear the next revision."""
    record = await talking(turn, user, call)
    await show(turn, user, record, presentation.after(record.presentation, word, _pages(turn, record, word)))


async def set_cameras(turn: Turn, user: str, call: str | None, word: camera_rules.Word) -> None:
    """Set a camera of the terminal; both sides hear it with the next revision."""
    record = await talking(turn, user, call)
    side = turn.board.kiosks[record.kiosk]
    can = next((device.can for device in side.devices if device.name == word.camera), ())
    attached = [one.id for one in side.attached] or [role.value for role in CameraRole]
    cameras = camera_rules.after(record.presentation.cameras, word, can=can, attached=attached)
    await show(turn, user, record, presentation.with_cameras(record.presentation, cameras))


async def command(turn: Turn, user: str, call: str | None, word: SetVolume | RestartDevice) -> None:
    """Have the terminal do something with its devices now, or not at all."""
    record = await talking(turn, user, call)
    if not turn.board.kiosk_here(record.kiosk):
        raise NotNow("terminal_away", "窓口端末につながっていません。つながったら、もう一度押してください。")
    if isinstance(word, RestartDevice):
        detail = {"by": actor(user), "device": word.device}
        await calls.add_event(turn.tx, record, "DeviceRestarted", turn.now, detail)
    turn.to_kiosk(record.kiosk, word, record.id, expires=turn.now + COMMAND)


async def show(turn: Turn, user: str, record: CallRecord, shown: Presentation) -> None:
    """Write what the terminal shows; both sides hear the next revision."""
    saved = await turn.save(replace(record, presentation=shown))
    await calls.add_event(
        turn.tx, saved, "Presented", turn.now, {"by": actor(user), "revision": shown.revision}
    )
    turn.to_kiosk(saved.kiosk, Present(presentation=shown), saved.id)
    turn.tell_desks_of[saved.id] = user


def _pages(turn: Turn, record: CallRecord, word: presentation.Word) -> dict[str, Page]:
    if not isinstance(word, ShowPage):
        return {}
    found = texts.page(turn.content, record.municipality, word.page)
    return {} if found is None else {found.id: found}


async def wrap_up(turn: Turn, user: str, call: str | None, said: WrapUp) -> None:
    """Store the outcome; the operator is available again. NotNow when nothing is to be wrapped up."""
    record = await mine(turn, user, call)
    presence = await people.presence_of(turn.tx, user)
    wrapping = presence is not None and presence.state in WRAPPING
    if presence is None or not wrapping or presence.call != record.id:
        raise NotNow("no_wrap_up", "後処理を待っている通話はありません。")
    procedures = turn.content.town(record.municipality).procedures
    if said.procedure != OTHER_PROCEDURE and said.procedure not in procedures:
        raise NotNow("unknown_procedure", "この手続きは、この自治体にはありません。")
    if not await _write_outcome(turn, user, record, said):
        raise NotNow("no_wrap_up", "応対結果はすでに保存されています。")
    if record.accepted_at is not None:
        took = (turn.now - record.accepted_at).total_seconds()
        turn.after_commit.append(partial(turn.board.handling.add, record.municipality, record.topic, took))
    await turn.note(Action.WRAPPED_UP, record, actor(user), outcome=said.outcome, procedure=said.procedure)
    turn.answer_desk(user, WrappedUp(), record.id)
    await move_presence(turn, user, PresenceEvent.WRAPPED_UP)


async def _write_outcome(turn: Turn, user: str, record: CallRecord, said: WrapUp) -> bool:
    """With the call; of whoever has handed it on, with the transfer: the call goes on without her."""
    words = {
        "outcome": said.outcome, "procedure": said.procedure, "reason": said.reason, "note": said.note,
    }  # fmt: skip
    if record.operator == user and not record.live:
        return await calls.write_outcome(turn.tx, record, at=turn.now, **words)
    known = await transfer_rows.of_call(turn.tx, record.id, record.municipality)
    hers = [one for one in known if one.origin == user]
    return bool(hers) and await transfer_rows.write_outcome(turn.tx, hers[-1], **words)
