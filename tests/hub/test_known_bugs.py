"""Faults that other call distributors have had, tried on ours: each test is named after a report of one."""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hub.bus.local import LocalBus
from hub.core.audit import Action
from hub.store import tables
from hub.store.database import Database, StaleWriteError
from hub.store.fences import POOL
from protocol.common import MediaReport
from protocol.desk_link import Accept, Decline, EndCall, Ring, RingEnded, SetPresence, WrapUp
from protocol.kiosk_link import CallLeave, CallRequest
from tests.fakes.counter_room import DeskSide, KioskSide, Room, opened, reading
from tests.hub import invariants
from tests.hub.invariants import Tables

AVAILABLE = SetPresence(state="available")
OUTCOME = WrapUp(procedure="other", outcome="completed")
RING_S, PAUSE_S = 20.0, 15.0


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """A hub that has run for longer than its grace after a start."""
    async with opened(tmp_path) as room:
        await room.pass_time(60)
        yield room
        with reading(room.path) as connection:
            assert invariants.at_rest(invariants.read(connection)) == []


async def available(room: Room, name: str, *municipalities: str) -> DeskSide:
    """An operator who waits for a ring."""
    desk = await room.desk(name, municipalities or ("minami",))
    await desk.arrive()
    assert await desk.say(AVAILABLE) == ""
    await room.pass_time(1)
    return desk


async def linked(room: Room, device: str, municipality: str = "minami") -> KioskSide:
    """A terminal that shows its key."""
    kiosk = await room.kiosk(device, municipality)
    await kiosk.arrive()
    return kiosk


async def touch(kiosk: KioskSide) -> str:
    """The new call's id."""
    assert await kiosk.say(CallRequest()) == ""
    assert kiosk.call is not None
    return kiosk.call.id


def written(room: Room) -> Tables:
    """The store now."""
    with reading(room.path) as connection:
        return invariants.read(connection)


def rings(desk: DeskSide) -> list[str]:
    """Calls that this desk was rung for, in order."""
    return [one.message.card.call for one in desk.heard if isinstance(one.message, Ring)]


async def test_two_operators_never_answer_one_call(room: Room) -> None:
    """asterisk#176, chatwoot PR 15275: who was rung first presses late, in the moment of who is rung now;
    one of them has the call, the other reads that it is gone."""
    kiosk, hana = await linked(room, "t1"), await available(room, "hana")
    call = await touch(kiosk)
    jiro = await available(room, "jiro")
    await room.pass_time(RING_S)
    assert jiro.ring is not None
    codes = await asyncio.gather(*(desk.say(Accept(), call=call) for desk in (hana, jiro, jiro, hana)))
    assert codes == ["gone", "", "gone", "gone"]
    assert [leg["user"] for leg in written(room).legs if leg["accepted_at"]] == [jiro.user.id]
    assert (hana.call, jiro.call and jiro.call.card.call) == (None, call)


async def test_two_hubs_never_give_one_call_to_two_operators(room: Room) -> None:
    """asterisk#176 across processes: two hubs that know nothing of each other ring for one call on one store
    and are both told 'accepted'; the store lets one of them have it. Hubs that do: test_two_hubs."""
    kiosk, hana = await linked(room, "t1"), await available(room, "hana")
    call = await touch(kiosk)
    second = Database(room.path)
    other = await room.one_more_counter(second, LocalBus())
    first = room.counter

    async def accept(counter: object) -> str:
        room.counter = counter  # type: ignore[assignment]  # the word reaches this hub
        return await hana.say(Accept(), call=call)

    found = await asyncio.gather(accept(first), accept(other), return_exceptions=True)
    room.counter = first
    await second.close()
    assert {type(one) for one in found} == {str, StaleWriteError}
    assert "" in found
    assert len([leg for leg in written(room).legs if leg["accepted_at"]]) == 1


