"""The limit of a wrap-up on real sockets: warned of, then away and not rung, and nothing typed is lost."""

from __future__ import annotations

from pathlib import Path

from hub.settings import Queue
from hub.store import calls
from hub.store.fences import POOL
from protocol.common import Refused
from protocol.desk_link import DeskSnapshot, EndCall, Presence, Ring, SetPresence, WrappedUp, WrapUp
from protocol.values import PresenceState
from tests.fakes.hub_program import running
from tests.hub.conftest import Cast

DONE = WrapUp(procedure="care-insurance", outcome="completed", note="負担割合証を案内")


async def wrapping(cast: Cast) -> tuple[str, DeskSnapshot]:
    """A call that has ended; gives its id and what the desk was then told."""
    call = await cast.talk()
    await cast.desk.say(EndCall(), call=call)
    return call, (await cast.desk.expect(DeskSnapshot)).message


async def test_the_desk_is_told_until_when(cast: Cast) -> None:
    """So that it can warn; the limit of the settings, from the end of the call."""
    _, told = await wrapping(cast)
    assert told.wrap_up is not None
    assert told.wrap_up.until is not None
    assert (told.wrap_up.until - told.presence_since).total_seconds() == 300


async def test_beyond_the_limit_nobody_is_rung_and_the_form_stays(cast: Cast) -> None:
    """Away with a reason of its own; also after a reload the outcome can be saved, and then she is back."""
    call, _ = await wrapping(cast)
    await cast.hub.jump(299)
    await cast.desk.settled()
    await cast.hub.jump(2)
    told = (await cast.desk.expect(Presence, lambda said: said.state is PresenceState.OVERDUE)).message
    assert (told.reason, told.until) == ("wrap_up_limit", None)
    await cast.desk.say(SetPresence(state="available"))
    assert (await cast.desk.expect(Refused)).message.code == "presence"
    snapshot = await cast.desk.reload()
    assert (snapshot.presence, snapshot.presence_reason) == (PresenceState.OVERDUE, "wrap_up_limit")
    assert snapshot.wrap_up is not None
    assert (snapshot.wrap_up.call, snapshot.wrap_up.until) == (call, None)
    assert cast.desk.count(Ring) == 1
    await cast.desk.say(DONE, call=call)
    await cast.desk.expect(WrappedUp)
    await cast.desk.expect(Presence, lambda said: said.state is PresenceState.AVAILABLE)
    async with cast.hub.house.database.read(POOL) as tx:
        found = await calls.outcomes(tx, "minami", cast.hub.clock.now().replace(year=2000))
    assert found == [("care-insurance", "completed", "", 1)]


async def test_the_terminal_hears_that_nobody_is_there_any_more(cast: Cast) -> None:
    """The one operator of the town is away: the next resident is not let wait in vain."""
    await wrapping(cast)
    assert cast.hub.house.counter.board.on_duty.get("minami") == 1
    await cast.hub.jump(301)
    assert "minami" not in cast.hub.house.counter.board.on_duty


async def test_the_limit_outlives_the_hub(tmp_path: Path) -> None:
    """It stands in the store: another start of the hub acts on it."""
    async with running(tmp_path) as hub:
        kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
        async with kiosk, desk:
            await desk.available()
            call = await kiosk.touch()
            await desk.rung()
            await desk.accept(call.id)
            await desk.say(EndCall(), call=call.id)
            await desk.expect(Presence, lambda said: said.state is PresenceState.WRAP_UP)
        clock = hub.clock
    clock.jump(301)
    async with running(tmp_path, clock=clock) as hub:
        await hub.house.counter.tick()
        async with hub.desk_of("hana") as desk:
            snapshot = await desk.reload()
    assert snapshot.presence is PresenceState.OVERDUE
    assert snapshot.wrap_up is not None


async def test_without_a_limit_nothing_ends(tmp_path: Path) -> None:
    """0 in the settings: a wrap-up takes as long as it takes."""
    async with running(tmp_path, queue=Queue(wrap_up_s=0)) as hub:
        kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
        async with kiosk, desk:
            await desk.available()
            call = await kiosk.touch()
            await desk.rung()
            await desk.accept(call.id)
            await desk.say(EndCall(), call=call.id)
            told = (await desk.expect(DeskSnapshot)).message
            assert told.wrap_up is not None
            assert told.wrap_up.until is None
            await hub.jump(3600)
            await desk.settled()
            assert (await desk.reload()).presence is PresenceState.WRAP_UP
