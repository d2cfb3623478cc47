"""The pool on real sockets: skills, centres, priority, rings that no longer hold, and waits that are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import delete, select

from hub.core.expected_wait import ENOUGH
from hub.store import pool, tables
from hub.store.fences import POOL
from protocol.common import Refused
from protocol.desk_link import Accept, DeskCallUpdate, EndCall, Queue, Ring, RingEnded, SetPresence, WrapUp
from protocol.kiosk_link import Call, CallLeave, CallRequest
from protocol.values import CallState
from tests.fakes.hub_client import FakeDesk, FakeKiosk
from tests.fakes.hub_program import JumpClock, RunningHub, content, running
from tests.hub.conftest import Cast

CARE = "care-insurance"
TUESDAY_NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


async def sits(hub: RunningHub, desk: FakeDesk, centre: str = "", **skills: int) -> None:
    """Where an operator sits and what she can."""
    async with hub.house.database.write(POOL) as tx:
        who = (
            await tx.execute(select(tables.user.c.id).where(tables.user.c.login_name == desk.name))
        ).scalar_one()
        await pool.set_centre(tx, who, centre)
        for skill, level in skills.items():
            await pool.set_skill(tx, who, skill, level)


@pytest.fixture
async def two(cast: Cast) -> AsyncIterator[tuple[FakeDesk, FakeDesk]]:
    """Two operators of みなみ市 on duty; the first has been idle for longer."""
    other = await cast.hub.desk("jiro")
    async with other:
        await cast.hub.jump(1)
        await other.available()
        yield cast.desk, other


async def test_who_knows_the_procedure_is_rung_first(cast: Cast, two: tuple[FakeDesk, FakeDesk]) -> None:
    """Not the longest idle; and everybody once a minute has gone by in which she had no time."""
    hana, jiro = two
    await sits(cast.hub, jiro, care=1)
    call = await cast.kiosk.touch(CARE)
    assert (await jiro.rung()).call == call.id
    await jiro.accept(call.id)
    async with await cast.hub.kiosk("t3") as second:
        waiting = await second.touch(CARE)
        assert waiting.state is CallState.WAITING
        await cast.hub.jump(45)
        await hana.settled()
        assert hana.count(Ring) == 0
        await cast.hub.jump(15)
        assert (await hana.rung()).call == waiting.id


async def test_the_own_centre_is_rung_first_then_who_helps_out(
    cast: Cast, two: tuple[FakeDesk, FakeDesk]
) -> None:
    """After the seconds of centres.yaml, at that second and without anybody's word."""
    hana, jiro = two
    await sits(cast.hub, hana, "yamate")
    await sits(cast.hub, jiro, "minato")
    first = await cast.kiosk.touch()
    assert (await jiro.rung()).call == first.id
    async with await cast.hub.kiosk("t3") as kiosk:
        second = await kiosk.touch()
        due = cast.hub.house.counter.deadline()
        assert due is not None
        assert due <= second.queued_at + timedelta(seconds=30)
        await jiro.accept(first.id)
        await cast.hub.jump(20)
        await hana.settled()
        assert hana.count(Ring) == 0
        await cast.hub.jump(10)
        assert (await hana.rung()).call == second.id


async def test_where_nobody_of_the_own_centre_is_there_nobody_waits_for_it(cast: Cast) -> None:
    """Another centre is rung at once."""
    await sits(cast.hub, cast.desk, "yamate")
    call = await cast.kiosk.touch()
    assert (await cast.desk.rung()).call == call.id


async def test_a_membership_that_is_gone_takes_the_ring_along(
    cast: Cast, two: tuple[FakeDesk, FakeDesk]
) -> None:
    """Invariant 7: what the tables say when she accepts counts; the next is rung, the place is kept."""
    hana, jiro = two
    call = await cast.kiosk.touch()
    await hana.rung()
    async with cast.hub.house.database.write(POOL) as tx:
        mine = select(tables.user.c.id).where(tables.user.c.login_name == hana.name)
        await tx.execute(
            delete(tables.membership).where(
                tables.membership.c.user.in_(mine), tables.membership.c.role == "operator"
            )
        )
    await hana.say(Accept(), call=call.id)
    assert (await hana.expect(RingEnded)).message.why == "withdrawn"
    assert (await jiro.rung()).call == call.id
    await jiro.accept(call.id)
    talking = await cast.kiosk.expect_call("talking")
    assert (talking.queued_at, talking.operator and talking.operator.name) == (call.queued_at, "jiro さん")


