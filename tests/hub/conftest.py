"""One cast everywhere: a terminal and an operator in each of two municipalities; the second sees nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.hub_client import FakeDesk, FakeKiosk
from tests.fakes.hub_program import RunningHub, running


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory where the machine has it: every commit is still synced, and costs no disk."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as directory:
        yield Path(directory)


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[RunningHub]:
    """A hub without people or terminals."""
    async with running(tmp_path) as hub:
        yield hub


@dataclass
class Cast:
    """`kiosk` and `desk` of みなみ市, the far ones of 北見台町; all connected, `desk` available."""

    hub: RunningHub
    kiosk: FakeKiosk
    desk: FakeDesk
    far_kiosk: FakeKiosk
    far_desk: FakeDesk

    async def talk(self) -> str:
        """Touch, ring, offer, accept; gives the call's id. Both sides have heard that they talk."""
        call = await self.kiosk.touch()
        await self.desk.rung()
        await self.kiosk.offer(1)
        await self.kiosk.settled()
        await self.desk.accept(call.id)
        await self.kiosk.expect_call("talking")
        return call.id


@pytest.fixture
async def cast(hub: RunningHub) -> AsyncIterator[Cast]:
    """Everybody connected."""
    kiosk, far_kiosk = await hub.kiosk("t1"), await hub.kiosk("t2", "kitamidai")
    desk, far_desk = await hub.desk("hana"), await hub.desk("taro", ["kitamidai"])
    async with kiosk, far_kiosk, desk, far_desk:
        await desk.available()
        yield Cast(hub, kiosk, desk, far_kiosk, far_desk)
