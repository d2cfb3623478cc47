"""How a guest proceeds, and what a code is: the rules alone, with the clock in hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from hub.core import guest_code
from hub.core.call import NotNow
from hub.core.guest import (
    OPEN,
    TRANSITIONS,
    Admitted,
    Allowed,
    Asked,
    Away,
    Back,
    CallOver,
    Event,
    GuestRecord,
    HeldOut,
    Left,
    Removed,
    TimeIsUp,
    after,
)
from protocol.values import GuestKind, GuestState

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
CODE_ENDS = NOW + timedelta(minutes=15)

INVITED = GuestRecord(
    id="g1", municipality="minami", call="c1", kind=GuestKind.FAMILY, name="", state=GuestState.INVITED,
    code_digest="d", invited_by="hana", invited_at=NOW, until=CODE_ENDS,
)  # fmt: skip
LOBBY = after(INVITED, Asked("花子", "s", "n1"), LATER)
INSIDE = after(LOBBY, Admitted("hana"), LATER)
SAMPLES: dict[type, Event] = {
    Asked: Asked("花子", "s", "n1"), Admitted: Admitted("hana"), HeldOut: HeldOut(), Allowed: Allowed(),
    Removed: Removed(), Left: Left(), Away: Away(LATER), Back: Back("n2"), TimeIsUp: TimeIsUp(),
    CallOver: CallOver(),
}  # fmt: skip


def test_a_code_is_used_up_by_whoever_asks_first() -> None:
    """From then on the page's secret counts, and no second asking is possible."""
    assert (LOBBY.state, LOBBY.name, LOBBY.secret_digest, LOBBY.until) == (
        GuestState.LOBBY,
        "花子",
        "s",
        None,
    )
    with pytest.raises(NotNow):
        after(LOBBY, Asked("別人", "x", "n1"), LATER)


def test_nobody_is_inside_without_an_operator_who_let_them_in() -> None:
    """There is one way in, and it names who opened the door."""
    ways = {state for (state, _), to in TRANSITIONS.items() if to is GuestState.INSIDE}
    first = {(state, event) for (state, event), to in TRANSITIONS.items() if to is GuestState.INSIDE}
    assert ways == {GuestState.LOBBY, GuestState.INSIDE}
    assert {event for state, event in first if state is GuestState.LOBBY} == {Admitted}
    assert INSIDE.admitted_by == "hana"
    assert LOBBY.admitted_by is None


def test_what_was_allowed_ends_with_the_stay() -> None:
    """Whoever is let in again after the lobby sees nobody and may speak, until told otherwise."""
    seeing = after(INSIDE, Allowed(sees=True, muted=True), LATER)
    assert (seeing.sees, seeing.muted) == (True, True)
    assert after(seeing, Allowed(muted=False), LATER).sees
    out = after(seeing, HeldOut(), LATER)
    assert (out.state, out.sees, out.muted, out.admitted_by) == (GuestState.LOBBY, False, False, None)
    again = after(out, Admitted("ken"), LATER + timedelta(minutes=1))
    assert (again.sees, again.admitted_by, again.admitted_at) == (False, "ken", LATER)


def test_a_page_that_is_away_has_its_time_and_comes_back_where_it_was() -> None:
    """A reload changes nothing but the hub at which the page is."""
    away = after(INSIDE, Away(LATER), NOW)
    assert (away.here, away.until, away.state) == (False, LATER, GuestState.INSIDE)
    back = after(away, Back("n2"), NOW)
    assert replace(back, node="n1") == INSIDE
    gone = after(away, TimeIsUp(), LATER)
    assert (gone.state, gone.ended_at, gone.until) == (GuestState.LEFT, LATER, None)


@pytest.mark.parametrize("start", [INVITED, LOBBY, INSIDE], ids=lambda one: str(one.state))
def test_every_guest_goes_with_the_call_and_can_be_removed(start: GuestRecord) -> None:
    """And whoever is gone is linked nowhere and let in by nobody."""
    for event, state in ((CallOver(), GuestState.OVER), (Removed(), GuestState.REMOVED)):
        gone = after(start, event, LATER)
        assert (gone.state, gone.ended_at) == (state, LATER)
        assert (gone.node, gone.admitted_by, gone.until, gone.sees) == (None, None, None, False)


def test_what_is_over_stays_over() -> None:
    """No event leads out of a final state, and none is missing from the table by accident."""
    assert set(SAMPLES) == set(get_args(Event))
    for state in set(GuestState) - OPEN:
        for event in SAMPLES.values():
            with pytest.raises(NotNow):
                after(replace(INVITED, state=state, ended_at=NOW), event, LATER)


# ---------------------------------------------------------------------- codes


@pytest.mark.parametrize(
    "typed",
    [
        "123456789012",
        "1234 5678 9012",
        "１２３４－５６７８－９０１２",
        "#1234-5678-9012",
        " 1234\u30005678\u30009012 ",
    ],
)
def test_a_code_is_known_in_any_shape_that_people_write_it_in(typed: str) -> None:
    """Read aloud and typed on a telephone, spaces and widths are nobody's mistake."""
    assert guest_code.meant(typed) == "123456789012"


@pytest.mark.parametrize("typed", ["", "12345678901", "1234567890123", "١٢٣٤٥٦٧٨٩٠١٢", "abc"])
def test_what_is_no_code_is_none(typed: str) -> None:
    """Nothing is guessed from it."""
    assert guest_code.meant(typed) == ""


def test_codes_have_all_their_digits() -> None:
    """Also the smallest number."""
    assert guest_code.written(7) == "000000000007"
    assert len(guest_code.written(guest_code.SPACE - 1)) == guest_code.DIGITS


def test_a_refused_code_says_why() -> None:
    """Used, expired (to the moment, before the hub has looked), withdrawn, over: each in its own words."""
    assert guest_code.refusal(INVITED, LATER) is None
    cases = {
        "expired_code": (INVITED, CODE_ENDS), "used_code": (LOBBY, LATER),
        "withdrawn_code": (after(INVITED, Removed(), LATER), LATER),
        "call_over": (after(INVITED, CallOver(), LATER), LATER),
    }  # fmt: skip
    for code, (record, at) in cases.items():
        refused = guest_code.refusal(record, at)
        assert refused is not None
        assert refused.code == code


def test_every_end_has_a_goodbye() -> None:
    """A page that comes back after the end reads which it was."""
    for state in set(GuestState) - OPEN:
        assert guest_code.goodbye(replace(INVITED, state=state)) is not None
    assert guest_code.goodbye(INSIDE) is None
