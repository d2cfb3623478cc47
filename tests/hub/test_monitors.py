"""A supervisor listens, whispers and speaks, on real sockets: everybody in the call knows of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from hub.core.audit import Action
from hub.store import calls, monitors, people, trail
from hub.store.fences import POOL
from protocol.common import MediaReport, Refused
from protocol.desk_link import (
    Accept,
    DeskCallUpdate,
    EndCall,
    HoldCall,
    MonitorCall,
    MonitorUpdate,
    Presence,
    SetPresence,
    SideAnswer,
    SideCandidate,
    SideOffer,
    SideRenew,
    StartTransfer,
    StepConduct,
    StepTransfer,
    SupervisorWanted,
)
from protocol.kiosk_link import Call, CallLeave
from protocol.values import (
    CallState,
    ConductStep,
    MediaRole,
    Membership,
    Monitoring,
    MonitorState,
    Role,
    TransferKind,
    TransferStep,
    WatcherKind,
)
from tests.fakes.hub_client import FakeDesk
from tests.hub.conftest import Cast

LISTEN, WHISPER, BARGE = MonitorState.LISTENING, MonitorState.WHISPERING, MonitorState.BARGING


@dataclass
class Watched:
    """A call that talks with `cast.desk`, and `boss`, a supervisor of みなみ市."""

    cast: Cast
    boss: FakeDesk
    call: str

    async def wish(self, state: MonitorState, desk: FakeDesk | None = None) -> None:
        """Say it."""
        await (desk or self.boss).say(MonitorCall(state=state), call=self.call)

    async def takes_part(self, state: MonitorState) -> Monitoring:
        """Say it, and wait until the supervisor's desk hears that it is so."""
        await self.wish(state)
        return await self.hears(state)

    async def hears(self, state: MonitorState) -> Monitoring:
        """The supervisor's next word of the hub in which she takes part so."""
        heard = await self.boss.expect(
            MonitorUpdate, lambda said: said.monitoring is not None and said.monitoring.state is state
        )
        assert heard.message.monitoring is not None
        return heard.message.monitoring

    async def is_over(self) -> str:
        """Why, as her desk is told."""
        return (await self.boss.expect(MonitorUpdate, lambda said: said.monitoring is None)).message.why

    async def operator_reads(self, state: MonitorState | None) -> str:
        """The name that the operator's desk is told with this state; None: that there is nobody any more."""

        def fits(said: DeskCallUpdate) -> bool:
            return (said.call.monitor.state if said.call.monitor else None) is state

        monitor = (await self.cast.desk.expect(DeskCallUpdate, fits)).message.call.monitor
        return monitor.supervisor_name if monitor else ""

    async def resident_reads(self) -> list[tuple[WatcherKind, bool]]:
        """Who is in the call by the next word to the terminal, and whether each speaks to her."""
        said = (await self.cast.kiosk.expect(Call)).message.call
        return [(one.kind, one.speaks) for one in said.watchers]

    async def steps(self) -> list[str]:
        """What the audit says of it."""
        async with self.cast.hub.house.database.read(POOL) as tx:
            found = await trail.entries(tx)
        return [str(one.detail["step"]) for one, _ in found if one.action == Action.MONITORED]


@pytest.fixture
async def watched(cast: Cast) -> AsyncIterator[Watched]:
    """Everybody connected; the call talks."""
    boss = await cast.hub.desk("boss", role=Role.SUPERVISOR)
    async with boss:
        yield Watched(cast, boss, await cast.talk())


async def refused(desk: FakeDesk) -> str:
    """The code of the next refusal."""
    return (await desk.expect(Refused)).message.code


async def test_nobody_listens_in_secret(watched: Watched) -> None:
    """From the first moment the operator reads who listens, and so does the resident; it is recorded."""
    told = await watched.takes_part(LISTEN)
    assert (told.call, told.site_name, told.operator_name) == (watched.call, "体験コーナー", "hana さん")
    assert await watched.operator_reads(LISTEN) == "boss さん"
    assert await watched.resident_reads() == [
        (WatcherKind.OPERATOR, True), (WatcherKind.SUPERVISOR, False),
    ]  # fmt: skip
    assert await watched.steps() == ["listen"]


