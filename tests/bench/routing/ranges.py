"""How often the wait that a resident was told came true, beside the usual time, half more or less."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.report import Goal, Row
from tests.bench.routing.simulation import Day, Told, Topic, lognormal, operators

CASES = {
    "1 operator, 1 municipality": (1, [Topic("a", "card", 2.2, lognormal(1200, 0.5))]),
    "4 operators, 3 procedures": (
        4, [
            Topic("a", "certificate", 6, lognormal(480, 0.4)), Topic("a", "card", 3, lognormal(1200, 0.5)),
            Topic("b", "card", 2, lognormal(1500, 0.5)), Topic("b", "care", 1.5, lognormal(2100, 0.6)),
        ],
    ),
    "8 operators, 10 municipalities": (
        8, [Topic(f"t{number}", "card", 2, lognormal(1200, 0.5)) for number in range(10)],
    ),
    "4 operators, some calls urgent": (
        4, [
            Topic("a", "card", 7, lognormal(1200, 0.5)),
            Topic("a", "urgent", 2, lognormal(900, 0.4), priority=2),
        ],
    ),
}  # fmt: skip
"""Busy, but not for ever: 70 to 90 % of the operators' time."""


@dataclass(frozen=True, slots=True)
class Truth:
    """Of the residents who had to wait: how many were told something, and how often it came true."""

    waited: int
    told: int
    held: float  # share of what was told
    simpler: float  # the same for the usual time per call ahead and operator, half more or less
    width_s: float  # median of the ranges
    simpler_s: float


def truth(told: Sequence[Told]) -> Truth:
    """What came true, of all who were answered by the end of the day."""
    over = [one for one in told if one.true_s is not None]
    ranges = [(one.wait.low_s, one.wait.high_s, one.true_s) for one in over if one.wait is not None]
    simpler = [(*_half_more_or_less(one), one.true_s) for one in over if one.wait is not None]
    return Truth(
        waited=len(over), told=len(ranges), held=_share(ranges), simpler=_share(simpler),
        width_s=statistics.median(high - low for low, high, _ in ranges),
        simpler_s=statistics.median(high - low for low, high, _ in simpler),
    )  # fmt: skip


def _half_more_or_less(one: Told) -> tuple[float, float]:
    middle = one.usual_s * (one.ahead + 1) / one.operators
    return middle * 0.5, middle * 1.5


def _share(found: Sequence[tuple[float, float, float | None]]) -> float:
    return statistics.fmean(true is not None and low <= true <= high for low, high, true in found)


def day(case: str, seed: int, calls: int) -> list[Told]:
    """Everybody who had to wait."""
    count, topics = CASES[case]
    found = Day(topics, operators(count, {one.municipality for one in topics}), seed, asks=True)
    found.run(calls)
    return list(found.told.values())


def rows(days: int = 10, calls: int = 600) -> list[Row]:
    """For the table."""
    found: list[Row] = []
    for case in CASES:
        one = truth([told for seed in range(days) for told in day(case, seed, calls)])
        found += [
            Row(f"waits within the told range: {case}", "share", one.held,
                {"usual time +-50 %": one.simpler}, Goal.at_least(0.8),
                note=f"{one.waited} waited, {one.told} were told"),
            Row(f"width of the range: {case}", "s", one.width_s, {"usual time +-50 %": one.simpler_s}),
        ]  # fmt: skip
    return found
