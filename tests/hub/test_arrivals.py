"""A crowd that comes back at once: the queue is looked at for all together, and nobody is forgotten."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hub.counter import counter as counters
from hub.counter.counter import ARRIVALS
from hub.counter.settle import settle
from hub.counter.turn import Turn
from protocol.desk_link import SetPresence
from protocol.kiosk_link import CallRequest
from tests.fakes.counter_room import opened
from tests.fakes.hub_program import RunningHub


async def test_desks_that_come_back_together_are_looked_at_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight arrivals do not mean eight looks at the queue; the call that waits rings one of them."""
    async with opened(tmp_path) as room:
        kiosk = await room.kiosk("t1")
        await kiosk.arrive()
        desks = [await room.desk(f"operator-{number}") for number in range(8)]
        for desk in desks:
            await desk.arrive()
            await desk.say(SetPresence(state="available"))
        for desk in desks:
            await desk.leave()
        await kiosk.say(CallRequest())
        assert kiosk.call is not None
        looks = 0

        async def counted(turn: Turn) -> None:
            nonlocal looks
            looks += turn.queue_changed
            await settle(turn)

        monkeypatch.setattr(counters, "settle", counted)
        await asyncio.gather(*(desk.arrive() for desk in desks))
        assert 1 <= looks <= 3
        assert [desk.ring.call for desk in desks if desk.ring] == [kiosk.call.id]


async def test_a_crowd_that_comes_back_does_not_stand_before_the_words_of_a_call(tmp_path: Path) -> None:
    """A hundred terminals come back when somebody says a word: a few are served before it, not all."""
    async with opened(tmp_path) as room:
        first = await room.kiosk("t0")
        await first.arrive()
        crowd = [await room.kiosk(f"t{number}") for number in range(1, 101)]
        async with room.counter.lock:
            tasks = [asyncio.create_task(one.arrive()) for one in crowd]
            await asyncio.sleep(0)
            word = asyncio.create_task(first.say(CallRequest()))
            await asyncio.sleep(0)
        assert await word == "nobody_on_duty"
        assert sum(room.counter.board.kiosk_here(one.kiosk.id) for one in crowd) <= 2 * ARRIVALS
        await asyncio.gather(*tasks)
        assert all(one.heard for one in crowd)


async def test_who_has_given_up_waiting_costs_no_turn(
    hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub that is slow for a while is not made slower by everybody's next try."""
    kiosk, turns = await hub.kiosk("t1"), 0
    counter, registry = hub.house.counter, hub.house.registry

    async def counted(turn: Turn) -> None:
        nonlocal turns
        turns += 1
        await settle(turn)

    for _ in range(ARRIVALS):
        await counter._arrivals.acquire()
    await kiosk._greet()
    (link,) = [link for link, _ in registry.proven()]
    await kiosk.drop()
    async with asyncio.timeout(5):
        while link.here():
            await asyncio.sleep(0.002)
    monkeypatch.setattr(counters, "settle", counted)
    for _ in range(ARRIVALS):
        counter._arrivals.release()
    async with asyncio.timeout(5):
        while registry.proven():
            await asyncio.sleep(0.002)
    assert turns == 0
    async with kiosk:
        assert counter.board.kiosk_here("t1")
