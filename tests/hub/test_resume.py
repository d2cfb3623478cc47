"""A link goes on over a new socket: a terminal's real link, a real hub, and a failing line between them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hub.counter import kiosk_words
from hub.settings import Links
from kiosk.agent.hub_link import HubLink, Identity
from kiosk.core.effects import Event, HubSaid, LinkDown, LinkUp, Say
from protocol.common import Candidate, Pointer, Refused
from protocol.delivery import WINDOW_S
from protocol.desk_link import Caption, DeskCallUpdate, EndCall
from protocol.kiosk_link import Call, CallLeave, CallRequest, Present, Snapshot, Wiped
from tests.fakes.fault_proxy import FaultProxy
from tests.fakes.hub_client import FakeDesk, FakeKiosk
from tests.fakes.hub_program import RunningHub, running
from tests.hub.test_once import _events


@dataclass
class Terminal:
    """The agent's own link behind a line that a test can break, and what came over it."""

    link: HubLink
    line: FaultProxy
    events: asyncio.Queue[Event]
    ups: list[bool] = field(default_factory=list)  # of each welcome: resumed

    async def heard(self, kind: type[Any], fits: Callable[[Any], bool] = lambda _: True) -> Any:
        """The next event or message of this type that fits; others are passed over."""
        async with asyncio.timeout(10):
            while True:
                event = await self.events.get()
                if isinstance(event, LinkUp):
                    self.ups.append(event.resumed)
                found = event.message if isinstance(event, HubSaid) and kind is not HubSaid else event
                if isinstance(found, kind) and fits(found):
                    return found


@dataclass
class Stage:
    """A hub, its operator, and a terminal in a call with her."""

    hub: RunningHub
    desk: FakeDesk
    kiosk: Terminal
    call: str

    async def caption(self, text: str) -> None:
        """The operator writes, and the hub has it."""
        await self.desk.say(Caption(text=text), call=self.call)
        await self.desk.expect(DeskCallUpdate, lambda said: said.call.presentation.caption == text)

    async def until(self, here: bool) -> None:
        """The hub has noticed that the terminal is there, or not."""
        async with asyncio.timeout(10):
            while self.hub.house.counter.board.kiosk_here("t1") is not here:
                await asyncio.sleep(0.005)

    async def read(self, text: str) -> list[str]:
        """Captions that the terminal hears, up to this one, in order."""
        found = []
        while not found or found[-1] != text:
            found.append((await self.kiosk.heard(Present)).presentation.caption)
        return found


@contextlib.asynccontextmanager
async def terminal(hub: RunningHub, known: FakeKiosk) -> AsyncIterator[Terminal]:
    """Linked through a line of its own."""
    events: asyncio.Queue[Event] = asyncio.Queue()
    identity = Identity(known.device, hub.house.settings.name, "boot-1", known.key, "test", simulated=True)
    async with FaultProxy(int(hub.url.rpartition(":")[2])) as line:
        link = HubLink(f"ws://127.0.0.1:{line.port}/ws/kiosk", identity, events.put_nowait)
        link.hurry(True)
        task = asyncio.create_task(link.run())
        try:
            yield Terminal(link, line, events)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """They talk."""
    async with running(tmp_path) as hub:
        desk = await hub.desk("hana")
        async with desk, terminal(hub, await hub.kiosk("t1")) as kiosk:
            await desk.available()
            await kiosk.heard(Snapshot)
            kiosk.link.say(Say(CallRequest(), id="touch"))
            call = (await kiosk.heard(Call)).call.id
            await desk.rung()
            await desk.accept(call)
            yield Stage(hub, desk, kiosk, call)


async def test_what_was_said_meanwhile_arrives_once_and_in_order(stage: Stage) -> None:
    """Both ways, over a socket that was reset: no snapshot is needed, nothing is lost or doubled."""
    await stage.caption("一")
    assert await stage.read("一") == ["一"]
    stage.kiosk.line.refuse()
    await stage.until(here=False)
    await stage.caption("二")
    await stage.caption("三")
    await stage.kiosk.heard(LinkDown)
    stage.kiosk.link.say(Say(CallRequest(), id="touch-again"))
    stage.kiosk.line.flow()
    assert await stage.read("三") == ["二", "三"]
    assert (await stage.kiosk.heard(Call)).call.id == stage.call, "what the terminal said was heard"
    assert stage.kiosk.ups == [False, True]


async def test_a_line_that_swallows_words_loses_none(stage: Stage) -> None:
    """Sent, not acknowledged, gone with the socket: said again over the next one, and done once."""
    await stage.desk.say(EndCall(), call=stage.call)
    await stage.kiosk.heard(Call)
    stage.kiosk.line.stall()
    for number in range(3):
        stage.kiosk.link.say(Say(Wiped(buffers=number, files=0, left=0, ui=True), call=stage.call))
    await stage.kiosk.line.holds(400)  # they are in the line now
    stage.kiosk.line.lose()
    stage.kiosk.line.flow()
    await stage.kiosk.heard(LinkUp)
    async with asyncio.timeout(5):
        while await _events(stage.hub, stage.call, "Wiped") < 3:
            await asyncio.sleep(0.01)
    assert stage.kiosk.ups == [False, True]


