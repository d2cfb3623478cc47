"""Two hubs on one database: terminals at one, operators at the other, and either may go at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.bus import shared
from hub.bus.shared import SharedBus
from hub.store import tables
from hub.store.fences import POOL
from protocol.common import Answer, Candidate, MediaReport, Offer, Refused, Renew, Reply
from protocol.desk_link import (
    Caption,
    DeskCallUpdate,
    EndCall,
    GuestInvited,
    InviteGuest,
    MonitorCall,
    MonitorUpdate,
    Presence,
    RequestCapture,
    Ring,
    SideAnswer,
    SideOffer,
    StepGuest,
    WallboardUpdate,
    WatchBoard,
)
from protocol.kiosk_link import (
    Call,
    CallLeave,
    CallRequest,
    CaptureProgress,
    DeviceReport,
    Present,
    Snapshot,
    TakeCapture,
)
from protocol.values import (
    CallState,
    CaptureKind,
    CaptureStage,
    GuestKind,
    GuestStep,
    MediaRole,
    MonitorState,
    ReplyWord,
    Role,
)
from tests.fakes.hub_client import FakeDesk, FakeGuest, FakeKiosk
from tests.fakes.hub_program import STORE, JumpClock, RunningHub, running
from tests.fakes.postgres import new_database

Sides = tuple[FakeKiosk, FakeDesk]


@pytest.fixture
async def sides(hubs: tuple[RunningHub, RunningHub]) -> AsyncIterator[Sides]:
    """A terminal at the first hub, an available operator at the second; both connected."""
    kiosk, desk = await hubs[0].kiosk("t1"), await hubs[1].desk("hana")
    async with kiosk, desk:
        await desk.available()
        yield kiosk, desk


def _bus(hub: RunningHub) -> SharedBus:
    assert isinstance(hub.house.bus, SharedBus)
    return hub.house.bus


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


async def test_a_guest_joins_at_the_other_hub(hubs: tuple[RunningHub, RunningHub], sides: Sides) -> None:
    """The code is told at one hub, used at the other; a reload may land at either."""
    kiosk, desk = sides
    call = await _talk(kiosk, desk)
    await desk.say(InviteGuest(kind=GuestKind.FAMILY), call=call)
    invited = (await desk.expect(GuestInvited)).message
    page = FakeGuest(hubs[0].url, invited.code)
    assert (await page.connect()).state == "invited"
    await page.ask()
    await desk.expect(DeskCallUpdate, lambda said: any(one.state == "lobby" for one in said.call.guests))
    await desk.say(StepGuest(guest=invited.guest, step=GuestStep.ADMIT), call=call)
    assert (await page.stands("inside")).operator_name == "hana さん"
    await kiosk.expect(Call, lambda said: len(said.call.watchers) == 2)
    offer = SideOffer(transfer=invited.guest, turn=1, sdp="x" * 9000, mids={"0": MediaRole.AUDIO})
    await desk.say(offer, call=call)
    assert (await page.expect(SideOffer)).message.sdp == "x" * 9000
    await page.say(SideAnswer(transfer=invited.guest, turn=1, sdp="y" * 9000))
    assert (await desk.expect(SideAnswer)).message.sdp == "y" * 9000
    await page.drop()
    page.url = hubs[1].url
    assert (await page.connect()).state == "inside"
    await desk.say(EndCall(), call=call)
    await page.stands("over")
    await page.leave()


async def test_a_supervisor_takes_part_from_the_other_hub(
    hubs: tuple[RunningHub, RunningHub], sides: Sides
) -> None:
    """Her wallboard shows the call, all three are told, the desks reach each other; limits hold at both."""
    kiosk, desk = sides
    boss = await hubs[0].desk("boss", role=Role.SUPERVISOR)
    async with boss:
        call = await _talk(kiosk, desk)
        await boss.say(WatchBoard(on=True))
        await boss.settled()
        await hubs[0].house.wallboards.look()
        await hubs[1].house.wallboards.look()
        board = (await boss.expect(WallboardUpdate, lambda said: bool(said.calls))).message
        assert [(one.call, one.operator_name) for one in board.calls] == [(call, "hana さん")]
        await boss.say(MonitorCall(state=MonitorState.LISTENING), call=call)
        told = (await boss.expect(MonitorUpdate)).message.monitoring
        assert told is not None
        await desk.expect(DeskCallUpdate, lambda said: said.call.monitor is not None)
        await kiosk.expect(Call, lambda said: len(said.call.watchers) == 2)
        offer = SideOffer(transfer=told.id, turn=1, sdp="x" * 9000, mids={"0": MediaRole.AUDIO})
        await desk.say(offer, call=call)
        assert (await boss.expect(SideOffer)).message == offer
        await desk.say(EndCall(), call=call)
        assert (await boss.expect(MonitorUpdate)).message.why == "call_over"
        await desk.expect(Presence, lambda said: said.state == "wrap_up")
        hubs[0].clock.jump(301)
        await hubs[0].house.counter.catch_up()
        await hubs[0].house.counter.tick()
        await desk.expect(Presence, lambda said: said.state == "overdue")


async def test_a_hub_that_is_killed_gives_its_guests_time_to_come_back(tmp_path: Path) -> None:
    """Its pages are away, not gone: back at the other hub they are where they were."""
    (tmp_path / STORE).write_text(new_database())
    clock = JumpClock()
    async with running(tmp_path, clock=clock) as second, AsyncExitStack() as stack:
        first = await stack.enter_async_context(running(tmp_path, clock=clock))
        kiosk, desk = await second.kiosk("t1"), await second.desk("hana")
        async with kiosk, desk:
            await desk.available()
            call = await _talk(kiosk, desk)
            await desk.say(InviteGuest(kind=GuestKind.INTERPRETER), call=call)
            invited = (await desk.expect(GuestInvited)).message
            page = FakeGuest(first.url, invited.code)
            await page.connect()
            await page.ask()
            await desk.expect(DeskCallUpdate, lambda said: any(one.here for one in said.call.guests))
            _stand_still(first)
            away = await desk.expect(
                DeskCallUpdate, lambda said: any(not one.here for one in said.call.guests), within=15
            )
            assert [one.state for one in away.message.call.guests] == ["lobby"]
            page.url = second.url
            assert (await page.reload()).state == "lobby"
            await page.leave()


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
    renews, nodes.renew = nodes.renew, _looks_at_nothing  # type: ignore[method-assign]

    def walk_on() -> None:
        nodes.look, nodes.renew = looks, renews  # type: ignore[method-assign]

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
            async with second.house.database.read(POOL) as tx:
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
        _bus(hub).on_news = lambda: None
    await _talk(kiosk, desk)


async def test_words_that_were_lost_between_hubs_are_made_good(
    hubs: tuple[RunningHub, RunningHub], sides: Sides
) -> None:
    """A gap in the numbers, and every link hears its whole truth again."""
    kiosk, desk = sides
    before = kiosk.count(Snapshot)
    for hub in hubs:
        _bus(hub)._number += 5
    await kiosk.touch()
    await desk.expect(Ring)
    async with asyncio.timeout(10):
        while kiosk.count(Snapshot) == before:
            await asyncio.sleep(0.01)


async def test_the_lease_of_a_hub_that_ends_is_given_back(hubs: tuple[RunningHub, RunningHub]) -> None:
    """Nobody waits for it to run out."""
    assert hubs[0].house.nodes is not None
    await hubs[0].house.nodes.leave()
    async with hubs[1].house.database.read(POOL) as tx:
        leases = (await tx.execute(select(tables.node.c.lease_until))).scalars().all()
    assert sorted(lease is None for lease in leases) == [False, True]


class _Held:
    """Holds back what a hub says to the others, until it is let go or lost."""

    def __init__(self, bus: SharedBus) -> None:
        self.texts: list[str] = []
        self._carrier = bus._carrier
        self._send = bus._carrier.send
        bus._carrier.send = self._keep  # type: ignore[method-assign]

    async def _keep(self, texts: Sequence[str]) -> None:
        self.texts += texts

    async def let_go(self) -> None:
        """All of it, in its order."""
        self._carrier.send = self._send  # type: ignore[method-assign]
        await self._send(self.texts)

    def lose(self) -> None:
        """As a hub that is killed between writing and saying."""
        self._carrier.send = self._send  # type: ignore[method-assign]


def _states(kiosk: FakeKiosk) -> list[CallState]:
    """Of its call, as it was told of it."""
    return [one.message.call.state for one in kiosk.heard if isinstance(one.message, Call)]


async def test_a_late_word_of_another_hub_is_heard_in_its_place(
    hubs: tuple[RunningHub, RunningHub], sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The accept was written before the resident left, so it is heard before; a call never comes back."""
    monkeypatch.setattr(shared, "TICKS", 1000)
    kiosk, desk = sides
    call = (await kiosk.touch()).id
    await desk.rung()
    held, snapshots = _Held(_bus(hubs[1])), kiosk.count(Snapshot)
    await desk.accept(call)
    await kiosk.say(CallLeave(reason="resident"), call=call)
    await desk.expect(DeskCallUpdate, lambda said: said.call.state == "ended")
    assert not {"talking", "ended"} & set(_states(kiosk))
    await held.let_go()
    await kiosk.expect_call("ended")
    assert _states(kiosk)[-2:] == ["talking", "ended"]
    assert kiosk.count(Snapshot) == snapshots, "nothing was missing"


