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
from kiosk.agent.ui_server import INK_WAITING, UiServer
from kiosk.core import ui_wire
from kiosk.core.ui_wire import Drawn, FrameReady, Hello, StreamEnded, StreamOpened
from kiosk.core.view import Ink, InkCleared, Picture, Pointer, Screen, Touch, TouchKind, View


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
    rig.server.show(view(3))
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
    screen.say(Drawn(revision=9, screen=Screen.ENDED))  # of a View that was never shown: counts for nothing
    assert not await rig.server.has_drawn(4, 0.05)
    rig.server.show(view(4))
    screen.say(Drawn(revision=4, screen=Screen.ENDED))
    assert await rig.server.has_drawn(4, 5.0)
    waiting = asyncio.create_task(rig.server.has_drawn(5, 5.0))
    screen.sock.close()
    assert await waiting


def ink(stroke: str, *xs: float) -> Ink:
    return Ink(stroke=stroke, points=tuple((x, 0.5) for x in xs))


async def test_ink_arrives_whole_and_in_order(rig: Rig) -> None:
    """A stroke in parts, a clearing, another stroke: as the operator drew them, none lost."""
    screen = await FakeScreen.connect(rig.path)
    await rig.settled(lambda: rig.server.connected)
    told = [ink("a", 0.1, 0.2), ink("a", 0.3), ink("b", 0.9)]
    for part in told:
        rig.server.ink(part)
    assert rig.server.wipe_ink() == 2
    rig.server.ink(ink("c", 0.4))
    heard = [(await screen.next())[0] for _ in range(5)]
    assert heard == [*told, InkCleared(), ink("c", 0.4)]
    assert rig.server.strokes == 1


async def test_a_killed_screen_is_told_all_ink_again_after_its_view(rig: Rig) -> None:
    """Strokes and pointer stand on the new screen as they stood on the old one, long strokes in parts."""
    rig.server.show(view(1))
    long = [n / 2000 for n in range(1200)]
    rig.server.ink(ink("a", *long))
    rig.server.ink(ink("b", 0.5))
    rig.server.point(Pointer(x=0.1, y=0.2, on=True))
    for _ in range(2):
        screen = await FakeScreen.connect(rig.path)
        assert (await screen.next())[0] == view(1)
        points: dict[str, list[float]] = {}
        while not isinstance(message := (await screen.next())[0], Pointer):
            assert isinstance(message, Ink)
            assert len(message.points) <= 500
            points.setdefault(message.stroke, []).extend(x for x, _ in message.points)
        assert points == {"a": long, "b": [0.5]}
        assert message == Pointer(x=0.1, y=0.2, on=True)
        screen.sock.close()
        await rig.settled(lambda: not rig.server.connected)


async def test_the_end_of_a_call_leaves_no_ink_for_the_next_screen(rig: Rig) -> None:
    """What was written in one call never appears in another, whatever the screen does meanwhile."""
    rig.server.show(view(1))
    rig.server.ink(ink("a", 0.5))
    rig.server.point(Pointer(x=0.1, y=0.2, on=True))
    assert (rig.server.wipe_hand(), rig.server.strokes) == (1, 0)
    screen = await FakeScreen.connect(rig.path)
    rig.server.show(view(2))
    rig.server.ink(ink("b", 0.6))
    heard = []
    while not any(isinstance(one, Ink) for one in heard):
        heard.append((await screen.next())[0])
    assert heard[-1] == ink("b", 0.6)
    assert not any(isinstance(one, Pointer) for one in heard)


async def test_only_the_newest_pointer_waits_for_a_slow_screen(rig: Rig) -> None:
    """A pointer that is late by a thousand positions jumps to the last one; it never trails behind."""
    screen = await FakeScreen.connect(rig.path)
    await rig.settled(lambda: rig.server.connected)
    count = 20_000
    for n in range(count + 1):
        rig.server.point(Pointer(x=n / count, y=0.0, on=True))
    heard = 0
    while (message := (await screen.next())[0]) != Pointer(x=1.0, y=0.0, on=True):
        assert isinstance(message, Pointer)
        heard += 1
    assert heard < count


async def test_a_screen_that_never_reads_ink_is_let_go(rig: Rig) -> None:
    """Waiting ink does not grow without end; the strokes themselves stay for the screen that comes back."""
    screen = await FakeScreen.connect(rig.path)
    await rig.settled(lambda: rig.server.connected)
    part = ink("a", 0.5)
    for _ in range(INK_WAITING * 30):
        rig.server.ink(part)
        if not rig.server.connected:
            break
    assert not rig.server.connected
    assert rig.server.strokes == 1
    screen.sock.close()
