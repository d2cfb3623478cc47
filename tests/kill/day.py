"""One day: hubs that are killed at random, people who go on regardless, and what came of it.

report = await play(Setting(directory, hubs=1, calls=1000), seed=1)
report.violations                              # sentences; empty when every invariant held
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from hub.settings import load
from hub.store import people, places
from hub.store.database import Database, open_database
from hub.store.fences import POOL
from hub.store.people import User
from hub.store.places import Kiosk
from protocol.values import Membership, Role
from tests.fakes.hub_client import FakeDesk, FakeKiosk
from tests.fakes.hub_program import CONTENT, PASSWORD, QUICK
from tests.hub import invariants
from tests.hub.invariants import Tables
from tests.kill import verdict
from tests.kill.hubs import HubProcess
from tests.kill.mutant import drop_indexes
from tests.kill.people import DEPARTMENTS, Operator, Plan, Resident, Where
from tests.kill.watching import Watcher

LOOK_S = 0.5
TELL_S = 30.0
TOWNS = ("minami", "kitamidai")
RING_S, PAUSE_S, DESK_S, KIOSK_S, GRACE_S = 5.0, 1.0, 5.0, 10.0, 3.0

START_S, PER_CALL_S = 300.0, 3.0
"""So long a day may last: seconds for everybody to come, and for each of its calls."""


@dataclass(frozen=True)
class Setting:
    """How large the day is. `database_url` empty: a file in `directory`."""

    directory: Path
    calls: int
    hubs: int = 1
    terminals: int = 30
    desks: int = 10
    kill_every_s: tuple[float, float] = (3.0, 8.0)
    database_url: str = ""
    mutant: str = ""  # of tests/kill/mutant.py; the day is over once something was violated

    def hub_settings(self) -> dict[str, Any]:
        """As config/hub.yaml has them; short times, so that a day has many of them."""
        return {
            "content": str(CONTENT),
            "log_level": "warning",
            "listen": {"connections_per_address": 100_000},
            "database": {"path": str(self.directory / "hub.db")}
            | ({"url": self.database_url} if self.database_url else {}),
            "keys": {"directory": str(self.directory / "keys")},
            "captures": {"directory": str(self.directory / "captures")},
            "queue": {"ring_s": RING_S, "decline_pause_s": PAUSE_S},
            "patience": {"desk_s": DESK_S, "kiosk_s": KIOSK_S, "start_grace_s": GRACE_S},
            "links": {"messages_per_minute": 6000, "per_address": 10_000},
        }


@dataclass
class Report:
    """What came of it. `*_back_s`: seconds from a hub's death until each of its sides was linked again."""

    calls: int = 0
    kills: int = 0
    took_s: float = 0.0
    states: Counter[str] = field(default_factory=Counter)
    events: Counter[str] = field(default_factory=Counter)
    told: int = 0
    looks: int = 0
    start_s: list[float] = field(default_factory=list)
    kiosk_back_s: list[float] = field(default_factory=list)
    desk_back_s: list[float] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)  # in the hubs' logs
    violations: list[str] = field(default_factory=list)


