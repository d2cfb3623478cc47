"""Two hubs on one database: terminals at one, operators at the other, and either may go at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.bus.port import Parcel
from hub.store import tables
from protocol.common import Answer, Candidate, GoingAway, MediaReport, Offer, Refused, Renew, Reply
from protocol.desk_link import Caption, DeskCallUpdate, EndCall, RequestCapture, Ring
from protocol.kiosk_link import Call, CallLeave, CallRequest, CaptureProgress, Present, Snapshot, TakeCapture
from protocol.values import CaptureKind, CaptureStage, ReplyWord
from tests.fakes.hub_client import FakeDesk, FakeKiosk
from tests.fakes.hub_program import STORE, JumpClock, RunningHub, running
from tests.fakes.postgres import new_database


@pytest.fixture
async def hubs(tmp_path: Path) -> AsyncIterator[tuple[RunningHub, RunningHub]]:
    """Both see the same time."""
    (tmp_path / STORE).write_text(new_database())
    clock = JumpClock()
    async with running(tmp_path, clock=clock) as first, running(tmp_path, clock=clock) as second:
        yield first, second


Sides = tuple[FakeKiosk, FakeDesk]


@pytest.fixture
async def sides(hubs: tuple[RunningHub, RunningHub]) -> AsyncIterator[Sides]:
    """A terminal at the first hub, an available operator at the second; both connected."""
    kiosk, desk = await hubs[0].kiosk("t1"), await hubs[1].desk("hana")
    async with kiosk, desk:
        await desk.available()
        yield kiosk, desk


async def _talk(kiosk: FakeKiosk, desk: FakeDesk) -> str:
    call = (await kiosk.touch()).id
    await desk.rung()
    await kiosk.offer(1)
    await kiosk.say(Candidate(candidate="a", mid="0"), call=call, epoch=1)
    await kiosk.settled()
    await desk.accept(call)
    await kiosk.expect_call("talking")
    assert (await desk.expect(Offer)).envelope.epoch == 1
    assert (await desk.expect(Candidate)).message.candidate == "a"
    return call


async def test_a_whole_call_across_two_hubs(sides: Sides) -> None:
    """Touch, ring, offer, accept, media words, a page, a still, the end: each at its side's hub."""
    kiosk, desk = sides
    call = await _talk(kiosk, desk)
    assert kiosk.count(Renew) == 0, "the first offer served"
    await desk.say(Answer(sdp="x" * 9000), call=call, epoch=1)
    assert (await kiosk.expect(Answer)).message.sdp == "x" * 9000
    await kiosk.say(Candidate(candidate="b", mid="0"), call=call, epoch=1)
    assert (await desk.expect(Candidate)).message.candidate == "b"
    await kiosk.say(MediaReport(live=True), call=call)
    assert (await desk.expect(MediaReport)).message.live
    await desk.say(Caption(text="こんにちは"), call=call)
    assert (await kiosk.expect(Present)).message.presentation.caption == "こんにちは"
    await desk.say(RequestCapture(kind=CaptureKind.ID_PHOTO), call=call)
    order = (await kiosk.expect(TakeCapture)).message
    await kiosk.say(CaptureProgress(capture=order.capture, stage=CaptureStage.COUNTING), call=call)
    await desk.say(EndCall(), call=call)
    assert (await kiosk.expect_call("ended")).id == call
    await desk.expect(DeskCallUpdate, lambda said: said.call.state == "ended")


@pytest.mark.parametrize("at", [0, 1])
async def test_a_reloaded_desk_finds_its_call_at_either_hub(
    hubs: tuple[RunningHub, RunningHub], sides: Sides, at: int
) -> None:
    """The reply that the terminal's hub keeps comes along; the older link is closed as replaced."""
    kiosk, desk = sides
    call = await _talk(kiosk, desk)
    await kiosk.say(Reply(id="r1", word=ReplyWord.YES), call=call)
    await desk.expect(Reply)
    again = FakeDesk(hubs[at].url, "hana", desk.password)
    again.now = desk.now
    await again.log_in()
    snapshot = await again.connect()
    assert snapshot.call is not None
    assert snapshot.call.card.call == call
    assert (await again.expect(Reply)).message.id == "r1"
    assert (await desk.expect_close())[0] == 4009
    await again.say(EndCall(), call=call)
    await kiosk.expect_call("ended")
    await again.leave()


async def test_a_hub_that_is_killed_loses_its_links_and_nothing_else(tmp_path: Path) -> None:
    """Its terminal is back at the other hub, in the same call; the lease says that it was lost."""
    (tmp_path / STORE).write_text(new_database())
    clock = JumpClock()
    async with running(tmp_path, clock=clock) as second, AsyncExitStack() as stack:
        first = await stack.enter_async_context(running(tmp_path, clock=clock))
        kiosk, desk = await first.kiosk("t1"), await second.desk("hana")
        async with desk:
            await kiosk.connect()
            await desk.available()
            call = await _talk(kiosk, desk)
            _stand_still(first)
            await desk.expect(DeskCallUpdate, lambda said: not said.call.terminal_connected, within=15)
            kiosk.url = second.url
            snapshot = await kiosk.connect()
            assert snapshot.call is not None
            assert (snapshot.call.id, snapshot.call.state) == (call, "talking")
            await desk.expect(DeskCallUpdate, lambda said: said.call.terminal_connected)
            await kiosk.offer(2)
            assert (await desk.expect(Offer)).envelope.epoch == 2
            await desk.say(EndCall(), call=call)
            await kiosk.expect_call("ended")
            await kiosk.leave()


