"""The duty table at a running counter: what a terminal is told, what a touch does, when the hour strikes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from protocol.common import Refused
from protocol.desk_link import Decline, SetPresence
from protocol.kiosk_link import CallRequest, Snapshot
from protocol.values import Role
from tests.fakes.hub_client import FakeKiosk
from tests.fakes.hub_program import JumpClock, running


def clock(day: str, time: str) -> JumpClock:
    """A moment in Japan."""
    return JumpClock(datetime.fromisoformat(f"{day}T{time}+09:00").astimezone(UTC))


async def refused(kiosk: FakeKiosk, topic: str) -> str:
    await kiosk.say(CallRequest(topic=topic))
    return (await kiosk.expect(Refused)).message.code


async def test_a_tile_goes_and_comes_back_when_its_hour_strikes(tmp_path: Path) -> None:
    """北支所, a Tuesday: 介護 is closed over noon, and says so; whoever touches late reads why."""
    async with running(tmp_path, clock=clock("2026-12-01", "11:59:30")) as hub:
        kiosk, desk = await hub.kiosk("t1", "minami", "kita"), await hub.desk("hana")
        async with desk:
            await desk.available()
            site = (await kiosk.connect()).site
            assert "care-insurance" in [one.id for one in site.topics]
            await hub.jump(30)
            site = (await kiosk.expect(Snapshot)).message.site
            assert "care-insurance" not in [one.id for one in site.topics]
            assert len(site.later) == 1
            assert await refused(kiosk, "care-insurance") == "topic_closed"
            await hub.jump(3600)
            site = (await kiosk.expect(Snapshot)).message.site
            assert "care-insurance" in [one.id for one in site.topics]
            assert (await kiosk.touch("care-insurance")).topic == "care-insurance"
            await kiosk.leave()


async def test_the_staff_on_the_spot_are_not_rung_over_the_pool(tmp_path: Path) -> None:
    """みなと出張所, a Wednesday: nobody is rung for what the branch does itself; without a topic, one is."""
    async with running(tmp_path, clock=clock("2026-12-02", "10:00")) as hub:
        kiosk, desk = await hub.kiosk("t1", "minami", "minato"), await hub.desk("hana")
        async with desk, kiosk:
            await desk.available()
            assert await refused(kiosk, "residence-certificate") == "branch"
            call = await kiosk.touch("")
            assert (await desk.rung()).call == call.id


async def test_a_terminal_at_an_event_greets_by_the_place_where_it_stands(tmp_path: Path) -> None:
    """D10: the ring card names the mall; after its hours the terminal is closed."""
    async with running(tmp_path, clock=clock("2026-12-05", "15:59")) as hub:
        kiosk, desk = await hub.kiosk("kita-2", "minami", "kita"), await hub.desk("hana")
        async with desk, kiosk:
            await desk.available()
            await kiosk.touch("mynumber-card")
            assert (await desk.rung()).site_name == "みなとモール 1階広場"
            await hub.jump(60)
            site = (await kiosk.expect(Snapshot, lambda said: not said.site.open)).message.site
            assert site.event


async def test_what_is_a_departments_rings_its_specialist_and_then_the_pool(tmp_path: Path) -> None:
    """D2 drives routing: 介護 at 本庁 goes to 高齢福祉課, and to an operator once nobody is there."""
    async with running(tmp_path, clock=clock("2026-12-01", "09:00")) as hub:
        kiosk, desk = await hub.kiosk("t1", "minami", "honcho"), await hub.desk("hana")
        special = await hub.desk("kaori", role=Role.SPECIALIST, department="kaigo")
        async with desk, special, kiosk:
            await desk.available()
            await special.available()
            call = await kiosk.touch("care-insurance")
            assert (await special.rung()).call == call.id
            await special.say(Decline(), call=call.id)
            await special.say(SetPresence(state="away"))
            await special.settled()
            assert (await desk.rung()).call == call.id
            await desk.accept(call.id)
