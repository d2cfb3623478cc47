"""PostgreSQL's notifications as carrier: nothing to run besides the database.

A notification holds 7,999 bytes and leaves in a statement of its own, after the turn's commit: within it, one
commit would wait for the other. What is longer (a browser's offer) lies in a row that nobody logs; the
notification then says its number.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from hub.bus.shared import DELAYS_S, CarrierError
from hub.store.signals import GoneError, Signals
from protocol.errors import LocalError

log = logging.getLogger(__name__)

LIMIT = 7900
"""Bytes of a text that still fits into a notification."""

ROW = "@"
"""Begins a notification whose text lies in a row."""


class NotifyCarrier:
    """All hubs on one database hear one another."""

    def __init__(self, url: str) -> None:
        self._signals = Signals(url)
        self._arrived: asyncio.Queue[str] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
        """LocalError when the database cannot be reached at the start; later it is waited for."""
        try:
            await self._signals.connect(self._arrived.put_nowait)
        except GoneError as error:
            raise LocalError("bus", f"{error}; look at database.url") from None
        self._tasks = [
            asyncio.create_task(self._hear(heard, missed)),
            asyncio.create_task(self._stay_connected(missed)),
        ]

    async def _hear(self, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
        """In order, also where a text has to be fetched."""
        while True:
            text = await self._arrived.get()
            whole = await self._whole(text)
            if whole is None:
                missed()
            else:
                heard(whole)

    async def _whole(self, text: str) -> str | None:
        """What was sent; None when its row cannot be had."""
        if not text.startswith(ROW):
            return text
        try:
            return await self._signals.fetch(int(text[1:]))
        except (GoneError, ValueError):
            return None

    async def _stay_connected(self, missed: Callable[[], None]) -> None:
        while True:
            await self._signals.lost.wait()
            for delay in (*DELAYS_S, *[DELAYS_S[-1]] * 10_000):
                await asyncio.sleep(delay)
                try:
                    await self._signals.connect(self._arrived.put_nowait)
                except GoneError:
                    continue
                missed()
                break

    async def send(self, texts: Sequence[str]) -> None:
        """CarrierError while the database is away."""
        try:
            short = [await self._short(text) for text in texts]
            await self._signals.send(short)
        except GoneError as error:
            raise CarrierError(str(error)) from error

    async def _short(self, text: str) -> str:
        if len(text.encode()) <= LIMIT:
            return text
        return f"{ROW}{await self._signals.lay_down(text)}"

    async def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._signals.close()
