"""Consult, three together, hand-over and passing on, on real sockets: somebody is responsible at any time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from hub.store import calls, people, transfers
from hub.store.fences import POOL
from protocol.common import Answer, MediaReport, Offer, Refused, Renew
from protocol.desk_link import (
    Accept,
    Decline,
    DepartmentsUpdate,
    DeskCallUpdate,
    DeskSnapshot,
    EndCall,
    HoldCall,
    Presence,
    RequestCapture,
    Ring,
    RingEnded,
    SetPresence,
    SideAnswer,
    SideCandidate,
    SideOffer,
    StartTransfer,
    StepTransfer,
    WrappedUp,
    WrapUp,
)
from protocol.kiosk_link import CallLeave, TakeCapture
from protocol.values import (
    CallState,
    CaptureKind,
    CaptureStage,
    MediaRole,
    PresenceState,
    Role,
    Transfer,
    TransferKind,
    TransferState,
    TransferStep,
)
from tests.fakes.hub_client import FakeDesk
from tests.hub.conftest import Cast
from tests.hub.core.test_captures import picture

WRAP = WrapUp(procedure="care-insurance", outcome="transferred", reason="本庁の判断が必要")


@dataclass
class Talk:
    """A call that talks with `cast.desk`, and `ken` of 介護保険係 who can be rung."""

    cast: Cast
    ken: FakeDesk
    call: str

    async def start(self, kind: TransferKind = TransferKind.CONSULT, department: str = "kaigo") -> None:
        """The operator asks the department."""
        word = StartTransfer(kind=kind, department=department, reason="負担割合の確認")
        await self.cast.desk.say(word, call=self.call)

    async def consult(self) -> Transfer:
        """Until the two talk and the resident waits."""
        await self.start()
        card = await self.ken.rung()
        await self.ken.say(Accept(), call=self.call)
        await self.cast.kiosk.expect_call("consulting")
        assert card.transfer is not None
        return card.transfer

    async def at(self, desk: FakeDesk, state: TransferState) -> Transfer:
        """The next word of the hub in which the transfer stands so."""
        heard = await desk.expect(
            DeskCallUpdate, lambda said: said.call.transfer is not None and said.call.transfer.state == state
        )
        assert heard.message.call.transfer is not None
        return heard.message.call.transfer

    async def step(self, transfer: Transfer, step: TransferStep, desk: FakeDesk | None = None) -> None:
        """A party wants the next step."""
        await (desk or self.cast.desk).say(StepTransfer(transfer=transfer.id, step=step), call=self.call)

    async def legs(self) -> list[tuple[str, str, bool]]:
        """(role, outcome, open) of every leg, in order."""
        async with self.cast.hub.house.database.read(POOL) as tx:
            return await calls.legs(tx, self.call, "minami")

    async def presence(self, desk: FakeDesk) -> PresenceState:
        """As it is written."""
        async with self.cast.hub.house.database.read(POOL) as tx:
            found = await people.presence_of(tx, desk.user)
        assert found is not None
        return found.state


@pytest.fixture
async def talk(cast: Cast) -> AsyncIterator[Talk]:
    """Everybody connected, the specialist available."""
    ken = await cast.hub.desk("ken", ["minami"], Role.SPECIALIST, "kaigo")
    async with ken:
        await ken.available()
        yield Talk(cast, ken, await cast.talk())


async def test_a_specialist_is_rung_with_the_reason_and_only_for_the_department(talk: Talk) -> None:
    """C2: the card says why and by whom before she accepts; ordinary calls never ring her."""
    assert talk.ken.count(Ring) == 0
    await talk.start()
    card = await talk.ken.rung()
    assert card.transfer is not None
    assert (card.call, card.transfer.reason) == (talk.call, "負担割合の確認")
    assert (card.transfer.department_name, card.transfer.origin_name) == (
        "高齢福祉課 介護保険係",
        "hana さん",
    )
    ringing = await talk.at(talk.cast.desk, TransferState.RINGING)
    assert ringing.specialist_name == "ken さん"
    record = talk.cast.hub.house.counter.board.live[talk.call]
    assert record.state is CallState.TALKING, "the operator goes on with the resident while it rings"


async def test_a_consult_holds_the_resident_and_cancelling_brings_her_back(talk: Talk) -> None:
    """The two talk, the terminal shows the hold and why; taken back, the specialist is free at once."""
    transfer = await talk.consult()
    assert (await talk.ken.expect(DeskCallUpdate)).message.call.card.call == talk.call
    assert talk.cast.hub.house.counter.board.live[talk.call].held_reason == "asking"
    await talk.step(transfer, TransferStep.CANCEL)
    back = await talk.cast.kiosk.expect_call("talking")
    assert back.operator is not None
    assert back.operator.name == "hana さん"
    await talk.ken.expect(Presence, lambda said: said.state == "available")
    assert await talk.legs() == [("primary", "", True), ("consult", "consulted", False)]


async def test_a_hand_over_changes_the_responsible_person_when_the_media_stand(talk: Talk) -> None:
    """Make before break: the new offer goes to the specialist, the operator stays until she is seen there."""
    transfer = await talk.consult()
    await talk.step(transfer, TransferStep.HAND_OVER)
    assert (await talk.cast.kiosk.expect(Renew)).message.reason == "hand_over"
    await talk.cast.kiosk.offer(2)
    assert (await talk.ken.expect(Offer)).envelope.epoch == 2
    await talk.ken.say(Answer(sdp="v=0"), call=talk.call, epoch=2)
    assert (await talk.cast.kiosk.expect(Answer)).envelope.epoch == 2
    board = talk.cast.hub.house.counter.board
    await talk.cast.kiosk.say(MediaReport(live=True, epoch=1), call=talk.call)
    await talk.cast.kiosk.settled()
    assert board.live[talk.call].operator == talk.cast.desk.user, "epoch 1 is still her own"
    await talk.cast.kiosk.say(MediaReport(live=True, epoch=2), call=talk.call)
    served = await talk.cast.kiosk.expect_call("talking")
    assert served.operator is not None
    assert (served.operator.name, served.operator.role) == ("ken さん", "高齢福祉課 介護保険係")
    assert board.live[talk.call].operator == talk.ken.user
    await talk.cast.desk.expect(Presence, lambda said: said.state == "wrap_up")
    wrapping = (await talk.cast.desk.expect(DeskSnapshot)).message
    assert wrapping.wrap_up is not None
    assert wrapping.call is not None
    assert (wrapping.wrap_up.ended_by, wrapping.call.state) == ("transfer", CallState.ENDED)
    assert await talk.legs() == [
        ("primary", "handed_over", False), ("consult", "consulted", False), ("primary", "", True),
    ]  # fmt: skip


async def test_both_have_their_own_wrap_up_after_a_hand_over(talk: Talk) -> None:
    """The operator's outcome is stored while the call goes on, the specialist's with the call."""
    await _handed_over(talk)
    await talk.cast.desk.say(WRAP, call=talk.call)
    await talk.cast.desk.expect(WrappedUp)
    await talk.cast.desk.expect(Presence, lambda said: said.state == "available")
    assert talk.cast.hub.house.counter.board.live[talk.call].state is CallState.TALKING
    await talk.ken.say(EndCall(), call=talk.call)
    assert (await talk.cast.kiosk.expect_call("ended")).ended_by == "operator"
    await talk.ken.say(WrapUp(procedure="care-insurance", outcome="completed"), call=talk.call)
    await talk.ken.expect(WrappedUp)


async def _handed_over(talk: Talk) -> None:
    transfer = await talk.consult()
    await talk.step(transfer, TransferStep.HAND_OVER)
    await talk.cast.kiosk.expect(Renew)
    await talk.cast.kiosk.offer(2)
    await talk.ken.expect(Offer)
    await talk.cast.kiosk.say(MediaReport(live=True, epoch=2), call=talk.call)
    await talk.cast.kiosk.expect_call("talking")


async def test_a_hand_over_whose_media_never_stand_returns_to_the_operator(talk: Talk) -> None:
    """Invariant 9: after the limit she has the resident again, with new media; the specialist is free."""
    transfer = await talk.consult()
    await talk.step(transfer, TransferStep.HAND_OVER)
    await talk.cast.kiosk.expect(Renew)
    await talk.cast.kiosk.offer(2)
    await talk.ken.expect(Offer)
    await talk.cast.hub.jump(21)
    back = await talk.cast.kiosk.expect_call("talking")
    assert back.operator is not None
    assert back.operator.name == "hana さん"
    await talk.cast.kiosk.expect(Renew)
    await talk.cast.kiosk.offer(3)
    assert [(await talk.cast.desk.expect(Offer)).envelope.epoch for _ in "12"] == [1, 3]
    assert await talk.presence(talk.ken) is PresenceState.AVAILABLE
    await talk.cast.kiosk.say(MediaReport(live=True, epoch=3), call=talk.call)
    await talk.cast.kiosk.settled()
    assert talk.cast.hub.house.counter.board.live[talk.call].operator == talk.cast.desk.user


async def test_three_together_and_apart_again(talk: Talk) -> None:
    """The resident comes off the hold, all three talk; the operator may ask her to wait once more."""
    transfer = await talk.consult()
    await talk.cast.desk.say(HoldCall(reason="moment"), call=talk.call)
    assert (await talk.cast.desk.expect(Refused)).message.code == "in_transfer"
    await talk.ken.say(HoldCall(reason="moment"), call=talk.call)
    assert (await talk.ken.expect(Refused)).message.code == "gone", "not hers to hold"
    await talk.step(transfer, TransferStep.JOIN)
    joined = await talk.cast.kiosk.expect_call("talking")
    assert [one.name for one in joined.others] == ["ken さん"], "the resident reads who sees her"
    await talk.at(talk.ken, TransferState.JOINED)
    await talk.step(transfer, TransferStep.PART)
    assert (await talk.cast.kiosk.expect_call("consulting")).others == ()
    await talk.step(transfer, TransferStep.JOIN)
    await talk.cast.kiosk.expect_call("talking")
    await talk.step(transfer, TransferStep.CANCEL)
    assert (await talk.cast.kiosk.expect_call("talking")).others == ()
    transfer = await talk.consult()
    await talk.step(transfer, TransferStep.LEAVE, talk.ken)
    await talk.cast.kiosk.expect_call("talking")
    assert (await talk.at(talk.cast.desk, TransferState.RETURNED)).specialist == ""


async def test_who_declines_is_followed_by_the_next_and_then_by_a_word_to_the_operator(talk: Talk) -> None:
    """Longest idle first; when nobody takes it the operator hears so, with the resident still at hers."""
    rie = await talk.cast.hub.desk("rie", ["minami"], Role.SPECIALIST, "kaigo")
    async with rie:
        await rie.available()
        await talk.start()
        await talk.ken.rung()
        await talk.ken.say(Decline(), call=talk.call)
        assert (await talk.ken.expect(RingEnded)).message.why == "declined"
        await rie.rung()
        await talk.cast.hub.jump(21)
        await rie.expect(Presence, lambda said: said.state == "away")
        await talk.cast.hub.jump(60)
        await talk.at(talk.cast.desk, TransferState.UNANSWERED)
        assert talk.cast.hub.house.counter.board.live[talk.call].state is CallState.TALKING
        assert talk.ken.count(Ring) == 1, "who has declined is not asked again"


async def test_the_resident_leaves_in_the_middle_and_everybody_is_free(talk: Talk) -> None:
    """No zombie consult: the specialist is available again, the operator wraps up."""
    await talk.consult()
    await talk.cast.kiosk.say(CallLeave(reason="resident"), call=talk.call)
    await talk.cast.kiosk.expect_call("ended")
    await talk.ken.expect(Presence, lambda said: said.state == "available")
    await talk.cast.desk.expect(Presence, lambda said: said.state == "wrap_up")
    assert not talk.cast.hub.house.counter.board.transfers
    assert all(not open for _, _, open in await talk.legs())


async def test_leaving_while_a_specialist_is_rung_takes_her_card_away(talk: Talk) -> None:
    """Invariant 8 for consults: a late accept gets 'gone'."""
    await talk.start()
    await talk.ken.rung()
    await talk.cast.kiosk.say(CallLeave(reason="resident"), call=talk.call)
    assert (await talk.ken.expect(RingEnded)).message.why == "left"
    await talk.ken.say(Accept(), call=talk.call)
    assert (await talk.ken.expect(Refused)).message.code == "gone"
    assert await talk.presence(talk.ken) is PresenceState.AVAILABLE


async def test_a_specialist_who_is_gone_gives_the_resident_back(talk: Talk) -> None:
    """A reload is waited for; after 20 s without a desk the operator has her call again."""
    await talk.consult()
    await talk.cast.hub.jump(31)
    await talk.cast.hub.lost(talk.ken)
    await talk.cast.hub.jump(19)
    assert talk.cast.hub.house.counter.board.live[talk.call].state is CallState.CONSULTING
    await talk.cast.hub.jump(2)
    await talk.cast.kiosk.expect_call("talking")
    assert await talk.presence(talk.ken) is PresenceState.OFFLINE


async def test_a_specialist_who_reloads_is_back_in_the_consult(talk: Talk) -> None:
    """The snapshot holds the call and the transfer, and nothing that she may not do there."""
    transfer = await talk.consult()
    snapshot = await talk.ken.reload()
    assert snapshot.call is not None
    assert snapshot.call.transfer is not None
    assert (snapshot.presence, snapshot.call.transfer.id) == (PresenceState.TALKING, transfer.id)
    await talk.ken.say(EndCall(), call=talk.call)
    assert (await talk.ken.expect(Refused)).message.code == "gone"


async def test_a_call_that_is_passed_on_waits_at_the_head_of_the_department(talk: Talk) -> None:
    """Blind: the operator is free at once, the place is kept, the department's card says why."""
    record = talk.cast.hub.house.counter.board.live[talk.call]
    await talk.start(TransferKind.BLIND)
    card = await talk.ken.rung()
    assert card.transfer is not None
    assert (card.transfer.kind, card.queued_at) == (TransferKind.BLIND, record.queued_at)
    await talk.cast.desk.expect(Presence, lambda said: said.state == "wrap_up")
    await talk.cast.desk.say(WRAP, call=talk.call)
    await talk.cast.desk.expect(WrappedUp)
    await talk.cast.kiosk.offer(2)
    await talk.cast.kiosk.settled()
    assert (await talk.ken.accept(talk.call)).state is CallState.TALKING
    assert (await talk.ken.expect(Offer)).envelope.epoch == 2
    async with talk.cast.hub.house.database.read(POOL) as tx:
        (kept,) = await transfers.of_call(tx, talk.call, "minami")
    assert (kept.state, kept.specialist) == (TransferState.DONE, talk.ken.user)