@pytest.mark.parametrize("how", ["resident left", "terminal lost", "desk lost", "hub restarted", "all lost"])
async def test_nobody_stays_reserved_for_a_ring_that_is_over(room: Room, how: str) -> None:
    """freeswitch#2540, freeswitch#1062, opensips#3123: however a ring ends, within its time the
    operator is free for the next call."""
    kiosk, hana = await linked(room, "t1"), await available(room, "hana")
    call = await touch(kiosk)
    if how == "resident left":
        await kiosk.say(CallLeave(reason="resident"), call=call)
    if how in ("terminal lost", "all lost"):
        await kiosk.leave()
    if how in ("desk lost", "all lost"):
        await hana.leave()
    if how == "hub restarted":
        await room.restart()
    await room.pass_time(RING_S)
    assert written(room).presences[hana.user.id]["state"] in ("offline", "away", "available")
    if not kiosk.here:
        await kiosk.arrive()
    if not hana.here:
        await hana.arrive()
    if how != "resident left":
        assert hana.ring is None
        assert kiosk.call is not None
        await kiosk.say(CallLeave(reason="resident"), call=call)
    assert await hana.say(AVAILABLE) == ""
    next_call = await touch(kiosk)
    assert next_call != call
    assert hana.ring is not None
    assert hana.ring.call == next_call


async def test_a_hub_that_starts_again_and_again_keeps_nobody_reserved(room: Room) -> None:
    """opensips#3123, found by the kill harness: each restart lets a ring begin anew, but not for ever."""
    kiosk, hana = await linked(room, "t1"), await available(room, "hana")
    call = await touch(kiosk)
    for _ in range(3):
        await room.pass_time(RING_S - 1)
        await room.restart()
        await kiosk.arrive()
        await hana.arrive()
    assert (hana.ring, hana.presence) == (None, "away")
    assert kiosk.call is not None
    assert (kiosk.call.id, kiosk.call.state) == (call, "waiting")


async def test_no_ring_outlives_the_resident(room: Room) -> None:
    """freeswitch#2529: a resident who leaves takes every ring card along, also from a desk that was not there
    to hear it, and after a restart."""
    kiosk, hana = await linked(room, "t1"), await available(room, "hana")
    call = await touch(kiosk)
    await kiosk.say(CallLeave(reason="resident"), call=call)
    assert [one.message.why for one in hana.heard if isinstance(one.message, RingEnded)] == ["left"]
    assert hana.ring is None
    assert await hana.say(Accept(), call=call) == "gone"
    call = await touch(kiosk)
    assert hana.ring is not None
    await hana.leave()
    await kiosk.say(CallLeave(reason="resident"), call=call)
    await hana.arrive()
    assert (hana.ring, hana.presence) == (None, "available")
    await room.restart()
    await hana.arrive()
    await room.pass_time(60)
    assert hana.ring is None
    assert rings(hana)[-1] == call, "nothing rang afterwards"


async def test_one_operator_who_is_not_there_does_not_hold_up_the_queue(room: Room) -> None:
    """freeswitch PR 1221: the longest idle operator has shut the lid, or lets it ring; others are rung, and
    she is not tried again and again before them."""
    first, second = await linked(room, "t1"), await linked(room, "t2")
    gone, deaf = await available(room, "gone"), await available(room, "deaf")
    good = await available(room, "good")
    await gone.leave()
    call = await touch(first)
    assert (gone.ring, deaf.ring and deaf.ring.call) == (None, call)
    younger = await touch(second)
    assert good.ring is not None
    assert good.ring.call == younger
    assert await good.say(Accept(), call=younger) == ""
    assert await good.say(EndCall(), call=younger) == ""
    assert await good.say(OUTCOME, call=younger) == ""
    await room.pass_time(RING_S)
    assert good.ring is not None
    assert good.ring.call == call
    assert (rings(gone), rings(deaf), deaf.presence) == ([], [call], "away")


