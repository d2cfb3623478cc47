"""Decides which lost video packets are asked for again, and when; never sends anything itself."""

from __future__ import annotations

REPEAT_S = 0.06  # asked again this long after the last request
GIVE_UP_S = 0.6  # older than this a retransmission would come too late
GAP_LIMIT = 250  # a larger jump is an outage: a key frame mends it, requests would only add load


class NackScheduler:
    """Tracks gaps in 16-bit sequence numbers."""

    def __init__(self) -> None:
        self._highest: int | None = None
        self._missing: dict[int, list[float]] = {}  # sequence -> [first noticed, last asked]

    @property
    def missing(self) -> frozenset[int]:
        """Everything that is still waited for."""
        return frozenset(self._missing)

    def received(self, sequence: int, now: float) -> list[int]:
        """Notes a packet (first or retransmitted); returns the sequence numbers to ask for now, in order."""
        if self._highest is None:
            self._highest = sequence
            return []
        ahead = (sequence - self._highest) & 0xFFFF
        if ahead == 0:
            return []
        if ahead < 0x8000:
            self._note_gap(ahead, now)
            self._highest = sequence
        else:
            self._missing.pop(sequence, None)
        return self._due(now)

    def _note_gap(self, ahead: int, now: float) -> None:
        assert self._highest is not None
        if ahead > GAP_LIMIT:
            self._missing.clear()
            return
        for step in range(1, ahead):
            self._missing[(self._highest + step) & 0xFFFF] = [now, -1.0]

    def _due(self, now: float) -> list[int]:
        due = []
        for sequence, times in list(self._missing.items()):
            first, asked = times
            if now - first > GIVE_UP_S:
                del self._missing[sequence]
            elif asked < 0 or now - asked >= REPEAT_S:
                times[1] = now
                due.append(sequence)
        return due