async def test_a_call_that_nobody_could_ever_take_is_not_begun(tmp_path: Path) -> None:
    """A skill without a time limit that nobody on duty has: the resident is told at once."""
    shared = content().shared
    hard = tuple(structs.replace(one, after_s=None) for one in shared.skills)
    strict = structs.replace(content(), shared=structs.replace(shared, skills=hard))
    async with running(tmp_path) as hub:
        hub.house.counter.content = strict
        async with await hub.kiosk("t1") as kiosk, await hub.desk("hana") as desk:
            await desk.available()
            await kiosk.say(CallRequest(topic=CARE))
            assert (await kiosk.expect(Refused)).message.code == "nobody_on_duty"
            assert (await kiosk.touch()).state is CallState.RINGING


async def test_an_urgent_procedure_passes_others_but_not_for_ever(tmp_path: Path) -> None:
    """One step of priority: served before who came less than a minute earlier, after who came before that."""
    clock = JumpClock()
    async with running(tmp_path, clock=clock) as hub:
        town = content().towns["minami"]
        urgent = structs.replace(town.procedures[CARE], priority=1, skill=None)
        towns = content().towns | {
            "minami": structs.replace(town, procedures=town.procedures | {CARE: urgent})
        }
        hub.house.counter.content = structs.replace(content(), towns=towns)
        desk, kiosks = await hub.desk("hana"), [await hub.kiosk(f"t{number}") for number in range(4)]
        async with desk, kiosks[0], kiosks[1], kiosks[2], kiosks[3]:
            await desk.available()
            busy = await kiosks[0].touch()
            await desk.accept((await desk.rung()).call)
            old = await kiosks[1].touch()
            await hub.jump(70)
            young = await kiosks[2].touch()
            first = await kiosks[3].touch(CARE)
            assert first.position == 1
            queue = (await desk.expect(Queue, lambda said: len(said.waiting) == 3)).message.waiting
            assert [one.call for one in queue] == [old.id, first.id, young.id]
            order = []
            for call in (busy.id, old.id, first.id):
                await desk.say(EndCall(), call=call)
                await desk.say(WrapUp(procedure="other", outcome="completed"), call=call)
                order.append((await desk.rung()).call)
                await desk.accept(order[-1])
            assert order == [old.id, first.id, young.id]


async def test_the_place_is_kept_for_a_minute_after_a_drop(cast: Cast) -> None:
    """A5: a waiting terminal that loses its link and comes back in time is before who came after it; one
    that is away for a minute has left."""
    await cast.desk.say(SetPresence(state="away"))
    other = await cast.hub.desk("jiro")
    kiosks = [await cast.hub.kiosk(f"t{number}") for number in range(3, 6)]
    async with other, kiosks[0], kiosks[1], kiosks[2]:
        await other.available()
        busy = await kiosks[0].touch()
        await other.accept((await other.rung()).call)
        dropped, behind, gone = (await cast.kiosk.touch(), await kiosks[1].touch(), await kiosks[2].touch())
        await cast.hub.lost(cast.kiosk)
        await cast.hub.lost(kiosks[2])
        await cast.hub.jump(45)
        snapshot = await cast.kiosk.connect()
        assert snapshot.call is not None
        assert (snapshot.call.id, snapshot.call.queued_at, snapshot.call.position) == (
            dropped.id, dropped.queued_at, 0,
        )  # fmt: skip
        await cast.hub.jump(15)
        assert (await kiosks[2].connect()).call is None
        assert gone.id not in cast.hub.house.counter.board.live
        await other.say(EndCall(), call=busy.id)
        await other.say(WrapUp(procedure="other", outcome="completed"), call=busy.id)
        assert (await other.rung()).call == dropped.id != behind.id


async def test_a_wait_is_told_from_what_was_measured_and_follows_time(cast: Cast) -> None:
    """Nothing while too little is known; then a range out of whole handling times,
    and which is told anew while nothing happens."""
    async with await cast.hub.kiosk("t3") as kiosk:
        for number in range(ENOUGH):
            call = await cast.kiosk.touch()
            await cast.desk.rung()
            await cast.desk.accept(call.id)
            await cast.kiosk.expect_call("talking")
            if number == ENOUGH - 1:
                waiting = await kiosk.touch()
                assert waiting.wait is None
                await kiosk.say(CallLeave(reason="resident"), call=waiting.id)
                await kiosk.expect_call("abandoned")
            await cast.hub.jump(540)
            await cast.desk.say(EndCall(), call=call.id)
            await cast.hub.jump(60)
            await cast.desk.say(WrapUp(procedure="other", outcome="completed"), call=call.id)
            await cast.kiosk.expect_call("ended")
            await cast.desk.settled()
        handling = cast.hub.house.counter.board.handling.known("minami")
        assert [round(one, -1) for one in handling] == [600] * ENOUGH
        call = await cast.kiosk.touch()
        await cast.desk.rung()
        await cast.desk.accept(call.id)
        await cast.kiosk.expect_call("talking")
        waiting = await kiosk.touch()
        assert waiting.wait is not None
        assert 120 <= waiting.wait.low_s < 600 < waiting.wait.high_s <= 1800
        await cast.hub.jump(330)
        later = await kiosk.expect(
            Call, lambda said: said.call.wait is not None and said.call.wait.low_s < 60
        )
        assert later.message.call.wait is not None
        assert later.message.call.wait.high_s < waiting.wait.high_s


