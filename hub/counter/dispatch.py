"""Which part of the counter obeys which word, within the turn of that word. Decides nothing."""

from __future__ import annotations

from hub.counter import (
    callbacks,
    conduct,
    desk_words,
    guests,
    kiosk_words,
    monitors,
    relay,
    staff,
    stills,
)
from hub.counter.turn import Turn
from protocol import common, desk_link, kiosk_link
from protocol.envelope import Envelope, Message


async def of_kiosk(turn: Turn, device: str, envelope: Envelope, message: Message) -> None:
    """One word of a terminal. NotNow when it has no effect and the terminal should know."""
    call = envelope.call
    match message:
        case kiosk_link.CallRequest():
            await kiosk_words.request(turn, device, envelope.id, message)
        case kiosk_link.CallLeave():
            await kiosk_words.leave(turn, device, call)
        case common.Offer():
            record = await kiosk_words.own_call(turn, device, call)
            await relay.take_offer(turn, record, envelope.epoch or 0, message)
        case kiosk_link.Presented():
            await kiosk_words.presented(turn, device, call, message)
        case kiosk_link.CaptureProgress():
            await stills.progress(turn, device, message)
        case kiosk_link.DevicesClosed():
            await kiosk_words.devices_closed(turn, device, call, message)
        case common.CallStaff():
            by = kiosk_words.actor(device)
            await staff.ring(turn, device, message.reason, by, kiosk_words.live_call(turn, device))
        case common.WithdrawStaff():
            await staff.withdraw(turn, device, kiosk_words.actor(device))
        case kiosk_link.Wiped():
            await kiosk_words.wiped(turn, device, call, message)


async def of_desk(turn: Turn, user: str, envelope: Envelope, message: Message) -> None:
    """One word of a desk. NotNow when it has no effect and the operator should know."""
    call = envelope.call
    match message:
        case desk_link.SetPresence():
            await desk_words.set_presence(turn, user, message)
        case desk_link.Accept():
            await desk_words.accept(turn, user, call)
        case desk_link.Decline():
            await desk_words.decline(turn, user, call)
        case (
            desk_link.ShowPage() | desk_link.HidePage() | desk_link.SetFocus() | desk_link.Caption()
            | desk_link.Freeze()
        ):  # fmt: skip
            await desk_words.present(turn, user, call, message)
        case desk_link.AdjustCamera() | desk_link.ChooseCamera():
            await desk_words.set_cameras(turn, user, call, message)
        case common.SetVolume() | common.RestartDevice():
            await desk_words.command(turn, user, call, message)
        case desk_link.RequestCapture():
            await stills.request(turn, user, call, envelope.id, message.kind)
        case desk_link.AbortCapture():
            await stills.abort(turn, user, call, message.capture)
        case desk_link.HoldCall():
            await desk_words.hold(turn, user, call, message.reason)
        case desk_link.ResumeCall():
            await desk_words.resume(turn, user, call)
        case common.CallStaff() | common.WithdrawStaff():
            await desk_words.staff_wanted(turn, user, call, message)
        case desk_link.StepConduct():
            await conduct.step(turn, user, call, message.step)
        case desk_link.MonitorCall():
            await monitors.choose(turn, user, call, message.state)
        case desk_link.SetBells():
            await staff.set_bells(turn, user, message)
        case desk_link.StaffComing():
            await staff.coming(turn, user, message.ring)
        case desk_link.StaffArrived():
            await staff.arrived(turn, user, message.ring)
        case desk_link.PromiseCallback():
            await callbacks.promise(turn, user, await desk_words.mine(turn, user, call), message)
        case desk_link.SettleCallback():
            await callbacks.settle(turn, user, message)
        case desk_link.StartTransfer():
            await desk_words.start_transfer(turn, user, call, message)
        case desk_link.StepTransfer():
            await desk_words.step_transfer(turn, user, call, message)
        case desk_link.InviteGuest():
            await guests.invite(turn, user, await desk_words.talking(turn, user, call), message)
        case desk_link.StepGuest():
            record = await desk_words.talking(turn, user, call)
            await guests.take_step(turn, user, record, message.guest, message.step)
        case desk_link.EndCall():
            await desk_words.end(turn, user, call)
        case desk_link.WrapUp():
            await desk_words.wrap_up(turn, user, call, message)