class Day:
    """The parts of a day; `play` runs it."""

    def __init__(self, setting: Setting, seed: int, database: Database, watcher: Watcher) -> None:
        self.setting = setting
        self.database = database
        self.watch = watcher
        self.dice = random.Random(seed)
        program = ("-m", "tests.kill.mutant", setting.mutant) if setting.mutant else ("-m", "hub")
        self.hubs = [
            HubProcess(setting.directory, f"hub-{number}", setting.hub_settings(), program)
            for number in range(setting.hubs)
        ]
        self.plan = Plan(left=setting.calls, seed=seed)
        self.residents: list[Resident] = []
        self.operators: list[Operator] = []
        self.report = Report()

    def quiet_since(self) -> float | None:
        """Since when every hub is well."""
        moments = [hub.well_at for hub in self.hubs]
        return None if None in moments else max(one for one in moments if one is not None)

    def where(self) -> str:
        """A hub that is well, or any."""
        return self.dice.choice([hub for hub in self.hubs if hub.well_at is not None] or self.hubs).url

    async def look(self) -> Tables:
        """The store now."""
        async with self.database.read(POOL) as tx:
            return await tx.run_sync(invariants.read)

    async def cast(self, where: Where) -> None:
        """Two municipalities; every third operator serves both, every fifth is a specialist."""
        async with self.database.write(POOL) as tx:
            await places.know(tx, [(town, "taiken") for town in TOWNS])
            for number in range(self.setting.terminals):
                kiosk, town = FakeKiosk("", f"t{number}"), TOWNS[number % len(TOWNS)]
                row = Kiosk(
                    id=kiosk.device, municipality=town, site="taiken", terminal="taiken-1",
                    public_key=kiosk.raw_public_key,
                )  # fmt: skip
                await places.add_kiosk(tx, row)
                self.residents.append(Resident(kiosk, self.plan, where))
            for number in range(self.setting.desks):
                towns = TOWNS if number % 3 == 0 else (TOWNS[number % len(TOWNS)],)
                specialist = number % 5 == 4
                user = User(
                    id=f"operator-{number}", login_name=f"operator-{number}", name=f"operator {number}",
                    password_hash=QUICK.hash(PASSWORD),
                    memberships=tuple(_membership(one, specialist) for one in towns),
                )  # fmt: skip
                await people.add_user(tx, user)
                self.operators.append(
                    Operator(FakeDesk(self.hubs[0].url, user.login_name, PASSWORD), self.plan, where)
                )

    async def kill_and_restart(self) -> None:
        """One hub at a time, at random, until the calls are made."""
        while True:
            await asyncio.sleep(self.dice.uniform(*self.setting.kill_every_s))
            hub = self.dice.choice(self.hubs)
            hub.kill()
            self.report.kills += 1
            await asyncio.sleep(self.dice.uniform(0, 0.5))
            began = time.monotonic()
            hub.start()
            await hub.well()
            self.report.start_s.append(time.monotonic() - began)

    async def watching(self) -> None:
        """Look into the store, over and over."""
        took = 0.0
        while True:
            await asyncio.sleep(max(LOOK_S, took))  # looking must not be what the machine does
            began = time.monotonic()
            await self.watch.look(
                [one.seen() for one in self.residents], [one.seen() for one in self.operators],
                self.quiet_since(),
            )  # fmt: skip
            took = time.monotonic() - began

    def busy(self) -> bool:
        """Whether somebody is still in a call, or is still to make one."""
        return self.plan.left > 0 or any(one.busy for one in (*self.residents, *self.operators))

    async def made(self, within_s: float, killing: asyncio.Task[None]) -> None:
        """Until all calls are over, or nobody kills any more. A violation when some are not in time."""
        until = time.monotonic() + within_s
        told_at = time.monotonic()
        while self.busy() and not killing.done() and not (self.setting.mutant and self.watch.found):
            if time.monotonic() > told_at + TELL_S:
                told_at = time.monotonic()
                print(
                    f"   {max(0, self.plan.left)} calls to make, {self.report.kills} kills", *self.watch.found
                )
            if time.monotonic() > until:
                stuck = [one.last_words() for one in (*self.residents, *self.operators) if one.busy]
                left = max(0, self.plan.left)
                self.report.violations.append(f"after {within_s:.0f} s {left} calls left, busy: {stuck}")
                return
            await asyncio.sleep(0.2)


def _membership(town: str, specialist: bool) -> Membership:
    if specialist:
        return Membership(municipality=town, role=Role.SPECIALIST, department=DEPARTMENTS[town])
    return Membership(municipality=town, role=Role.OPERATOR)


