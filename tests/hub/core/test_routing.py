"""Who rings whom, and from when on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core.routing import (
    Need,
    Operator,
    Pair,
    Rules,
    Waiting,
    in_order,
    may_take,
    moments,
    next_chance,
    pairs,
    places,
)

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
RULES = Rules(pause=timedelta(seconds=15), step=timedelta(seconds=60))
CARE = Need("care", 2, timedelta(seconds=60))
SIGNING = Need("signing")  # nobody else will ever do
OWN_THEN_OTHER = (("own", timedelta(0)), ("other", timedelta(seconds=30)), ("last", timedelta(seconds=90)))


def at(seconds: float) -> datetime:
    """Seconds before now."""
    return NOW - timedelta(seconds=seconds)


def waiting(call: str, ago: float, municipality: str = "minami", **declined: float) -> Waiting:
    """A call that was queued `ago` seconds before now."""
    moments = {user: at(seconds) for user, seconds in declined.items()}
    return Waiting(call=call, municipality=municipality, queued_at=at(ago), declined=moments)


def idle(user: str, ago: float = 1, *municipalities: str, centre: str = "", **skills: int) -> Operator:
    """An operator who has been idle for `ago` seconds."""
    return Operator(
        user=user, municipalities=frozenset(municipalities or ["minami"]), since=at(ago), centre=centre,
        skills=skills,
    )  # fmt: skip


def busy(user: str, centre: str = "", **skills: int) -> Operator:
    """An operator in a call."""
    return replace(idle(user, 1, centre=centre, **skills), since=None)


def test_oldest_call_and_longest_idle_first() -> None:
    """First come, first served, on both sides."""
    found = pairs([waiting("young", 1), waiting("old", 9)], [idle("a", 1), idle("b", 5)], NOW, RULES)
    assert found == [Pair("old", "b"), Pair("young", "a")]


def test_a_clock_that_was_set_back_keeps_nobody_waiting() -> None:
    """Queued an hour after what the clock says now: whoever may be rung at once is rung."""
    assert pairs([waiting("c", -3600)], [idle("a", 5)], NOW, RULES) == [Pair("c", "a")]


def test_nobody_is_rung_for_a_foreign_municipality() -> None:
    """Membership decides, even when the call waits for ever."""
    assert pairs([waiting("c", 900, "kitamidai")], [idle("a")], NOW, RULES) == []


def test_one_busy_municipality_does_not_block_another() -> None:
    """An old call that nobody may take lets younger ones pass."""
    found = pairs([waiting("old", 9, "kitamidai"), waiting("young", 1)], [idle("a")], NOW, RULES)
    assert found == [Pair("young", "a")]


def test_who_talks_is_not_rung() -> None:
    """On duty is not idle."""
    assert pairs([waiting("c", 9)], [busy("a")], NOW, RULES) == []


def test_who_declined_is_passed_over_while_somebody_else_is_there() -> None:
    """Even after the pause, and though longest idle."""
    found = pairs([waiting("c", 60, a=30)], [idle("a", 50), idle("b", 1)], NOW, RULES)
    assert found == [Pair("c", "b")]


def test_who_declined_is_rung_again_only_after_a_pause() -> None:
    """A single operator who declines is not rung again in the same breath."""
    assert pairs([waiting("c", 60, a=14)], [idle("a", 50)], NOW, RULES) == []
    assert pairs([waiting("c", 60, a=15)], [idle("a", 50)], NOW, RULES) == [Pair("c", "a")]


def test_the_pause_has_a_deadline() -> None:
    """So that the queue is looked at again when it is over."""
    assert next_chance([waiting("c", 60, a=14)], [idle("a")], NOW, RULES) == NOW + timedelta(seconds=1)
    assert next_chance([waiting("c", 60, a=16)], [idle("a")], NOW, RULES) is None
    assert next_chance([waiting("c", 60, a=14)], [busy("a")], NOW, RULES) is None


def test_who_declined_takes_the_next_call() -> None:
    """A decline concerns one call only."""
    found = pairs([waiting("c", 60, a=1), waiting("d", 5)], [idle("a", 50)], NOW, RULES)
    assert found == [Pair("d", "a")]


STAFFS: Mapping[str, tuple[Waiting, list[Operator], Mapping[str, float]]] = {
    "who has the skill at once, the others later": (
        replace(waiting("c", 0), needs=(CARE,)), [idle("able", care=2), idle("weak", care=1), idle("none")],
        {"able": 0, "weak": 60, "none": 60},
    ),
    "nobody on duty has it: anybody at once": (
        replace(waiting("c", 0), needs=(CARE,)), [idle("weak", care=1), idle("none")], {"weak": 0, "none": 0},
    ),
    "who has it talks: worth waiting for": (
        replace(waiting("c", 0), needs=(CARE,)), [busy("able", care=5), idle("none")],
        {"able": 0, "none": 60},
    ),
    "what is never waived": (
        replace(waiting("c", 0), needs=(SIGNING,)), [idle("able", signing=1), idle("none", signing=0)],
        {"able": 0},
    ),
    "two needs: the longer wait counts": (
        replace(waiting("c", 0), needs=(CARE, Need("english", 1, timedelta(seconds=90)))),
        [idle("both", care=2, english=1), idle("care", care=2), idle("none")],
        {"both": 0, "care": 90, "none": 90},
    ),
    "two needs, the longer wait named first: it still counts": (
        replace(waiting("c", 0), needs=(Need("english", 1, timedelta(seconds=90)), CARE)),
        [idle("both", care=2, english=1), idle("none")], {"both": 0, "none": 90},
    ),
    "own centre first, then in order": (
        replace(waiting("c", 0), centres=OWN_THEN_OTHER),
        [idle("a", centre="own"), idle("b", centre="other"), idle("c", centre="last")],
        {"a": 0, "b": 30, "c": 90},
    ),
    "nobody in the own centre: the next at once, the one after it in its time": (
        replace(waiting("c", 0), centres=OWN_THEN_OTHER),
        [idle("b", centre="other"), idle("c", centre="last")], {"b": 0, "c": 90},
    ),
    "own centre is busy: worth waiting for": (
        replace(waiting("c", 0), centres=OWN_THEN_OTHER),
        [busy("a", centre="own"), idle("b", centre="other")], {"a": 0, "b": 30},
    ),
    "a centre that does not serve the town": (
        replace(waiting("c", 0), centres=OWN_THEN_OTHER), [idle("x", centre="far"), idle("a", centre="own")],
        {"a": 0},
    ),
    "without a centre: as near as the own one": (
        replace(waiting("c", 0), centres=OWN_THEN_OTHER), [idle("x"), idle("b", centre="other")],
        {"x": 0, "b": 30},
    ),
    "no order is written down: every centre at once": (
        waiting("c", 0), [idle("a", centre="own"), idle("b", centre="other")], {"a": 0, "b": 0},
    ),
    "the skilled of another centre count from their centre's time on": (
        replace(waiting("c", 0), centres=OWN_THEN_OTHER, needs=(CARE,)),
        [idle("near", centre="own"), idle("able", centre="other", care=3)], {"near": 60, "able": 30},
    ),
    "a department's specialists, and nobody else": (
        replace(waiting("c", 0), department="kaigo", needs=(SIGNING,), centres=OWN_THEN_OTHER),
        [
            idle("operator"),
            Operator(user="s", municipalities=frozenset(), departments=frozenset([("minami", "kaigo")])),
            Operator(user="t", municipalities=frozenset(), departments=frozenset([("kitamidai", "kaigo")])),
        ],
        {"s": 0},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STAFFS)
def test_from_when_on_somebody_may_be_rung(case: str) -> None:
    """Seconds of waiting after which each may be rung; who stands nowhere never may."""
    call, staff, expected = STAFFS[case]
    assert {user: (moment - NOW).total_seconds() for user, moment in moments(call, staff).items()} == expected


def test_other_centres_are_rung_when_their_time_has_come() -> None:
    """Not a second earlier, and the queue is looked at just then."""
    staff = [busy("a", centre="own"), idle("b", centre="other")]
    early = replace(waiting("c", 29), centres=OWN_THEN_OTHER)
    assert pairs([early], staff, NOW, RULES) == []
    assert next_chance([early], staff, NOW, RULES) == NOW + timedelta(seconds=1)
    assert pairs([replace(waiting("c", 30), centres=OWN_THEN_OTHER)], staff, NOW, RULES) == [Pair("c", "b")]


def test_the_own_centre_is_preferred_to_a_longer_idle_one() -> None:
    """Also after the overflow's time: near first, then longest idle."""
    call = replace(waiting("c", 500), centres=OWN_THEN_OTHER)
    staff = [idle("b", 400, centre="other"), idle("a", 1, centre="own")]
    assert pairs([call], staff, NOW, RULES) == [Pair("c", "a")]


