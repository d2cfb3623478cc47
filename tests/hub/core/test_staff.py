"""A ring for a branch's own staff always ends: in a person, or in plain words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.core.call import NotNow
from hub.core.staff import (
    OPEN,
    TRANSITIONS,
    Acknowledged,
    Arrived,
    Event,
    Expired,
    Patience,
    StaffRecord,
    Withdrawn,
    after,
    until,
)
from protocol.values import StaffReason, StaffState

T0 = datetime(2026, 11, 24, 1, 24, tzinfo=UTC)
PATIENCE = Patience(answer=timedelta(seconds=60), nobody=timedelta(seconds=8), coming=timedelta(seconds=600))
RING = StaffRecord(
    id="r1", municipality="minami", site="kita", kiosk="t1", call=None, reason=StaffReason.OTHER,
    rung_by="kiosk:t1", state=StaffState.CALLING, rung_at=T0, listening=1, until=T0 + timedelta(seconds=60),
)  # fmt: skip
EVENTS: tuple[Event, ...] = (Acknowledged("u1"), Arrived(), Withdrawn(), Expired())


def test_a_ring_sounds_longer_where_somebody_can_hear_it() -> None:
    """Where no page is open, nobody is left hoping for a minute."""
    assert until(T0, 2, PATIENCE) == T0 + timedelta(seconds=60)
    assert until(T0, 0, PATIENCE) == T0 + timedelta(seconds=8)


def test_somebody_comes_and_arrives() -> None:
    """Who comes is known, with a time of its own; arriving ends it."""
    coming = after(RING, Acknowledged("u1"), T0 + timedelta(seconds=5), PATIENCE)
    assert (coming.state, coming.coming, coming.until) == (
        StaffState.COMING, "u1", T0 + timedelta(seconds=605),
    )  # fmt: skip
    there = after(coming, Arrived(), T0 + timedelta(seconds=50), PATIENCE)
    assert (there.state, there.until, there.ended_at) == (StaffState.DONE, None, T0 + timedelta(seconds=50))


def test_one_who_is_late_still_helps() -> None:
    """The resident was told that nobody came; a person who comes after all is told, too."""
    missed = after(RING, Expired(), T0 + timedelta(seconds=60), PATIENCE)
    assert (missed.state, missed.open) == (StaffState.UNANSWERED, False)
    late = after(missed, Acknowledged("u2"), T0 + timedelta(seconds=70), PATIENCE)
    assert (late.state, late.coming, late.open, late.ended_at) == (StaffState.COMING, "u2", True, None)


def test_only_one_person_comes() -> None:
    """The second who presses reads that another is on the way."""
    coming = after(RING, Acknowledged("u1"), T0, PATIENCE)
    with pytest.raises(NotNow, match="ほかの職員"):
        after(coming, Acknowledged("u2"), T0, PATIENCE)


@pytest.mark.parametrize("state", list(StaffState))
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_nothing_stays_open_for_ever(state: StaffState, event: Event) -> None:
    """Whatever happens, an open ring has an end in time, and one that is over has none."""
    before = replace(RING, state=state, until=T0 if state in OPEN else None)
    if (state, type(event)) not in TRANSITIONS:
        with pytest.raises(NotNow):
            after(before, event, T0, PATIENCE)
        return
    moved = after(before, event, T0, PATIENCE)
    assert moved.open == (moved.until is not None)
    assert (moved.ended_at is None) == moved.open


@pytest.mark.parametrize("state", sorted(OPEN))
def test_time_alone_ends_it(state: StaffState) -> None:
    """Every open state has a way out by the clock."""
    assert TRANSITIONS[state, Expired] not in OPEN
