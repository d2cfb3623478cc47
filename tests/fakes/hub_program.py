"""A real hub within the test's own event loop: real sockets, real database, a clock that can jump.

    async with running(tmp_path, clock=JumpClock()) as hub:
        kiosk = await hub.kiosk("t1", "minami", "taiken")       # registered, not yet connected
        desk = await hub.desk("hana", ["minami"])               # added, not yet logged in
        async with kiosk, desk: ...
        await hub.jump(20)                                      # 20 s later; what is due is done

`stop()` and `running()` again on the same directory is a restart.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import tempfile
import threading
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from argon2 import PasswordHasher

from hub import content_files
from hub.api.app import application
from hub.core.content import Content
from hub.house import House, build
from hub.passwords import Passwords
from hub.scheduler import Scheduler
from hub.server import Server, bind, config
from hub.settings import Captures, HubSettings, Keys, Listen, Storage
from hub.store import people, places
from hub.store.database import open_database
from hub.store.fences import POOL
from hub.store.people import User
from hub.store.places import Kiosk
from protocol.values import Membership, Role
from tests.fakes.hub_client import FakeDesk, FakeKiosk

CONTENT = Path(__file__).parents[2] / "config" / "municipalities"
PASSWORD = "a good password"
STORE = "store.url"
"""File in a hub's directory: the URL of the PostgreSQL database that it is to use."""

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The real algorithm with figures that cost no time."""


@functools.cache
def content() -> Content:
    """The sample municipalities, read once."""
    return content_files.load(CONTENT)


@functools.cache
def empty_database() -> bytes:
    """A migrated database without rows; making one takes longer than copying one."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "hub.db"

        async def make() -> None:
            await (await open_database(path)).close()

        thread = threading.Thread(target=lambda: asyncio.run(make()))  # the test's own loop is running
        thread.start()
        thread.join()
        return path.read_bytes()


class JumpClock:
    """The machine's clock plus what a test has jumped."""

    def __init__(self, start: datetime | None = None) -> None:
        self._ahead = timedelta() if start is None else start - datetime.now(UTC)
        self._steps = 0.0

    def now(self) -> datetime:
        """UTC."""
        return datetime.now(UTC) + self._ahead

    def steady(self) -> float:
        """Does not jump with the calendar: a link that is alive stays so."""
        return time.monotonic() + self._steps

    def jump(self, seconds: float) -> None:
        """Later by the calendar."""
        self._ahead += timedelta(seconds=seconds)

    def jump_steady(self, seconds: float) -> None:
        """Later for limits and heartbeats."""
        self._steps += seconds


def settings_in(directory: Path, **changes: object) -> HubSettings:
    """Settings whose files lie in `directory`; its records too, unless a file there names a server."""
    server = directory / STORE
    return msgspec.structs.replace(
        HubSettings(
            content=str(CONTENT),
            listen=Listen(port=1),
            database=Storage(
                path=str(directory / "hub.db"), url=server.read_text() if server.exists() else ""
            ),
            keys=Keys(directory=str(directory / "keys")),
            captures=Captures(directory=str(directory / "captures")),
        ),
        **changes,
    )


@dataclass
class RunningHub:
    """A hub, and how to reach and fill it."""

    house: House
    url: str
    clock: JumpClock
    scheduler: Scheduler
    server: Server
    desks: list[FakeDesk] = field(default_factory=list)

    async def kiosk(self, device: str, municipality: str = "minami", site: str = "taiken") -> FakeKiosk:
        """A registered terminal."""
        fake = FakeKiosk(self.url, device)
        new = Kiosk(
            id=device, municipality=municipality, site=site, terminal=device, public_key=fake.raw_public_key
        )
        async with self.house.database.write(POOL) as tx:
            await places.add_kiosk(tx, new)
        return fake

    async def desk(
        self, name: str, municipalities: Sequence[str] = ("minami",), role: Role = Role.OPERATOR,
        department: str | None = None,
    ) -> FakeDesk:  # fmt: skip
        """A desk of a new operator, or of somebody else."""
        memberships = tuple(
            Membership(municipality=one, role=role, department=department) for one in sorted(municipalities)
        )
        user = User(
            id=uuid.uuid4().hex, login_name=name, name=f"{name} さん", password_hash=QUICK.hash(PASSWORD),
            memberships=memberships,
        )  # fmt: skip
        async with self.house.database.write(POOL) as tx:
            await people.add_user(tx, user)
        return self.desk_of(name)

    def desk_of(self, name: str) -> FakeDesk:
        """One more desk of an operator who exists."""
        desk = FakeDesk(self.url, name, PASSWORD)
        desk.now = lambda: self.clock.now().timestamp()
        self.desks.append(desk)
        return desk

    async def lost(self, side: FakeKiosk | FakeDesk) -> None:
        """Drop a link and wait until the hub has noticed."""
        board = self.house.counter.board
        await side.drop()
        async with asyncio.timeout(5):
            while board.desk_here(side.user) if isinstance(side, FakeDesk) else board.kiosk_here(side.device):
                await asyncio.sleep(0.002)

    async def jump(self, seconds: float) -> None:
        """Let time pass at once; returns when what was due is done."""
        self.clock.jump(seconds)
        await self.house.counter.tick()


@contextlib.asynccontextmanager
async def running(
    directory: Path, *, clock: JumpClock | None = None, desk: Path | None = None, **changes: object
) -> AsyncIterator[RunningHub]:
    """Serve on a free port of loopback until the block ends."""
    clock = clock or JumpClock()
    settings = settings_in(directory, **changes)
    if not settings.database.url and not settings.database_path.exists():
        settings.database_path.write_bytes(empty_database())
    house = await build(
        settings,
        content(),
        clock=clock,
        passwords=Passwords(QUICK),
        desk=desk or directory / "no-desk",
    )
    bound = bind(msgspec.structs.replace(settings.listen, port=0))
    server = Server(config(application(house), settings.listen), house)
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]

    async def until_told() -> None:
        while not server.should_exit:
            await asyncio.sleep(0.01)  # the server's own loop looks ten times a second: a test stops sooner

    server.main_loop = until_told  # type: ignore[method-assign]
    scheduler = Scheduler(house.counter, clock)
    tasks = [
        asyncio.create_task(server.serve(sockets=[bound])), asyncio.create_task(scheduler.run()),
        asyncio.create_task(house.inspection.run()), asyncio.create_task(house.wallboards.run()),
    ]  # fmt: skip
    if house.nodes is not None:
        tasks.append(asyncio.create_task(house.nodes.run()))
    hub = RunningHub(house, f"http://127.0.0.1:{bound.getsockname()[1]}", clock, scheduler, server)
    try:
        while not server.started:
            await asyncio.sleep(0.005)
        yield hub
    finally:
        for one in hub.desks:
            await one.leave()
        server.should_exit = True
        await tasks[0]
        for task in tasks[1:]:
            task.cancel()
        await asyncio.gather(*tasks[1:], return_exceptions=True)
        await house.close()
