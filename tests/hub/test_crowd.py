"""A crowd at the counter: whatever comes at once, each call is rung in order and answered exactly once."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import pairwise

from sqlalchemy import select

from hub.store.fences import POOL
from hub.store.tables import call as call_table
from hub.store.tables import call_leg
from protocol.common import Refused
from protocol.desk_link import Decline, EndCall, Ring, WrapUp
from protocol.kiosk_link import Call
from protocol.values import CallState
from tests.fakes.hub_client import FakeDesk, FakeKiosk, all_of
from tests.fakes.hub_program import RunningHub

KIOSKS = 100
OPERATORS = 4
DECLINES = 7


async def _work(desk: FakeDesk, answered: list[str], declined: list[str], all_done: asyncio.Event) -> None:
    """An operator who takes what comes, declines now and then, and ends each call at once."""
    while not all_done.is_set():
        ring = asyncio.create_task(desk.expect(Ring, within=60))
        done = asyncio.create_task(all_done.wait())
        await asyncio.wait({ring, done}, return_when=asyncio.FIRST_COMPLETED)
        if not ring.done():
            ring.cancel()
            await asyncio.gather(ring, return_exceptions=True)
            return
        done.cancel()
        card = ring.result().message.card
        if len(declined) < DECLINES and card.call not in declined:
            declined.append(card.call)
            await desk.say(Decline(), call=card.call)
            continue
        await desk.accept(card.call)
        answered.append(card.call)
        await desk.say(EndCall(), call=card.call)
        await desk.say(WrapUp(procedure="mynumber-card", outcome="completed"), call=card.call)
        if len(answered) == KIOSKS:
            all_done.set()


async def test_no_ring_is_lost_or_doubled_with_100_kiosks(hub: RunningHub) -> None:
    """100 terminals call four operators: every call is answered exactly once, first come, first served."""
    kiosks = [await hub.kiosk(f"crowd-{number}") for number in range(KIOSKS)]
    desks = [await hub.desk(f"operator-{number}") for number in range(OPERATORS)]
    async with all_of([*desks, *kiosks]):
        await desks[0].available()  # one is on duty; she is rung by the first touch and lets it ring
        touched = await asyncio.gather(*(kiosk.touch() for kiosk in kiosks))
        first = (await desks[0].expect(Ring)).message.card.call
        desks[0]._next = 0  # her worker shall see that ring too
        answered: list[str] = []
        declined: list[str] = []
        all_done = asyncio.Event()
        for desk in desks[1:]:
            await desk.available()
            desk._next = 0
        await asyncio.gather(*(_work(desk, answered, declined, all_done) for desk in desks))
        await asyncio.gather(*(kiosk.expect_call("ended") for kiosk in kiosks))
        assert first == touched[0].id or first in {one.id for one in touched}
        _check_told(kiosks, desks)
    assert sorted(answered) == sorted(one.id for one in touched), "each exactly once"
    await _check_records(hub, declined)


def _check_told(kiosks: list[FakeKiosk], desks: list[FakeDesk]) -> None:
    rings = Counter(
        one.message.card.call for desk in desks for one in desk.heard if isinstance(one.message, Ring)
    )
    assert sum(rings.values()) == KIOSKS + DECLINES, "one ring per call, and one more per decline"
    for kiosk in kiosks:
        states = [one.message.call.state for one in kiosk.heard if isinstance(one.message, Call)]
        assert states.count(CallState.ENDED) == 1
        assert {one.message.call.id for one in kiosk.heard if isinstance(one.message, Call)} == {kiosk.call}
    assert not any(isinstance(one.message, Refused) for side in (*kiosks, *desks) for one in side.heard)


async def _check_records(hub: RunningHub, declined: list[str]) -> None:
    async with hub.house.database.read(POOL) as tx:
        calls = (await tx.execute(select(call_table).order_by(call_table.c.queued_at))).mappings().all()
        legs = (await tx.execute(select(call_leg).order_by(call_leg.c.id))).mappings().all()
    accepted = [leg["call"] for leg in legs if leg["accepted_at"] is not None]
    assert Counter(accepted) == {one["id"]: 1 for one in calls}
    first_rings = list(dict.fromkeys(leg["call"] for leg in legs))
    assert first_rings == [one["id"] for one in calls], "rung in the order of the touches"
    for user in {leg["user"] for leg in legs}:
        mine = [leg for leg in legs if leg["user"] == user]
        for before, after in pairwise(mine):
            assert before["ended_at"] <= after["rung_at"], "an operator has one call at a time"
    assert sum(leg["outcome"] == "declined" for leg in legs) == len(declined) == DECLINES
