"""The screen may be killed, slow or mad: the agent shows it the same call again and never blocks."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from hardware.frames import Announcement, FrameReader
from hardware.ports import Frame
from kiosk.agent.ui_server import UiServer
from kiosk.core import ui_wire
from kiosk.core.ui_wire import Drawn, FrameReady, Hello, StreamEnded, StreamOpened
from kiosk.core.view import Picture, Screen, Touch, TouchKind, View


def view(revision: int) -> View:
    return View(revision=revision, screen=Screen.IDLE, title="みなみ市", clock="")


def frame(value: int, width: int = 16, height: int = 8) -> Frame:
    return Frame(np.full((height * 3 // 2, width), value, np.uint8), width, height, 1.0, 1)


class FakeScreen:
    """The other end of the socket, read message by message.

    screen = await FakeScreen.connect(path)
    message, fds = await screen.next()
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    @classmethod
    async def connect(cls, path: Path) -> FakeScreen:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.connect(str(path))
        sock.setblocking(False)
        return cls(sock)

    async def next(self) -> tuple[ui_wire.Message, list[int]]:
        while True:
            try:
                data, fds, _, _ = socket.recv_fds(self.sock, ui_wire.MESSAGE_BYTES, 4)
            except BlockingIOError:
                ready = asyncio.Event()
                asyncio.get_running_loop().add_reader(self.sock, ready.set)
                await asyncio.wait_for(ready.wait(), 5)
                asyncio.get_running_loop().remove_reader(self.sock)
                continue
            return ui_wire.decode(data), fds

    def say(self, message: ui_wire.Message) -> None:
        self.sock.send(ui_wire.encode(message))


class Rig:
    """A server with what it reported."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.touches: list[Touch] = []
        self.drawn: list[int] = []
        self.server = UiServer(path, self.touches.append, self.drawn.append)

    async def settled(self, ready: object) -> None:
        async with asyncio.timeout(5):
            while not ready():  # type: ignore[operator]
                await asyncio.sleep(0)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    rig = Rig(tmp_path / "ui.sock")
    rig.server.start()
    yield rig
    rig.server.close()


async def test_a_screen_that_comes_late_gets_the_newest_view(rig: Rig) -> None:
    """Start order does not matter; older views are never shown."""
    rig.server.show(view(1))
    rig.server.show(view(2))
    message, _ = await (await FakeScreen.connect(rig.path)).next()
    assert isinstance(message, View)
    assert message.revision == 2


async def test_touches_and_drawn_reports_arrive(rig: Rig) -> None:
    """What a finger means reaches the core."""
    screen = await FakeScreen.connect(rig.path)
    screen.say(Hello(width=1280, height=800))
    screen.say(Touch(kind=TouchKind.START, revision=3))
    screen.say(Drawn(revision=3, screen=Screen.IDLE))
    await rig.settled(lambda: rig.drawn)
    assert rig.touches == [Touch(kind=TouchKind.START, revision=3)]
    assert rig.server.size == (1280, 800)


async def test_frames_cross_as_memory(rig: Rig) -> None:
    """A picture reaches the screen bit for bit through the memory that was passed once."""
    screen = await FakeScreen.connect(rig.path)
    await rig.settled(lambda: rig.server.connected)
    rig.server.picture(Picture.OPERATOR, frame(7))
    rig.server.picture(Picture.OPERATOR, frame(9))
    opened, fds = await screen.next()
    assert opened == StreamOpened(stream=Picture.OPERATOR, width=16, height=8)
    reader = FrameReader(fds[0])
    for value in (7, 9):
        ready, none = await screen.next()
        assert isinstance(ready, FrameReady)
        assert none == []
        got = reader.read(Announcement("operator", ready.number, ready.buffer, 16, 8, 1.0))
        assert got is not None
        assert (got.data == value).all()


async def test_a_killed_screen_is_shown_the_same_call_again(rig: Rig) -> None:
    """A new screen process gets the open pictures and the view without being asked."""
    first = await FakeScreen.connect(rig.path)
    await rig.settled(lambda: rig.server.connected)
    rig.server.show(view(5))
    rig.server.picture(Picture.SELF, frame(1))
    first.sock.close()
    await rig.settled(lambda: not rig.server.connected)
    second = await FakeScreen.connect(rig.path)
    opened, fds = await second.next()
    assert opened == StreamOpened(stream=Picture.SELF, width=16, height=8)
    os.close(fds[0])
    shown, _ = await second.next()
    assert isinstance(shown, View)
    assert shown.revision == 5


async def test_the_newest_screen_wins(rig: Rig) -> None:
    """Two screens never show two things."""
    first = await FakeScreen.connect(rig.path)
    await rig.settled(lambda: rig.server.connected)
    rig.server.show(view(1))
    await first.next()
    second = await FakeScreen.connect(rig.path)
    assert (await second.next())[0] == view(1)
    rig.server.show(view(2))
    assert (await second.next())[0] == view(2)
    assert first.sock.recv(16) == b""


async def test_ended_pictures_are_told_and_their_memory_is_gone(rig: Rig) -> None:
    """The end of a call leaves no picture in the agent and none on the screen."""
    screen = await FakeScreen.connect(rig.path)
    await rig.settled(lambda: rig.server.connected)
    rig.server.picture(Picture.PAPER, frame(1))
    rig.server.end_picture(Picture.PAPER)
    kinds = []
    for _ in range(3):
        message, fds = await screen.next()
        kinds.append(type(message))
        for fd in fds:
            os.close(fd)
    assert kinds == [StreamOpened, FrameReady, StreamEnded]
    assert rig.server.open_streams == 0


async def test_a_screen_that_does_not_read_never_blocks_and_gets_the_newest_view(rig: Rig) -> None:
    """A hanging screen costs frames, not the call; when it reads again it sees the present."""
    screen = await FakeScreen.connect(rig.path)
    await rig.settled(lambda: rig.server.connected)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counted, not walked
    for n in range(1, 8000):
        rig.server.show(view(n))
        rig.server.picture(Picture.OPERATOR, frame(n % 250))
    assert len(os.listdir("/proc/self/fd")) <= before + 2  # noqa: PTH208
    newest = 0
    async with asyncio.timeout(10):
        while newest < 7999:
            message, fds = await screen.next()
            for fd in fds:
                os.close(fd)
            newest = message.revision if isinstance(message, View) else newest


async def test_nonsense_from_the_screen_is_dropped(rig: Rig) -> None:
    """A mad screen does not bring the agent down."""
    screen = await FakeScreen.connect(rig.path)
    screen.sock.send(b"T\xff\xff")
    screen.sock.send(b"?")
    screen.say(StreamEnded(stream=Picture.SELF))
    screen.say(Touch(kind=TouchKind.LEAVE))
    await rig.settled(lambda: rig.touches)
    assert rig.server.connected


async def test_has_drawn_tells_the_truth(rig: Rig) -> None:
    """A screen that has not drawn is not counted as wiped; one that is gone is."""
    screen = await FakeScreen.connect(rig.path)
    await rig.settled(lambda: rig.server.connected)
    assert not await rig.server.has_drawn(4, 0.01)
    screen.say(Drawn(revision=4, screen=Screen.ENDED))
    assert await rig.server.has_drawn(4, 5.0)
    waiting = asyncio.create_task(rig.server.has_drawn(5, 5.0))
    screen.sock.close()
    assert await waiting