def test_a_ring_holds_only_while_she_may_take_the_call() -> None:
    """Municipality, hard skill and centre are asked again; what waiting has waived stays waived."""
    call = replace(waiting("c", 0), centres=OWN_THEN_OTHER, needs=(CARE, SIGNING))
    assert may_take(call, idle("a", centre="other", signing=1))
    assert not may_take(call, idle("a", centre="other"))
    assert not may_take(call, idle("a", centre="far", signing=1))
    assert not may_take(call, idle("a", 1, "kitamidai", signing=1))


def test_priority_overtakes_by_a_bounded_time() -> None:
    """A step is worth a minute of waiting: then the older call is served, whatever comes."""
    urgent = replace(waiting("urgent", 0), priority=1)
    assert [one.call for one in in_order([waiting("c", 59), urgent], RULES.step)] == ["urgent", "c"]
    assert [one.call for one in in_order([waiting("c", 61), urgent], RULES.step)] == ["c", "urgent"]


TOWNS = st.sampled_from(["minami", "kitamidai"])
NEEDS = st.sets(st.sampled_from([CARE, SIGNING]))
CENTRES = st.sampled_from(["", "own", "other", "far"])
SKILLS = st.dictionaries(st.sampled_from(["care", "signing"]), st.integers(1, 5))