async def test_whisper_and_barge_are_told_to_those_who_hear_them(watched: Watched) -> None:
    """A whisper changes nothing for the resident; a barge does, and so does going back."""
    await watched.takes_part(LISTEN)
    await watched.resident_reads()
    await watched.takes_part(WHISPER)
    await watched.operator_reads(WHISPER)
    await watched.takes_part(BARGE)
    await watched.operator_reads(BARGE)
    assert (WatcherKind.SUPERVISOR, True) in await watched.resident_reads(), "the whisper told her nothing"
    await watched.takes_part(LISTEN)
    assert (WatcherKind.SUPERVISOR, False) in await watched.resident_reads()
    await watched.wish(MonitorState.OVER)
    assert await watched.is_over() == "leave"
    assert await watched.operator_reads(None) == ""
    assert await watched.resident_reads() == [(WatcherKind.OPERATOR, True)]
    assert await watched.steps() == ["listen", "whisper", "barge", "listen", "leave"]


async def test_it_ends_with_the_call(watched: Watched) -> None:
    """Whoever ends it; nothing is left open."""
    await watched.takes_part(LISTEN)
    await watched.cast.kiosk.say(CallLeave(reason="resident"), call=watched.call)
    assert await watched.is_over() == "call_over"
    async with watched.cast.hub.house.database.read(POOL) as tx:
        legs = await calls.legs(tx, watched.call, "minami")
        (kept,) = await monitors.of_call(tx, watched.call, "minami")
    assert all(not open for _, _, open in legs)
    assert (kept.open, kept.ended_why) == (False, "call_over")
    assert not watched.cast.hub.house.counter.board.monitors
    await watched.wish(BARGE)
    assert await refused(watched.boss) == "gone"


async def test_a_supervisor_of_another_municipality_finds_no_call(watched: Watched) -> None:
    """404 in the words of a link, with an audit entry; an operator may not either, and it is recorded."""
    far = await watched.cast.hub.desk("tooi", ["kitamidai"], Role.SUPERVISOR)
    async with far:
        await watched.wish(LISTEN, far)
        assert await refused(far) == "gone"
        await watched.wish(LISTEN, watched.cast.far_desk)
        assert await refused(watched.cast.far_desk) == "gone"
        await watched.wish(LISTEN, watched.cast.desk)
        assert await refused(watched.cast.desk) == "not_allowed"
    async with watched.cast.hub.house.database.read(POOL) as tx:
        found = [one.action for one, _ in await trail.entries(tx)]
    assert found.count(Action.FOREIGN_REFUSED) == 2
    assert found.count(Action.ROLE_REFUSED) == 1
    assert await watched.steps() == []


async def test_whoever_is_supervisor_elsewhere_is_none_here(watched: Watched) -> None:
    """An operator of this town who supervises another: the role counts where it is held."""
    both = await watched.cast.hub.desk("both", ["kitamidai"], Role.SUPERVISOR)
    await both.log_in()
    async with watched.cast.hub.house.database.write(POOL) as tx:
        new = Membership(municipality="minami", role=Role.OPERATOR)
        await people.add_memberships(tx, both.user, [new])
    await both.connect()
    await watched.wish(LISTEN, both)
    assert await refused(both) == "not_allowed"


async def test_one_supervisor_in_a_call_and_one_call_for_a_supervisor(watched: Watched) -> None:
    """The second supervisor is told by whom; whoever chooses another call leaves the first."""
    other = await watched.cast.hub.desk("sub", role=Role.SUPERVISOR)
    kiosk = await watched.cast.hub.kiosk("t9")
    jiro = await watched.cast.hub.desk("jiro")
    async with other, kiosk, jiro:
        await watched.takes_part(LISTEN)
        await watched.wish(LISTEN, other)
        heard = (await other.expect(Refused)).message
        assert (heard.code, "boss さん" in heard.text) == ("monitored", True)
        await jiro.available()
        second = await kiosk.touch()
        await jiro.rung()
        await jiro.accept(second.id)
        await watched.boss.say(MonitorCall(state=WHISPER), call=second.id)
        assert (await watched.hears(WHISPER)).call == second.id
        assert await watched.operator_reads(None) == ""
        await watched.wish(LISTEN, other)
        await other.expect(MonitorUpdate, lambda said: said.monitoring is not None)


