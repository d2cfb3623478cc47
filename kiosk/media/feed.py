"""Hands the newest picture of one camera to its encoder; older ones that were not taken are gone."""

from __future__ import annotations

import asyncio
import time

from hardware.ports import Frame


class FrameFeed:
    """One producer (behind the gate), one consumer (the encoder), both on the event loop's thread.

    A pushed frame belongs to the feed: its array must not be written to afterwards.
    """

    def __init__(self) -> None:
        self._newest: Frame | None = None
        self._fresh = False  # newest has not been taken yet
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False
        self.pushed = 0
        self.skipped = 0  # replaced before they were taken
        self.pushed_at = float("-inf")  # monotonic

    def push(self, frame: Frame) -> None:
        """Offers a frame; never blocks. Ignored once closed."""
        if self._closed:
            return
        self.pushed += 1
        self.skipped += self._fresh
        self._newest, self._fresh = frame, True
        self.pushed_at = time.monotonic()
        self._wake()

    async def next(self, timeout: float) -> Frame | None:
        """The newest frame not yet taken; None after `timeout` seconds or when closed."""
        if not self._fresh and not self._closed:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(timeout):
                    await self._waiter
            except TimeoutError:
                return None
            finally:
                self._waiter = None
        if not self._fresh:
            return None
        self._fresh = False
        return self._newest

    @property
    def last(self) -> Frame | None:
        """The newest frame, taken or not: it answers a request for a key frame while the camera pauses."""
        return self._newest

    def clear(self) -> None:
        """Forgets the picture, as at the change from one resident to the next."""
        self._newest, self._fresh = None, False

    def close(self) -> None:
        """Forgets the picture and accepts no more."""
        self._closed = True
        self.clear()
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
