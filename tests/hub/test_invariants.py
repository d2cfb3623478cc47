"""The invariants of the queue, in short; `make invariants` runs 500 days of 100 steps."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.hub.counters_machine import Counters


def test_every_invariant_holds_after_every_step() -> None:
    """Whatever residents, operators, links, the clock and the disk do, in whatever order: all twelve hold."""
    run_state_machine_as_test(
        Counters,
        settings=settings(
            max_examples=7, stateful_step_count=80, deadline=None, database=None, derandomize=True,
            phases=[Phase.generate],  # to find the shortest way to a fault takes minutes: `make invariants`
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
