"""One promise, three buses: what is said to a topic reaches whoever listens there, wherever, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from hub.bus.local import LocalBus
from hub.bus.nats import NatsCarrier
from hub.bus.notify import NotifyCarrier
from hub.bus.port import Bus, Parcel
from hub.bus.shared import SharedBus
from protocol.common import Candidate, Offer, Ping, Pointer
from protocol.errors import LocalError
from tests.fakes.nats_server import NatsServer
from tests.fakes.postgres import Server, new_database, server

HOSTILE = 'a"\\\n\t\0\u2028漢字🙂' + "x" * 20_000
"""Longer than a notification, with everything that a careless writer breaks on."""


@pytest.fixture(scope="module")
def nats() -> Iterator[NatsServer]:
    """One for the module."""
    with NatsServer() as one:
        yield one


class Heard:
    """A receiver that can be waited for."""

    def __init__(self) -> None:
        self.parcels: list[Parcel] = []
        self._more = asyncio.Event()

    def __call__(self, parcel: Parcel) -> None:
        self.parcels.append(parcel)
        self._more.set()

    async def count(self, number: int) -> list[Parcel]:
        """The first so many."""
        async with asyncio.timeout(10):
            while len(self.parcels) < number:
                self._more.clear()
                await self._more.wait()
        return self.parcels[:number]


GARBAGE = (
    "", "x", "h 1 0 a", "h 2 0 a\n{}", "h 2 x a\n{}", "h x 0 a\n{}", "@999", "@x",
    'h 3 0 a\n{"body":{"type":"no"}}', "h 4 900719925474099 end\n", "h 5 -1 end\nnews",
)  # fmt: skip

Pair = tuple[Bus, Bus]


@pytest.fixture(params=["local", "notify", "nats"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    """The buses of two hubs; of the local kind both are one."""
    if request.param == "local":
        bus = LocalBus()
        yield bus, bus
        return
    make: Callable[[], SharedBus]
    if request.param == "notify":
        url = new_database()
        make = lambda: SharedBus(NotifyCarrier(url))  # noqa: E731
    else:
        name = f"hub-{id(request)}"
        servers = [request.getfixturevalue("nats").url]
        make = lambda: SharedBus(NatsCarrier(servers, name))  # noqa: E731
    async with AsyncExitStack() as stack:
        buses = (make(), make())
        for one in buses:
            await one.start()
            stack.push_async_callback(one.close)
        yield buses


async def test_a_word_reaches_its_topic_at_both_hubs_and_no_other(pair: Pair) -> None:
    """At the hub that says it, and at the other one; a hub hears its own words once."""
    here, there, other = Heard(), Heard(), Heard()
    with (
        pair[0].subscribe("kiosk:t1", here), pair[1].subscribe("kiosk:t1", there),
        pair[1].subscribe("kiosk:t2", other),
    ):  # fmt: skip
        said = Parcel(Ping(), "c1", 3, datetime(2026, 11, 24, 1, 2, 3, 456000, tzinfo=UTC))
        await pair[0].publish("kiosk:t1", said)
        await pair[0].publish("kiosk:t1", Parcel(Ping(), "last"))
        assert await there.count(2) == [said, Parcel(Ping(), "last")]
        assert here.parcels == [said, Parcel(Ping(), "last")]
        assert other.parcels == []


async def test_order_and_number_are_kept_with_long_words_between_short_ones(pair: Pair) -> None:
    """400 words, every tenth longer than a notification: none lost, none twice, none overtaken."""
    heard = Heard()
    with pair[1].subscribe("desk:u1", heard):
        for number in range(400):
            word = (
                Offer(sdp=f"{number} {HOSTILE}", mids={})
                if number % 10 == 0
                else Pointer(x=0.5, y=0.5, on=True)
            )
            await pair[0].publish("desk:u1", Parcel(word, f"c{number}", number))
        await heard.count(400)
        assert [one.epoch for one in heard.parcels] == list(range(400))
        assert heard.parcels[390].message == Offer(sdp=f"390 {HOSTILE}", mids={})


async def test_equal_words_are_not_taken_for_one(pair: Pair) -> None:
    """PostgreSQL tells equal notifications of a transaction once; ours never are equal."""
    heard = Heard()
    word = Parcel(Candidate(candidate="same", mid="0"), "c1", 1)
    with pair[1].subscribe("desk:u1", heard):
        for _ in range(5):
            await pair[0].publish("desk:u1", word)
        await pair[0].publish("desk:u1", Parcel(Ping(), "end"))
        await heard.count(6)
        assert heard.parcels == [word] * 5 + [Parcel(Ping(), "end")]


async def test_nobody_there_is_no_error_and_a_topic_can_be_left(pair: Pair) -> None:
    """After the block nothing is received any more."""
    heard, marker = Heard(), Heard()
    await pair[0].publish("kiosk:t9", Parcel(Ping()))
    with pair[1].subscribe("marker", marker):
        with pair[1].subscribe("kiosk:t9", heard):
            pass
        await pair[0].publish("kiosk:t9", Parcel(Ping()))
        await pair[0].publish("marker", Parcel(Ping()))
        await marker.count(1)
    assert heard.parcels == []


async def _gap(bus: SharedBus) -> asyncio.Event:
    gap = asyncio.Event()
    bus.on_gap = gap.set
    return gap


async def _goes_on(first: SharedBus, second: SharedBus) -> None:
    heard = Heard()
    with second.subscribe("kiosk:t1", heard):
        async with asyncio.timeout(20):
            while not heard.parcels:
                await first.publish("kiosk:t1", Parcel(Ping()))
                await asyncio.sleep(0.05)


async def test_after_the_database_was_away_the_tables_are_looked_at_and_words_pass_again() -> None:
    """What was missed meanwhile is not known, so `on_gap` says that something was."""
    own = Server()
    try:
        own.start()
        own.sql("CREATE TABLE relay (id serial, at timestamptz, body text)")
        first, second = (SharedBus(NotifyCarrier(own.url("postgres"))) for _ in range(2))
        await first.start()
        await second.start()
        gap = await _gap(second)
        own.halt()
        await first.publish("kiosk:t1", Parcel(Ping()))
        own.start()
        async with asyncio.timeout(20):
            await gap.wait()
        await _goes_on(first, second)
        await first.close()
        await second.close()
    finally:
        own.stop()


async def test_after_the_message_server_was_away_it_is_the_same() -> None:
    """With NATS as with notifications."""
    with NatsServer() as own:
        first, second = (SharedBus(NatsCarrier([own.url], "hub")) for _ in range(2))
        await first.start()
        await second.start()
        gap = await _gap(second)
        own.stop()
        await first.publish("kiosk:t1", Parcel(Ping()))
        own.start()
        async with asyncio.timeout(20):
            await gap.wait()
        await _goes_on(first, second)
        await first.close()
        await second.close()


async def test_a_missing_word_is_noticed_by_its_number() -> None:
    """A carrier may lose something without a word."""
    url = new_database()
    first, second = (SharedBus(NotifyCarrier(url)) for _ in range(2))
    await first.start()
    await second.start()
    gap = await _gap(second)
    heard = Heard()
    with second.subscribe("a", heard):
        await first.publish("a", Parcel(Ping()))
        await heard.count(1)
        assert not gap.is_set()
        first._number += 1  # one that never left
        await first.publish("a", Parcel(Ping()))
        await heard.count(2)
        assert gap.is_set()
    await first.close()
    await second.close()


async def test_garbage_between_hubs_harms_nobody() -> None:
    """Whoever may notify on this database cannot stop a hub."""
    url = new_database()
    bus = SharedBus(NotifyCarrier(url))
    await bus.start()
    bus.joined(7)
    heard = Heard()
    name = url.partition("?")[0].rpartition("/")[2]
    with bus.subscribe("a", heard):
        for text in GARBAGE:
            server().sql(f"SELECT pg_notify('madoguchi', $q${text}$q$)", name)
        server().sql("""SELECT pg_notify('madoguchi', E'h 6 0 a\\n{"body":{"type":"ping"}}')""", name)
        await bus.tell([("a", Parcel(Ping(), "own"))], 8)
        assert await heard.count(2) == [Parcel(Ping(), "own"), Parcel(Ping())]
    await bus.close()


async def test_a_message_server_that_is_not_there_is_named() -> None:
    """What, where, what to do."""
    bus = SharedBus(NatsCarrier(["nats://127.0.0.1:1"], "hub"))
    with pytest.raises(LocalError, match=r"nats://127\.0\.0\.1:1: no NATS server answers.*bus\.nats"):
        await bus.start()


async def test_a_hub_may_end_while_it_says_something(
    nats: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Its last word arrives, and the end does not wait for a connection that was broken off in the middle."""
    heard = Heard()
    there = SharedBus(NatsCarrier([nats.url], "ending"))
    await there.start()
    with there.subscribe("a", heard):
        for _ in range(20):
            ending = SharedBus(NatsCarrier([nats.url], "ending"))
            await ending.start()
            await ending.publish("a", Parcel(Ping()))
            await asyncio.sleep(0)  # it is being sent
            async with asyncio.timeout(3):
                await ending.close()
        await heard.count(20)
    await there.close()
    assert not caplog.records
