"""The agent's loop from the touch to the wiped terminal, with fake link, media and cameras."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hardware.errors import DeviceRefused
from hardware.ports import EXPOSURE
from kiosk.agent import agent as module
from kiosk.core.effects import LinkUp, MediaChanged
from kiosk.core.ladder import Line
from kiosk.core.view import Picture, Screen, TouchKind
from kiosk.media.events import MediaEvent, MediaEventKind
from protocol.common import (
    Answer,
    Candidate,
    Ink,
    InkClear,
    MediaReport,
    Offer,
    Renew,
    RestartDevice,
    SetVolume,
)
from protocol.kiosk_link import CallLeave, CallRequest, Presented, Wiped
from protocol.values import (
    CallState,
    CameraRole,
    Cameras,
    CameraSetting,
    IceServer,
    Presentation,
    Rung,
    RungCause,
)
from tests.kiosk.agent.agent_rig import MIDS, Rig


@pytest.fixture
async def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    monkeypatch.setattr(module, "REPORT_S", 0.002)
    rig = Rig(tmp_path)
    await rig.start()
    yield rig
    rig.face.may_close.set()
    await rig.stop()


async def test_one_touch_opens_asks_and_offers(rig: Rig) -> None:
    """A touch opens the devices at once, asks the hub and offers as soon as there is a call."""
    rig.screen.touch(TouchKind.START)
    await rig.until(lambda: rig.said(CallRequest))
    await rig.until(lambda: rig.open_devices == {"face", "document", "audio"})
    assert rig.said(Offer) == []
    rig.says(CallState.WAITING)
    await rig.until(lambda: rig.said(Offer))
    (say,) = [say for say in rig.link.said if isinstance(say.message, Offer)]
    assert (say.call, say.epoch, say.message) == ("call-1", 1, Offer(sdp="offer 1", mids=MIDS))
    await rig.shows(Screen.WAITING)


async def test_nothing_is_open_while_idle(rig: Rig) -> None:
    """No camera looks and no microphone hears before a touch."""
    assert rig.open_devices == set()
    assert rig.media == []


async def test_the_desk_s_words_reach_the_media_of_their_epoch(rig: Rig) -> None:
    """Answer and addresses go to the epoch that they are for; those of an old one go nowhere."""
    media = await rig.talk()
    rig.hub(Answer(sdp="a1"), epoch=1)
    rig.hub(Candidate(candidate="c1", mid="0"), epoch=1)
    rig.hub(Renew(reason="reload"))
    await rig.until(lambda: ("start", 2) in media.told)
    rig.hub(Answer(sdp="late"), epoch=1)
    rig.hub(Answer(sdp="a2"), epoch=2)
    await rig.until(lambda: ("answer", 2, "a2") in media.told)
    assert media.told == [
        ("start", 1), ("answer", 1, "a1"), ("candidate", 1, "c1", "0"), ("start", 2), ("answer", 2, "a2"),
    ]  # fmt: skip


async def test_pictures_go_to_the_encoder_and_to_the_screen_alike(rig: Rig) -> None:
    """The resident sees what the operator sees, and the operator."""
    media = await rig.talk()
    rig.face.give(40)
    rig.document.give(50)
    await rig.until(lambda: media.face.frames and media.document.frames)
    rig.agent.operator_frame(media.face.frames[0])
    await rig.until(lambda: len(rig.screen.frames) == 3)
    assert rig.screen.open == set(Picture)
    assert media.face.frames[0].data[0, 0] == 40


async def test_a_frozen_picture_is_frozen_for_both(rig: Rig) -> None:
    """Freeze works before the encoder: what leaves is what the resident sees."""
    media = await rig.talk()
    rig.document.give(50)
    await rig.until(lambda: media.document.frames)
    frozen = Presentation(revision=1, frozen=(CameraRole.DOCUMENT,))
    rig.says(CallState.TALKING, epoch=1, presentation=frozen)
    await rig.until(
        lambda: rig.screen.view and rig.screen.view.talking and rig.screen.view.talking.paper_note
    )
    rig.document.give(60)
    await rig.until(lambda: len(media.document.frames) == 2)
    assert media.document.frames[1].data[0, 0] == 50


async def test_a_hold_reaches_the_media_and_takes_the_operators_picture_away(rig: Rig) -> None:
    """What the core decides is done: the media are quiet while the hub says so, and no longer."""
    media = await rig.talk()
    rig.says(CallState.HELD, epoch=1, held_reason="papers")
    await rig.until(lambda: media.on_hold)
    assert rig.talking().held
    rig.says(CallState.TALKING, epoch=1)
    await rig.until(lambda: not media.on_hold)


async def test_a_frozen_paper_is_held_in_full_size(rig: Rig) -> None:
    """Ready for a still and for a closer look before anybody asks; forgotten when the paper moves again."""
    media = await rig.talk()
    rig.document.give(50)
    await rig.until(lambda: media.document.frames)
    frozen = Presentation(revision=1, frozen=(CameraRole.DOCUMENT,))
    rig.says(CallState.TALKING, epoch=1, presentation=frozen)
    await rig.until(lambda: rig.gate.frozen(CameraRole.DOCUMENT))
    await rig.until(lambda: rig.gate.frozen_still(CameraRole.DOCUMENT).width == 192)
    rig.says(CallState.TALKING, epoch=1, presentation=Presentation(revision=2))
    await rig.until(lambda: not rig.gate.frozen(CameraRole.DOCUMENT))
    with pytest.raises(DeviceRefused):
        rig.gate.frozen_still(CameraRole.DOCUMENT)


async def test_cameras_are_set_for_encoder_and_screen_and_set_back(rig: Rig) -> None:
    """Turned and cut in the gate, told to the device, and as before for the next resident."""
    media = await rig.talk()
    setting = CameraSetting(turned=90, exposure=-2)
    shown = Presentation(revision=1, cameras=Cameras(document=setting))
    rig.says(CallState.TALKING, epoch=1, presentation=shown)
    await rig.until(lambda: rig.document.controls == {EXPOSURE: -2})
    rig.document.give(50)
    await rig.until(lambda: media.document.frames)
    assert (media.document.frames[-1].width, media.document.frames[-1].height) == (48, 64)
    await rig.until(lambda: rig.said(Presented) and rig.said(Presented)[-1].revision == 1)
    rig.says(CallState.ENDED)
    await rig.shows(Screen.ENDED)
    rig.screen.touch(TouchKind.DONE)
    await rig.shows(Screen.IDLE)
    again = await rig.talk()
    rig.document.give(60)
    await rig.until(lambda: again.document.frames)
    assert again.document.frames[-1].width == 64
    assert rig.document.controls == {}


async def test_a_device_is_opened_again_on_the_operators_word(rig: Rig) -> None:
    """The call goes on, and so do the other devices."""
    await rig.talk()
    rig.hub(RestartDevice(device="audio"))
    await rig.until(lambda: rig.audio.opened == 2)
    rig.hub(RestartDevice(device="document"))
    await rig.until(lambda: len(rig.document.profiles) == 2)
    assert len(rig.face.profiles) == 1
    assert rig.open_devices == {"face", "document", "audio"}
    rig.hub(SetVolume(level=5))
    await rig.until(lambda: rig.audio.volume == 5)
    await rig.shows(Screen.TALKING)


async def test_a_new_epoch_that_is_seen_and_heard_is_told_at_once(rig: Rig) -> None:
    """A hand-over waits for it: the report names the epoch and does not wait for its turn."""
    media = await rig.talk()
    before = len(rig.said(MediaReport))
    media.active = 2
    rig.agent.media_event(MediaEvent(MediaEventKind.ACTIVE, 2))
    (report,) = rig.said(MediaReport)[before:]
    assert (report.live, report.epoch) == (True, 2)


async def test_lost_media_make_a_new_epoch(rig: Rig) -> None:
    """The terminal offers again by itself, and the resident reads why the picture stands."""
    media = await rig.talk()
    rig.agent.media_event(MediaEvent(MediaEventKind.LOST, 1))
    await rig.until(lambda: ("start", 2) in media.told)
    await rig.until(lambda: rig.talking().notice)


async def test_media_get_the_call_s_relay_credentials_or_the_link_s(rig: Rig) -> None:
    """Those of the welcome may be hours old; a hub that sends none with a call leaves them in use."""
    welcome, fresh = (IceServer(urls=("turn:relay",), username=name, credential="c") for name in ("w", "f"))
    rig.link.ice_servers = (welcome,)
    media = await rig.talk()
    assert media.servers == [(welcome,)]
    rig.says(CallState.TALKING, epoch=1, ice_servers=(fresh,))
    rig.agent.post(MediaChanged(1, "lost"))
    await rig.until(lambda: ("start", 2) in media.told)
    assert media.servers == [(welcome,), (fresh,)]


async def test_the_ways_to_the_relay_are_tried_when_the_link_comes_up(rig: Rig) -> None:
    """Long before a resident touches, so that a call begins with what is known."""
    server = IceServer(urls=("turn:relay",))
    rig.link.ice_servers = (server,)
    rig.agent.post(LinkUp())
    await rig.until(lambda: len(rig.relay.looked) == 2)
    assert rig.relay.looked[1] == (server,)


async def test_an_epoch_without_media_is_followed_by_one_through_the_relay_alone(rig: Rig) -> None:
    """What it got and what it carried is told to whoever remembers the ways."""
    media = await rig.talk()
    rig.agent.media_event(MediaEvent(MediaEventKind.LOST, 1))
    await rig.until(lambda: "offer 2" in rig.relay.offers)
    rig.agent.media_event(MediaEvent(MediaEventKind.FIRST_MEDIA, 1))
    rig.agent.media_event(MediaEvent(MediaEventKind.FIRST_MEDIA, 2))
    assert rig.relay.wishes == [(False, False), (True, True)]
    assert media.alone == [False, True]
    assert [way.relay_only for way in rig.relay.carrying] == [True]


async def test_a_call_that_ends_while_the_ways_are_tried_offers_nothing(rig: Rig) -> None:
    """A resident who leaves in that second leaves no connection behind."""
    rig.relay.may_answer.clear()
    rig.screen.touch(TouchKind.START)
    await rig.until(lambda: rig.said(CallRequest))
    rig.says(CallState.WAITING)
    await rig.until(lambda: rig.relay.wishes)
    rig.says(CallState.ENDED)
    await rig.until(lambda: rig.media[0].closed)
    rig.relay.may_answer.set()
    await rig.until(lambda: not rig.agent._work)
    assert rig.media[0].told == []


async def test_the_end_of_a_call_leaves_nothing(rig: Rig) -> None:
    """Devices closed, media closed, pictures taken from the screen, and only then the proof to the hub."""
    media = await rig.talk()
    rig.face.give(40)
    await rig.until(lambda: Picture.SELF in rig.screen.open)
    rig.face.may_close.clear()
    rig.says(CallState.ENDED)
    await rig.shows(Screen.ENDED)
    await rig.until(lambda: media.closed)
    assert rig.said(Wiped) == [], "a camera is still closing"
    rig.face.may_close.set()
    await rig.until(lambda: rig.said(Wiped))
    (wiped,) = rig.said(Wiped)
    assert (wiped.left, wiped.ui) == (0, True)
    assert wiped.buffers >= 2, "the gate held a frame, the screen a picture"
    assert rig.open_devices == set()
    assert rig.screen.open == set()


async def test_ink_is_kept_for_the_screen_cleared_on_a_word_and_counted_in_the_wipe(rig: Rig) -> None:
    """What the operator wrote is content of the call like every picture."""
    await rig.talk()
    ui = rig.parts.ui
    rig.hub(Ink(stroke="a", points=((0.1, 0.1),), done=True))
    await rig.until(lambda: ui.strokes == 1)
    rig.hub(InkClear())
    await rig.until(lambda: ui.strokes == 0)
    for stroke in ("b", "c", "d", "e", "f"):
        rig.hub(Ink(stroke=stroke, points=((0.1, 0.1), (0.2, 0.2))))
    await rig.until(lambda: ui.strokes == 5)
    rig.says(CallState.ENDED)
    await rig.until(lambda: rig.said(Wiped))
    (wiped,) = rig.said(Wiped)
    assert wiped.buffers >= 5
    assert (wiped.left, ui.strokes) == (0, 0)


async def test_a_screen_that_draws_nothing_is_not_called_clean(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof says that nobody has seen the screen go clean."""
    monkeypatch.setattr(module, "WIPE_SCREEN_S", 0.02)
    await rig.talk()
    rig.screen.blind = True
    rig.says(CallState.ENDED)
    await rig.until(lambda: rig.said(Wiped))
    assert not rig.said(Wiped)[0].ui


