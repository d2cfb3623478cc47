"""What turns say over a carrier that holds some hubs' texts back, loses them, or takes none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack

import pytest

from hub.bus import shared
from hub.bus.port import Parcel
from hub.bus.shared import CarrierError, SharedBus
from protocol.common import Ping


class Wire:
    """Carries nothing of a hub whose carrier is in `held`; `let_go` carries it after all."""

    def __init__(self) -> None:
        self.ends: list[Callable[[str], None]] = []
        self.held: dict[End, list[str]] = {}
        self.cut = False

    def let_go(self, end: End) -> None:
        """All that was held back, in its order."""
        for text in self.held.pop(end):
            self.carry(text)

    def carry(self, text: str) -> None:
        """To every hub."""
        for heard in self.ends:
            heard(text)


class End:
    """A carrier on that wire."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    async def open(self, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
        self.wire.ends.append(heard)

    async def send(self, texts: Sequence[str]) -> None:
        if self.wire.cut:
            raise CarrierError("cut")
        for text in texts:
            if self in self.wire.held:
                self.wire.held[self].append(text)
            else:
                self.wire.carry(text)

    async def close(self) -> None:
        pass


class Hub:
    """A bus, what was heard on topic `a` there, and how often it looked for what it had missed."""

    def __init__(self, wire: Wire) -> None:
        self.end = End(wire)
        self.bus = SharedBus(self.end)
        self.heard: list[str] = []
        self.gaps = 0
        self.news = 0
        self.bus.on_gap = self._gap
        self.bus.on_news = self._news
        self._moved = asyncio.Event()
        self._listening = ExitStack()

    def _gap(self) -> None:
        self.gaps += 1
        self._moved.set()

    def _news(self) -> None:
        self.news += 1
        self._moved.set()

    def _hear(self, parcel: Parcel) -> None:
        self.heard.append(str(parcel.call))
        self._moved.set()

    async def open(self) -> None:
        """Join with turn 1."""
        await self.bus.start()
        self.bus.joined(1)
        self._listening.enter_context(self.bus.subscribe("a", self._hear))

    async def until(self, fits: Callable[[Hub], bool]) -> None:
        """Wait for something to be heard."""
        async with asyncio.timeout(5):
            while not fits(self):
                self._moved.clear()
                await self._moved.wait()


Pool = tuple[Wire, Hub, Hub]


@pytest.fixture
async def pool(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Pool]:
    """Two hubs that joined long ago; nothing is waited for long."""
    monkeypatch.setattr(shared, "TICK_S", 0.02)
    wire = Wire()
    first, second = Hub(wire), Hub(wire)
    for one in (first, second):
        await one.open()
    yield wire, first, second
    for one in (first, second):
        await one.bus.close()


def word(said: str) -> list[tuple[str, Parcel]]:
    """One word on the topic that is listened to."""
    return [("a", Parcel(Ping(), said))]


async def test_our_own_turn_waits_for_the_word_of_another_hub_on_its_way(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both hubs hear the two turns in their order, though one of them heard its own first."""
    monkeypatch.setattr(shared, "TICK_S", 10)
    wire, first, second = pool
    wire.held[first.end] = []
    await first.bus.tell(word("ringing"), 2, news=True)
    await second.bus.tell(word("ended"), 3)
    await second.bus.publish("a", Parcel(Ping(), "behind"))
    await first.until(lambda hub: len(hub.heard) == 3)
    assert second.heard == []
    wire.let_go(first.end)
    await second.until(lambda hub: len(hub.heard) == 3)
    assert first.heard == second.heard == ["ringing", "ended", "behind"]
    assert second.news
    assert not first.gaps + second.gaps


async def test_a_turn_that_is_never_heard_is_looked_up_in_the_tables(pool: Pool) -> None:
    """Its hub was killed between writing and saying: the others go on soon, and look."""
    _, first, second = pool
    await second.bus.tell(word("on"), 3)
    await second.until(lambda hub: hub.gaps == 1)
    assert second.heard == ["on"]
    await first.until(lambda hub: hub.gaps == 1)
    await first.bus.tell(word("again"), 4)
    await second.until(lambda hub: len(hub.heard) == 2)
    assert (second.heard, second.gaps) == (["on", "again"], 1)


async def test_while_nothing_is_carried_nobody_looks_for_what_is_missing(pool: Pool) -> None:
    """Every turn of the others is missing then; it is looked up once, when words are carried again."""
    wire, _, second = pool
    wire.cut = True
    await second.bus.tell(word("on"), 5)
    await second.until(lambda hub: hub.heard == ["on"])
    assert second.gaps == 0
