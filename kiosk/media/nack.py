"""Decides which lost video packets are asked for again, and when; never sends anything itself.

A request or its answer may be lost like any packet, so it is repeated; how soon depends on how long an answer
takes on this line. Too late costs a freeze, too early fills a narrow line with packets that came already.
"""

from __future__ import annotations

from dataclasses import dataclass

FIRST_REPEAT_S = 0.06  # asked again this long after the last request, while no answer has been timed
SOONEST_S, LATEST_S = 0.03, 0.2  # bounds of what was learned
PATIENCE = 1.5  # of the usual time of an answer
SMOOTH = 0.2  # weight of the newest answer in the usual one
GIVE_UP_S = 0.6  # older than this a retransmission would come too late
GAP_LIMIT = 250  # a larger jump is an outage: a key frame mends it, requests would only add load


@dataclass(slots=True)
class _Missing:
    """One packet that is waited for; monotonic seconds."""

    noticed: float
    asked: float = 0.0
    times: int = 0  # how often it was asked for


class NackScheduler:
    """Tracks gaps in 16-bit sequence numbers."""

    def __init__(self) -> None:
        self._highest: int | None = None
        self._missing: dict[int, _Missing] = {}
        self._answer_s: float | None = None  # what an answer usually takes

    @property
    def missing(self) -> frozenset[int]:
        """Everything that is still waited for."""
        return frozenset(self._missing)

    @property
    def repeat_s(self) -> float:
        """Time between two requests for the same packet."""
        if self._answer_s is None:
            return FIRST_REPEAT_S
        return min(LATEST_S, max(SOONEST_S, PATIENCE * self._answer_s))

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
        elif (found := self._missing.pop(sequence, None)) is not None:
            self._learn(found, now)
        return self._due(now)

    def _learn(self, found: _Missing, now: float) -> None:
        """Only from what was asked for once: nobody knows which of several requests was answered."""
        if found.times == 1:
            took = now - found.asked
            known = took if self._answer_s is None else self._answer_s
            self._answer_s = known + SMOOTH * (took - known)

    def _note_gap(self, ahead: int, now: float) -> None:
        assert self._highest is not None
        if ahead > GAP_LIMIT:
            self._missing.clear()
            return
        for step in range(1, ahead):
            self._missing[(self._highest + step) & 0xFFFF] = _Missing(now)

    def _due(self, now: float) -> list[int]:
        due = []
        for sequence, one in list(self._missing.items()):
            if now - one.noticed > GIVE_UP_S:
                del self._missing[sequence]
            elif one.times == 0 or now - one.asked >= self.repeat_s:
                one.asked = now
                one.times += 1
                due.append(sequence)
        return due
