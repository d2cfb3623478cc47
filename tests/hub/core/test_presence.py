"""The presence machine, by its table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.core.call import NotNow
from hub.core.presence import (
    HARMLESS,
    TRANSITIONS,
    Event,
    PresenceMachine,
    PresenceRecord,
    diagram,
    on_duty,
)
from protocol.values import PresenceState

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=5)
BUSY = (PresenceState.RINGING, PresenceState.TALKING, PresenceState.WRAP_UP, PresenceState.OVERDUE)


def record(state: PresenceState) -> PresenceRecord:
    """An operator in a state."""
    busy = state in BUSY
    return PresenceRecord(user="hana", state=state, since=NOW, idle_since=NOW, call="c1" if busy else None)


@pytest.mark.parametrize("state", PresenceState)
@pytest.mark.parametrize("event", Event)
def test_every_event_in_every_state(state: PresenceState, event: Event) -> None:
    """It moves by the table, changes nothing where that is harmless, and is refused otherwise."""
    machine = PresenceMachine(record(state))
    target = TRANSITIONS.get((state, event))
    if target is not None:
        assert machine.handle(event, LATER, call="c1")
        assert machine.record.state is target
        assert machine.record.since == LATER
        busy = target in BUSY
        assert (machine.record.call == "c1") == busy
    elif (state, event) in HARMLESS:
        assert not machine.handle(event, LATER)
        assert machine.record == record(state)
    else:
        with pytest.raises(NotNow):
            machine.handle(event, LATER)
        assert machine.record == record(state)


def test_nobody_stays_reserved() -> None:
    """Every way in which a ring can end leads out of ringing."""
    for event in (Event.ACCEPTED, Event.DECLINED, Event.RING_TIMEOUT, Event.RING_CANCELLED):
        assert TRANSITIONS[PresenceState.RINGING, event] is not PresenceState.RINGING


def test_an_unanswered_ring_makes_away_and_says_why() -> None:
    """No answer means not ready: the next resident is not rung into an empty chair."""
    machine = PresenceMachine(record(PresenceState.RINGING))
    machine.handle(Event.RING_TIMEOUT, LATER)
    assert (machine.record.state, machine.record.reason) == (PresenceState.AWAY, "ring_timeout")


def test_a_wrap_up_that_lasts_too_long_makes_away_and_keeps_the_form() -> None:
    """Nobody is rung who may not be there; what she typed can still be saved, and then she is back."""
    machine = PresenceMachine(record(PresenceState.TALKING))
    machine.handle(Event.CALL_ENDED, NOW, until=LATER)
    assert (machine.record.state, machine.record.until) == (PresenceState.WRAP_UP, LATER)
    machine.handle(Event.WRAP_UP_EXPIRED, LATER)
    over = machine.record
    assert (over.state, over.reason, over.call, over.until) == (
        PresenceState.OVERDUE, "wrap_up_limit", "c1", None,
    )  # fmt: skip
    with pytest.raises(NotNow):
        machine.handle(Event.GO_AVAILABLE, LATER)
    machine.handle(Event.WRAPPED_UP, LATER)
    assert (machine.record.state, machine.record.call) == (PresenceState.AVAILABLE, None)


def test_only_a_wrap_up_has_a_limit() -> None:
    """Whatever else happens with a limit at hand sets none."""
    for (state, event), target in TRANSITIONS.items():
        machine = PresenceMachine(record(state))
        machine.handle(event, NOW, call="c1", until=LATER)
        assert (machine.record.until == LATER) == (target is PresenceState.WRAP_UP)


def test_a_ring_that_the_resident_cancelled_keeps_the_turn() -> None:
    """Who has waited longest for a call does not lose that by a ring that came to nothing."""
    machine = PresenceMachine(record(PresenceState.AVAILABLE))
    machine.handle(Event.RING_STARTED, LATER, call="c1")
    machine.handle(Event.RING_CANCELLED, LATER)
    assert machine.record.idle_since == NOW


def test_who_is_on_duty() -> None:
    """Offline and away operators give a resident no hope; all others do."""
    assert {state for state in PresenceState if not on_duty(state)} == {"offline", "away", "overdue"}


def test_the_diagram_comes_from_the_table() -> None:
    """Each transition is a line of it."""
    for (state, event), target in TRANSITIONS.items():
        assert f"    {state} --> {target}: {event}\n" in diagram()
