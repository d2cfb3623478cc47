"""One socket of a link: in order whatever the network takes, never cancelled within a word, asked in time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from hub.clock import SystemClock
from hub.settings import Links
from hub.sockets.link import FLOOD, MAILBOX, REPLACED, Link
from protocol.common import Refused
from protocol.envelope import write
from protocol.kiosk_link import KIOSK_SAYS, CallLeave


class ScriptedSocket:
    """A `Socket`. `frames` are heard; `taken` is what the network took, while it is `open`."""

    def __init__(self) -> None:
        self.frames: asyncio.Queue[str | None] = asyncio.Queue()
        self.taken: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        self.closed: tuple[int, str] | None = None

    @property
    def gone(self) -> bool:
        return self.closed is not None

    async def receive(self) -> str | None:
        return await self.frames.get()

    def send_now(self, text: str) -> bool:
        if self.open.is_set():
            self.taken.append(text)
        return self.open.is_set()

    async def send(self, text: str) -> None:
        await self.open.wait()
        self.taken.append(text)

    async def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    def abouts(self) -> list[str]:
        """Of the refusals that were taken, in order."""
        return [json.loads(text)["body"]["about"] for text in self.taken]


@pytest.fixture
def socket() -> ScriptedSocket:
    """A quick network."""
    return ScriptedSocket()


def linked(socket: ScriptedSocket, **limits: float) -> Link:
    """A link of a terminal."""
    settings = Links(**limits)  # type: ignore[arg-type]
    return Link(socket, may_say=KIOSK_SAYS, clock=SystemClock(), limits=settings)


Word = Callable[[], Awaitable[None]]


async def listening(link: Link, at_each: Word) -> None:
    """A handler that does the same at each word."""
    async for _ in link.incoming():
        await at_each()


async def nothing() -> None:
    """A word without effect."""


async def test_words_keep_their_order_when_the_network_comes_to_a_stop(socket: ScriptedSocket) -> None:
    """What was said while it took nothing goes before what is said afterwards."""
    link = linked(socket)
    running = asyncio.create_task(link.run(listening(link, nothing)))
    await asyncio.sleep(0)
    link.refuse("1", "code", "")
    socket.open.clear()
    link.refuse("2", "code", "")
    link.refuse("3", "code", "")
    await asyncio.sleep(0)
    assert socket.abouts() == ["1"]
    socket.open.set()
    link.refuse("4", "code", "")
    socket.frames.put_nowait(None)
    await running
    assert socket.abouts() == ["1", "2", "3", "4"]


async def test_whoever_takes_nothing_for_long_is_closed(socket: ScriptedSocket) -> None:
    """What waits is bounded."""
    link = linked(socket)
    running = asyncio.create_task(link.run(listening(link, nothing)))
    await asyncio.sleep(0)
    socket.open.clear()
    for number in range(MAILBOX + 1):
        link.refuse(str(number), "code", "")
    await asyncio.sleep(0)
    socket.open.set()
    await running
    assert socket.closed == (FLOOD, "too slow")
    assert socket.abouts() == [str(number) for number in range(MAILBOX)], "what waited is said all the same"


async def test_the_end_of_a_link_cancels_its_waiting_and_no_word(socket: ScriptedSocket) -> None:
    """A command in the middle of its effect is finished; the next one is not read."""
    link = linked(socket)
    begun, go_on, done = asyncio.Event(), asyncio.Event(), []

    async def slow() -> None:
        begun.set()
        await go_on.wait()
        done.append("whole")

    running = asyncio.create_task(link.run(listening(link, slow)))
    for seq in (1, 2):
        socket.frames.put_nowait(write(CallLeave(reason="resident"), version=1, id=f"m{seq}", seq=seq))
    await begun.wait()
    link.end(REPLACED, "newer")
    link.end(FLOOD, "only the first reason counts")
    silent = asyncio.create_task(link.quiet())
    await asyncio.sleep(0)
    assert not silent.done()
    go_on.set()
    await asyncio.gather(running, silent)
    assert (done, socket.closed) == (["whole"], (REPLACED, "newer"))


async def test_a_waiting_link_ends_at_once_and_its_task_goes_on(socket: ScriptedSocket) -> None:
    """Ending is no cancellation of whoever runs the link: what comes after the link is done as usual."""
    link = linked(socket)
    after = []

    async def handler() -> None:
        await listening(link, nothing)
        await asyncio.sleep(0)
        after.append("left")

    running = asyncio.create_task(link.run(handler()))
    await asyncio.sleep(0)
    link.end(REPLACED, "newer")
    await running
    assert running.cancelling() == 0
    assert (after, socket.closed) == (["left"], (REPLACED, "newer"))


async def test_a_cancellation_from_outside_is_one(socket: ScriptedSocket) -> None:
    """A time limit around the hello still cuts it short."""
    link = linked(socket)

    async def handler() -> None:
        async with asyncio.timeout(0.01):
            await listening(link, nothing)

    with pytest.raises(TimeoutError):
        await handler()


async def test_a_peer_whose_words_lie_unread_is_not_silent(socket: ScriptedSocket) -> None:
    """A crowd that comes back waits for its turn; whoever is served late is not closed for our slowness."""
    link = linked(socket, heartbeat_s=0.02, dead_s=0.07, idle_heartbeat_s=0.02, idle_dead_s=0.07)

    async def busy() -> None:
        while len(socket.taken) < 8:  # pings, for longer than a silent peer has
            await asyncio.sleep(0.005)
        link.end(REPLACED, "newer")

    socket.frames.put_nowait(write(CallLeave(reason="resident"), version=1, id="m1", seq=1))
    await link.run(listening(link, busy))
    assert socket.closed == (REPLACED, "newer")


async def test_a_silent_peer_is_asked_and_then_given_up(socket: ScriptedSocket) -> None:
    """By a timer; its refusals come in between."""
    link = linked(socket, heartbeat_s=0.02, dead_s=0.07, idle_heartbeat_s=0.02, idle_dead_s=0.07)
    await link.run(listening(link, nothing))
    assert socket.closed == (FLOOD, "silent")
    kinds = {json.loads(text)["type"] for text in socket.taken}
    assert kinds == {"ping"}
    assert len(socket.taken) >= 2
    assert Refused.__struct_config__.tag not in kinds
