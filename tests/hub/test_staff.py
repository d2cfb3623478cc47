"""Ringing the branch's own staff: resident or operator rings, a page sounds, everybody reads the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.counter import staff
from hub.counter.settle import tell_site
from hub.store import trail
from hub.store.fences import POOL
from protocol.common import CallStaff, Refused, WithdrawStaff
from protocol.desk_link import DeskSnapshot, SetBells, StaffArrived, StaffComing, StaffUpdate
from protocol.kiosk_link import Snapshot, Staff
from protocol.values import Role, StaffCall, StaffReason, StaffState
from tests.fakes.hub_client import FakeDesk, FakeKiosk
from tests.fakes.hub_program import RunningHub, running
from tests.hub.conftest import Cast


@pytest.fixture
async def branch(cast: Cast) -> Any:
    """A branch page of みなみ市 that listens for the site of `cast.kiosk`."""
    desk = await cast.hub.desk("eki", role=Role.BRANCH)
    async with desk:
        await listen(desk)
        yield desk


async def listen(desk: FakeDesk, *sites: str) -> DeskSnapshot:
    await desk.say(SetBells(municipality="minami", sites=sites or ("taiken",)))
    return (await desk.expect(DeskSnapshot)).message


async def rung(desk: FakeDesk, state: str) -> StaffCall:
    return (await desk.expect(StaffUpdate, lambda said: said.staff.state == state)).message.staff


async def told(kiosk: FakeKiosk, state: str) -> Staff:
    return (await kiosk.expect(Staff, lambda said: said.state == state)).message


async def actions(hub: RunningHub) -> list[str]:
    async with hub.house.database.read(POOL) as tx:
        return [
            str(entry.action) for entry, _ in await trail.entries(tx) if entry.action.startswith("staff_")
        ]


async def test_a_resident_rings_and_somebody_comes(cast: Cast, branch: FakeDesk) -> None:
    """The page names the terminal; the terminal hears that somebody is on the way, and that it is over."""
    await cast.kiosk.say(CallStaff())
    ring = await rung(branch, "calling")
    assert (ring.site_name, ring.terminal_name, ring.by_resident, ring.listening) == (
        "体験コーナー", "t1", True, 1,
    )  # fmt: skip
    assert (await told(cast.kiosk, "calling")).by_resident
    await branch.say(StaffComing(ring=ring.id))
    await told(cast.kiosk, "coming")
    assert (await rung(branch, "coming")).coming == "eki さん"
    await branch.say(StaffArrived(ring=ring.id))
    await told(cast.kiosk, "done")
    assert await actions(cast.hub) == ["staff_called", "staff_coming", "staff_done"]


async def test_a_snapshot_of_the_same_turn_knows_what_became_of_the_ring(cast: Cast) -> None:
    """A terminal never reads that somebody is rung whom it has just heard to be rung no more."""
    await cast.kiosk.say(CallStaff())
    await told(cast.kiosk, "calling")
    async with cast.hub.house.counter.turn() as turn:
        await staff.withdraw(turn, cast.kiosk.device, "kiosk:t1")
        await tell_site(turn, cast.kiosk.device, always=True)
    await told(cast.kiosk, "withdrawn")
    assert (await cast.kiosk.expect(Snapshot)).message.staff is None


async def test_the_operator_rings_with_a_reason(cast: Cast, branch: FakeDesk) -> None:
    """Illness is said to the branch; the operator reads who comes, in the same call."""
    call = await cast.talk()
    await cast.desk.say(CallStaff(reason=StaffReason.ILLNESS), call=call)
    ring = await rung(branch, "calling")
    assert (ring.reason, ring.by_resident, ring.call) == (StaffReason.ILLNESS, False, call)
    assert not (await told(cast.kiosk, "calling")).by_resident
    await branch.say(StaffComing(ring=ring.id))
    assert (await rung(cast.desk, "coming")).coming == "eki さん"


async def test_who_accepts_a_call_reads_the_ring_that_was_made_before(cast: Cast, branch: FakeDesk) -> None:
    """A resident who rang while waiting need not say it again."""
    call = await cast.kiosk.touch()
    await cast.kiosk.say(CallStaff())
    await rung(branch, "calling")
    await cast.desk.rung()
    await cast.desk.accept(call.id)
    assert (await rung(cast.desk, "calling")).call == call.id


async def test_nobody_answers(cast: Cast, branch: FakeDesk) -> None:
    """After a minute the terminal says so; the page still shows the ring, and one who is late still helps."""
    await cast.kiosk.say(CallStaff())
    ring = await rung(branch, "calling")
    await cast.hub.jump(61)
    await told(cast.kiosk, "unanswered")
    snapshot = await branch.reload()
    assert [(one.id, one.state) for one in snapshot.staff] == [(ring.id, StaffState.UNANSWERED)]
    await branch.say(StaffComing(ring=ring.id))
    await told(cast.kiosk, "coming")


async def test_where_no_page_is_open_the_terminal_says_so_soon(cast: Cast, branch: FakeDesk) -> None:
    """Ten seconds, not a minute, for a bell that nobody can hear."""
    await cast.hub.lost(branch)
    await cast.kiosk.say(CallStaff())
    await told(cast.kiosk, "calling")
    await cast.hub.jump(9)
    await told(cast.kiosk, "unanswered")


async def test_a_second_touch_is_the_same_ring_and_may_be_taken_back(cast: Cast, branch: FakeDesk) -> None:
    """Impatience makes one ring; nobody comes for a ring that was withdrawn."""
    await cast.kiosk.say(CallStaff())
    await cast.kiosk.say(CallStaff())
    ring = await rung(branch, "calling")
    assert (await rung(branch, "calling")).id == ring.id
    await cast.kiosk.say(WithdrawStaff())
    await rung(branch, "withdrawn")
    await branch.say(StaffComing(ring=ring.id))
    assert (await branch.expect(Refused)).message.code == "gone"
    await cast.kiosk.say(WithdrawStaff())  # nothing is there to withdraw: no word, no error
    await cast.kiosk.settled()
    assert cast.kiosk.count(Refused) == 0


async def test_a_site_without_staff_rings_nobody(cast: Cast) -> None:
    """The key is offered only where the municipality has named staff, and a word without a key is refused."""
    kiosk = await cast.hub.kiosk("t9", site="minato")
    async with kiosk:
        assert not (await kiosk_site(kiosk)).site.staff
        await kiosk.say(CallStaff())
        assert (await kiosk.expect(Refused)).message.code == "no_staff"


async def kiosk_site(kiosk: FakeKiosk) -> Snapshot:
    await kiosk.drop()
    return await kiosk.connect()


async def test_a_page_hears_only_its_own_places(cast: Cast, branch: FakeDesk) -> None:
    """Another site of the town, and another town, hear nothing and can answer nothing."""
    elsewhere = await cast.hub.desk("hoka", role=Role.BRANCH)
    far = await cast.hub.desk("tooi", ["kitamidai"], role=Role.BRANCH)
    async with elsewhere, far:
        assert {place.site for place in (await listen(elsewhere, "kita", "minato")).bells if place.on} == {
            "kita"
        }
        await far.say(SetBells(municipality="minami", sites=("taiken",)))
        assert (await far.expect(Refused)).message.code == "no_branch"
        await cast.kiosk.say(CallStaff())
        ring = await rung(branch, "calling")
        await far.say(StaffComing(ring=ring.id))
        assert (await far.expect(Refused)).message.code == "gone"
        for desk in (elsewhere, far):
            await desk.settled()
            assert desk.count(StaffUpdate) == 0


async def test_an_operator_of_the_town_is_no_branch_staff(cast: Cast, branch: FakeDesk) -> None:
    """Only a membership with the role lets somebody listen or answer."""
    await cast.desk.say(SetBells(municipality="minami", sites=("taiken",)))
    assert (await cast.desk.expect(Refused)).message.code == "not_allowed"
    await cast.kiosk.say(CallStaff())
    ring = await rung(branch, "calling")
    await cast.desk.say(StaffComing(ring=ring.id))
    assert (await cast.desk.expect(Refused)).message.code == "not_allowed"


async def test_a_ring_outlives_the_hub(tmp_path: Path) -> None:
    """After a restart page and terminal still say that it rings, and time still ends it."""
    async with running(tmp_path) as hub:
        kiosk, branch = await hub.kiosk("t1"), await hub.desk("eki", role=Role.BRANCH)
        async with kiosk, branch:
            await listen(branch)
            await kiosk.say(CallStaff())
            await rung(branch, "calling")
    async with running(tmp_path, clock=hub.clock) as hub:
        kiosk.url, again = hub.url, hub.desk_of("eki")
        await again.log_in()
        snapshot = await again.connect()
        assert [one.state for one in snapshot.staff] == [StaffState.CALLING]
        assert (await kiosk.connect()).staff is StaffState.CALLING
        await hub.jump(61)
        await told(kiosk, "unanswered")
        await kiosk.leave()
