"""An agent that runs with a fake link, fake media and fake cameras, and a resident at its real socket.

rig = Rig(tmp_path)
await rig.start()
media = await rig.talk()
rig.says(CallState.ENDED)
await rig.stop()
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from hardware.ports import Frame, Health, Profile, Samples
from kiosk.agent.agent import Agent, Parts, now
from kiosk.agent.camera_bank import CameraPart
from kiosk.agent.devices import Devices
from kiosk.agent.gate import Gate
from kiosk.agent.sounds import Mixer, no_voice
from kiosk.agent.stills import Stills
from kiosk.agent.ui_server import UiServer
from kiosk.core import ui_wire
from kiosk.core.effects import HubSaid, LinkUp, Say
from kiosk.core.ladder import Line
from kiosk.core.relay_ways import Choice
from kiosk.core.terminal import Preferences, Terminal
from kiosk.core.ui_wire import Drawn, FrameReady, StreamEnded, StreamOpened
from kiosk.core.view import Picture, Screen, Talking, Touch, TouchKind, View
from kiosk.media.events import MediaOffer
from kiosk.media.relay_path import EpochWay
from kiosk.vision.faces import FaceFinder
from protocol.common import MediaReport
from protocol.envelope import Message
from protocol.kiosk_link import Call, CallRequest, Snapshot
from protocol.values import CallState, CameraRole, IceServer, MediaRole, Rung
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
        self.checked = 0

    async def run(self) -> None:
        await asyncio.Event().wait()

    def say(self, effect: Say) -> None:
        self.said.append(effect)

    def hurry(self, urgent: bool) -> None: ...

    def check(self) -> None:
        self.checked += 1


class FakeRelay:
    """Finds every server open and tells what it was asked for."""

    def __init__(self) -> None:
        self.looked: list[Sequence[IceServer]] = []
        self.wishes: list[tuple[bool, bool]] = []  # (relay_only, doubt) of each epoch
        self.offers: list[str] = []
        self.carrying: list[EpochWay] = []
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    def look(self, servers: Sequence[IceServer]) -> None:
        self.looked.append(servers)

    async def way(self, servers: Sequence[IceServer], *, relay_only: bool, doubt: bool) -> EpochWay:
        self.wishes.append((relay_only, doubt))
        await self.may_answer.wait()
        return EpochWay(Choice(relay_only=relay_only), tuple(servers))

    def offered(self, way: EpochWay, sdp: str) -> None:
        self.offers.append(sdp)

    def carried(self, way: EpochWay) -> None:
        self.carrying.append(way)

    async def close(self) -> None: ...


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
        self.servers: list[Sequence[IceServer]] = []  # of each start
        self.alone: list[bool] = []  # relay_only of each start
        self.closed = False
        self.rung = Rung.VIDEO
        self.on_hold = False
        self.active = 0
        self.now = Line(live=True)

    async def line(self) -> Line:
        return self.now

    async def start(
        self, epoch: int, ice_servers: Sequence[IceServer], *, relay_only: bool = False
    ) -> MediaOffer:
        self.told.append(("start", epoch))
        self.servers.append(ice_servers)
        self.alone.append(relay_only)
        return MediaOffer(f"offer {epoch}", MIDS)

    async def answer(self, epoch: int, sdp: str) -> bool:
        self.told.append(("answer", epoch, sdp))
        return True

    async def candidate(self, epoch: int, candidate: str, mid: str) -> None:
        self.told.append(("candidate", epoch, candidate, mid))

    def on_input(self, block: Samples, captured: float) -> None: ...

    def pull_output(self, count: int) -> Samples:
        return np.zeros(count, np.int16)

    def played(self, block: Samples) -> None: ...

    ambient_dbfs: float | None = None

    def report(self) -> MediaReport:
        return MediaReport(live=True, epoch=self.active, received_frames=7)

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
        self.relay = FakeRelay()
        self.media: list[FakeMedia] = []
        self.agent = Agent(Terminal(Preferences(), now()), FALLBACK)
        profile = Profile(64, 48, 15.0)
        cameras = (
            CameraPart(CameraRole.FACE, self.face, profile),
            CameraPart(CameraRole.DOCUMENT, self.document, profile),
        )
        self.devices = Devices(cameras, self.audio, self.agent.frame, self.agent.devices_changed)
        self.gate = Gate()
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
            relay=self.relay,  # type: ignore[arg-type]
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