@st.composite
def calls(draw: st.DrawFn) -> list[Waiting]:
    """A queue of two municipalities with all that a call can want."""
    return [
        replace(
            waiting(f"c{number}", draw(st.integers(0, 120)), draw(TOWNS)),
            needs=tuple(draw(NEEDS)), priority=draw(st.integers(0, 3)),
            centres=draw(st.sampled_from([(), OWN_THEN_OTHER])),
        )
        for number in range(draw(st.integers(0, 8)))
    ]  # fmt: skip


@st.composite
def staffs(draw: st.DrawFn) -> list[Operator]:
    """Operators of all kinds, some of them in a call."""
    return [
        replace(
            idle(f"u{number}", draw(st.integers(0, 99)), *draw(st.sets(TOWNS, min_size=1))),
            centre=draw(CENTRES), skills=draw(SKILLS),
            since=draw(st.one_of(st.none(), st.integers(0, 99).map(at))),
        )
        for number in range(draw(st.integers(0, 6)))
    ]  # fmt: skip


@given(calls(), staffs())
def test_no_pair_is_left_over_and_nobody_is_taken_twice(queue: list[Waiting], staff: list[Operator]) -> None:
    """Invariant 5: no waiting call and idle operator remain that could serve each other."""
    found = pairs(queue, staff, NOW, RULES)
    assert len({one.call for one in found}) == len({one.user for one in found}) == len(found)
    near = {one.call: moments(one, staff) for one in queue}
    for pair in found:
        assert near[pair.call][pair.user] <= NOW
    rung, taken = {pair.call for pair in found}, {pair.user for pair in found}
    for one in queue:
        for who in staff:
            left = one.call not in rung and who.user not in taken and who.since is not None
            assert not (left and near[one.call].get(who.user, NOW + RULES.step) <= NOW)


