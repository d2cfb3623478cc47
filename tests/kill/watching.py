"""Looks into the store again and again, from a process of its own: looking must not hold up who is looked at.

watcher = Watcher(config, pause=..., lease=...)
await watcher.look(kiosks, desks, quiet_since)      # how each side is now; `watcher.found` grows
watcher.close()
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

from hub.settings import load
from hub.store.database import Database
from hub.store.fences import POOL
from tests.hub import invariants
from tests.kill.hubs import ROOT
from tests.kill.people import Seen
from tests.kill.verdict import Watch


class Watcher:
    """One at a time. `config` is a hub's settings file; `pause` and `lease` are the queue's rules."""

    def __init__(self, config: Path, *, pause: timedelta, lease: timedelta) -> None:
        if str(ROOT) not in sys.path:
            sys.path.append(str(ROOT))  # the new process takes it along, however the tests were imported here
        self.found: set[str] = set()
        self.looks = 0
        self._process = ProcessPoolExecutor(
            1, mp_context=get_context("spawn"), initializer=_open, initargs=(config, pause, lease)
        )

    async def look(self, kiosks: Sequence[Seen], desks: Sequence[Seen], quiet_since: float | None) -> None:
        """One consistent look; `quiet_since` is since when every hub is well."""
        loop, now = asyncio.get_running_loop(), time.monotonic()
        self.found |= await loop.run_in_executor(self._process, _look, kiosks, desks, now, quiet_since)
        self.looks += 1

    def close(self) -> None:
        """The process ends."""
        self._process.shutdown(cancel_futures=True)


# ---------------------------------------------------------------------- in that process


class _Eye:
    def __init__(self, config: Path, watch: Watch) -> None:
        self.watch = watch
        self.loop = asyncio.new_event_loop()
        self._database = Database(load(config).store)

    async def tables(self) -> invariants.Tables:
        async with self._database.read(POOL) as tx:
            return await tx.run_sync(invariants.read)


_eyes: list[_Eye] = []


def _open(config: Path, pause: timedelta, lease: timedelta) -> None:
    _eyes.append(_Eye(config, Watch(pause=pause, lease=lease)))


def _look(
    kiosks: Sequence[Seen], desks: Sequence[Seen], seen_at: float, quiet_since: float | None
) -> set[str]:
    (eye,) = _eyes
    eye.watch.look(eye.loop.run_until_complete(eye.tables()), kiosks, desks, seen_at, quiet_since)
    return eye.watch.found