async def test_a_hub_that_was_killed_is_told_again_and_does_nothing_twice(tmp_path: Path) -> None:
    """Its memory of the link is gone: a snapshot comes, the terminal's words come again under their ids."""
    async with running(tmp_path) as hub:
        known = await hub.kiosk("t1")
        desk = await hub.desk("hana")
        async with desk, terminal(hub, known) as kiosk:
            await desk.available()
            await kiosk.heard(Snapshot)
            kiosk.link.say(Say(CallRequest(), id="touch"))
            await kiosk.heard(Call)
            kiosk.line.refuse()
            await kiosk.heard(LinkDown)
            hub.house.boxes.close()  # as a restart leaves it
            kiosk.link.say(Say(Candidate(candidate="candidate:1"), id="address", epoch=1))
            kiosk.link.say(Say(CallRequest(), id="touch"))
            kiosk.line.flow()
            snapshot = await kiosk.heard(Snapshot)
            assert snapshot.call is not None
            assert (await kiosk.heard(Call)).call.id == snapshot.call.id
            assert kiosk.ups == [False, False]


async def test_fleeting_words_are_not_said_late(stage: Stage) -> None:
    """A pointer that was somewhere a minute ago points nowhere."""
    stage.kiosk.line.refuse()
    await stage.until(here=False)
    await stage.desk.say(Pointer(x=0.5, y=0.5, on=True), call=stage.call)
    await stage.caption("はい")
    stage.kiosk.line.flow()
    event = await stage.kiosk.heard(HubSaid)
    while not isinstance(event.message, Present):
        assert not isinstance(event.message, Pointer)
        event = await stage.kiosk.heard(HubSaid)


async def test_after_two_minutes_a_snapshot_is_the_truth(stage: Stage) -> None:
    """Nobody keeps words for longer; what they said is in the snapshot."""
    stage.kiosk.line.refuse()
    await stage.until(here=False)
    await stage.caption("はい")
    stage.hub.clock.jump_steady(WINDOW_S + 1)
    stage.kiosk.line.flow()
    snapshot = await stage.kiosk.heard(Snapshot)
    assert snapshot.call is not None
    assert snapshot.call.presentation.caption == "はい"
    assert stage.kiosk.ups == [False, False]


async def test_a_token_is_good_once_and_for_its_own_terminal(hub: RunningHub) -> None:
    """Rotated at each welcome: whoever kept an old one, or another's, begins anew."""
    one, other = await hub.kiosk("t1"), await hub.kiosk("t2")
    async with one, other:
        assert one.welcome is not None
        assert other.welcome is not None
        old, foreign = one.welcome.resume_token, other.welcome.resume_token
        assert len(bytes.fromhex(old)) == 16
        assert len({old, foreign}) == 2
        assert await one.resume(foreign) is False
        assert await one.resume(old) is False, "rotated since"
        used = one.welcome.resume_token
        assert await one.resume(used) is True
        assert await one.resume(used) is False, "good once"


async def test_a_gap_ends_the_link_and_begins_anew(hub: RunningHub) -> None:
    """A peer whose words are missing is told to come back; what it says then is done."""
    kiosk = await hub.kiosk("t1")
    async with kiosk:
        kiosk.skip(1)
        await kiosk.say(CallRequest())
        assert await kiosk.expect_close() == (4010, "words are missing")
        assert kiosk.welcome is not None
        assert await kiosk.resume(kiosk.welcome.resume_token) is False


async def test_a_word_that_fails_is_not_said_for_ever(
    hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of ours costs one link and one word, not every link that follows."""

    async def broken(*_: object) -> None:
        raise RuntimeError("a mistake of ours")

    async with terminal(hub, await hub.kiosk("t1")) as kiosk:
        await kiosk.heard(Snapshot)
        with monkeypatch.context() as patch:
            patch.setattr(kiosk_words, "leave", broken)
            kiosk.link.say(Say(CallLeave(reason="resident"), id="bad"))
            assert (await kiosk.heard(Refused)).about == "bad"
            await kiosk.heard(LinkDown)
            await kiosk.heard(Snapshot)
            kiosk.link.say(Say(CallRequest(), id="good"))
            await kiosk.heard(Refused, fits=lambda said: said.about == "good")
        assert kiosk.ups == [False, False]
        assert kiosk.line.taken == 2, "it came back once, and stayed"


async def test_a_dead_desk_is_found_while_it_rings(tmp_path: Path) -> None:
    """Idle links are asked rarely; whoever is rung is asked at once: a dead desk costs no whole ring."""
    quick = Links(heartbeat_s=0.1, dead_s=0.3, idle_heartbeat_s=20.0, idle_dead_s=60.0)
    async with running(tmp_path, links=quick) as hub:
        kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
        async with desk, kiosk:
            await desk.available()

            async def nothing(*_: object, **__: object) -> str:
                return ""

            desk.say = nothing  # type: ignore[method-assign]
            await kiosk.touch()
            assert await desk.expect_close() == (4008, "silent")
