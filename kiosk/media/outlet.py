"""One stream of encoded media, offered to every epoch that is open: it is encoded once, also in an overlap.

Everything here runs on the event loop's thread.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

DEPTH = 25  # half a second of sound; a connection that takes nothing for so long has lost its place


@dataclass(frozen=True, slots=True)
class Encoded:
    """Ready for packets. `timestamp` counts the codec's clock; `key` is True where decoding may begin."""

    data: bytes
    timestamp: int
    key: bool


class OutletClosedError(Exception):
    """The stream has ended; the reader stops."""


class Tap:
    """One epoch's place at an outlet. It gets nothing before something that decoding may begin with."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._queue: deque[Encoded] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._needs_key = True
        self.reading = False  # the connection is up and asks for media
        self.closed = False

    async def next(self) -> Encoded:
        """The next piece in order. OutletClosedError after `close`."""
        if not self.reading and not self.closed:
            self.reading = True
            self._outlet.reader_came()
        while not self._queue:
            if self.closed:
                raise OutletClosedError
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._queue.popleft()

    def offer(self, piece: Encoded) -> bool:
        """Whether the piece was taken."""
        if self.closed or not self.reading or (self._needs_key and not piece.key):
            return False
        if len(self._queue) >= DEPTH:
            self._queue.clear()
            self._needs_key = True
            self._outlet.request_key()
            return False
        self._needs_key = False
        self._queue.append(piece)
        self._wake()
        return True

    def close(self) -> None:
        """Gives up the place and what was waiting; safe to repeat."""
        if not self.closed:
            self.closed, self.reading = True, False
            self._queue.clear()
            self._outlet.reader_left(self)
            self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Outlet:
    """Fans pieces out to its taps and counts those that at least one took."""

    def __init__(self, on_readers: Callable[[], None], on_key_request: Callable[[], None]) -> None:
        self._taps: list[Tap] = []
        self._on_readers = on_readers
        self._on_key_request = on_key_request
        self.sent = self.sent_bytes = 0

    @property
    def reading(self) -> bool:
        """Somebody wants media: without a reader nothing needs to be encoded."""
        return any(tap.reading for tap in self._taps)

    def tap(self) -> Tap:
        """A place for one more epoch; close it with the epoch."""
        tap = Tap(self)
        self._taps.append(tap)
        return tap

    def deliver(self, piece: Encoded) -> None:
        """Offers a piece to all."""
        taken = [tap.offer(piece) for tap in list(self._taps)]
        self.sent += any(taken)
        self.sent_bytes += len(piece.data) * sum(taken)

    def request_key(self) -> None:
        """A reader cannot go on without a piece that decoding may begin with."""
        self._on_key_request()

    def reader_came(self) -> None:
        self._on_key_request()
        self._on_readers()

    def reader_left(self, tap: Tap) -> None:
        if tap in self._taps:
            self._taps.remove(tap)
        self._on_readers()
