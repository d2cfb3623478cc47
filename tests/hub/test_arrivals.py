"""A crowd that comes back at once: the queue is looked at for all together, and nobody is forgotten."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hub.counter import counter as counters
from hub.counter.settle import settle
from hub.counter.turn import Turn
from protocol.desk_link import SetPresence
from protocol.kiosk_link import CallRequest
from tests.fakes.counter_room import opened


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
