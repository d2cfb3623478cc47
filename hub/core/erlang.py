"""Says how long residents wait for a pool of operators: Erlang C, the formula of every contact centre.

It assumes calls that come by chance, times that vary as widely as chance lets them, and nobody who leaves.
So it is a little too dark: a plan that holds here holds at the counter. Never knows who is rung (`routing`)
or measured figures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """Calls per hour and the mean time that one occupies an operator, in seconds."""

    calls_per_hour: float
    handling_s: float

    @property
    def erlangs(self) -> float:
        """Operators who would be busy all the time."""
        return self.calls_per_hour * self.handling_s / 3600


def waiting_share(load: Load, operators: int) -> float:
    """Share of residents who find nobody free, 0 to 1; 1 where the queue would grow for ever."""
    offered = load.erlangs
    if operators <= offered:
        return 1.0
    blocked = 1.0  # Erlang B, built up operator by operator: no large factorials
    for count in range(1, operators + 1):
        blocked = offered * blocked / (count + offered * blocked)
    return blocked / (1 - offered / operators * (1 - blocked))


def mean_wait_s(load: Load, operators: int) -> float:
    """Mean time to the accept of all residents (ASA), in seconds; infinite where the queue would grow."""
    if operators <= load.erlangs:
        return math.inf
    return waiting_share(load, operators) * load.handling_s / (operators - load.erlangs)


def service_level(load: Load, operators: int, within_s: float) -> float:
    """Share of residents who are answered within so many seconds, 0 to 1."""
    if operators <= load.erlangs:
        return 0.0
    patience = math.exp(-(operators - load.erlangs) * within_s / load.handling_s)
    return 1 - waiting_share(load, operators) * patience


def operators_for(load: Load, share: float, within_s: float) -> int:
    """The fewest operators who answer `share` of all residents within so many seconds; share below 1."""
    operators = math.floor(load.erlangs) + 1 if load.erlangs else 0
    while service_level(load, operators, within_s) < share and load.erlangs:
        operators += 1
    return operators
