"""What a terminal's words do: ask for a call, leave it, report on screen, devices and the wipe."""

from __future__ import annotations

import logging
import uuid
from dataclasses import replace

from hub.core import disasters, duties, routing
from hub.core.audit import Action, Entry
from hub.core.call import CallRecord, Left, NotNow
from hub.core.duty_table import Kind
from hub.counter import beside, queueing
from hub.counter.settle import tell_site
from hub.counter.steps import step
from hub.counter.turn import Turn
from hub.store import calls, people, trail
from hub.store.places import Kiosk
from protocol.kiosk_link import CallRequest, DeviceReport, DevicesClosed, Presented, Wiped
from protocol.values import CallState

log = logging.getLogger(__name__)


def actor(device: str) -> str:
    """How a terminal stands in events and audit."""
    return f"kiosk:{device}"


async def arrived(turn: Turn, device: str, *, resumed: bool) -> None:
    """A terminal has proved who it is: its snapshot, or what has changed for its place meanwhile."""
    await tell_site(turn, device, always=not resumed)
    beside.tell(turn, turn.board.kiosks[device].kiosk)
    record = turn.board.call_of_kiosk(device)
    if record is not None:
        _tell_operator(turn, record)


def left(turn: Turn, device: str) -> None:
    """A terminal's link is gone; its call goes on."""
    beside.tell(turn, turn.board.kiosks[device].kiosk)
    record = turn.board.call_of_kiosk(device)
    if record is not None:
        _tell_operator(turn, record)


def _tell_operator(turn: Turn, record: CallRecord) -> None:
    if record.connected and record.operator:
        turn.tell_desks_of[record.id] = record.operator


async def request(turn: Turn, device: str, request_id: str, said: CallRequest) -> None:
    """The touch. Said again it answers with the same call. NotNow when closed or nobody is on duty."""
    side = turn.board.kiosks[device]
    municipality = side.kiosk.municipality
    known = await calls.of_request(turn.tx, device, municipality, request_id)
    live = known or turn.call_of_kiosk(device)
    if live is not None:
        _tell(turn, live)
        return
    page = turn.disasters.get(municipality)
    topic = disasters.topic(page) if page else _chosen(turn, side.kiosk, said.topic)
    if page is None:
        _check_duty(turn, side.kiosk, topic)
    if not turn.on_duty.get(municipality):
        raise NotNow("nobody_on_duty", "ただいま応対できるオペレーターがおりません。")
    record = CallRecord(
        id=uuid.uuid4().hex, municipality=municipality, site=side.kiosk.site, kiosk=device,
        request_id=request_id, topic=topic, language=said.language,
        simulated=side.simulated, state=CallState.WAITING, queued_at=turn.now,
    )  # fmt: skip
    staff = [who for _, who in await queueing.people(turn)]
    if not routing.moments(queueing.waiting_of(turn, record), staff):
        raise NotNow("nobody_on_duty", "ただいま応対できるオペレーターがおりません。")
    side.closed = side.closed_at = None  # they are open now
    await calls.rows.insert(turn.tx, record)
    await calls.add_event(turn.tx, record, "Requested", turn.now, {"by": actor(device)})
    await turn.note(Action.CALL_REQUESTED, record, actor(device))
    turn.written[record.id] = record
    turn.tell_kiosks_of.add(record.id)
    turn.queue_changed = True


async def tell_call(turn: Turn, device: str, request_id: str) -> None:
    """The touch was answered before: the terminal hears of its call as it is now."""
    municipality = turn.board.kiosks[device].kiosk.municipality
    record = await calls.of_request(turn.tx, device, municipality, request_id)
    record = record or turn.call_of_kiosk(device)
    if record is not None:
        _tell(turn, record)


def _tell(turn: Turn, record: CallRecord) -> None:
    turn.written.setdefault(record.id, record)
    turn.tell_kiosks_of.add(record.id)


def _chosen(turn: Turn, kiosk: Kiosk, topic: str) -> str:
    """The procedure of the touch; none where this terminal does not serve it today."""
    town = turn.content.town(kiosk.municipality)
    served = duties.procedures(town, town.site(kiosk.site), kiosk.terminal, turn.now)
    return topic if topic in served else ""


