"""Wakes the counter when something is due: one task, one time-out, no timer per call."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from hub.clock import Clock
from hub.counter.counter import Counter
from hub.store.database import NotWrittenError

log = logging.getLogger(__name__)

LONGEST_S = 30.0
"""A clock that is set, or a deadline that was missed, is noticed within this time."""

REST_S = 0.02
"""Between two ticks: a mistake in a deadline must not become a busy loop."""

FAILED_S = 1.0
"""After a tick that failed: it is tried again until the disk, say, has room."""


class Scheduler:
    """Run `run()` as a task; `poke()` when deadlines may have moved."""

    def __init__(self, counter: Counter, clock: Clock) -> None:
        self._counter = counter
        self._clock = clock
        self._poked = asyncio.Event()
        counter.on_turn = self.poke

    def poke(self) -> None:
        """Look at the deadlines again."""
        self._poked.set()

    async def run(self) -> None:
        """Until cancelled. A failing tick is logged and tried again."""
        while True:
            due = self._counter.deadline()
            if due is not None and due <= self._clock.now():
                try:
                    await self._counter.tick()
                except NotWrittenError as error:
                    log.error("tick not written; tried again soon", extra={"why": error.message})
                    await asyncio.sleep(FAILED_S)
                except Exception:
                    log.exception("tick failed")
                    await asyncio.sleep(FAILED_S)
                await asyncio.sleep(REST_S)
                continue
            left = LONGEST_S if due is None else min(LONGEST_S, (due - self._clock.now()).total_seconds())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._poked.wait()
            self._poked.clear()
