"""Words of several hubs reach a receiver in the order of their turns, however they travelled."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from hub.bus.order import AHEAD, FREE, Order

Word = tuple[str, int, str | None]
"""Hub, turn, what is said; None ends the turn."""


def heard(order: Order[str], *words: Word) -> list[str]:
    """What is passed on for all of them."""
    return [one for hub, turn, said in words for one in order.heard(hub, turn, said)]


def begun(turn: int = 10) -> Order[str]:
    """The next turn is 11."""
    order: Order[str] = Order()
    assert order.begin(turn) == []
    return order


def test_a_turn_waits_for_the_turn_before_it() -> None:
    """The later turn's word came first; nothing is lost and nothing is doubled."""
    order = begun()
    assert heard(order, ("b", 12, "second"), ("b", 12, None)) == []
    assert order.missing == 11
    assert heard(order, ("a", 11, "first")) == ["first"]
    assert heard(order, ("a", 11, None)) == ["second"]
    assert order.missing is None


def test_what_a_hub_says_behind_a_waiting_turn_waits_too() -> None:
    """An answer does not overtake the turn that it belongs behind; other hubs' words go on."""
    order = begun()
    assert heard(order, ("b", 12, "talking"), ("b", FREE, "answer")) == []
    assert heard(order, ("c", FREE, "address")) == ["address"]
    assert heard(order, ("a", 11, None)) == ["talking", "answer"]


def test_a_turn_that_says_nothing_is_a_turn() -> None:
    """Its end alone lets the next one pass."""
    order = begun()
    assert heard(order, ("b", 12, "x"), ("b", 12, None), ("a", 11, None)) == ["x"]
    assert heard(order, ("a", 13, "y")) == ["y"]


def test_what_is_missing_is_passed_over_and_dropped_when_it_comes_after_all() -> None:
    """A killed hub has written a turn and said half of it: the others go on, its rest comes too late."""
    order = begun()
    assert heard(order, ("dead", 11, "half"), ("b", 13, "on"), ("b", 13, None)) == ["half"]
    assert order.missing == 11
    assert order.skip() == ["on"]
    assert order.missing is None
    assert heard(order, ("dead", 11, "other half"), ("dead", 12, "x"), ("dead", 12, None)) == []
    assert order.late == 2
    assert heard(order, ("b", 14, "again")) == ["again"]


def test_nothing_is_passed_over_while_nothing_waits() -> None:
    """A quiet pool is not a gap."""
    order = begun()
    assert order.skip() == []
    assert heard(order, ("a", 11, "x"), ("a", 11, None)) == ["x"]


def test_turns_before_the_beginning_are_known_from_the_tables() -> None:
    """Those that came before the beginning was known are passed on, if they lie behind it."""
    order: Order[str] = Order()
    assert heard(order, ("b", 10, "old"), ("b", 10, None), ("b", 12, "new"), ("b", 12, None)) == []
    assert heard(order, ("c", FREE, "free")) == ["free"]
    assert order.missing is None, "nobody waits before the beginning"
    assert order.begin(11) == ["new"]


def test_a_number_from_nowhere_stops_nobody() -> None:
    """A writer of nonsense can neither make the others wait nor let their turns count as old."""
    order = begun()
    assert heard(order, ("x", 11 + AHEAD + 1, "nonsense"), ("x", -3, "nonsense")) == []
    assert order.missing is None
    assert heard(order, ("a", 11, "x"), ("a", 11, None)) == ["x"]


@st.composite
def journeys(draw: st.DrawFn) -> tuple[list[str], list[list[Word]]]:
    """Turns of three hubs with up to three words each, and what each hub says, in its order."""
    turns = draw(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3)), max_size=20))
    streams: dict[str, list[Word]] = {hub: [] for hub in "abc"}
    said: list[str] = []
    for number, (hub, words) in enumerate(turns, start=11):
        for word in range(words):
            said.append(f"{number}.{word}")
            streams[hub].append((hub, number, said[-1]))
        streams[hub].append((hub, number, None))
    return said, list(streams.values())


@given(journeys(), st.randoms(use_true_random=False))
def test_however_hubs_are_interleaved_the_order_is_that_of_the_turns(
    journey: tuple[list[str], list[list[Word]]], dice: random.Random
) -> None:
    """Each hub's own order is all that a carrier keeps."""
    said, streams = journey
    order, left = begun(), [list(one) for one in streams if one]
    found: list[str] = []
    while left:
        found += heard(order, dice.choice(left).pop(0))
        left = [one for one in left if one]
    assert found == said
    assert order.missing is None
    assert order.late == 0
