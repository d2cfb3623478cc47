"""One stream of encoded media, offered to every epoch that is open: it is encoded once, also in an overlap.

Everything here runs on the event loop's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Encoded:
    """Ready for packets. `timestamp` counts the codec's clock; `key` is True where decoding may begin."""

    data: bytes
    timestamp: int
    key: bool


class Tap:
    """One epoch's place at an outlet. It gets nothing before something that decoding may begin with."""

    def __init__(
        self, outlet: Outlet, take: Callable[[Encoded], None], congested: Callable[[], bool]
    ) -> None:
        """`congested` says whether more waits to be sent than should, so that nothing new is wanted now."""
        self._outlet = outlet
        self._take = take
        self.congested = congested
        self._needs_key = True
        self.reading = False  # the connection is up and asks for media
        self.closed = False

    def start(self) -> None:
        """The connection is up: media may come."""
        if not self.reading and not self.closed:
            self.reading = True
            self._outlet.reader_came()

    def offer(self, piece: Encoded) -> bool:
        """Whether the piece was taken."""
        if not self.reading or (self._needs_key and not piece.key):
            return False
        self._needs_key = False
        self._take(piece)
        return True

    def lost_place(self) -> None:
        """What was taken did not go out: nothing before the next key frame is of use."""
        self._needs_key = True
        self._outlet.request_key()

    def close(self) -> None:
        """Gives up the place; safe to repeat."""
        if not self.closed:
            self.closed, self.reading = True, False
            self._outlet.reader_left(self)


class Outlet:
    """Fans pieces out to its taps and counts those that at least one took."""

    def __init__(self, on_readers: Callable[[], None], on_key_request: Callable[[], None]) -> None:
        self._taps: list[Tap] = []
        self._on_readers = on_readers
        self._on_key_request = on_key_request
        self.reading = False  # somebody wants media: without a reader nothing needs to be encoded
        self.sent = self.sent_bytes = 0

    @property
    def congested(self) -> bool:
        """A reader's connection has more to send than the line carries."""
        return any(tap.congested() for tap in self._taps)

    def tap(self, take: Callable[[Encoded], None], congested: Callable[[], bool] = lambda: False) -> Tap:
        """A place for one more epoch; close it with the epoch."""
        tap = Tap(self, take, congested)
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
        self.reading = True
        self._on_key_request()
        self._on_readers()

    def reader_left(self, tap: Tap) -> None:
        if tap in self._taps:
            self._taps.remove(tap)
        self.reading = any(tap.reading for tap in self._taps)
        self._on_readers()
