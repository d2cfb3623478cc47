"""Keeps this hub among the others: renews its lease, looks at what they wrote, gives up those that are gone.

Words between hubs are hints. A poll twice a second finds what no hint has told. The lease is renewed beside
all that: a hub that has much to do is not a hub that is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from hub.bus.shared import SharedBus
from hub.clock import Clock
from hub.counter.among import Among
from hub.counter.node import LEASE, FencedError
from hub.store.database import NotWrittenError

log = logging.getLogger(__name__)

POLL_S = 0.5

RENEW_S = LEASE.total_seconds() / 4

SAY_AGAIN_S = 2.0
"""Between two times that everybody here is told the whole truth."""


class Nodes:
    """`start()` before the hub joins the others, `run()` as a task, `leave()` at the end.

    `put_out` ends every link of this hub; `forget_away` what is kept for sides whose link is gone.
    """

    def __init__(
        self, among: Among, bus: SharedBus, clock: Clock, *, put_out: Callable[[], None],
        forget_away: Callable[[], None],
    ) -> None:  # fmt: skip
        self._among = among
        self._clock = clock
        self._put_out = put_out
        self._forget_away = forget_away
        self._poked = asyncio.Event()
        self._fenced = False
        self._missed = False
        self._say_again_at = 0.0
        self._renewing: asyncio.Task[None] | None = None
        among.node.fenced = self._give_in
        bus.on_gap = self._gap
        bus.on_news = self._news

    def _give_in(self) -> None:
        self._fenced = True
        self._poked.set()

    def _gap(self) -> None:
        self._missed = True
        self._poked.set()

    def _news(self) -> None:
        self._poked.set()

    # ------------------------------------------------------------------ the lease

    def start(self) -> None:
        """From now on the lease is renewed, once there is one: starting may take longer than it lasts."""
        self._renewing = asyncio.create_task(self._keep_lease())

    async def _keep_lease(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            try:
                await self.renew()
            except FencedError:
                log.warning("the lease had run out")
            except NotWrittenError as error:
                log.warning("lease not renewed; tried again", extra={"why": error.message})
            except Exception:
                log.exception("lease not renewed; tried again")

    async def renew(self) -> None:
        """FencedError when it is too late."""
        await self._among.node.renew(self._among.counter.database)

    async def leave(self) -> None:
        """A planned end, also of one that never ran."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)
        await self._among.leave()

    # ------------------------------------------------------------------ the others

    async def run(self) -> None:
        """Until cancelled. What fails is tried again."""
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
            log.warning("given up by the other hubs; beginning anew")
            await self._among.begin_anew(self._put_out)
            self._fenced = False
        for hub in await self._among.look_around():
            await self._among.give_up(hub)
        if self._missed and self._clock.steady() >= self._say_again_at:
            self._missed = False
            self._say_again_at = self._clock.steady() + SAY_AGAIN_S
            self._forget_away()
            await self._among.say_again()
