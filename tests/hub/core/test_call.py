"""The call's machine, by its table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hub.core import call
from hub.core.call import (
    CONNECTED,
    TRANSITIONS,
    Accepted,
    CallMachine,
    CallRecord,
    Declined,
    Effect,
    EndedOnPromise,
    EndPressed,
    Held,
    KioskGone,
    Left,
    NotNow,
    OperatorGone,
    Resumed,
    RingExpired,
    Rung,
    Withdrawn,
)
from protocol.values import LIVE_STATES, CallState, Focus, Presentation

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=20)
EVENTS = [
    Rung("hana", LATER), Accepted("hana"), Declined("hana"), Withdrawn("hana"), RingExpired(), Left(),
    EndPressed("hana"), EndedOnPromise("hana"), OperatorGone(), KioskGone(), Held("hana", "checking"),
    Resumed("hana"),
]  # fmt: skip


def record(state: CallState = CallState.WAITING) -> CallRecord:
    """A call in a state, as that state always looks."""
    waiting = CallRecord(
        id="c1", municipality="minami", site="taiken", kiosk="t1", request_id="r1", topic="", language="ja",
        simulated=False, state=CallState.WAITING, queued_at=NOW,
    )  # fmt: skip
    machine = CallMachine(waiting)
    path: dict[CallState, list[call.Event]] = {
        CallState.WAITING: [],
        CallState.RINGING: [Rung("hana", LATER)],
        CallState.TALKING: [Rung("hana", LATER), Accepted("hana")],
        CallState.HELD: [Rung("hana", LATER), Accepted("hana"), Held("hana", "papers")],
        CallState.ENDED: [Rung("hana", LATER), Accepted("hana"), Left()],
        CallState.CALLBACK: [Rung("hana", LATER), Accepted("hana"), EndedOnPromise("hana")],
        CallState.ABANDONED: [Left()],
    }
    for event in path[state]:
        machine.handle(event, NOW)
    return machine.record


REACHED = [
    CallState.WAITING, CallState.RINGING, CallState.TALKING, CallState.HELD, CallState.ENDED,
    CallState.CALLBACK, CallState.ABANDONED,
]  # fmt: skip


@pytest.mark.parametrize("state", REACHED)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_in_every_state_moves_by_the_table_or_is_refused(
    state: CallState, event: call.Event
) -> None:
    """Nothing happens to a call that does not stand in the table, and a refusal changes nothing."""
    machine = CallMachine(record(state))
    before = machine.record
    step = TRANSITIONS.get((state, type(event)))
    if step is None:
        with pytest.raises(NotNow) as refused:
            machine.handle(event, LATER)
        assert refused.value.code == "gone"
        assert machine.record == before
    else:
        assert machine.handle(event, LATER) == step.effects
        assert machine.record.state is step.to


@pytest.mark.parametrize("state", REACHED)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_a_record_always_fits_its_state(state: CallState, event: call.Event) -> None:
    """Operator, ring and end are set exactly where their state says so; the place in the queue stays."""
    machine = CallMachine(record(state))
    if (state, type(event)) in TRANSITIONS:
        machine.handle(event, LATER)
    now = machine.record
    assert (now.ring_until is not None) == (now.state is CallState.RINGING)
    assert (now.ended_at is not None) == (now.state not in LIVE_STATES) == bool(now.ended_by)
    assert bool(now.held_reason) == (now.state is CallState.HELD)
    assert (now.accepted_at is None) == (now.state in (CallState.WAITING, CallState.RINGING)) or (
        now.state is CallState.ABANDONED
    )
    assert (now.operator is None) == (now.state in (CallState.WAITING, CallState.ABANDONED))
    assert now.queued_at == NOW


@pytest.mark.parametrize("event", [Accepted("taro"), Declined("taro")])
def test_a_ring_is_answered_by_the_rung_operator_only(event: call.Event) -> None:
    """Somebody else's accept gets 'gone'."""
    with pytest.raises(NotNow):
        CallMachine(record(CallState.RINGING)).handle(event, NOW)