async def test_a_newer_call_never_overtakes(room: Room) -> None:
    """chatwoot#10583: a call that was declined, rang out and came back after its terminal was lost is still
    the first; those who came later are rung after it."""
    kiosks = [await linked(room, f"t{number}") for number in range(4)]
    hana = await available(room, "hana")
    calls = []
    for kiosk in kiosks:
        calls.append(await touch(kiosk))
        await room.pass_time(1)
    assert await hana.say(Decline(), call=calls[0]) == ""  # now she is rung for the second
    assert hana.ring is not None
    assert hana.ring.call == calls[1]
    await kiosks[0].leave()
    await room.pass_time(RING_S)
    await kiosks[0].arrive()
    await room.pass_time(PAUSE_S)
    order = []
    assert await hana.say(AVAILABLE) == ""
    while hana.ring is not None:
        call = hana.ring.call
        order.append(call)
        assert await hana.say(Accept(), call=call) == ""
        assert await hana.say(EndCall(), call=call) == ""
        assert await hana.say(OUTCOME, call=call) == ""
    assert order == calls


async def test_nothing_is_counted_twice(room: Room) -> None:
    """asterisk#1736: one call that rings out, is declined, answered, lost and answered again is one request,
    one end and one talk; the operators on duty are recounted by a restart and come out the same."""
    kiosk, hana = await linked(room, "t1"), await available(room, "hana")
    jiro = await available(room, "jiro", "minami", "kitamidai")
    await kiosk.say(CallRequest(), id="touch")
    assert kiosk.call is not None
    call = kiosk.call.id
    await hana.say(Decline(), call=call)
    await jiro.say(Accept(), call=call)
    await kiosk.say(MediaReport(live=False), call=call)
    await jiro.leave()
    await room.pass_time(25)  # no media and no desk for 20 s
    assert hana.ring is not None
    await kiosk.say(CallRequest(), id="touch")
    await asyncio.gather(hana.say(Accept(), call=call), hana.say(Accept(), call=call))
    await room.pass_time(60)
    await asyncio.gather(
        hana.say(EndCall(), call=call), kiosk.say(CallLeave(reason="resident"), call=call),
        hana.say(EndCall(), call=call),
    )  # fmt: skip
    found = written(room)
    kinds = Tally(event["kind"] for event in found.events)
    assert kinds == {
        "Requested": 1, "Rung": 3, "Declined": 1, "Accepted": 2, "OperatorGone": 1, "EndPressed": 1,
    }  # fmt: skip
    await asyncio.gather(hana.say(OUTCOME, call=call), hana.say(OUTCOME, call=call))
    assert room.counter.board.handling.known("minami") == (60.0,)
    async with room.database.read(POOL) as tx:
        entries = await tx.execute(
            select(tables.audit.c.action, func.count()).group_by(tables.audit.c.action)
        )
        audit = {row[0]: row[1] for row in entries}
    assert (audit[Action.CALL_REQUESTED], audit[Action.CALL_ENDED]) == (1, 1)
    before = dict(room.counter.board.on_duty)
    assert before == {"minami": 1}
    await room.restart()
    assert (room.counter.board.on_duty, room.counter.board.handling.known("minami")) == (before, (60.0,))


async def test_a_status_that_flips_does_not_ring_again_and_again(room: Room) -> None:
    """freeswitch PR 800: an operator who declines and then goes away and comes back, over and over, is rung
    again only after the pause; one who let it ring is not rung before she says that she is there."""
    kiosk, hana = await linked(room, "t1"), await available(room, "hana")
    call = await touch(kiosk)
    await hana.say(Decline(), call=call)
    began = room.clock.now()
    while room.clock.now() + timedelta(seconds=1) < began + timedelta(seconds=PAUSE_S):
        assert await hana.say(SetPresence(state="away")) == ""
        assert await hana.say(AVAILABLE) == ""
        await hana.leave()
        await hana.arrive()
        await room.pass_time(1)
    assert rings(hana) == [call]
    await room.pass_time(1)
    assert rings(hana) == [call, call]
    await room.pass_time(RING_S + 600)
    assert (rings(hana), hana.presence) == ([call, call], "away")
    await hana.say(AVAILABLE)
    assert rings(hana) == [call, call, call]
