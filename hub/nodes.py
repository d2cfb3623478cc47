"""Keeps this hub among the others: renews its lease, looks at what they wrote, gives up those that are gone.

Words between hubs are hints. A poll twice a second finds what no hint has told.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from hub.bus.port import HUBS, Parcel
from hub.bus.shared import SharedBus
from hub.clock import Clock
from hub.counter.counter import Counter
from hub.counter.node import LEASE, FencedError, Node
from hub.store.database import NotWrittenError

log = logging.getLogger(__name__)

POLL_S = 0.5

RENEW_S = LEASE.total_seconds() / 3


class Nodes:
    """Run `run()` as a task. `put_out` ends every link of this hub, `moved(topic)` the one of a topic."""

    def __init__(
        self, counter: Counter, node: Node, bus: SharedBus, clock: Clock, put_out: Callable[[], None]
    ) -> None:
        self._counter = counter
        self._node = node
        self._bus = bus
        self._clock = clock
        self._put_out = put_out
        self._poked = asyncio.Event()
        self._fenced = False
        self._missed = False
        self._renew_at = 0.0
        node.fenced = self._give_in
        bus.on_gap = self._gap

    def _give_in(self) -> None:
        self._fenced = True
        self._poked.set()

    def _gap(self) -> None:
        self._missed = True
        self._poked.set()

    def _hint(self, parcel: Parcel) -> None:
        if parcel.call != self._node.id:
            self._poked.set()

    async def run(self) -> None:
        """Until cancelled. What fails is tried again."""
        with self._bus.subscribe(HUBS, self._hint):
            while True:
                try:
                    await self.look()
                except FencedError as error:
                    log.error("given up by the other hubs", extra={"why": error.message})
                except NotWrittenError as error:
                    log.error("other hubs not looked at", extra={"why": error.message})
                    await asyncio.sleep(POLL_S)
                except Exception:
                    log.exception("other hubs not looked at")
                    await asyncio.sleep(POLL_S)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_S):
                        await self._poked.wait()
                self._poked.clear()

    async def look(self) -> None:
        """Everything that is due now."""
        if self._fenced:
            await self._counter.begin_anew(self._put_out)
            self._fenced = False
        if self._clock.steady() >= self._renew_at:
            await self._node.renew(self._counter.database)
            self._renew_at = self._clock.steady() + RENEW_S
        for hub in await self._counter.look_around():
            await self._counter.give_up(hub)
        if self._missed:
            self._missed = False
            await self._counter.say_again()
