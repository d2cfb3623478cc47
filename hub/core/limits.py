"""Decides how much is too much: messages of a socket, tries of a login, sockets of an address.

Buckets of tokens; time is an argument in seconds of any steady clock. Forgets who has been quiet, so that a
flood of names or addresses cannot fill the memory.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass


@dataclass(slots=True)
class Bucket:
    """`burst` at once, `per_s` refilled each second. `tokens` is what is left at `at`."""

    burst: float
    per_s: float
    tokens: float
    at: float

    def take(self, now: float) -> bool:
        """Whether one more is within the limit; it is counted if so."""
        if self.wait_s(now) > 0:
            return False
        self.tokens -= 1
        return True

    def give_back(self) -> None:
        """One that was taken did not count after all."""
        self.tokens = min(self.burst, self.tokens + 1)

    def wait_s(self, now: float) -> float:
        """Seconds until the next one is allowed."""
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.at) * self.per_s)
        self.at = now
        return max(0.0, (1 - self.tokens) / self.per_s)


def messages(per_minute: int, now: float) -> Bucket:
    """For one socket: twice a minute's worth at once (an offer brings its candidates), then the rate."""
    return Bucket(burst=2 * per_minute, per_s=per_minute / 60, tokens=2 * per_minute, at=now)


FLEETING_PER_S = 20
"""Pointer and pen of a desk: it says ten of them a second."""

HELD_UP_S = 12
"""What a hand says in this time may come at once: a link that was held up for longer is dead."""


def fleeting(now: float) -> Bucket:
    """For the pointer and the pen of one socket, so that they never use up what commands and beats need."""
    burst = HELD_UP_S * FLEETING_PER_S
    return Bucket(burst=burst, per_s=FLEETING_PER_S, tokens=burst, at=now)


class Tries:
    """Counts tries by key (a login name, an address). The newest `keys` keys are remembered."""

    def __init__(self, *, burst: int, per_minute: float, keys: int = 10_000) -> None:
        self._burst = burst
        self._per_s = per_minute / 60
        self._keys = keys
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def wait_s(self, key: str, now: float) -> float:
        """Seconds until a try is allowed, 0 when it is now. Nothing is counted."""
        bucket = self._buckets.get(key)
        return 0.0 if bucket is None else bucket.wait_s(now)

    def take(self, key: str, now: float) -> bool:
        """Whether one more try is allowed; it is counted if so."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(self._burst, self._per_s, self._burst, now)
            if len(self._buckets) > self._keys:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return bucket.take(now)

    def give_back(self, key: str) -> None:
        """A try that was taken did not count after all."""
        if key in self._buckets:
            self._buckets[key].give_back()

    def forgive(self, key: str) -> None:
        """All earlier tries no longer count."""
        self._buckets.pop(key, None)


class Strikes:
    """Bad messages of one socket: more than `limit` within `window_s` is enough."""

    def __init__(self, limit: int, window_s: float) -> None:
        self._limit = limit
        self._window_s = window_s
        self._at: list[float] = []

    def strike(self, now: float) -> bool:
        """Whether this one was one too many."""
        self._at = [at for at in self._at if now - at < self._window_s]
        self._at.append(now)
        return len(self._at) > self._limit