async def test_a_supervisor_in_a_call_is_not_rung(watched: Watched) -> None:
    """Whoever takes calls herself is away meanwhile, and cannot say otherwise before she leaves."""
    chief = await watched.cast.hub.desk("chief", role=Role.SUPERVISOR)
    await chief.log_in()
    async with watched.cast.hub.house.database.write(POOL) as tx:
        await people.add_memberships(tx, chief.user, [Membership(municipality="minami", role=Role.OPERATOR)])
    await chief.connect()
    await chief.available()
    await watched.wish(LISTEN, chief)
    said = (await chief.expect(Presence)).message
    assert (said.state, said.reason) == ("away", "monitoring")
    await chief.expect(MonitorUpdate)
    await chief.say(SetPresence(state="available"))
    assert await refused(chief) == "monitoring"
    await watched.wish(MonitorState.OVER, chief)
    await chief.expect(MonitorUpdate, lambda said: said.monitoring is None)
    await chief.available()


async def test_nobody_monitors_out_of_a_call_of_her_own(watched: Watched) -> None:
    """An operator who is a supervisor too: first her own resident."""
    async with watched.cast.hub.house.database.write(POOL) as tx:
        new = Membership(municipality="minami", role=Role.SUPERVISOR)
        await people.add_memberships(tx, watched.cast.desk.user, [new])
    await watched.cast.desk.log_in()
    await watched.cast.desk.reload()
    await watched.wish(LISTEN, watched.cast.desk)
    assert await refused(watched.cast.desk) == "busy"


async def test_a_call_that_nobody_has_answered_cannot_be_listened_to(watched: Watched) -> None:
    """There is nobody who would pass the voices on."""
    await watched.cast.desk.say(EndCall(), call=watched.call)
    await watched.cast.kiosk.expect_call("ended")
    await watched.wish(LISTEN)
    assert await refused(watched.boss) == "gone"


async def test_the_desks_reach_each_other_and_nobody_else_does(watched: Watched) -> None:
    """The operator's offers, the supervisor's answers and asks anew; strangers get 'gone'."""
    told = await watched.takes_part(LISTEN)
    offer = SideOffer(transfer=told.id, turn=1, sdp="v=0", mids={"0": MediaRole.AUDIO})
    answer = SideAnswer(transfer=told.id, turn=1, sdp="v=0")
    desk, boss = watched.cast.desk, watched.boss
    await desk.say(offer, call=watched.call)
    assert (await boss.expect(SideOffer)).message == offer
    await boss.say(answer, call=watched.call)
    assert (await desk.expect(SideAnswer)).message == answer
    for one, other in ((boss, desk), (desk, boss)):
        word = SideCandidate(transfer=told.id, turn=1, candidate="candidate:1", mid="0")
        await one.say(word, call=watched.call)
        await other.expect(SideCandidate)
    await boss.say(SideRenew(transfer=told.id), call=watched.call)
    await desk.expect(SideRenew)
    for one, word_ in ((desk, answer), (watched.cast.far_desk, offer)):
        await one.say(word_, call=watched.call)
        assert await refused(one) == "gone"
    await boss.say(offer, call=watched.call)
    assert await refused(boss) == "not_allowed", "no supervisor offers"
    await watched.wish(MonitorState.OVER)
    assert await watched.is_over() == "leave"
    await desk.say(offer, call=watched.call)
    assert await refused(desk) == "gone"


