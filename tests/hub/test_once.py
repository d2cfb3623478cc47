"""A word has its effect once, however often it is said: before and after a restart, and answered the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from hub.store import calls, tables
from hub.store.fences import POOL
from protocol.common import Refused
from protocol.desk_link import Caption, EndCall, Presence, WrappedUp, WrapUp
from protocol.kiosk_link import CallRequest, Wiped
from tests.fakes.hub_program import RunningHub, running
from tests.hub.conftest import Cast


async def _events(hub: RunningHub, call: str, kind: str) -> int:
    async with hub.house.database.read(POOL) as tx:
        return sum(one == kind for one, _ in await calls.events(tx, call, "minami"))


async def _done(hub: RunningHub) -> int:
    async with hub.house.database.read(POOL) as tx:
        return int((await tx.execute(select(func.count()).select_from(tables.done))).scalar_one())


async def test_a_word_that_is_said_again_after_a_restart_has_no_second_effect(tmp_path: Path) -> None:
    """The id is on the disk with the effect: a hub that was killed before its answer does nothing twice."""
    async with running(tmp_path) as hub:
        kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
        async with kiosk, desk:
            await desk.available()
            call = (await kiosk.touch()).id
            await desk.rung()
            await desk.accept(call)
            await desk.say(Caption(text="一"), call=call, id="caption-1")
            await desk.say(EndCall(), call=call, id="end-1")
            await kiosk.expect_call("ended")
            await kiosk.say(Wiped(buffers=1, files=0, left=0, ui=True), call=call, id="wiped-1")
            await kiosk.settled()
    async with running(tmp_path) as hub:
        kiosk.url, desk = hub.url, hub.desk_of("hana")
        await kiosk.connect()
        async with desk:
            await desk.say(Caption(text="一"), call=call, id="caption-1")
            await desk.say(EndCall(), call=call, id="end-1")
            await desk.settled()
            await kiosk.say(Wiped(buffers=1, files=0, left=0, ui=True), call=call, id="wiped-1")
            await kiosk.settled()
            assert desk.count(Refused) == 0, "it was done, so it is not refused either"
            assert [await _events(hub, call, kind) for kind in ("Presented", "EndPressed", "Wiped")] == [
                1,
                1,
                1,
            ]
        await kiosk.leave()


async def test_the_stored_answer_is_given_again(cast: Cast) -> None:
    """A wrap-up whose answer was lost on the way is answered again, and moves the operator no second time."""
    call = await cast.talk()
    await cast.desk.say(EndCall(), call=call)
    said = WrapUp(procedure="other", outcome="completed")
    await cast.desk.say(said, call=call, id="wrap-1")
    await cast.desk.expect(WrappedUp)
    await cast.desk.expect(Presence)
    await cast.desk.say(said, call=call, id="wrap-1")
    assert (await cast.desk.expect(WrappedUp)).envelope.call == call
    await cast.desk.settled()
    assert cast.desk.count(WrappedUp) == 2
    assert cast.desk.count(Refused) == 0


async def test_a_refused_word_leaves_nothing_behind(cast: Cast) -> None:
    """It had no effect, so the same id may have one later."""
    await cast.desk.say(EndCall(), call="no-such-call", id="e1")
    await cast.desk.expect(Refused)
    call = await cast.talk()
    await cast.desk.say(EndCall(), call=call, id="e1")
    await cast.kiosk.expect_call("ended")


async def test_a_touch_that_found_a_live_call_makes_no_second_one_later(cast: Cast) -> None:
    """A second touch meets the live call; repeated when that call is over, it wakes nobody up."""
    call = (await cast.kiosk.touch()).id
    await cast.kiosk.say(CallRequest(), id="second-touch")
    await cast.kiosk.settled()
    await cast.desk.rung()
    await cast.desk.accept(call)
    await cast.desk.say(EndCall(), call=call)
    await cast.kiosk.expect_call("ended")
    await cast.kiosk.say(CallRequest(), id="second-touch")
    await cast.kiosk.settled()
    async with cast.hub.house.database.read(POOL) as tx:
        assert await calls.live(tx, ["minami"]) == []


async def test_ids_are_forgotten_after_a_day(cast: Cast) -> None:
    """The table does not grow for ever."""
    await cast.kiosk.touch()
    assert await _done(cast.hub) > 0
    await cast.hub.jump(timedelta(hours=23, minutes=50).total_seconds())
    assert await _done(cast.hub) > 0
    await cast.hub.jump(timedelta(minutes=15).total_seconds())
    assert await _done(cast.hub) == 0
