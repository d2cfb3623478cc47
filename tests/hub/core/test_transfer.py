"""The transfer's machine, by its table: what fails leads back to the operator, and nothing lasts for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.core import transfer
from hub.core.call import NotNow
from hub.core.transfer import (
    HAS_SPECIALIST,
    OPEN,
    TOGETHER,
    TRANSITIONS,
    Answered,
    CallOver,
    Cancelled,
    Declined,
    Effect,
    Found,
    HandOver,
    Joined,
    Left,
    MediaStand,
    Parted,
    Taken,
    TimeIsUp,
    TransferMachine,
    TransferRecord,
)
from protocol.values import TransferKind, TransferState

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=20)
S = TransferState
EVENTS: list[transfer.Event] = [
    Found("ken", LATER), Answered("ken"), Declined("ken"), TimeIsUp(), Cancelled("hana"), Joined("hana"),
    Parted("hana"), HandOver("hana", LATER, 3), MediaStand(), Left("ken"), Left(), Taken("ken"), CallOver(),
]  # fmt: skip
PATHS: dict[TransferState, list[transfer.Event]] = {
    S.ASKING: [],
    S.RINGING: [Found("ken", LATER)],
    S.CONSULTING: [Found("ken", LATER), Answered("ken")],
    S.JOINED: [Found("ken", LATER), Answered("ken"), Joined("hana")],
    S.HANDING: [Found("ken", LATER), Answered("ken"), HandOver("hana", LATER, 3)],
    S.DONE: [Found("ken", LATER), Answered("ken"), HandOver("hana", LATER, 3), MediaStand()],
    S.CANCELLED: [Cancelled("hana")],
    S.UNANSWERED: [TimeIsUp()],
    S.OVER: [CallOver()],
    S.RETURNED: [Found("ken", LATER), Answered("ken"), Left("ken")],
}


def record(state: TransferState) -> TransferRecord:
    """A transfer in a state, as that state always looks."""
    new = TransferRecord(
        id="x1", municipality="minami", call="c1", kind=TransferKind.CONSULT, origin="hana",
        department="kaigo", reason="r", state=S.ASKING, asked_at=NOW, wait_until=LATER, until=LATER,
    )  # fmt: skip
    if state is S.PASSED:
        return replace(new, kind=TransferKind.BLIND, state=S.PASSED)
    machine = TransferMachine(new)
    for event in PATHS[state]:
        machine.handle(event, NOW)
    return machine.record


STATES = [*PATHS, S.PASSED]


def test_every_state_is_looked_at() -> None:
    """A new state comes with its path here."""
    assert set(STATES) == set(TransferState)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_in_every_state_moves_by_the_table_or_is_refused(
    state: TransferState, event: transfer.Event
) -> None:
    """A refusal changes nothing; a record always fits its state."""
    machine = TransferMachine(record(state))
    before = machine.record
    step = TRANSITIONS.get((state, type(event)))
    if step is None:
        with pytest.raises(NotNow) as refused:
            machine.handle(event, LATER)
        assert (refused.value.code, machine.record) == ("gone", before)
        return
    assert machine.handle(event, LATER) == step.effects
    now = machine.record
    assert now.state is step.to
    assert (now.specialist is not None) == (now.state in HAS_SPECIALIST | {S.DONE})
    assert (now.ended_at is None) == (now.state in OPEN)
    assert (now.until is not None) == (now.state in {S.ASKING, S.RINGING, S.HANDING, S.PASSED})


@pytest.mark.parametrize("state", sorted(OPEN))
def test_no_open_transfer_outlasts_its_call(state: TransferState) -> None:
    """Whoever is rung or talks with the operator is free again when the call is over."""
    step = TRANSITIONS[state, CallOver]
    assert step.to not in OPEN
    assert (Effect.FREE in step.effects) == (state in TOGETHER)
    assert (Effect.RING_OVER in step.effects) == (state is S.RINGING)


def test_what_waits_for_the_clock_has_a_way_out_by_it() -> None:
    """Asking, ringing, handing over and passing on end by themselves; a talk ends by a person."""
    timed = {state for state, event in TRANSITIONS if event is TimeIsUp}
    assert timed == {S.ASKING, S.RINGING, S.HANDING, S.PASSED}


def test_a_failed_hand_over_is_the_operators_again_with_new_media() -> None:
    """Invariant 9: time-out, a specialist who leaves or is gone, a change of mind: all lead back."""
    for event in (TimeIsUp(), Left("ken"), Left(), Cancelled("hana")):
        machine = TransferMachine(record(S.HANDING))
        effects = machine.handle(event, LATER)
        assert machine.record.state not in OPEN | {S.DONE}
        assert {Effect.FREE, Effect.RESIDENT_BACK, Effect.RENEW} <= set(effects)
        assert Effect.COMPLETE not in effects


def test_only_the_media_complete_a_hand_over() -> None:
    """The operator stays responsible until the specialist is seen and heard: one way into 'done'."""
    ways = {key for key, step in TRANSITIONS.items() if Effect.COMPLETE in step.effects}
    assert ways == {(S.HANDING, MediaStand)}


def test_who_declined_is_not_asked_again_in_this_transfer() -> None:
    """The next one is; the whole search has the same end whatever happens in between."""
    machine = TransferMachine(record(S.RINGING))
    machine.handle(Declined("ken"), LATER)
    machine.handle(Found("rie", LATER + timedelta(seconds=20)), LATER)
    machine.handle(TimeIsUp(), LATER)
    assert machine.record.tried == ("ken", "rie")
    assert machine.record.until == machine.record.wait_until == LATER


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (S.RINGING, Answered("rie")), (S.RINGING, Declined("rie")), (S.RINGING, Cancelled("ken")),
        (S.CONSULTING, Joined("ken")), (S.CONSULTING, HandOver("ken", LATER, 1)), (S.CONSULTING, Left("rie")),
        (S.JOINED, Parted("ken")), (S.PASSED, Cancelled("ken")),
    ],
)  # fmt: skip
def test_a_partys_word_counts_from_that_party_alone(state: TransferState, event: transfer.Event) -> None:
    """A specialist cannot hand over to herself, and nobody answers for somebody else."""
    with pytest.raises(NotNow):
        TransferMachine(record(state)).handle(event, LATER)