async def test_a_specialist_sees_the_stills_from_her_ring_on_and_no_longer_than_her_part(talk: Talk) -> None:
    """C2: before she accepts; not before she is rung, and not once she is out of it again."""
    await talk.cast.desk.say(RequestCapture(kind=CaptureKind.DOCUMENT_STILL), call=talk.call)
    take = (await talk.cast.kiosk.expect(TakeCapture)).message
    await talk.cast.kiosk.upload(take.capture, take.upload_token, picture())
    path = f"/api/desk/calls/{talk.call}/captures/{take.capture}/image"
    assert (await talk.ken.get(path)).status_code == 404
    await talk.start()
    card = await talk.ken.rung()
    assert [(one.id, one.stage) for one in card.captures] == [(take.capture, CaptureStage.STORED)]
    assert (await talk.ken.get(path)).status_code == 200
    await talk.ken.say(Decline(), call=talk.call)
    await talk.ken.expect(RingEnded)
    assert (await talk.ken.get(path)).status_code == 404


async def test_a_call_that_nobody_of_the_department_takes_returns_to_the_operator(talk: Talk) -> None:
    """Invariant 9 for passing on: after the limit the operator who knows it is rung first."""
    other = await talk.cast.hub.desk("jiro")
    async with other:
        await other.available()  # idle for longer than the operator who comes out of her wrap-up
        await talk.start(TransferKind.BLIND)
        await talk.ken.rung()
        await talk.cast.desk.say(WRAP, call=talk.call)
        await talk.cast.desk.expect(Presence, lambda said: said.state == "available")
        await talk.ken.say(Decline(), call=talk.call)
        await talk.ken.expect(RingEnded)
        await talk.ken.say(SetPresence(state="away"))
        await talk.ken.settled()
        await talk.cast.hub.jump(80)
        assert talk.cast.hub.house.counter.board.live[talk.call].state is CallState.WAITING
        assert other.count(Ring) == 0, "it is not the pool's yet"
        await talk.cast.hub.jump(11)
        assert (await talk.cast.desk.rung()).call == talk.call
        assert other.count(Ring) == 0