async def test_both_sides_may_be_loaded_anew(watched: Watched) -> None:
    """The operator's page finds the supervisor in her call, the supervisor's page the call that she is in."""
    told = await watched.takes_part(WHISPER)
    hers = (await watched.cast.desk.reload()).call
    assert hers is not None
    assert hers.monitor is not None
    assert (hers.monitor.id, hers.monitor.state) == (told.id, WHISPER)
    mine = (await watched.boss.reload()).monitoring
    assert mine is not None
    assert (mine.id, mine.call_state) == (told.id, CallState.TALKING)


async def test_a_supervisor_who_is_gone_is_named_no_longer(watched: Watched) -> None:
    """A reload is waited for; after that the resident's screen says so no longer."""
    await watched.takes_part(LISTEN)
    await watched.resident_reads()
    await watched.cast.hub.jump(31)
    await watched.cast.hub.lost(watched.boss)
    await watched.cast.hub.jump(19)
    assert watched.cast.hub.house.counter.board.monitors
    await watched.cast.hub.jump(2)
    assert await watched.resident_reads() == [(WatcherKind.OPERATOR, True)]
    assert (await watched.boss.connect()).monitoring is None
    assert (await watched.steps())[-1] == "gone"


async def test_a_supervisor_who_is_none_any_more_hears_nothing_more(watched: Watched) -> None:
    """Whoever loses the role in the middle of a call is out of it within seconds."""
    await watched.takes_part(BARGE)
    async with watched.cast.hub.house.database.write(POOL) as tx:
        await people.set_disabled(tx, watched.boss.user, watched.cast.hub.clock.now())
    await watched.cast.hub.house.inspection.look()
    assert await watched.operator_reads(None) == ""


async def test_she_is_told_how_the_call_goes_on(watched: Watched) -> None:
    """On hold nothing of the resident is to be heard; her desk says so."""
    await watched.takes_part(LISTEN)
    await watched.cast.desk.say(HoldCall(reason="checking"), call=watched.call)
    assert (await watched.hears(LISTEN)).call_state is CallState.HELD


async def test_a_hand_over_ends_it_clearly(watched: Watched) -> None:
    """Whoever passed the voices on is out of the call: the supervisor reads so, and may choose it again."""
    ken = await watched.cast.hub.desk("ken", ["minami"], Role.SPECIALIST, "kaigo")
    async with ken:
        await ken.available()
        await watched.takes_part(LISTEN)
        word = StartTransfer(kind=TransferKind.CONSULT, department="kaigo", reason="負担割合の確認")
        await watched.cast.desk.say(word, call=watched.call)
        card = await ken.rung()
        assert card.transfer is not None
        await ken.say(Accept(), call=watched.call)
        heard = await ken.expect(DeskCallUpdate, lambda said: said.call.state is CallState.CONSULTING)
        assert heard.message.call.monitor is not None, "the specialist is told as well"
        assert (await watched.hears(LISTEN)).call_state is CallState.CONSULTING
        over = StepTransfer(transfer=card.transfer.id, step=TransferStep.HAND_OVER)
        await watched.cast.desk.say(over, call=watched.call)
        await watched.cast.kiosk.offer(2)
        await watched.cast.kiosk.settled()
        await watched.cast.kiosk.say(MediaReport(live=True, epoch=2), call=watched.call)
        assert await watched.is_over() == "handed_over"
        assert (await watched.takes_part(LISTEN)).operator_name == "ken さん"


async def test_a_supervisor_who_is_called_joins_with_one_word(watched: Watched) -> None:
    """From the steps against harassment: she is in the call at once, heard by both."""
    for step in (ConductStep.WARN, ConductStep.CALL_SUPERVISOR):
        await watched.cast.desk.say(StepConduct(step=step), call=watched.call)
    (wanted,) = (await watched.boss.expect(SupervisorWanted, lambda said: bool(said.calls))).message.calls
    await watched.boss.say(MonitorCall(state=BARGE), call=wanted.call)
    await watched.hears(BARGE)
    assert await watched.operator_reads(BARGE) == "boss さん"
