"""How a supervisor takes part in a call, by its table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub.core.call import NotNow
from hub.core.monitor import CHOICES, ENDS, TRANSITIONS, Effect, MonitorRecord, Step, diagram, handle
from protocol.values import MonitorState

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=30)
OPEN = [state for state in MonitorState if state is not MonitorState.OVER]


def record(state: MonitorState) -> MonitorRecord:
    """A supervisor in hana's call."""
    return MonitorRecord(
        id="m1", municipality="minami", call="c1", supervisor="boss", operator="hana", state=state,
        began_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("state", MonitorState)
@pytest.mark.parametrize("step", Step)
def test_every_step_in_every_state(state: MonitorState, step: Step) -> None:
    """It moves by the table; what she does already changes nothing; nothing follows the end."""
    known = TRANSITIONS.get((state, step))
    if state is MonitorState.OVER:
        with pytest.raises(NotNow) as refused:
            handle(record(state), step, LATER)
        assert refused.value.code == "gone"
        return
    after, effects = handle(record(state), step, LATER)
    if known is None:
        assert (after, effects) == (record(state), ())
        assert CHOICES[state] is step, "nothing else leaves a state as it is"
    else:
        assert (after.state, effects) == (known.to, known.effects)


@pytest.mark.parametrize("state", OPEN)
def test_every_step_is_told_to_the_desks_of_the_call(state: MonitorState) -> None:
    """No secret listening: there is no change that the operator does not hear of."""
    assert all(Effect.TELL in one.effects for (at, _), one in TRANSITIONS.items() if at is state)


def test_the_resident_reads_whatever_changes_for_her() -> None:
    """Heard by the supervisor or not, hearing her or not; a whisper is no change for the resident."""
    for (state, _), one in TRANSITIONS.items():
        loud = MonitorState.BARGING in (state, one.to)
        ends = one.to is MonitorState.OVER
        assert (Effect.SCREEN in one.effects) == (loud or ends)


@pytest.mark.parametrize("step", ENDS)
def test_every_end_is_an_end_and_says_why(step: Step) -> None:
    """From each state, whoever ends it."""
    for state in OPEN:
        after, effects = handle(record(state), step, LATER)
        assert (after.open, after.ended_at, after.ended_why) == (False, LATER, str(step))
        assert Effect.CLOSE in effects


def test_the_diagram_comes_from_the_table() -> None:
    """Each transition stands at an arrow between its two states."""
    lines = diagram().splitlines()
    for (state, step), one in TRANSITIONS.items():
        arrow = f"    {state} --> {one.to}: "
        assert any(line.startswith(arrow) and step in line.removeprefix(arrow).split(", ") for line in lines)