async def test_the_operator_takes_back_what_she_passed_on(talk: Talk) -> None:
    """From her wrap-up, even while it rings elsewhere; the card there goes."""
    await talk.start(TransferKind.BLIND)
    card = await talk.ken.rung()
    assert card.transfer is not None
    await talk.cast.kiosk.offer(2)
    await talk.cast.kiosk.settled()
    await talk.step(card.transfer, TransferStep.CANCEL)
    assert (await talk.ken.expect(RingEnded)).message.why == "taken_back"
    await talk.cast.kiosk.expect_call("talking")
    assert [(await talk.cast.desk.expect(Offer)).envelope.epoch for _ in "12"] == [1, 2]
    assert await talk.presence(talk.cast.desk) is PresenceState.TALKING
    assert await talk.presence(talk.ken) is PresenceState.AVAILABLE


async def test_an_absent_department_is_refused_with_its_telephone(talk: Talk) -> None:
    """C6: no resident is sent where nobody is; nor to an unknown one, nor twice."""
    for department, code in (("zeimu", "department_absent"), ("nowhere", "unknown_department")):
        await talk.start(TransferKind.BLIND, department)
        refused = (await talk.cast.desk.expect(Refused)).message
        assert refused.code == code
    await talk.start()
    await talk.ken.rung()
    await talk.start()
    assert (await talk.cast.desk.expect(Refused)).message.code == "in_transfer"
    assert talk.cast.hub.house.counter.board.live[talk.call].state is CallState.TALKING


