"""`make invariants`: arbitrary days at the counter, every invariant after every step. Exit 1 when one breaks.

    make invariants                          # 500 days of 100 steps
    make invariants ARGS="--days 50"

A day that breaks something is made as short as possible and printed as a program. The count of steps goes to
var/bench/invariants.json.
"""

from __future__ import annotations

import argparse
import sys
import time

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.bench.report import Goal, Row, publish
from tests.hub.counters_machine import Counters


def main() -> int:
    """0 when all hold."""
    parser = argparse.ArgumentParser(prog="make invariants", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--days", type=int, default=500, help="days (500)")
    parser.add_argument("--steps", type=int, default=100, help="steps of a day, at most (100)")
    chosen = parser.parse_args()
    began, broken = time.monotonic(), 0
    try:
        run_state_machine_as_test(
            Counters,
            settings=settings(
                max_examples=chosen.days, stateful_step_count=chosen.steps, deadline=None, database=None,
                suppress_health_check=list(HealthCheck), print_blob=True,
            ),
        )  # fmt: skip
    except AssertionError as error:
        broken = 1
        print(error, *getattr(error, "__notes__", ()), sep="\n")
    took = time.monotonic() - began
    size = f"{chosen.days} days of at most {chosen.steps} steps, {took:.0f} s"
    rows = [
        Row("steps after which every invariant was checked", "steps", Counters.steps, note=size),
        Row("calls in them", "calls", Counters.calls),
        Row("violations", "days", broken, goal=Goal.at_most(0)),
    ]
    return 0 if publish("invariants", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
