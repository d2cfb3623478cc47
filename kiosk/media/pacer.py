"""Decides when the next packet may leave: a picture of many packets must not stand in the router's queue,
where it would hold up the voice and look like a narrower line. Never sends, never reads a clock.
"""

from __future__ import annotations

BURST = 12_000  # bytes that may leave at once: an ordinary picture, ten packets
HEADROOM = 1.5  # of the line's believed rate: a key frame must not take for ever either


class Pacer:
    """A bucket that leaks at the line's rate. Times are monotonic seconds, rates bit/s."""

    def __init__(self) -> None:
        self._level = 0.0  # bytes sent that the line has not carried away yet
        self._at = 0.0

    def wait(self, size: int, bps: int, now: float) -> float:
        """Seconds until a packet of `size` bytes may leave; 0: now."""
        rate = max(1.0, bps * HEADROOM / 8)
        self._level = max(0.0, self._level - max(0.0, now - self._at) * rate)
        self._at = now
        over = self._level + size - BURST
        return 0.0 if over <= 0 or self._level == 0 else over / rate

    def sent(self, size: int) -> None:
        """A packet left."""
        self._level += size