async def test_the_resident_leaves(rig: Rig) -> None:
    """やめる, はい: the hub is told and everything is closed, without waiting for an answer."""
    media = await rig.talk()
    rig.screen.touch(TouchKind.LEAVE)
    rig.screen.touch(TouchKind.LEAVE_YES)
    await rig.until(lambda: rig.said(CallLeave))
    await rig.until(lambda: media.closed and rig.open_devices == set())


async def test_a_call_that_ends_at_the_moment_it_begins_leaves_no_camera_on(rig: Rig) -> None:
    """Both words arrive together: the camera must not be opened after it was closed."""
    rig.says(CallState.TALKING, epoch=1)
    rig.says(CallState.ENDED)
    await rig.until(lambda: rig.said(Wiped))
    assert rig.open_devices == set()
    assert rig.said(Wiped)[0].left == 0
    assert all(media.closed for media in rig.media)


async def test_a_fast_second_resident_waits_for_the_first_one_s_cameras(rig: Rig) -> None:
    """Touched again while a camera still closes: the next call gets its devices, the last wish wins."""
    first = await rig.talk()
    rig.face.may_close.clear()
    rig.says(CallState.ENDED)
    await rig.shows(Screen.ENDED)
    rig.screen.touch(TouchKind.DONE)
    await rig.shows(Screen.IDLE)
    rig.screen.touch(TouchKind.START)
    await rig.until(lambda: len(rig.media) == 2)
    rig.face.may_close.set()
    await rig.until(lambda: rig.open_devices == {"face", "document", "audio"})
    assert first.closed
    assert not rig.media[1].closed
    assert rig.said(Wiped)[0].left == 0, "what the second call opens is not left of the first"
    rig.screen.touch(TouchKind.LEAVE)
    rig.screen.touch(TouchKind.LEAVE_YES)
    await rig.until(lambda: rig.open_devices == set())


