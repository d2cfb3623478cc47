"""A hub that has learnt a newer version still serves terminals of the older one: an invented 2 above 1."""

from __future__ import annotations

from typing import Any

import pytest

from protocol import versions
from protocol.desk_link import DeskCallUpdate, EndCall, ShowPage
from protocol.envelope import Message
from protocol.kiosk_link import Present
from protocol.versions import Step
from tests.fakes.hub_program import RunningHub


class OldRequest(Message, frozen=True, tag="call_request"):
    """How version 1 is said to have asked for a call."""

    subject: str


def _newer_request(body: dict[str, Any]) -> dict[str, Any]:
    return {"topic": body["subject"]}


def _older_call(body: dict[str, Any]) -> dict[str, Any]:
    return {"call": {**body["call"], "topic": body["call"]["topic"].upper()}}


@pytest.fixture(autouse=True)
def _two_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Version 1 wrote `subject`, read topics in capitals, and knew nothing of pages."""
    step = Step(
        to=2, up={"call_request": _newer_request}, down={"call": _older_call},
        new_types=frozenset({"present"}),
    )  # fmt: skip
    monkeypatch.setattr(versions, "CURRENT", 2)
    monkeypatch.setattr(versions, "SUPPORTED", (1, 2))
    monkeypatch.setattr(versions, "STEPS", (step,))


async def test_an_older_terminal_is_served_beside_a_newer_desk(hub: RunningHub) -> None:
    """Each side reads and writes its own version, from the first word on, in one and the same call."""
    kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
    desk.speaks = (1, 2)
    async with kiosk, desk:
        assert (kiosk.version, desk.version) == (1, 2)
        await desk.available()
        await kiosk.say(OldRequest(subject="mynumber-card"))
        card = await desk.rung()
        assert card.topic == "mynumber-card"
        call = await kiosk.expect_call("ringing")
        assert call.topic == "MYNUMBER-CARD"
        await desk.accept(card.call)
        await desk.say(ShowPage(page="card-flow"), call=card.call)
        await desk.expect(DeskCallUpdate, lambda said: said.call.presentation.page is not None)
        await desk.say(EndCall(), call=card.call)
        assert (await kiosk.expect_call("ended")).topic == "MYNUMBER-CARD"
        await kiosk.settled()
        assert kiosk.count(Present) == 0, "version 1 has no word for it"
        assert {one.envelope.v for one in kiosk.heard} == {1}
        assert {one.envelope.v for one in desk.heard} == {2}
        numbers = [number for number in kiosk.numbers if number]
        assert numbers == list(range(1, len(numbers) + 1)), "what is left out leaves no gap"


async def test_a_newer_terminal_gets_what_the_older_lacks(hub: RunningHub) -> None:
    """The same hub, both sides of version 2: the page arrives, topics are as they are."""
    kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
    kiosk.speaks = desk.speaks = (1, 2)
    async with kiosk, desk:
        await desk.available()
        assert (await kiosk.touch("mynumber-card")).topic == "mynumber-card"
        card = await desk.rung()
        await desk.accept(card.call)
        await desk.say(ShowPage(page="card-flow"), call=card.call)
        await kiosk.expect(Present)