def _stand_still(hub: RunningHub) -> Callable[[], None]:
    """No lease is renewed, nobody looked at; its links stay open, as a stopped process's do."""
    nodes = hub.house.nodes
    assert nodes is not None
    looks, nodes.look = nodes.look, _looks_at_nothing  # type: ignore[method-assign]

    def walk_on() -> None:
        nodes.look = looks  # type: ignore[method-assign]

    return walk_on


async def _looks_at_nothing() -> None:
    pass


async def test_what_carries_an_old_fence_is_refused(tmp_path: Path) -> None:
    """A hub that stood still for longer than its lease changes nothing with what it still holds."""
    (tmp_path / STORE).write_text(new_database())
    clock = JumpClock()
    async with running(tmp_path, clock=clock) as first, running(tmp_path, clock=clock) as second:
        kiosk, desk = await first.kiosk("t1"), await second.desk("hana")
        async with desk:
            await kiosk.connect()
            await desk.available()
            walk_on = _stand_still(first)
            async with asyncio.timeout(15):
                while second.house.counter.board.kiosk_here("t1"):
                    await asyncio.sleep(0.02)
            await kiosk.say(CallRequest())
            assert (await kiosk.expect(Refused)).message.code == "not_written"
            walk_on()
            assert (await kiosk.expect_close())[0] == 1013
            async with second.house.database.read() as tx:
                assert (await tx.execute(select(tables.call))).first() is None
            await kiosk.connect()
            call = (await kiosk.touch()).id
            assert (await desk.rung()).call == call
            await kiosk.leave()


async def test_an_operator_at_another_hub_is_on_duty(hubs: tuple[RunningHub, RunningHub]) -> None:
    """The terminal hears of her, and its touch is taken."""
    kiosk, desk = await hubs[0].kiosk("t1"), await hubs[1].desk("hana")
    async with desk:
        assert not (await kiosk.connect()).site.operators_on_duty
        await desk.available()
        await kiosk.expect(Snapshot, lambda said: said.site.operators_on_duty)
        assert (await kiosk.touch()).state in ("waiting", "ringing")
        await desk.rung()
        await kiosk.leave()


async def test_one_poll_finds_what_no_hint_has_told(
    hubs: tuple[RunningHub, RunningHub], sides: Sides
) -> None:
    """The bus may lose everything: the tables are the truth."""
    kiosk, desk = sides
    for hub in hubs:
        assert hub.house.nodes is not None
        hub.house.nodes._hint = lambda _: None  # type: ignore[method-assign]
    await _talk(kiosk, desk)


async def test_words_that_were_lost_between_hubs_are_made_good(
    hubs: tuple[RunningHub, RunningHub], sides: Sides
) -> None:
    """A gap in the numbers, and every link hears its whole truth again."""
    kiosk, desk = sides
    before = kiosk.count(Snapshot)
    hubs[0].house.bus._number += 5  # type: ignore[union-attr]
    hubs[1].house.bus._number += 5  # type: ignore[union-attr]
    await kiosk.touch()
    await desk.expect(Ring)
    async with asyncio.timeout(10):
        while kiosk.count(Snapshot) == before:
            await asyncio.sleep(0.01)


async def test_the_lease_of_a_hub_that_ends_is_given_back(hubs: tuple[RunningHub, RunningHub]) -> None:
    """Nobody waits for it to run out."""
    await hubs[0].house.counter.leave()
    async with hubs[1].house.database.read() as tx:
        leases = (await tx.execute(select(tables.node.c.lease_until))).scalars().all()
    assert sorted(lease is None for lease in leases) == [False, True]


async def test_a_word_that_was_overtaken_on_its_way_is_not_said(
    hubs: tuple[RunningHub, RunningHub], sides: Sides
) -> None:
    """The bus keeps the order of each hub; a call that is over does not come back by a late word."""
    kiosk, desk = sides
    call = await _talk(kiosk, desk)
    late = next(one.message for one in reversed(kiosk.heard) if isinstance(one.message, Call))
    await kiosk.say(CallLeave(reason="resident"), call=call)
    await kiosk.expect_call("ended")
    await hubs[1].house.bus.publish("kiosk:t1", Parcel(late, call))
    await hubs[1].house.bus.publish("kiosk:t1", Parcel(GoingAway(retry_after_s=1.0)))
    await kiosk.expect(GoingAway)
    newest = next(one.message for one in reversed(kiosk.heard) if isinstance(one.message, Call))
    assert newest.call.state == "ended"