@given(calls(), staffs())
def test_a_call_that_waits_has_a_moment_at_which_it_is_looked_at(
    queue: list[Waiting], staff: list[Operator]
) -> None:
    """Invariant 5 over time: whoever idles and may be rung later has a deadline, in the future."""
    found = pairs(queue, staff, NOW, RULES)
    rung, taken = {pair.call for pair in found}, {pair.user for pair in found}
    left = [one for one in queue if one.call not in rung]
    still = [one for one in staff if one.user not in taken]
    chance = next_chance(left, still, NOW, RULES)
    later = {
        moment
        for one in left
        for user, moment in moments(one, still).items()
        if moment > NOW and any(who.user == user and who.since is not None for who in still)
    }
    assert chance == min(later, default=None)


@given(calls(), staffs())
def test_in_one_queue_and_priority_nobody_overtakes(queue: list[Waiting], staff: list[Operator]) -> None:
    """Invariant 6: of two calls that want the same, the later one is not rung while the earlier one waits."""
    rung = {pair.call for pair in pairs(queue, staff, NOW, RULES)}
    for one in queue:
        for other in queue:
            alike = replace(other, call=one.call, queued_at=one.queued_at) == one
            if alike and other.queued_at < one.queued_at and one.call in rung:
                assert other.call in rung


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 5)), min_size=2, max_size=12))
def test_waiting_is_bounded_whatever_is_more_urgent(queue: list[tuple[int, int]]) -> None:
    """Invariant 6: who came later than a step per level of priority does not get in front."""
    found = in_order(
        [replace(waiting(f"c{n}", ago), priority=p) for n, (ago, p) in enumerate(queue)], RULES.step
    )
    for place, one in enumerate(found):
        for before in found[:place]:
            ahead = (before.queued_at - one.queued_at).total_seconds()
            assert ahead <= (before.priority - one.priority) * 60


@given(calls(), staffs())
def test_what_can_be_waived_is_waived_in_time(queue: list[Waiting], staff: list[Operator]) -> None:
    """Whatever can be waived is waived in a minute and a half: then any operator of the town will do."""
    long_ago = [replace(one, queued_at=NOW - timedelta(seconds=90), needs=()) for one in queue]
    hard = [replace(one, needs=(CARE,)) for one in long_ago]
    for soft, with_need in zip(long_ago, hard, strict=True):
        assert moments(soft, staff).keys() == moments(with_need, staff).keys()
        assert all(moment <= NOW for moment in moments(with_need, staff).values())


def test_a_place_in_the_queue_counts_own_municipality_and_waiting_calls_only() -> None:
    """A ringing call is served already; the other municipality's residents are in another queue."""
    queue = [("a", "minami", False), ("b", "minami", True), ("c", "kitamidai", True), ("d", "minami", True)]
    assert places(queue) == {"a": 0, "b": 0, "c": 0, "d": 1}


def test_what_is_a_departments_rings_its_specialists_first_and_operators_after_a_while() -> None:
    """Duty 'department:kaigo': nobody waits for an empty room; a transfer to it is nobody else's."""
    special = Operator(
        user="kaori", municipalities=frozenset(), since=at(1), departments=frozenset({("minami", "kaigo")})
    )
    minute = timedelta(seconds=60)
    call = Waiting(
        call="c", municipality="minami", queued_at=at(10), department="kaigo", operators_after=minute
    )
    assert moments(call, [special, idle("a")]) == {"kaori": at(10), "a": at(10) + minute}
    assert moments(call, [replace(special, since=None), idle("a")])["a"] == at(10) + minute, "she is busy"
    assert moments(call, [idle("a")]) == {"a": at(10)}, "nobody of the department is on duty"
    assert pairs([call], [special, idle("a", 99)], NOW, RULES) == [Pair("c", "kaori")]
    assert pairs([replace(call, queued_at=at(60))], [idle("a", 99)], NOW, RULES) == [Pair("c", "a")]
    passed_on = replace(call, operators_after=None)
    assert moments(passed_on, [special, idle("a")]) == {"kaori": at(10)}
    assert not may_take(passed_on, idle("a"))
    assert may_take(call, idle("a"))
