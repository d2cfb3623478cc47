"""What a resident is told of the wait: true more often than not, and nothing where nothing is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.core.expected_wait import ENOUGH, NEWEST, Handling, OnDuty, Queued, expected_waits
from hub.core.routing import Need, Operator, Waiting
from tests.bench.routing import ranges

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
TEN_MINUTES = tuple(float(seconds) for seconds in range(540, 661, 10))


def queued(call: str, ago: float = 0, **changes: object) -> Queued:
    """A call of みなみ市 whose like took some ten minutes."""
    waiting = Waiting(call=call, municipality="minami", queued_at=NOW - timedelta(seconds=ago))
    return Queued(replace(waiting, **changes), TEN_MINUTES)  # type: ignore[arg-type]


def on_duty(user: str, busy_s: float | None = None, **changes: object) -> OnDuty:
    """An operator of みなみ市."""
    who = Operator(user=user, municipalities=frozenset(["minami"]))
    return OnDuty(replace(who, **changes), busy_s, TEN_MINUTES)  # type: ignore[arg-type]


def waits(queue: list[Queued], staff: list[OnDuty]) -> dict[str, tuple[int, int]]:
    """Ranges in whole minutes."""
    found = expected_waits(queue, staff, NOW)
    assert all(one.low_s % 60 == one.high_s % 60 == 0 for one in found.values())
    return {call: (one.low_s // 60, one.high_s // 60) for call, one in found.items()}


def test_who_is_next_waits_for_the_rest_of_a_call() -> None:
    """Eight of some ten minutes are over: a few are left, not ten, and not half of what nobody knows."""
    low, high = waits([queued("c")], [on_duty("a", 480)])["c"]
    assert low <= 1
    assert 3 <= high <= 8
    assert waits([queued("c")], [on_duty("a", 0)])["c"][0] >= 5


def test_each_place_further_back_waits_a_call_longer() -> None:
    """With one operator; with two it is half of it."""
    alone = waits([queued("c1"), queued("c2"), queued("c3")], [on_duty("a", 300)])
    for nearer, further in (("c1", "c2"), ("c2", "c3")):
        assert alone[nearer][0] + 6 <= alone[further][0]
        assert alone[nearer][1] + 6 <= alone[further][1]
    two = waits([queued("c1"), queued("c2"), queued("c3")], [on_duty("a", 300), on_duty("b", 300)])
    assert sum(two["c3"]) < 0.75 * sum(alone["c3"])


def test_the_free_are_free_at_once() -> None:
    """Whoever may be rung now takes it within the first minute."""
    assert waits([queued("c")], [on_duty("a", 60), on_duty("b")]) == {"c": (0, 1)}


def test_who_helps_out_later_is_counted_from_then_on() -> None:
    """Free in the other centre, which is asked after four minutes: no earlier, and not much later."""
    order = (("own", timedelta(0)), ("other", timedelta(minutes=4)))
    staff = [on_duty("a", 0, centre="own"), on_duty("b", centre="other")]
    assert waits([queued("c", centres=order)], staff) == {"c": (4, 5)}


def test_a_call_that_nobody_on_duty_may_take_is_told_nothing() -> None:
    """And it takes nobody away from those behind it."""
    never = queued("never", 60, needs=(Need("signing"),))
    assert waits([never, queued("c")], [on_duty("a")]) == {"c": (0, 1)}
    assert waits([queued("c")], []) == {}


def test_nothing_is_said_where_nothing_is_known() -> None:
    """Neither of those who wait nor of those who talk; no figure is made up."""
    unknown = replace(queued("c"), times=())
    assert expected_waits([unknown], [on_duty("a", 60)], NOW) == {}
    assert expected_waits([queued("c")], [replace(on_duty("a", 60), times=())], NOW) == {}


def test_a_call_that_lasts_longer_than_any_before_still_ends() -> None:
    """An hour into what usually takes ten minutes: the range is wide and honest, not a negative rest."""
    low, high = waits([queued("c")], [on_duty("a", 3600)])["c"]
    assert low <= 1
    assert high >= 15


def test_the_same_question_has_the_same_answer() -> None:
    """A terminal that is told again without reason would flicker."""
    queue, staff = [queued("c1"), queued("c2")], [on_duty("a", 100), on_duty("b", 400)]
    assert waits(queue, staff) == waits(queue, staff)


def test_times_are_those_of_the_procedure_as_soon_as_enough_are_known() -> None:
    """Else the municipality's, else everybody's, else none; only the newest are kept."""
    handling = Handling()
    for _ in range(ENOUGH - 1):
        handling.add("minami", "card", 100)
    assert handling.times("minami", "card") == ()
    handling.add("minami", "care", 200)
    assert handling.times("minami", "card") == (100.0,) * (ENOUGH - 1) + (200,)
    assert handling.times("kitamidai", "card") == handling.times("minami", "card")
    handling.add("minami", "card", 300)
    assert handling.times("minami", "card") == (100.0,) * (ENOUGH - 1) + (300,)
    for number in range(NEWEST):
        handling.add("minami", "card", number)
    assert handling.times("minami", "card") == tuple(range(NEWEST))


@pytest.mark.parametrize("case", ranges.CASES)
def test_what_is_told_comes_true_in_four_of_five(case: str) -> None:
    """In simulated days with the hub's own routing; a range that is true as it says nothing would be wide."""
    truth = ranges.truth(ranges.day(case, seed=7, calls=250))
    assert truth.told > 40
    assert truth.held >= 0.8
    assert truth.width_s < 3600
