"""One cast everywhere: a terminal and an operator in each of two municipalities; the second sees nothing."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.hub_client import FakeDesk, FakeKiosk
from tests.fakes.hub_program import STORE, JumpClock, RunningHub, running
from tests.fakes.postgres import new_database

BOTH = {
    "test_disasters", "test_guests", "test_keeping", "test_migrations", "test_monitors", "test_offboard",
    "test_queue", "test_restart", "test_store", "test_wallboard",
}  # fmt: skip
"""Modules whose tests run on SQLite and on PostgreSQL, those that use `tmp_path` or what comes from it."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every promise about records holds on both stores."""
    if metafunc.module.__name__.rpartition(".")[2] in BOTH and "store" in metafunc.fixturenames:
        metafunc.parametrize("store", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str:
    """Which store a test's hub uses."""
    found: str = getattr(request, "param", "sqlite")
    return found


@pytest.fixture
def tmp_path(store: str) -> Iterator[Path]:
    """In memory where the machine has it: every commit is still synced, and costs no disk."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as directory:
        if store == "postgresql":
            (Path(directory) / STORE).write_text(new_database())
        yield Path(directory)


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[RunningHub]:
    """A hub without people or terminals."""
    async with running(tmp_path) as hub:
        yield hub


@pytest.fixture
async def hubs(tmp_path: Path) -> AsyncIterator[tuple[RunningHub, RunningHub]]:
    """Two on one database; both see the same time."""
    (tmp_path / STORE).write_text(new_database())
    clock = JumpClock()
    async with running(tmp_path, clock=clock) as first, running(tmp_path, clock=clock) as second:
        yield first, second


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