async def test_come_and_gone_while_the_former_cameras_close_leaves_none_on(rig: Rig) -> None:
    """Touched and left again before the cameras of the call before are closed: none is opened afterwards."""
    await rig.talk()
    rig.face.may_close.clear()
    rig.says(CallState.ENDED)
    await rig.shows(Screen.ENDED)
    rig.screen.touch(TouchKind.DONE)
    await rig.shows(Screen.IDLE)
    rig.screen.touch(TouchKind.START)
    rig.screen.touch(TouchKind.LEAVE)
    rig.screen.touch(TouchKind.LEAVE_YES)
    await rig.until(lambda: rig.said(CallLeave))
    rig.face.may_close.set()
    await rig.until(lambda: len(rig.media) == 2 and rig.media[1].closed)
    for _ in range(50):
        await asyncio.sleep(0)
    assert rig.open_devices == set()


async def test_an_effect_that_fails_does_not_end_the_call(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One bad answer is logged; the next one works."""
    media = await rig.talk()

    async def broken(epoch: int, sdp: str) -> bool:
        raise ValueError("no such mid")

    plain = media.answer
    monkeypatch.setattr(media, "answer", broken)
    rig.hub(Answer(sdp="bad"), epoch=1)
    await rig.until(lambda: "an effect failed" in caplog.text)
    monkeypatch.setattr(media, "answer", plain)
    rig.hub(Answer(sdp="good"), epoch=1)
    await rig.until(lambda: ("answer", 1, "good") in media.told)


async def test_the_desk_gets_the_counters_of_a_live_call_only(rig: Rig) -> None:
    """Reports begin with the media and stop with the call."""
    for _ in range(5):
        await asyncio.sleep(0.001)
    assert rig.said(MediaReport) == []
    await rig.talk()
    await rig.until(lambda: rig.said(MediaReport))
    rig.says(CallState.ENDED)
    await rig.until(lambda: rig.said(Wiped))
    count = len(rig.said(MediaReport))
    for _ in range(5):
        await asyncio.sleep(0.002)
    assert len(rig.said(MediaReport)) == count


async def test_ending_the_agent_in_a_call_closes_everything(rig: Rig) -> None:
    """SIGTERM leaves no camera open and no picture in memory."""
    media = await rig.talk()
    rig.face.give(1)
    await rig.until(lambda: media.face.frames)
    rig.running.cancel()
    await asyncio.gather(rig.running, return_exceptions=True)
    assert media.closed
    assert rig.open_devices == set()
    assert (rig.gate.held, rig.stills.held, rig.parts.ui.open_streams) == (0, 0, 0)
    assert not rig.socket.exists()


async def test_a_line_that_became_thin_reaches_media_desk_and_screen(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rung is set where pictures are made, the desk is told at once, and the resident reads why."""
    monkeypatch.setattr(module, "LINE_S", 0.01)
    rig.parts.cpu_pressure = lambda: 0.25
    media = await rig.talk()
    media.now = Line(live=True, estimate_bps=90_000, sent_bps=90_000)
    await rig.until(lambda: media.rung is Rung.AUDIO_STILLS)
    await rig.until(lambda: rig.talking().calm)
    await rig.until(lambda: [r.rung for r in rig.said(MediaReport)][-1:] == [Rung.AUDIO_STILLS])
    report = rig.said(MediaReport)[-1]
    assert (report.cause, report.cpu_pressure) == (RungCause.NARROW, 0.25)
    assert rig.link.said[-1].call == "call-1"


async def test_a_line_that_cannot_be_measured_costs_no_call(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in the measuring is logged; the next measure is tried as if nothing had been."""
    monkeypatch.setattr(module, "LINE_S", 0.01)
    asked: list[int] = []

    async def broken() -> Line:
        asked.append(1)
        raise OSError("gone")

    media = await rig.talk()
    media.line = broken  # type: ignore[method-assign]
    await rig.until(lambda: len(asked) > 3)
    assert rig.agent._terminal.ladder.rung is Rung.VIDEO
