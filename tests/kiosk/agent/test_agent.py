"""The agent's loop from the touch to the wiped terminal, with fake link, media and cameras."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from hardware.ports import Frame, Health, Profile, Samples
from kiosk.agent import agent as module
from kiosk.agent.agent import Agent, Parts, now
from kiosk.agent.devices import CameraPart, Devices
from kiosk.agent.gate import Gate
from kiosk.agent.sounds import Mixer, no_voice
from kiosk.agent.stills import Stills
from kiosk.agent.ui_server import UiServer
from kiosk.core import ui_wire
from kiosk.core.effects import HubSaid, LinkUp, Say
from kiosk.core.terminal import Preferences, Terminal
from kiosk.core.ui_wire import Drawn, FrameReady, StreamEnded, StreamOpened
from kiosk.core.view import Picture, Screen, Talking, Touch, TouchKind, View
from kiosk.media.events import MediaEvent, MediaEventKind, MediaOffer
from kiosk.vision.faces import FaceFinder
from protocol.common import Answer, Candidate, MediaReport, Offer, Renew
from protocol.envelope import Message
from protocol.kiosk_link import Call, CallLeave, CallRequest, Snapshot, Wiped
from protocol.values import CallState, CameraRole, IceServer, MediaRole, Presentation
from tests.fakes.devices import FakeCamera, FakeWatcher
from tests.kiosk.agent.test_devices import FakeAudio
from tests.kiosk.core.cast import FALLBACK, SITE, call

M = TypeVar("M", bound=Message)
MIDS = {"0": MediaRole.AUDIO, "1": MediaRole.FACE, "2": MediaRole.DOCUMENT}


class FakeLink:
    """Keeps what the terminal says; the hub's words come from `Rig.hub`."""

    def __init__(self) -> None:
        self.said: list[Say] = []
        self.ice_servers: tuple[IceServer, ...] = ()

    async def run(self) -> None:
        await asyncio.Event().wait()

    def say(self, effect: Say) -> None:
        self.said.append(effect)


class Feed:
    def __init__(self) -> None:
        self.frames: list[Frame] = []

    def push(self, frame: Frame) -> None:
        self.frames.append(frame)


class FakeMedia:
    """One call's media; what it was told, in order."""

    def __init__(self) -> None:
        self.face, self.document = Feed(), Feed()
        self.told: list[tuple[Any, ...]] = []
        self.closed = False

    async def start(self, epoch: int, ice_servers: Sequence[IceServer]) -> MediaOffer:
        self.told.append(("start", epoch))
        return MediaOffer(f"offer {epoch}", MIDS)

    async def answer(self, epoch: int, sdp: str) -> bool:
        self.told.append(("answer", epoch, sdp))
        return True

    async def candidate(self, epoch: int, candidate: str, mid: str) -> None:
        self.told.append(("candidate", epoch, candidate, mid))

    def on_input(self, block: Samples, captured: float) -> None: ...

    def pull_output(self, count: int) -> Samples:
        return np.zeros(count, np.int16)

    def report(self) -> MediaReport:
        return MediaReport(live=True, received_frames=7)

    async def close(self) -> None:
        await asyncio.sleep(0)
        self.closed = True


class SlowCamera(FakeCamera):
    """Closes only when it may."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.may_close = asyncio.Event()
        self.may_close.set()

    async def close(self) -> None:
        await self.may_close.wait()
        await super().close()


class Resident:
    """The screen's end of the socket: draws every View at once (unless `blind`) and touches."""

    def __init__(self, path: Path) -> None:
        self.blind = False
        self.view: View | None = None
        self.open: set[Picture] = set()
        self.frames: dict[Picture, int] = {}
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._sock.connect(str(path))
        self._sock.setblocking(False)
        asyncio.get_running_loop().add_reader(self._sock, self._read)

    def _read(self) -> None:
        while True:
            try:
                data, fds, _, _ = socket.recv_fds(self._sock, ui_wire.MESSAGE_BYTES, 4)
            except OSError:
                return
            for fd in fds:
                os.close(fd)
            if not data:
                self.leave()
                return
            match ui_wire.decode(data):
                case View() as view:
                    self.view = view
                    if not self.blind:
                        self._say(Drawn(revision=view.revision, screen=view.screen))
                case StreamOpened(stream=picture):
                    self.open.add(picture)
                case StreamEnded(stream=picture):
                    self.open.discard(picture)
                case FrameReady(stream=picture):
                    self.frames[picture] = self.frames.get(picture, 0) + 1

    def _say(self, message: ui_wire.Message) -> None:
        self._sock.send(ui_wire.encode(message))

    def touch(self, kind: TouchKind) -> None:
        self._say(Touch(kind=kind))

    def leave(self) -> None:
        if self._sock.fileno() < 0:
            return
        asyncio.get_running_loop().remove_reader(self._sock)
        self._sock.close()