async def test_the_operator_sees_the_departments_come_and_go(talk: Talk) -> None:
    """C1: presence per department beside the call, told at every change."""
    await talk.cast.desk.reload()
    yui = await talk.cast.hub.desk("yui", ["minami"], Role.SPECIALIST, "shimin")
    async with yui:
        await yui.available()
        told = await talk.cast.desk.expect(
            DepartmentsUpdate, lambda said: any(one.free for one in said.departments if one.id == "shimin")
        )
        free = {one.id: one.free for one in told.message.departments}
        assert free == {"shimin": 1, "kaigo": 1, "zeimu": 0}


async def test_the_desks_of_a_consult_reach_each_other_and_nobody_else_does(talk: Talk) -> None:
    """The operator's desk offers, the specialist's answers; a stranger, or the wrong side, gets 'gone'."""
    transfer = await talk.consult()
    offer = SideOffer(transfer=transfer.id, turn=1, sdp="v=0", mids={"0": MediaRole.AUDIO})
    await talk.cast.desk.say(offer, call=talk.call)
    assert (await talk.ken.expect(SideOffer)).message == offer
    answer = SideAnswer(transfer=transfer.id, turn=1, sdp="v=0")
    await talk.ken.say(answer, call=talk.call)
    assert (await talk.cast.desk.expect(SideAnswer)).message == answer
    candidate = SideCandidate(transfer=transfer.id, turn=1, candidate="candidate:1", mid="0")
    await talk.ken.say(candidate, call=talk.call)
    await talk.cast.desk.expect(SideCandidate)
    for desk, word in ((talk.cast.far_desk, offer), (talk.ken, offer), (talk.cast.desk, answer)):
        await desk.say(word, call=talk.call)
        assert (await desk.expect(Refused)).message.code == "gone"
    await talk.step(transfer, TransferStep.CANCEL)
    await talk.cast.kiosk.expect_call("talking")
    await talk.cast.desk.say(offer, call=talk.call)
    assert (await talk.cast.desk.expect(Refused)).message.code == "gone"


async def test_another_municipality_sees_nothing_of_a_transfer(talk: Talk) -> None:
    """Invariant 12: neither steps nor stills, and its specialists are never asked."""
    far = await talk.cast.hub.desk("aki", ["kitamidai"], Role.SPECIALIST, "fukushi")
    async with far:
        await far.available()
        transfer = await talk.consult()
        for desk in (far, talk.cast.far_desk):
            await talk.step(transfer, TransferStep.CANCEL, desk)
            assert (await desk.expect(Refused)).message.code == "gone"
        assert far.count(Ring) == 0