async def test_what_a_killed_hub_has_written_and_not_said_is_told_by_the_other(
    hubs: tuple[RunningHub, RunningHub], sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal is told of its operator although nobody ever says the turn in which she accepted."""
    monkeypatch.setattr(shared, "TICK_S", 0.05)
    kiosk, desk = sides
    call = (await kiosk.touch()).id
    await desk.rung()
    held = _Held(_bus(hubs[1]))
    await desk.accept(call)
    held.lose()
    await kiosk.say(DeviceReport(devices=(), volume=3))  # any turn at its own hub
    told = (await kiosk.expect(Snapshot)).message.call
    assert told is not None
    assert (told.id, told.state) == (call, "talking")


async def test_who_was_away_while_words_were_missed_begins_anew(
    hubs: tuple[RunningHub, RunningHub], sides: Sides
) -> None:
    """What is kept for its next socket has a hole, so the snapshot is the truth."""
    kiosk, _ = sides
    assert kiosk.welcome is not None
    await hubs[0].lost(kiosk)
    assert await kiosk.resume(kiosk.welcome.resume_token), "within the window it goes on"
    await kiosk.settled()
    token = kiosk.welcome.resume_token
    await hubs[0].lost(kiosk)
    _bus(hubs[0])._missed()
    async with asyncio.timeout(10):
        while "kiosk:t1" in hubs[0].house.boxes._boxes:
            await asyncio.sleep(0.01)
    assert not await kiosk.resume(token)


async def test_a_hub_that_has_much_to_do_keeps_its_lease(
    hubs: tuple[RunningHub, RunningHub], sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its turns take longer than the lease, and nobody gives it up: a crowd that comes back is no absence."""
    monkeypatch.setattr("hub.counter.node.LEASE", timedelta(seconds=1))
    monkeypatch.setattr("hub.nodes.RENEW_S", 0.1)
    _, desk = sides
    busy = hubs[1].house.nodes
    assert busy is not None
    renewed = asyncio.Queue[None]()
    renew = busy.renew

    async def counted() -> None:
        await renew()
        renewed.put_nowait(None)

    monkeypatch.setattr(busy, "renew", counted)
    async with hubs[1].house.counter.lock, asyncio.timeout(20):
        for _ in range(15):
            await renewed.get()
    await desk.settled()
    assert desk.closed is None
    async with hubs[0].house.database.read(POOL) as tx:
        assert (await tx.execute(select(tables.node.c.fence))).scalars().all() == [1, 1]


async def test_an_answer_to_what_was_said_a_moment_ago_arrives(
    hubs: tuple[RunningHub, RunningHub], sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desk has its offer before its hub has looked at the tables; the answer makes it look."""
    kiosk, desk = sides
    call = await _talk(kiosk, desk)
    _bus(hubs[1]).on_news = lambda: None
    monkeypatch.setattr("hub.nodes.POLL_S", 30)
    await kiosk.offer(2)
    await desk.expect(Offer)
    await desk.say(Answer(sdp="second"), call=call, epoch=2)
    assert (await kiosk.expect(Answer)).message.sdp == "second"
