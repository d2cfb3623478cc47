"""The wallboard on real sockets: live, of one's own municipalities alone, nothing of what residents say."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from protocol.common import Refused
from protocol.desk_link import Caption, DeskSnapshot, EndCall, MonitorCall, WallboardUpdate, WatchBoard
from protocol.kiosk_link import CallLeave
from protocol.values import CallState, MonitorState, PresenceState, Role
from tests.fakes.hub_client import FakeDesk
from tests.hub.conftest import Cast


class Board:
    """A supervisor whose wallboard is open."""

    def __init__(self, cast: Cast, desk: FakeDesk) -> None:
        self.cast, self.desk = cast, desk

    async def now(self) -> WallboardUpdate:
        """As it is told after one more look; the newest that was heard, if nothing has changed."""
        await self.cast.hub.house.wallboards.look()
        await self.desk.settled()
        return [one.message for one in self.desk.heard if isinstance(one.message, WallboardUpdate)][-1]


@pytest.fixture
async def board(cast: Cast) -> AsyncIterator[Board]:
    """Of みなみ市."""
    boss = await cast.hub.desk("boss", role=Role.SUPERVISOR)
    async with boss:
        await boss.say(WatchBoard(on=True))
        await boss.settled()
        yield Board(cast, boss)


async def test_a_call_is_followed_from_the_touch_to_the_end(board: Board) -> None:
    """Waiting, served, over: at each look as it is, with who serves it and since when."""
    cast = board.cast
    kiosk = await cast.hub.kiosk("t9")
    async with kiosk:
        call = await cast.talk()
        for _ in range(20):
            cast.hub.house.counter.board.handling.add("minami", "", 300.0)  # so long calls took
        second = await kiosk.touch()
        told = await board.now()
        assert [(one.call, one.state, one.operator_name) for one in told.calls] == [
            (second.id, CallState.WAITING, ""), (call, CallState.TALKING, "hana さん"),
        ]  # fmt: skip
        assert told.calls[0].wait is not None, "what the resident was told"
        (town,) = told.towns
        assert (town.municipality, town.waiting, town.on_duty, town.free) == ("minami", 1, 1, 0)
        assert (told.today.offered, told.today.answered) == (2, 1)
        (hana,) = told.people
        assert (hana.state, hana.site_name) == (PresenceState.TALKING, "体験コーナー")
        await kiosk.say(CallLeave(reason="resident"), call=second.id)
        await cast.desk.say(EndCall(), call=call)
        await cast.desk.expect(DeskSnapshot)
        cast.hub.clock.jump(6)  # figures of the day are looked at every five seconds
        told = await board.now()
        assert told.calls == ()
        assert (told.today.abandoned, told.today.service_level) == (1, 1.0)
        assert told.people[0].state is PresenceState.WRAP_UP
        assert told.people[0].until is not None


async def test_nothing_of_another_municipality_is_shown(board: Board) -> None:
    """Not its calls, its people or its figures; of somebody who serves both not even where she is."""
    cast = board.cast
    both = await cast.hub.desk("both", ["minami", "kitamidai"])
    async with both:
        await both.available()
        call = await cast.far_kiosk.touch()
        await both.rung()
        await both.accept(call.id)
        told = await board.now()
    assert [one.municipality for one in told.towns] == ["minami"]
    assert told.calls == ()
    assert told.today.offered == 0
    people = {one.name: (one.state, one.municipality_name, one.site_name) for one in told.people}
    assert people == {
        "hana さん": (PresenceState.AVAILABLE, "", ""), "both さん": (PresenceState.TALKING, "", ""),
    }  # fmt: skip


async def test_only_supervisors_have_a_wallboard(board: Board) -> None:
    """And only those who have opened it are told."""
    cast = board.cast
    await cast.desk.say(WatchBoard(on=True))
    assert (await cast.desk.expect(Refused)).message.code == "not_allowed"
    await board.now()
    assert cast.desk.count(WallboardUpdate) == 0
    await board.desk.say(WatchBoard(on=False))
    await board.desk.settled()
    before = board.desk.count(WallboardUpdate)
    await cast.talk()
    await cast.hub.house.wallboards.look()
    await board.desk.settled()
    assert board.desk.count(WallboardUpdate) == before


async def test_what_has_not_changed_is_not_said_again(board: Board) -> None:
    """A quiet hour costs no message; another look after opening it anew tells all of it."""
    await board.now()
    before = board.desk.count(WallboardUpdate)
    for _ in range(3):
        await board.now()
    assert board.desk.count(WallboardUpdate) == before
    await board.desk.say(WatchBoard(on=True))
    await board.desk.settled()
    await board.now()
    assert board.desk.count(WallboardUpdate) == before + 1


async def test_a_page_that_comes_back_says_that_it_watches(board: Board) -> None:
    """A new page is told nothing that it has not asked for."""
    await board.now()
    await board.desk.reload()
    before = board.desk.count(WallboardUpdate)
    await board.cast.talk()
    await board.cast.hub.house.wallboards.look()
    await board.desk.settled()
    assert board.desk.count(WallboardUpdate) == before


async def test_nothing_that_was_said_or_shown_stands_on_it(board: Board) -> None:
    """A wall is seen by whoever passes by."""
    cast = board.cast
    call = await cast.talk()
    await cast.desk.say(Caption(text="内緒の話です"), call=call)
    await cast.desk.settled()
    told = await board.now()
    assert "内緒" not in repr(told)


async def test_whoever_takes_part_is_named_on_it(board: Board) -> None:
    """A second supervisor sees that there is one already."""
    call = await board.cast.talk()
    await board.desk.say(MonitorCall(state=MonitorState.LISTENING), call=call)
    await board.desk.settled()
    (row,) = (await board.now()).calls
    assert row.monitor_name == "boss さん"
