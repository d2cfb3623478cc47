"""Who is asked in a department: evenly, nobody twice, a substitute only for who is not there at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.core import departments
from hub.core.content import Department
from hub.core.routing import Operator

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
PLACES = (
    Department(id="kaigo", name="介護保険係", telephone="0000-00-1130", substitute="fukushi"),
    Department(id="fukushi", name="福祉課", telephone="0000-00-1131", substitute="shimin"),
    Department(id="shimin", name="市民課", telephone="0000-00-1120"),
)


def who(user: str, *places: str, idle_s: float | None = None, town: str = "minami") -> Operator:
    """Somebody on duty in departments; idle for so long, or busy."""
    return Operator(
        user=user, municipalities=frozenset(), departments=frozenset((town, place) for place in places),
        since=None if idle_s is None else NOW - timedelta(seconds=idle_s),
    )  # fmt: skip


def test_the_longest_idle_specialist_is_asked() -> None:
    """C1: work is spread evenly; who has been tried or is busy is left out."""
    staff = [who("a", "kaigo", idle_s=5), who("b", "kaigo", idle_s=50), who("c", "kaigo")]
    assert departments.choose(PLACES, "minami", "kaigo", staff) == "b"
    assert departments.choose(PLACES, "minami", "kaigo", staff, apart_from=["b"]) == "a"
    assert departments.choose(PLACES, "minami", "kaigo", staff, apart_from=["a", "b"]) is None


def test_hundred_consults_are_spread_over_three_specialists() -> None:
    """Nobody gets two more than anybody else."""
    idle = {"a": 3.0, "b": 2.0, "c": 1.0}
    got = dict.fromkeys(idle, 0)
    for _ in range(100):
        staff = [who(user, "kaigo", idle_s=seconds) for user, seconds in idle.items()]
        chosen = departments.choose(PLACES, "minami", "kaigo", staff)
        assert chosen is not None
        got[chosen] += 1
        idle = {user: seconds + 1 for user, seconds in idle.items()} | {chosen: 0.0}
    assert max(got.values()) - min(got.values()) <= 1


@pytest.mark.parametrize(
    ("staff", "asked"),
    [
        ([who("a", "kaigo")], "kaigo"),  # busy is waited for
        ([who("a", "fukushi", idle_s=1), who("b", "shimin", idle_s=9)], "fukushi"),
        ([who("b", "shimin", idle_s=9)], "shimin"),
        ([who("b", "shimin", idle_s=9, town="kitamidai")], None),
        ([who("op", idle_s=9)], None),
    ],
)
def test_a_substitute_stands_in_only_while_nobody_is_on_duty(
    staff: list[Operator], asked: str | None
) -> None:
    """C8: one after the other, within the municipality, never an operator."""
    assert departments.asked(PLACES, "minami", "kaigo", staff) == asked


def test_an_operator_sees_who_is_there_before_she_passes_a_call_on() -> None:
    """Free and busy are told apart, and who would be asked instead stands beside an empty department."""
    staff = [who("a", "fukushi", idle_s=1), who("b", "fukushi"), who("c", "kaigo", town="kitamidai")]
    shown = {
        one.id: (one.free, one.busy, one.stands_in) for one in departments.presence(PLACES, "minami", staff)
    }
    assert shown == {"kaigo": (0, 0, "fukushi"), "fukushi": (1, 1, ""), "shimin": (0, 0, "")}