async def play(setting: Setting, seed: int, *, within_s: float | None = None) -> Report:
    """The whole day; hubs are stopped and the database is closed at its end. By default it fits its calls."""
    path = setting.directory / "settings.yaml"
    path.write_text(yaml.safe_dump(setting.hub_settings()))
    database = await open_database(load(path).store)
    watcher = Watcher(path, pause=timedelta(seconds=PAUSE_S), lease=timedelta(seconds=RING_S))
    day = Day(setting, seed, database, watcher)
    try:
        await _run(day, START_S + PER_CALL_S * setting.calls if within_s is None else within_s)
        tables = await day.look()
    finally:
        watcher.close()
        for hub in day.hubs:
            hub.stop()
        await database.close()
    return _judge(day, tables)


async def _run(day: Day, within_s: float) -> None:
    await day.cast(day.where)
    if day.setting.mutant == "unchecked":
        await drop_indexes(day.setting.database_url)
    for hub in day.hubs:
        hub.start()
        await hub.well()
    for one in day.operators:
        await one.link.log_in()
    began = time.monotonic()
    lives = [asyncio.create_task(one.live()) for one in (*day.operators, *day.residents)]
    watch = asyncio.create_task(day.watching())
    try:
        async with _running(day.kill_and_restart()) as killing:
            await day.made(within_s, killing)
        day.report.took_s = time.monotonic() - began
        await _go_home(day, lives)
    finally:
        for task in (watch, *lives):
            task.cancel()
        ended = await asyncio.gather(watch, *lives, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


@contextlib.asynccontextmanager
async def _running(work: Any) -> AsyncIterator[asyncio.Task[None]]:
    """Its failure is the day's: it is raised when the block ends."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        ended = await asyncio.gather(task, return_exceptions=True)
    if isinstance(ended[0], Exception):
        raise ended[0]


async def _go_home(day: Day, lives: Sequence[asyncio.Task[None]]) -> None:
    """Nobody is there any more; what waits only for time gets it."""
    for hub in day.hubs:
        if hub.well_at is None:  # killed while the last call ended
            hub.kill()
            hub.start()
            await hub.well()
    day.plan.closed.set()
    await asyncio.gather(*lives)
    for one in (*day.residents, *day.operators):
        await one.link.leave()
    until = time.monotonic() + GRACE_S + KIOSK_S + RING_S + verdict.LONG_S
    while not day.setting.mutant and time.monotonic() < until:
        if not list(invariants.finished(await day.look())):
            return
        await asyncio.sleep(LOOK_S)


def _judge(day: Day, tables: Tables) -> Report:
    report = day.report
    report.calls = len(tables.calls)
    report.states = Counter(call["state"] for call in tables.calls.values())
    report.events = Counter(event["kind"] for event in tables.events)
    report.told = sum(len(one.diary) for one in (*day.residents, *day.operators))
    report.looks = day.watch.looks
    deaths = sorted(moment for hub in day.hubs for moment in hub.killed_at)
    for found, sides in ((report.kiosk_back_s, day.residents), (report.desk_back_s, day.operators)):
        for one in sides:
            found += _returns(one.returns, deaths)
    for hub in day.hubs:
        report.warnings += hub.warnings()
    report.violations += sorted(day.watch.found)
    report.violations += [fault for one in (*day.residents, *day.operators) for fault in one.unreadable]
    if day.setting.mutant:
        return report  # it was cut short: what is left over says nothing
    report.violations += verdict.at_the_end(tables)
    report.violations += verdict.residents_told(tables, day.residents)
    report.violations += verdict.operators_told(tables, day.operators)
    return report


def _returns(returns: Sequence[tuple[float, float]], deaths: Sequence[float]) -> Iterator[float]:
    """Seconds from a death to each return from it."""
    for lost, back in returns:
        death = max((moment for moment in deaths if moment <= lost), default=None)
        if death is not None and lost - death < 1:  # longer ago: a reload of its own
            yield back - death