async def test_measured_times_outlive_a_restart(tmp_path: Path) -> None:
    """They are read back from the calls; a call without its wrap-up is not counted."""
    clock = JumpClock()
    async with running(tmp_path, clock=clock) as hub:
        async with await hub.kiosk("t1") as kiosk, await hub.desk("hana") as desk:
            await desk.available()
            for topic in ("mynumber-card", ""):
                call = await kiosk.touch(topic)
                await desk.accept((await desk.rung()).call)
                await kiosk.expect_call("talking")
                await hub.jump(300)
                await desk.say(EndCall(), call=call.id)
                await kiosk.expect_call("ended")
                if topic:
                    await desk.say(WrapUp(procedure=topic, outcome="completed"), call=call.id)
                    await desk.settled()
        before = hub.house.counter.board.handling.known()
    async with running(tmp_path, clock=clock) as hub:
        handling = hub.house.counter.board.handling
        assert handling.known() == handling.known("minami", "mynumber-card") == before
        assert [round(one, -1) for one in before] == [300]


async def test_a_rush_does_not_make_the_hub_reckon_without_end(cast: Cast) -> None:
    """Many touches in one breath share a reckoning, and whoever came too late for it hears right after."""
    for number in range(ENOUGH):
        cast.hub.house.counter.board.handling.add("minami", "", 600 + number)
    kiosks: list[FakeKiosk] = [await cast.hub.kiosk(f"m{number}") for number in range(12)]
    reckoned = []
    counter = cast.hub.house.counter
    async with asyncio.TaskGroup() as group:
        for kiosk in kiosks:
            group.create_task(kiosk.connect())
    for kiosk in kiosks:
        await kiosk.touch()
        reckoned.append(counter.board.waits_at)
    assert len(set(reckoned)) < len(kiosks)
    await cast.hub.jump(2)
    for kiosk in kiosks:
        await kiosk.settled()
        told = [one.message.call for one in kiosk.heard if isinstance(one.message, Call)][-1]
        assert told.state is CallState.RINGING or told.wait is not None
        await kiosk.drop()


async def test_two_terminals_of_one_counter_are_a_pair(hub: RunningHub) -> None:
    """B15: whoever greets reads what goes on at the terminal beside, and sees it change; another counter's
    terminals are none of it."""
    kiosk, other, far = (
        await hub.kiosk("kita-1", site="kita"), await hub.kiosk("kita-2", site="kita"), await hub.kiosk("t3"),
    )  # fmt: skip
    hub.clock.jump((TUESDAY_NOON - hub.clock.now()).total_seconds())
    async with kiosk, other, far, await hub.desk("hana") as desk, await hub.desk("jiro") as second:
        await desk.available()
        call = await kiosk.touch()
        card = await desk.rung()
        assert [(one.name, one.state) for one in card.beside] == [("2番の端末", "free")]
        await desk.accept(call.id)

        async def seen() -> str:
            await desk.settled()
            updates = [one.message.call for one in desk.heard if isinstance(one.message, DeskCallUpdate)]
            return ", ".join(one.state for one in updates[-1].card.beside)

        beside = await other.touch()
        await other.settled()
        assert await seen() == "waiting"
        await second.available()
        await second.accept((await second.rung()).call)
        assert await seen() == "talking"
        await second.say(EndCall(), call=beside.id)
        await other.expect_call("ended")
        assert await seen() == "free"
        await hub.lost(other)
        await desk.expect(DeskCallUpdate, lambda said: said.call.card.beside[0].state == "off")
        await other.connect()
        await desk.expect(DeskCallUpdate, lambda said: said.call.card.beside[0].state == "free")
        told = desk.count(DeskCallUpdate)
        await far.touch()
        await desk.settled()
        assert desk.count(DeskCallUpdate) == told
