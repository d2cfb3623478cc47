"""Decides which transfers of a procedure are so many that the division of work should be looked at again.

Counts wrap-ups alone: what operators wrote down about calls that are over. Never reads notes, never judges a
single call, and never changes the duty table: people do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

COMPLETED, TRANSFERRED = "completed", "transferred"

FEWEST = 5
"""Transfers for one reason; fewer may be chance, and might point at somebody."""

SHARE = 0.2
"""Of the procedure's calls."""


@dataclass(frozen=True, slots=True)
class Count:
    """So many calls were wrapped up in the same words."""

    procedure: str
    outcome: str
    reason: str
    calls: int


@dataclass(frozen=True, slots=True)
class Line:
    """One procedure; `reasons` are those of its transfers, the most frequent first."""

    procedure: str
    calls: int
    completed: int
    transferred: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def candidates(self) -> tuple[tuple[str, int], ...]:
        """Reasons that are many enough: without them these calls could have been completed on the spot."""
        return tuple(
            (reason, calls)
            for reason, calls in self.reasons
            if calls >= FEWEST and calls >= SHARE * self.calls
        )


def lines(counts: Iterable[Count]) -> list[Line]:
    """The procedures, those with the most transfers first."""
    by_procedure: dict[str, list[Count]] = {}
    for one in counts:
        by_procedure.setdefault(one.procedure, []).append(one)
    found = [_line(procedure, some) for procedure, some in by_procedure.items()]
    return sorted(found, key=lambda line: (-line.transferred, line.procedure))


def _line(procedure: str, counts: list[Count]) -> Line:
    reasons: dict[str, int] = {}
    for one in counts:
        if one.outcome == TRANSFERRED:
            reasons[one.reason] = reasons.get(one.reason, 0) + one.calls
    return Line(
        procedure=procedure,
        calls=sum(one.calls for one in counts),
        completed=sum(one.calls for one in counts if one.outcome == COMPLETED),
        transferred=sum(reasons.values()),
        reasons=tuple(sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))),
    )