def test_only_the_own_operator_ends_a_talk() -> None:
    """Another operator cannot hang up."""
    with pytest.raises(NotNow):
        CallMachine(record(CallState.TALKING)).handle(EndPressed("taro"), NOW)


def test_a_hold_may_change_its_reason_and_costs_no_talking_time() -> None:
    """The resident reads the newest reason; the talk began when it was accepted, hold or not."""
    machine = CallMachine(record(CallState.HELD))
    assert machine.record.held_reason == "papers"
    machine.handle(Held("hana", "checking"), LATER)
    assert machine.record.held_reason == "checking"
    machine.handle(Resumed("hana"), LATER)
    assert (machine.record.state, machine.record.accepted_at) == (CallState.TALKING, NOW)


@pytest.mark.parametrize(
    "event", [Held("taro", "moment"), Resumed("taro"), EndPressed("taro"), EndedOnPromise("taro")]
)
def test_a_colleague_can_neither_hold_nor_resume(event: call.Event) -> None:
    """Only who has the call."""
    for state in (CallState.TALKING, CallState.HELD):
        with pytest.raises(NotNow):
            CallMachine(record(state)).handle(event, LATER)


def test_a_ring_has_a_deadline_and_nothing_else_has() -> None:
    """The machine says when RingExpired is due."""
    assert CallMachine(record(CallState.RINGING)).deadline() == LATER
    assert CallMachine(record(CallState.TALKING)).deadline() is None


def test_who_ended_it_is_recorded() -> None:
    """resident, operator and hub are told apart."""
    for event, by in (
        (Left(), "resident"),
        (EndPressed("hana"), "operator"),
        (EndedOnPromise("hana"), "operator"),
        (KioskGone(), "hub"),
    ):
        machine = CallMachine(record(CallState.TALKING))
        machine.handle(event, LATER)
        assert machine.record.ended_by == by


def test_a_requeued_call_shows_nothing_of_the_operator_who_is_gone() -> None:
    """Page and caption go, as a newer revision, so that the terminal takes them away."""
    talking = record(CallState.TALKING)
    shown = Presentation(revision=4, focus=Focus.PAPER, caption="はい")
    machine = CallMachine(replace(talking, presentation=shown))
    effects = machine.handle(OperatorGone(), LATER)
    assert machine.record.presentation == Presentation(revision=5)
    assert Effect.FORGET_MEDIA in effects
    assert machine.record.accepted_at is None


@pytest.mark.parametrize("event", [EndPressed("hana"), EndedOnPromise("hana"), Left(), KioskGone()])
def test_an_ended_call_keeps_nothing_of_what_it_showed(event: call.Event) -> None:
    """Caption and page go, whoever ended it, as a newer revision than any that was shown."""
    shown = Presentation(revision=4, focus=Focus.PAPER, caption="明日の10時に、もう一度お越しください。")
    machine = CallMachine(replace(record(CallState.TALKING), presentation=shown))
    machine.handle(event, LATER)
    assert machine.record.presentation == Presentation(revision=5)


def test_whoever_was_involved_is_told() -> None:
    """Every transition out of ringing takes the ring card away unless it was accepted."""
    for (state, event), step in TRANSITIONS.items():
        if state is CallState.RINGING and event is not Accepted:
            assert Effect.RING_OVER in step.effects, event
        if state in CONNECTED and step.to not in CONNECTED:
            assert Effect.CALL_OVER in step.effects, event
        assert Effect.TELL_KIOSK in step.effects, (state, event)


def test_the_diagram_comes_from_the_table() -> None:
    """Each transition is a line of it."""
    drawn = call.diagram()
    assert drawn.startswith("stateDiagram-v2\n")
    for (state, event), step in TRANSITIONS.items():
        assert f"    {state} --> {step.to}: {event.__name__}\n" in drawn
