"""The formula of contact centres, and the shared pool of the hub's own machines against it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core import erlang
from hub.core.erlang import Load
from tests.bench.routing import pools


@pytest.mark.parametrize(
    ("erlangs", "operators", "waiting"),
    [(0.5, 1, 0.5), (1, 2, 1 / 3), (2, 3, 0.4444), (5, 8, 0.1673), (10, 12, 0.4493)],
)
def test_the_share_of_those_who_wait_is_that_of_the_tables(
    erlangs: float, operators: int, waiting: float
) -> None:
    """As printed in tables of Erlang C."""
    assert erlang.waiting_share(Load(erlangs * 3, 1200), operators) == pytest.approx(waiting, abs=1e-4)


def test_too_few_operators_are_never_enough() -> None:
    """The queue grows for ever, and says so."""
    load = Load(15, 1200)
    assert (erlang.waiting_share(load, 5), erlang.mean_wait_s(load, 5)) == (1.0, math.inf)
    assert erlang.service_level(load, 5, 3600) == 0.0


@given(st.floats(0.5, 200), st.floats(30, 3600), st.floats(0.05, 0.99), st.floats(0, 120))
def test_the_plan_is_the_smallest_that_holds(
    calls: float, handling_s: float, share: float, within_s: float
) -> None:
    """So many reach the level, one fewer does not."""
    load = Load(calls, handling_s)
    wanted = erlang.operators_for(load, share, within_s)
    assert erlang.service_level(load, wanted, within_s) >= share
    assert wanted == 1 or erlang.service_level(load, wanted - 1, within_s) < share


def test_the_shared_pool_serves_as_the_formula_says() -> None:
    """The hub's routing, calls and presence in simulated days: mean wait and service level within what chance
    allows around Erlang C, and far from a pool for each municipality."""
    load = Load(pools.PER_HOUR * len(pools.TOWNS), pools.HANDLING_S)
    level = pools.level(pools.shared(1500), days=10)
    assert level.wait_s.holds(erlang.mean_wait_s(load, pools.OPERATORS))
    assert level.in_time.holds(erlang.service_level(load, pools.OPERATORS, pools.WITHIN_S))
    apart = pools.level(pools.apart(600), days=10)
    assert apart.wait_s.mean > 5 * level.wait_s.mean
