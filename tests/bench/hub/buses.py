"""A word from one hub to another and back, beside bare clients of the same server that carry as many bytes.

    rows = await measure()

Both hubs' buses live in this process, and so do both bare clients; the servers are Debian's. Rounds of ours
and of theirs follow each other.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from statistics import median, quantiles

import asyncpg
import nats
from nats.aio.msg import Msg

from hub.bus import parcels
from hub.bus.nats import NatsCarrier
from hub.bus.notify import NotifyCarrier
from hub.bus.port import Parcel, desk_topic, kiosk_topic
from hub.bus.shared import Carrier, SharedBus
from protocol.common import Answer
from tests.bench.report import Goal, Row
from tests.fakes.nats_server import NatsServer
from tests.fakes.postgres import new_database

ROUNDS = 3
TRIPS = 500
WARM = 50
BYTES = 1500

WORD = Parcel(Answer(sdp="v=0\r\n".ljust(BYTES, "x")), "c1", 1)

Say = Callable[[], Awaitable[object]]
Trip = tuple[Say, asyncio.Event]
"""What begins a round trip, and what is set at its end."""

Opened = Callable[[], AbstractAsyncContextManager[Trip]]


async def measure() -> list[Row]:
    """Both carriers."""
    with NatsServer() as server:
        carrier = partial(NatsCarrier, [server.url], "bench")
        over_nats = await _beside(partial(_hubs, carrier), partial(_bare_nats, server.url))
    url = await asyncio.to_thread(new_database)
    over_notify = await _beside(partial(_hubs, partial(NotifyCarrier, url)), partial(_bare_notify, url))
    return [_row("NATS", *over_nats), _row("NOTIFY", *over_notify)]


def _row(name: str, ours: list[float], bare: list[float]) -> Row:
    note = (
        f"p99 {quantiles(ours, n=100)[98]:.3g}, bare {quantiles(bare, n=100)[98]:.3g}; {len(ours)} trips each"
    )
    return Row(
        f"hub to hub and back over {name}, 1.5 KB", "ms", median(ours), {f"bare {name}": median(bare)},
        Goal.ratio_at_most(2), note,
    )  # fmt: skip


async def _beside(ours: Opened, bare: Opened) -> tuple[list[float], list[float]]:
    """Milliseconds of every trip."""
    found: tuple[list[float], list[float]] = [], []
    for _ in range(ROUNDS):
        for times, opened in zip(found, (ours, bare), strict=True):
            async with opened() as (say, back):
                times += (await _trips(say, back))[WARM:]
    return found


async def _trips(say: Say, back: asyncio.Event) -> list[float]:
    times = []
    for _ in range(WARM + TRIPS):
        back.clear()
        began = time.perf_counter()
        await say()
        async with asyncio.timeout(10):
            await back.wait()
        times.append((time.perf_counter() - began) * 1e3)
    return times


@asynccontextmanager
async def _hubs(carrier: Callable[[], Carrier]) -> AsyncIterator[Trip]:
    back, echoes = asyncio.Event(), set[asyncio.Task[None]]()
    async with AsyncExitStack() as stack:
        here, there = SharedBus(carrier()), SharedBus(carrier())
        for bus in (here, there):
            await bus.start()
            stack.push_async_callback(bus.close)

        def echo(parcel: Parcel) -> None:
            task = asyncio.create_task(there.publish(desk_topic("u1"), parcel))
            echoes.add(task)
            task.add_done_callback(echoes.discard)

        with (
            there.subscribe(kiosk_topic("t1"), echo),
            here.subscribe(desk_topic("u1"), lambda _: back.set()),
        ):
            yield lambda: here.publish(kiosk_topic("t1"), WORD), back


@asynccontextmanager
async def _bare_nats(url: str) -> AsyncIterator[Trip]:
    back, data = asyncio.Event(), parcels.body(WORD).encode()
    here, there = await nats.connect(url), await nats.connect(url)

    async def echo(message: Msg) -> None:
        await there.publish("back", message.data)

    async def arrived(_: Msg) -> None:
        back.set()

    await there.subscribe("out", cb=echo)
    await here.subscribe("back", cb=arrived)
    await there.flush()
    await here.flush()
    yield lambda: here.publish("out", data), back
    await here.close()
    await there.close()


@asynccontextmanager
async def _bare_notify(url: str) -> AsyncIterator[Trip]:
    back, text, echoes = asyncio.Event(), parcels.body(WORD), set[asyncio.Task[str]]()
    here, there = await asyncpg.connect(url), await asyncpg.connect(url)

    def echo(_: object, __: int, ___: str, payload: str) -> None:
        task = asyncio.create_task(there.execute("SELECT pg_notify('back', $1)", payload))
        echoes.add(task)
        task.add_done_callback(echoes.discard)

    await there.add_listener("out", echo)
    await here.add_listener("back", lambda *_: back.set())
    yield lambda: here.execute("SELECT pg_notify('out', $1)", text), back
    await here.close()
    await there.close()
