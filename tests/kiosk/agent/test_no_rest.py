"""After a call of the real agent, with real camera processes and real media, the machine is as before."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from websockets.asyncio.server import serve

from kiosk.agent.__main__ import assemble
from kiosk.agent.files import make_key
from kiosk.agent.settings import Settings
from kiosk.core.view import Picture, Screen, TouchKind
from protocol.common import Offer
from protocol.kiosk_link import Call, CallRequest, Snapshot, Wiped
from protocol.values import CallState
from tests.kiosk.agent.agent_rig import Resident
from tests.kiosk.agent.test_hub_link import FakeHub
from tests.kiosk.agent.test_settings import GOOD, write
from tests.kiosk.core.cast import SITE, call


def open_files() -> list[str]:
    """What this process holds open, without the numbers that differ each time."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            found.append(str(entry.readlink()).split(":[")[0])
        except OSError:
            continue  # the listing itself
    return sorted(found)


def children() -> list[str]:
    """Child processes of this one, zombies included."""
    own = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [pid for pid in own if b"hardware.cameras.child" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def memories() -> int:
    """Pictures' memfds that this process holds."""
    return sum("memfd" in name for name in open_files())


@dataclass
class Machine:
    hub: FakeHub
    screen: Resident

    async def until(self, ready: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not ready():
                await asyncio.sleep(0.005)

    async def shows(self, screen: Screen) -> None:
        await self.until(lambda: self.screen.view is not None and self.screen.view.screen is screen)

    async def one_call(self, id: str) -> Wiped:
        """Touch, offer, talk until both own pictures are on the screen, end; what the terminal says of it."""
        await self.shows(Screen.IDLE)
        self.screen.touch(TouchKind.START)
        await self.hub.heard(CallRequest)
        await self.hub.send(Call(call=call(CallState.RINGING, id=id)), call=id)
        envelope, offer = await self.hub.heard(Offer)
        assert (envelope.call, len(offer.mids)) == (id, 3)
        await self.hub.send(Call(call=call(CallState.TALKING, id=id, epoch=1)), call=id)
        await self.until(lambda: self.screen.open == {Picture.SELF, Picture.PAPER})
        assert len(children()) == 2
        assert any("memfd" in name for name in open_files())
        await self.hub.send(Call(call=call(CallState.ENDED, id=id)), call=id)
        _, wiped = await self.hub.heard(Wiped)
        assert isinstance(wiped, Wiped)
        self.screen.touch(TouchKind.DONE)
        return wiped


@pytest.fixture
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    hub = FakeHub()
    async with serve(hub.handle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        make_key(tmp_path / "data")
        agent, parts = assemble(Settings.read(write(tmp_path, GOOD.replace(":8350/", f":{port}/"))))
        running = asyncio.create_task(agent.run(parts))
        path = tmp_path / "run" / "ui.sock"
        async with asyncio.timeout(10):
            while not path.exists() or not hub.connections:
                await asyncio.sleep(0.005)
        machine = Machine(hub, Resident(path))
        await hub.heard()
        await hub.send(Snapshot(site=SITE))
        yield machine
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        machine.screen.leave()


async def test_after_a_call_no_camera_process_and_no_memory_of_pictures_is_left(machine: Machine) -> None:
    """No child, no memfd, no descriptor more than before, however many calls there were."""
    gc.collect()  # what other tests have left behind is not ours
    pictures = memories()
    await machine.one_call("call-1")  # what libraries open once and keep is open from here on
    await machine.shows(Screen.IDLE)
    before = open_files()
    for n in (2, 3):
        wiped = await machine.one_call(f"call-{n}")
        assert (wiped.left, wiped.ui) == (0, True)
        assert children() == []
        assert memories() <= pictures
    await machine.shows(Screen.IDLE)
    assert open_files() == before
