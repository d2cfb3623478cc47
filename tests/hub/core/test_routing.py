"""Who rings whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hub.core.routing import Idle, Pair, Waiting, expected_wait, next_chance, pairs, places

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
PAUSE = timedelta(seconds=15)


def at(seconds: float) -> datetime:
    """Seconds before now."""
    return NOW - timedelta(seconds=seconds)


def waiting(call: str, ago: float, municipality: str = "minami", **declined: float) -> Waiting:
    """A call that was queued `ago` seconds before now."""
    moments = {user: at(seconds) for user, seconds in declined.items()}
    return Waiting(call=call, municipality=municipality, queued_at=at(ago), declined=moments)


def idle(user: str, ago: float, *municipalities: str) -> Idle:
    """An operator who has been idle for `ago` seconds."""
    return Idle(user=user, municipalities=frozenset(municipalities or ["minami"]), since=at(ago))


def test_oldest_call_and_longest_idle_first() -> None:
    """First come, first served, on both sides."""
    found = pairs([waiting("young", 1), waiting("old", 9)], [idle("a", 1), idle("b", 5)], NOW, PAUSE)
    assert found == [Pair("old", "b"), Pair("young", "a")]


def test_nobody_is_rung_for_a_foreign_municipality() -> None:
    """Membership decides, even when the call waits for ever."""
    assert pairs([waiting("c", 900, "kitamidai")], [idle("a", 1, "minami")], NOW, PAUSE) == []


def test_one_busy_municipality_does_not_block_another() -> None:
    """An old call that nobody may take lets younger ones pass."""
    found = pairs([waiting("old", 9, "kitamidai"), waiting("young", 1)], [idle("a", 1)], NOW, PAUSE)
    assert found == [Pair("young", "a")]


def test_who_declined_is_passed_over_while_somebody_else_is_there() -> None:
    """Even after the pause, and though longest idle."""
    found = pairs([waiting("c", 60, a=30)], [idle("a", 50), idle("b", 1)], NOW, PAUSE)
    assert found == [Pair("c", "b")]


def test_who_declined_is_rung_again_only_after_a_pause() -> None:
    """A single operator who declines is not rung again in the same breath."""
    assert pairs([waiting("c", 60, a=14)], [idle("a", 50)], NOW, PAUSE) == []
    assert pairs([waiting("c", 60, a=15)], [idle("a", 50)], NOW, PAUSE) == [Pair("c", "a")]


def test_the_pause_has_a_deadline() -> None:
    """So that the queue is looked at again when it is over."""
    assert next_chance([waiting("c", 60, a=14)], NOW, PAUSE) == NOW + timedelta(seconds=1)
    assert next_chance([waiting("c", 60, a=16)], NOW, PAUSE) is None


def test_who_declined_takes_the_next_call() -> None:
    """A decline concerns one call only."""
    found = pairs([waiting("c", 60, a=1), waiting("d", 5)], [idle("a", 50)], NOW, PAUSE)
    assert found == [Pair("d", "a")]


TOWNS = st.sampled_from(["minami", "kitamidai"])
CALLS = st.lists(st.tuples(st.integers(0, 99), TOWNS), max_size=8).map(
    lambda found: [waiting(f"c{n}", ago, town) for n, (ago, town) in enumerate(found)]
)
IDLE = st.lists(st.tuples(st.integers(0, 99), st.sets(TOWNS, min_size=1)), max_size=5).map(
    lambda found: [idle(f"u{n}", ago, *towns) for n, (ago, towns) in enumerate(found)]
)


@given(CALLS, IDLE)
def test_no_pair_is_left_over_and_nobody_is_taken_twice(calls: list[Waiting], operators: list[Idle]) -> None:
    """After routing no waiting call and idle operator remain that could serve each other."""
    found = pairs(calls, operators, NOW, PAUSE)
    assert len({one.call for one in found}) == len({one.user for one in found}) == len(found)
    by_call = {one.call: one for one in calls}
    by_user = {one.user: one for one in operators}
    for pair in found:
        assert by_call[pair.call].municipality in by_user[pair.user].municipalities
    left_calls = [one for one in calls if one.call not in {pair.call for pair in found}]
    left_users = [one for one in operators if one.user not in {pair.user for pair in found}]
    assert not any(call.municipality in one.municipalities for call in left_calls for one in left_users)


@given(CALLS, IDLE)
def test_within_a_municipality_nobody_overtakes(calls: list[Waiting], operators: list[Idle]) -> None:
    """No call is rung while an older one of the same municipality waits on."""
    rung = {pair.call for pair in pairs(calls, operators, NOW, PAUSE)}
    for one in calls:
        if one.call in rung:
            older = [other for other in calls if other.municipality == one.municipality]
            assert all(other.call in rung for other in older if other.queued_at < one.queued_at)


def test_a_place_in_the_queue_counts_own_municipality_and_waiting_calls_only() -> None:
    """A ringing call is served already; the other municipality's residents are in another queue."""
    queue = [("a", "minami", False), ("b", "minami", True), ("c", "kitamidai", True), ("d", "minami", True)]
    assert places(queue) == {"a": 0, "b": 0, "c": 0, "d": 1}


def test_a_wait_is_expected_only_from_what_is_known() -> None:
    """Too few talks, or nobody on duty: no figure is made up."""
    assert expected_wait(2, 0, [100.0] * 9) is None
    assert expected_wait(2, 1, [100.0, 200.0]) is None
    wait = expected_wait(1, 2, [300.0, 100.0, 200.0])
    assert wait is not None
    assert (wait.low_s, wait.high_s) == (100, 301)