def _check_duty(turn: Turn, kiosk: Kiosk, topic: str) -> None:
    """NotNow where the duty table gives this call to nobody who could be rung."""
    town = turn.content.town(kiosk.municipality)
    if not town.opening(town.site(kiosk.site), kiosk.terminal).is_open(turn.now):
        raise NotNow("closed", "ただいま受付時間外です。")
    match duties.who(town, kiosk.site, kiosk.terminal, topic, turn.now).kind:
        case Kind.CLOSED:
            raise NotNow("topic_closed", "この手続きは、ただいま受け付けておりません。")
        case Kind.BRANCH:
            raise NotNow("branch", "この手続きは、こちらの窓口の職員が承ります。お声かけください。")


def live_call(turn: Turn, device: str) -> str | None:
    """Id of the terminal's live call."""
    known = turn.call_of_kiosk(device)
    return known.id if known else None


async def own_call(turn: Turn, device: str, call: str | None) -> CallRecord:
    """The call of the envelope, if it is this terminal's and still live. NotNow('gone') otherwise."""
    record = await turn.call(call, [turn.board.kiosks[device].kiosk.municipality])
    if record.kiosk != device or not record.live:
        raise NotNow("gone", "この通話はもう終わっています。")
    return record


async def leave(turn: Turn, device: str, call: str | None) -> None:
    """The resident leaves; once it is over, leaving again changes nothing."""
    if call is None:
        record = turn.call_of_kiosk(device)
        if record is None:
            return
    else:
        record = await turn.call(call, [turn.board.kiosks[device].kiosk.municipality])
    if record.kiosk != device:
        raise NotNow("gone", "この通話はもう終わっています。")
    if record.live:
        await step(turn, record, Left(), actor(device))
    else:
        _tell(turn, record)


async def presented(turn: Turn, device: str, call: str | None, said: Presented) -> None:
    """The screen has drawn a revision; the operator sees it."""
    record = await own_call(turn, device, call)
    if not record.presented < said.revision <= record.presentation.revision:
        return
    saved = await turn.save(replace(record, presented=said.revision))
    _tell_operator(turn, saved)


def devices(turn: Turn, device: str, said: DeviceReport) -> None:
    """Kept while the hub runs; a terminal says it after every snapshot."""
    side = turn.board.kiosks[device]
    if (side.devices, side.attached, side.volume) == (said.devices, said.attached, said.volume):
        return
    side.devices, side.attached, side.volume = said.devices, said.attached, said.volume
    record = turn.board.call_of_kiosk(device)
    if record is not None:
        _tell_operator(turn, record)


async def wiped(turn: Turn, device: str, call: str | None, said: Wiped) -> None:
    """The proof that the end of a call left nothing behind becomes part of its history."""
    record = await turn.call(call, [turn.board.kiosks[device].kiosk.municipality])
    if record.kiosk != device or record.live:
        raise NotNow("not_over", "この通話は終わっていません。")
    detail = {"buffers": said.buffers, "files": said.files, "left": said.left, "ui": said.ui}
    await calls.add_event(turn.tx, record, "Wiped", turn.now, detail)


async def devices_closed(turn: Turn, device: str, call: str | None, said: DevicesClosed) -> None:
    """The proof that nothing can see or hear while nobody is served: recorded once after each opening."""
    side = turn.board.kiosks[device]
    if turn.board.call_of_kiosk(device) is not None:
        return  # a new call was quicker
    found = said.cameras + said.sounds + said.files
    if found:
        log.error("devices are open while idle", extra={"device": device, "found": found})
    side.closed_at = None if found else turn.now
    if side.closed == said and call is None:
        return  # said again after a reconnect
    side.closed = said
    entry = Entry(
        at=turn.now, municipality=side.kiosk.municipality, actor=actor(device),
        action=Action.DEVICES_OPEN if found else Action.DEVICES_CLOSED, subject=device,
        detail={"cameras": said.cameras, "sounds": said.sounds, "files": said.files},
    )  # fmt: skip
    await trail.append(turn.tx, entry)
    await _tell_wrapping_up(turn, device, call)


async def _tell_wrapping_up(turn: Turn, device: str, call: str | None) -> None:
    """The operator who is still at work on that call reads it."""
    if call is None:
        return
    record = await turn.call(call, [turn.board.kiosks[device].kiosk.municipality])
    if record.kiosk != device or not record.operator:
        return
    presence = await people.presence_of(turn.tx, record.operator)
    if presence is not None and presence.call == record.id:
        turn.tell_desks_of[record.id] = record.operator
