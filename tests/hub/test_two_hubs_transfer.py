"""A call moves to a department while its three parties are linked to two hubs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from hub.store import calls
from hub.store.fences import POOL
from protocol.common import Answer, MediaReport, Offer, Renew
from protocol.desk_link import (
    Accept,
    DeskCallUpdate,
    EndCall,
    Presence,
    SideAnswer,
    SideCandidate,
    SideOffer,
    StartTransfer,
    StepTransfer,
    WrapUp,
)
from protocol.values import Role, Transfer, TransferKind, TransferStep
from tests.fakes.hub_client import FakeDesk, FakeKiosk
from tests.fakes.hub_program import RunningHub


@dataclass
class Trio:
    """The terminal and the specialist at one hub, the operator at the other; `call` talks."""

    hubs: tuple[RunningHub, RunningHub]
    kiosk: FakeKiosk
    hana: FakeDesk
    ken: FakeDesk
    call: str

    async def consult(self) -> Transfer:
        """Until the specialist has accepted and the resident waits."""
        word = StartTransfer(kind=TransferKind.CONSULT, department="kaigo", reason="負担割合の確認")
        await self.hana.say(word, call=self.call)
        card = await self.ken.rung()
        await self.ken.say(Accept(), call=self.call)
        await self.kiosk.expect_call("consulting")
        await self.hana.expect(DeskCallUpdate, lambda said: said.call.state == "consulting")
        assert card.transfer is not None
        return card.transfer

    async def step(self, transfer: Transfer, step: TransferStep) -> None:
        """The operator wants the next step."""
        await self.hana.say(StepTransfer(transfer=transfer.id, step=step), call=self.call)

    async def legs(self) -> list[tuple[str, str, bool]]:
        """(role, outcome, open) of every leg, in order."""
        async with self.hubs[0].house.database.read(POOL) as tx:
            return await calls.legs(tx, self.call, "minami")


@pytest.fixture
async def trio(hubs: tuple[RunningHub, RunningHub]) -> AsyncIterator[Trio]:
    """Everybody linked and available, the first operator talks."""
    kiosk, hana = await hubs[0].kiosk("t1"), await hubs[1].desk("hana")
    ken = await hubs[0].desk("ken", ["minami"], Role.SPECIALIST, "kaigo")
    async with AsyncExitStack() as stack:
        for side in (kiosk, hana, ken):
            await stack.enter_async_context(side)
        await hana.available()
        await ken.available()
        call = (await kiosk.touch()).id
        await hana.rung()
        await kiosk.offer(1)
        await kiosk.settled()
        await hana.accept(call)
        await kiosk.expect_call("talking")
        yield Trio(hubs, kiosk, hana, ken, call)


async def test_two_desks_at_two_hubs_talk_to_each_other(trio: Trio) -> None:
    """Their offer, answer and addresses cross; the resident comes back when the consult is taken back."""
    transfer = await trio.consult()
    await trio.hana.say(SideOffer(transfer=transfer.id, turn=1, sdp="offer", mids={}))
    assert (await trio.ken.expect(SideOffer)).message.sdp == "offer"
    await trio.ken.say(SideAnswer(transfer=transfer.id, turn=1, sdp="answer"))
    assert (await trio.hana.expect(SideAnswer)).message.sdp == "answer"
    await trio.ken.say(SideCandidate(transfer=transfer.id, turn=1, candidate="c", mid="0"))
    assert (await trio.hana.expect(SideCandidate)).message.candidate == "c"
    await trio.step(transfer, TransferStep.CANCEL)
    await trio.kiosk.expect_call("talking")
    await trio.ken.expect(Presence, lambda said: said.state == "available")


async def test_a_call_is_handed_over_from_one_hub_to_the_other(trio: Trio) -> None:
    """Make before break: the new epoch's offer reaches the specialist, who has the call once it stands."""
    transfer = await trio.consult()
    await trio.step(transfer, TransferStep.HAND_OVER)
    await trio.kiosk.expect(Renew)
    await trio.kiosk.offer(2)
    assert (await trio.ken.expect(Offer)).envelope.epoch == 2
    await trio.ken.say(Answer(sdp="v=0"), call=trio.call, epoch=2)
    assert (await trio.kiosk.expect(Answer)).envelope.epoch == 2
    await trio.kiosk.say(MediaReport(live=True, epoch=2), call=trio.call)
    served = await trio.kiosk.expect_call("talking")
    assert served.operator is not None
    assert served.operator.name == "ken さん"
    await trio.hana.expect(Presence, lambda said: said.state == "wrap_up")
    await trio.hana.say(WrapUp(procedure="care-insurance", outcome="transferred"), call=trio.call)
    await trio.hana.expect(Presence, lambda said: said.state == "available")
    await trio.ken.say(EndCall(), call=trio.call)
    await trio.kiosk.expect_call("ended")
    assert await trio.legs() == [
        ("primary", "handed_over", False), ("consult", "consulted", False), ("primary", "ended", False),
    ]  # fmt: skip


async def test_a_call_that_is_passed_on_rings_at_the_other_hub(trio: Trio) -> None:
    """The operator is free at once; the specialist's desk has what the terminal offers."""
    word = StartTransfer(kind=TransferKind.BLIND, department="kaigo", reason="負担割合の確認")
    await trio.hana.say(word, call=trio.call)
    await trio.hana.expect(Presence, lambda said: said.state == "wrap_up")
    assert (await trio.ken.rung()).call == trio.call
    await trio.ken.accept(trio.call)
    served = await trio.kiosk.expect_call("talking")
    assert served.operator is not None
    assert served.operator.name == "ken さん"


async def test_a_specialist_who_is_gone_leaves_the_resident_to_the_operator(trio: Trio) -> None:
    """Her absence is seen at the other hub, after the patience that a reload takes."""
    await trio.consult()
    await trio.hubs[0].lost(trio.ken)
    trio.hubs[0].clock.jump(31)
    for hub in trio.hubs:
        await hub.house.counter.tick()
    await trio.kiosk.expect_call("talking")
    assert await trio.legs() == [("primary", "", True), ("consult", "gone", False)]