class Rig:
    """An agent that runs, with every part in reach."""

    def __init__(self, directory: Path) -> None:
        self.face, self.document, self.audio = SlowCamera("face"), FakeCamera("document"), FakeAudio()
        self.link = FakeLink()
        self.media: list[FakeMedia] = []
        self.agent = Agent(Terminal(Preferences(), now()), FALLBACK)
        profile = Profile(64, 48, 15.0)
        cameras = (
            CameraPart(CameraRole.FACE, self.face, profile),
            CameraPart(CameraRole.DOCUMENT, self.document, profile),
        )
        self.devices = Devices(cameras, self.audio, self.agent.frame, self.agent.devices_changed)
        self.gate = Gate({})
        self.socket = directory / "ui.sock"
        self.stills = Stills(
            self.devices, self.gate, FaceFinder(None, None), "ws://127.0.0.1:9/ws/kiosk",
            self.agent.post, self.agent.still_shown,
        )  # fmt: skip
        self.parts = Parts(
            devices=self.devices,
            gate=self.gate,
            stills=self.stills,
            mixer=Mixer(no_voice),
            link=self.link,  # type: ignore[arg-type]
            ui=UiServer(self.socket, self.agent.touched, self.agent.drawn),
            watcher=FakeWatcher(),
            new_media=self._new_media,  # type: ignore[arg-type]
            data=directory,
        )

    def _new_media(self) -> FakeMedia:
        self.media.append(FakeMedia())
        return self.media[-1]

    async def start(self) -> None:
        self.running = asyncio.create_task(self.agent.run(self.parts))
        await self.until(self.socket.exists)
        self.screen = Resident(self.socket)
        self.agent.post(LinkUp())
        self.hub(Snapshot(site=SITE))
        await self.shows(Screen.IDLE)

    async def stop(self) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)
        self.screen.leave()

    def hub(self, message: Message, *, epoch: int | None = None) -> None:
        self.agent.post(HubSaid(message, "call-1", epoch))

    def says(self, state: CallState, **values: object) -> None:
        self.hub(Call(call=call(state, **values)))  # type: ignore[arg-type]

    async def until(self, ready: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not ready():
                await asyncio.sleep(0.001)

    async def shows(self, screen: Screen) -> View:
        await self.until(lambda: self.screen.view is not None and self.screen.view.screen is screen)
        assert self.screen.view is not None
        return self.screen.view

    def talking(self) -> Talking:
        """What the screen shows of the call."""
        assert self.screen.view is not None
        assert self.screen.view.talking is not None
        return self.screen.view.talking

    def said(self, kind: type[M]) -> list[M]:
        return [say.message for say in self.link.said if isinstance(say.message, kind)]

    async def talk(self) -> FakeMedia:
        """Touch, ring, accept."""
        before = len(self.said(CallRequest))
        self.screen.touch(TouchKind.START)
        await self.until(lambda: len(self.said(CallRequest)) > before)
        self.says(CallState.RINGING)
        await self.until(lambda: self.media and ("start", 1) in self.media[-1].told)
        self.says(CallState.TALKING, epoch=1)
        await self.shows(Screen.TALKING)
        return self.media[-1]

    @property
    def open_devices(self) -> set[str]:
        health = {"face": self.face.health, "document": self.document.health, "audio": self.audio.health}
        return {name for name, state in health.items() if state is not Health.CLOSED}


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


async def test_lost_media_make_a_new_epoch(rig: Rig) -> None:
    """The terminal offers again by itself, and the resident reads why the picture stands."""
    media = await rig.talk()
    rig.agent.media_event(MediaEvent(MediaEventKind.LOST, 1))
    await rig.until(lambda: ("start", 2) in media.told)
    await rig.until(lambda: rig.talking().notice)


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
