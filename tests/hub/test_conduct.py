"""Harassment of an operator: warn calmly, call a supervisor, end; each step recorded, none out of order."""

from __future__ import annotations

import pytest

from hub.core.call import NotNow
from hub.core.conduct import TRANSITIONS, after
from hub.store import trail
from hub.store.fences import POOL
from protocol.common import Refused
from protocol.desk_link import DeskCallUpdate, SetFocus, StepConduct, SupervisorWanted
from protocol.kiosk_link import Present
from protocol.values import Conduct, ConductStep, Focus, Role
from tests.fakes.hub_client import FakeDesk
from tests.hub.conftest import Cast


async def step(cast: Cast, call: str, asked: str) -> None:
    await cast.desk.say(StepConduct(step=ConductStep(asked)), call=call)


async def listed(desk: FakeDesk, count: int) -> SupervisorWanted:
    return (await desk.expect(SupervisorWanted, lambda said: len(said.calls) == count)).message


@pytest.mark.parametrize("now", list(Conduct))
@pytest.mark.parametrize("asked", list(ConductStep))
def test_nobody_is_cut_off_unwarned(now: Conduct, asked: ConductStep) -> None:
    """A supervisor or the end only after the warning; what stands in no line is refused."""
    if (now, asked) in TRANSITIONS:
        assert (now is Conduct.FINE) == (asked is ConductStep.WARN)
    else:
        with pytest.raises(NotNow, match="先に"):
            after(now, asked)


async def test_the_terminal_asks_for_calm_words_until_all_is_well(cast: Cast) -> None:
    """The warning stands beside whatever the operator shows, outlives a reload, and can be taken back."""
    call = await cast.talk()
    await step(cast, call, "warn")
    await cast.kiosk.expect(Present, lambda said: said.presentation.conduct == "warned")
    await cast.desk.say(SetFocus(focus=Focus.PAPER), call=call)
    await cast.kiosk.expect(
        Present, lambda said: said.presentation.focus == "paper" and said.presentation.conduct == "warned"
    )
    snapshot = await cast.desk.reload()
    assert snapshot.call is not None
    assert snapshot.call.presentation.conduct is Conduct.WARNED
    await step(cast, call, "withdraw")
    await cast.kiosk.expect(Present, lambda said: said.presentation.conduct == "fine")


async def test_only_the_towns_supervisors_are_called(cast: Cast) -> None:
    """She reads which counter and whose call, also after a reload, and when it is over; others nothing."""
    own = await cast.hub.desk("kanri", role=Role.SUPERVISOR)
    far = await cast.hub.desk("tooi", ["kitamidai"], role=Role.SUPERVISOR)
    async with own, far:
        call = await cast.talk()
        await step(cast, call, "warn")
        await step(cast, call, "call_supervisor")
        (wanted,) = (await listed(own, 1)).calls
        assert (wanted.call, wanted.site_name, wanted.operator) == (call, "体験コーナー", "hana さん")
        assert [one.call for one in (await own.reload()).wanted] == [call]
        assert (await far.reload()).wanted == ()
        await step(cast, call, "end")
        await listed(own, 0)
        await far.settled()
        assert far.count(SupervisorWanted) == 0


async def test_the_end_is_recorded(cast: Cast) -> None:
    """Every step stands in the audit; the operator comes to her wrap-up as after any call."""
    call = await cast.talk()
    await step(cast, call, "end")
    assert (await cast.desk.expect(Refused)).message.code == "order"
    await step(cast, call, "warn")
    await step(cast, call, "end")
    await cast.kiosk.expect_call("ended")
    await cast.desk.expect(DeskCallUpdate, lambda said: said.call.state == "ended")
    async with cast.hub.house.database.read(POOL) as tx:
        steps = [e.detail["step"] for e, _ in await trail.entries(tx) if e.action == "conduct"]
    assert steps == ["warn", "end"]
