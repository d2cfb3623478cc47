"""The disaster switch: one page, one key, one queue, at once, at any hour, over a restart, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub import switches
from hub.core.audit import Action
from hub.store import trail
from hub.store.fences import POOL
from protocol.common import Refused
from protocol.desk_link import Decline, Ring, SetPresence
from protocol.errors import LocalError
from protocol.kiosk_link import CallRequest, Snapshot
from protocol.values import Role, Site
from tests.fakes.hub_client import FakeKiosk
from tests.fakes.hub_program import JumpClock, RunningHub, content, running, settings_in
from tests.hub.conftest import Cast

SUNDAY = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TUESDAY = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
PAGE = "disaster-quake"


async def switch(hub: RunningHub, page: str = "", municipality: str = "minami") -> None:
    """As the command does, and the running hub looks."""
    if page:
        await switches.disaster_on(hub.house.settings, content(), municipality, page)
    else:
        await switches.disaster_off(hub.house.settings, content(), municipality)
    await hub.house.inspection.look()


async def place(kiosk: FakeKiosk, *, switched: bool = True) -> Site:
    """What a terminal is told once it knows of the switch, or that it is off."""
    fits = lambda said: (said.site.disaster is not None) is switched  # noqa: E731
    return (await kiosk.expect(Snapshot, fits)).message.site


async def test_every_terminal_of_the_municipality_shows_the_page_and_no_other(tmp_path: Path) -> None:
    """On a Sunday, at a counter that is closed; the other municipality notices nothing."""
    async with running(tmp_path, clock=JumpClock(SUNDAY)) as hub:
        near, far = await hub.kiosk("t1", "minami", "kita"), await hub.kiosk("t2", "kitamidai", "taiken")
        desk = await hub.desk("hana")
        async with near, far, desk:
            await desk.available()
            await switch(hub, PAGE)
            site = await place(near)
            assert site.disaster
            assert (site.open, site.disaster.id, site.topics, site.later) == (True, PAGE, (), ())
            call = await near.touch("mynumber-card")
            card = await desk.rung()
            assert (card.call, card.topic_title) == (call.id, "災害時の受付(地震のあとのご案内)")
            assert far.count(Snapshot) == 1, "its first one"
            await switch(hub)
            assert not (await place(near, switched=False)).open


async def test_its_calls_come_before_those_that_wait_longer_elsewhere(cast: Cast) -> None:
    """Top priority over the whole pool, and no call loses its place for good."""
    both = await cast.hub.desk("jiro", ["minami", "kitamidai"])
    async with both:
        await cast.desk.say(SetPresence(state="away"))
        await both.available()
        await cast.hub.lost(both)
        first = await cast.far_kiosk.touch()
        second = await cast.kiosk.touch()
        await switch(cast.hub, PAGE)
        await both.connect()
        assert (await both.rung()).call == second.id != first.id


async def test_whoever_waits_for_a_department_is_in_the_one_queue_at_once(tmp_path: Path) -> None:
    """No duties, no departments: the operator who would have been rung a minute later is rung now."""
    async with running(tmp_path, clock=JumpClock(TUESDAY)) as hub:
        kiosk, desk = await hub.kiosk("t1", "minami", "honcho"), await hub.desk("hana")
        special = await hub.desk("kaori", role=Role.SPECIALIST, department="kaigo")
        async with kiosk, desk, special:
            await special.available()
            await desk.available()
            call = await kiosk.touch("care-insurance")
            await special.rung()
            await special.say(Decline(), call=call.id)
            await special.settled()
            assert desk.count(Ring) == 0
            await switch(hub, PAGE)
            await desk.settled()
            assert desk.count(Ring) == 1


async def test_a_terminal_that_is_behind_is_told_whoever_has_read_the_switch(cast: Cast) -> None:
    """Another hub's turn may have brought the board up to date, and told only its own terminals."""
    await switches.disaster_on(cast.hub.house.settings, content(), "minami", PAGE)
    cast.hub.house.counter.board.disasters = {"minami": PAGE}
    await cast.hub.house.inspection.look()
    assert (await place(cast.kiosk)).open
    told = cast.kiosk.count(Snapshot)
    await cast.hub.house.inspection.look()
    await cast.kiosk.settled()
    assert cast.kiosk.count(Snapshot) == told, "once"


