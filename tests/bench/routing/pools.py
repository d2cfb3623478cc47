"""The shared pool beside Erlang C, and the same load on a pool for each municipality.

Ten municipalities, eight operators, 1.5 calls an hour each, 20 minutes a call. Independent days with their
own chance; what a day's mean is worth is told by how the days differ.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hub.core import erlang
from hub.core.erlang import Load
from tests.bench.report import Goal, Row
from tests.bench.routing.simulation import Day, Topic, exponential, operators

TOWNS = tuple(f"town-{number}" for number in range(10))
PER_HOUR, HANDLING_S, OPERATORS, WITHIN_S = 1.5, 1200.0, 8, 20.0
WARM_UP = 200
"""Calls at the beginning of a day that find a pool without history."""

T95 = {10: 2.262, 20: 2.093, 40: 2.023}
"""Student's t of a two-sided 95 % interval, by the number of days."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A mean over days, and the half width of its 95 % interval."""

    mean: float
    half: float

    def holds(self, expected: float) -> bool:
        """Whether the interval holds the value."""
        return abs(self.mean - expected) <= self.half

    def distance(self, expected: float) -> float:
        """From the value, in half widths: up to 1 lies within the interval."""
        return abs(self.mean - expected) / self.half


def measured(values: Sequence[float]) -> Measured:
    """Over independent days; as many as T95 knows."""
    return Measured(
        statistics.fmean(values), T95[len(values)] * statistics.stdev(values) / math.sqrt(len(values))
    )


@dataclass(frozen=True, slots=True)
class Level:
    """What residents get: the mean wait (ASA) and the share answered within WITHIN_S."""

    wait_s: Measured
    in_time: Measured


def level(waits_of: Callable[[int], Sequence[float]], days: int) -> Level:
    """Over so many days; `waits_of` gives the waits of the day with a seed."""
    found = [waits_of(seed) for seed in range(days)]
    return Level(
        measured([statistics.fmean(waits) for waits in found]),
        measured([statistics.fmean(wait <= WITHIN_S for wait in waits) for waits in found]),
    )


def shared(calls: int) -> Callable[[int], Sequence[float]]:
    """All municipalities served by one pool."""
    topics = [Topic(town, "", PER_HOUR, exponential(HANDLING_S)) for town in TOWNS]
    return lambda seed: Day(topics, operators(OPERATORS, TOWNS), seed).run(calls)[WARM_UP:]


def apart(calls: int) -> Callable[[int], Sequence[float]]:
    """One operator for each municipality: already two more than the pool has."""

    def waits(seed: int) -> list[float]:
        found: list[float] = []
        for number, town in enumerate(TOWNS):
            topic = Topic(town, "", PER_HOUR, exponential(HANDLING_S))
            day = Day([topic], operators(1, [town]), seed * len(TOWNS) + number)
            found += day.run(calls // len(TOWNS))[WARM_UP // len(TOWNS) :]
        return found

    return waits


def rows(days: int = 40, calls: int = 4000) -> list[Row]:
    """For the table."""
    load = Load(PER_HOUR * len(TOWNS), HANDLING_S)
    one, ten = level(shared(calls), days), level(apart(calls), days)
    wait, in_time = (
        erlang.mean_wait_s(load, OPERATORS), erlang.service_level(load, OPERATORS, WITHIN_S),
    )  # fmt: skip
    single = Load(PER_HOUR, HANDLING_S)
    note = f"{days} days of {calls} calls; 10 municipalities, {PER_HOUR} calls/h each, 20 min"
    return [
        Row("mean wait, one pool of 8", "s", one.wait_s.mean,
            {"Erlang C": wait, "10 pools of 1": ten.wait_s.mean}, note=f"+-{one.wait_s.half:.1f}; {note}"),
        Row("distance from Erlang C, mean wait", "half widths of the 95 % interval",
            one.wait_s.distance(wait), goal=Goal.at_most(1)),
        Row(f"answered within {WITHIN_S:.0f} s, one pool of 8", "share", one.in_time.mean,
            {"Erlang C": in_time, "10 pools of 1": ten.in_time.mean}, note=f"+-{one.in_time.half:.4f}"),
        Row("distance from Erlang C, answered in time", "half widths of the 95 % interval",
            one.in_time.distance(in_time), goal=Goal.at_most(1)),
        Row("control: mean wait, 10 pools of 1", "s", ten.wait_s.mean,
            {"Erlang C": erlang.mean_wait_s(single, 1)}, note=f"+-{ten.wait_s.half:.0f}"),
        Row("operators for 80 % within 20 s, one pool", "operators",
            erlang.operators_for(load, 0.8, WITHIN_S),
            {"10 pools": 10 * erlang.operators_for(single, 0.8, WITHIN_S)}, note="by Erlang C alone"),
    ]  # fmt: skip