async def test_a_restart_keeps_the_switch_and_the_audit_names_both_turns(tmp_path: Path) -> None:
    """Nobody has to think of it after a power cut."""
    settings = settings_in(tmp_path)
    await switches.disaster_on(settings, content(), "minami", PAGE)
    async with running(tmp_path) as hub:
        kiosk = await hub.kiosk("t1")
        assert (await kiosk.connect()).site.disaster is not None
        await kiosk.leave()
    async with running(tmp_path) as hub:
        assert hub.house.counter.board.disasters == {"minami": PAGE}
    assert "as on any other day" in await switches.disaster_off(settings, content(), "minami")
    assert "was not switched on" in await switches.disaster_off(settings, content(), "minami")
    async with running(tmp_path) as hub:
        assert hub.house.counter.board.disasters == {}
        async with hub.house.database.read(POOL) as tx:
            told = [(one.action, one.municipality) for one, _ in await trail.entries(tx)]
    assert told == [(Action.DISASTER_ON, "minami"), (Action.DISASTER_OFF, "minami")]


@pytest.mark.parametrize(
    ("municipality", "page", "text"),
    [
        ("nowhere", PAGE, "no municipality nowhere; known: kitamidai, minami"),
        ("minami", "card-flow", "not one of disaster_pages of minami; known: disaster-quake"),
        ("minami", "", r"\(none given\)"),
    ],
)
async def test_a_slip_at_the_switch_is_told_and_nothing_is_switched(
    tmp_path: Path, municipality: str, page: str, text: str
) -> None:
    """In a hurry people mistype."""
    with pytest.raises(LocalError, match=text):
        await switches.disaster_on(settings_in(tmp_path), content(), municipality, page)


async def test_with_nobody_on_duty_the_page_stays_and_the_touch_is_refused(cast: Cast) -> None:
    """The terminal shows the page with the telephone number."""
    await switch(cast.hub, "disaster-typhoon", "kitamidai")
    site = await place(cast.far_kiosk)
    assert (site.disaster is not None, site.operators_on_duty) == (True, False)
    await cast.far_kiosk.say(CallRequest())
    assert (await cast.far_kiosk.expect(Refused)).message.code == "nobody_on_duty"


SWITCH = "/api/admin/municipalities/minami/disaster"


async def test_a_supervisor_turns_it_at_the_desk_and_the_trail_says_who(hub: RunningHub) -> None:
    """At once; an operator may not, and a page that is not prepared is refused."""
    boss, hana, kiosk = (
        await hub.desk("boss", role=Role.SUPERVISOR),
        await hub.desk("hana"),
        await hub.kiosk("t1"),
    )
    async with kiosk:
        await boss.log_in()
        await hana.log_in()
        assert (await boss.get(SWITCH)).json() == {"page": "", "pages": [[PAGE, "地震のあとのご案内"]]}
        assert (await hana.post(SWITCH, {"page": PAGE})).status_code == 403
        assert (await boss.post(SWITCH, {"page": "card-flow"})).json()["code"] == "unknown_page"
        assert (await boss.post(SWITCH, {"page": PAGE})).json()["page"] == PAGE
        await place(kiosk)
        assert (await boss.post(SWITCH, {"page": ""})).json()["page"] == ""
        await place(kiosk, switched=False)
        assert (await boss.post(SWITCH, {"page": ""})).status_code == 200, "off twice is off"
    async with hub.house.database.read(POOL) as tx:
        told = [(one.action, one.actor) for one, _ in await trail.entries(tx)]
    by = f"user:{boss.user}"
    assert [one for one in told if one[0].startswith("disaster")] == [
        (Action.DISASTER_ON, by), (Action.DISASTER_OFF, by),
    ]  # fmt: skip
