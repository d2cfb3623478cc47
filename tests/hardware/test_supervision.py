"""When a camera's child is started, killed and started again: decided by time alone, so time is jumped."""

from __future__ import annotations

from itertools import islice

import pytest

from hardware.cameras.supervision import (
    HUNG_S,
    STALE_S,
    START_S,
    STEADY_S,
    TRANSITIONS,
    Effect,
    Event,
    Supervision,
    restart_delays,
)
from hardware.ports import Health


def live(at: float = 100.0) -> Supervision:
    machine = Supervision("face")
    assert machine.handle(Event.OPEN, at - 1) == (Effect.START_CHILD,)
    machine.handle(Event.FRAME, at)
    assert machine.state is Health.LIVE
    return machine


def due(machine: Supervision) -> float:
    deadline = machine.deadline()
    assert deadline is not None
    return deadline


def test_a_closed_camera_has_no_process_and_no_deadline() -> None:
    """Nothing starts by itself, whatever is reported late."""
    machine = Supervision("face")
    for event in (Event.FRAME, Event.CHILD_ENDED, Event.TIME, Event.PLUGGED, Event.CLOSE):
        assert machine.handle(event, 5.0) == ()
        assert (machine.state, machine.deadline()) == (Health.CLOSED, None)


def test_a_child_that_dies_is_started_again_within_a_second() -> None:
    """One crash costs the short delay."""
    machine = live(100.0)
    machine.handle(Event.CHILD_ENDED, 101.0)
    assert machine.state is Health.LOST
    assert machine.handle(Event.TIME, due(machine) - 0.01) == ()
    assert machine.handle(Event.TIME, due(machine)) == (Effect.START_CHILD,)
    assert machine.state is Health.STARTING


def test_a_hanging_child_is_first_stale_then_killed() -> None:
    """Old frames are told before the process is given up."""
    machine = live(100.0)
    assert due(machine) == 100.0 + STALE_S
    assert machine.handle(Event.TIME, 100.0 + STALE_S) == ()
    assert machine.state is Health.STALE
    assert machine.handle(Event.TIME, 100.0 + HUNG_S) == (Effect.KILL_CHILD,)
    assert machine.state is Health.LOST


def test_a_late_frame_saves_the_child() -> None:
    """Stale is a warning, not a verdict."""
    machine = live(100.0)
    machine.handle(Event.TIME, 101.5)
    machine.handle(Event.FRAME, 101.6)
    assert machine.state is Health.LIVE
    assert due(machine) == pytest.approx(101.6 + STALE_S)


def test_a_child_that_never_gives_a_frame_is_killed() -> None:
    """Starting has an end too."""
    machine = Supervision("face")
    machine.handle(Event.OPEN, 10.0)
    assert machine.handle(Event.TIME, 10.0 + START_S) == (Effect.KILL_CHILD,)
    assert machine.state is Health.LOST


@pytest.mark.parametrize("ailment", [Event.CHILD_ENDED, Event.TIME])
def test_back_within_five_seconds(ailment: Event) -> None:
    """From the last good frame to the new child takes at most 4 s, which leaves 1 s for its first frame."""
    machine = live(100.0)
    now = 100.0
    if ailment is Event.CHILD_ENDED:
        machine.handle(ailment, now)
    effects: tuple[Effect, ...] = ()
    while Effect.START_CHILD not in effects:
        now = due(machine)
        effects = machine.handle(Event.TIME, now)
    assert now - 100.0 <= 4.0


def test_delays_grow_but_stay_short_enough_for_a_replugged_camera() -> None:
    """A missing camera is asked for at least every 2 s."""
    delays = list(islice(restart_delays(), 20))
    assert delays == sorted(delays)
    assert delays[0] < 0.5
    assert max(delays) <= 2.0


def test_a_steady_camera_starts_with_short_delays_again() -> None:
    """Yesterday's faults do not slow today's recovery; a flapping camera does not spin."""
    machine = live(100.0)
    now = 100.0
    waits = []
    for alive in (0.1, 0.1, 0.1, STEADY_S):
        machine.handle(Event.CHILD_ENDED, now + alive)
        waits.append(due(machine) - now - alive)
        now = due(machine)
        machine.handle(Event.TIME, now)
        machine.handle(Event.FRAME, now)
    assert waits[0] < waits[1] < waits[2]
    assert waits[3] == pytest.approx(waits[0])


def test_a_replugged_camera_does_not_wait_for_the_delay() -> None:
    """Hotplug cuts the waiting short."""
    machine = live(100.0)
    machine.handle(Event.CHILD_ENDED, 101.0)
    assert machine.handle(Event.PLUGGED, 101.01) == (Effect.START_CHILD,)


def test_a_slow_stream_is_not_taken_for_a_hung_one() -> None:
    """At one frame in two seconds the limits follow the frame rate."""
    machine = Supervision("document")
    machine.expect(0.5)
    machine.handle(Event.OPEN, 0.0)
    machine.handle(Event.FRAME, 1.0)
    assert machine.handle(Event.TIME, 6.0) == ()
    assert machine.state is Health.LIVE


def test_the_stream_may_pause_for_a_still() -> None:
    """A camera that changes its mode for a still is not killed for it while the still may take."""
    machine = live(100.0)
    machine.pause(105.0)
    assert machine.handle(Event.TIME, 104.0) == ()
    assert machine.state is Health.LIVE
    machine.handle(Event.TIME, 105.0)
    assert machine.state is Health.STALE


@pytest.mark.parametrize("state", [Health.STARTING, Health.LIVE, Health.STALE, Health.LOST])
def test_closing_ends_every_state(state: Health) -> None:
    """No state keeps a process after close."""
    outcome = TRANSITIONS[(state, Event.CLOSE)]
    assert outcome.state is Health.CLOSED
    assert Effect.START_CHILD not in outcome.effects
    if state is not Health.LOST:
        assert Effect.STOP_CHILD in outcome.effects


def test_a_new_profile_starts_a_new_child() -> None:
    """Opening again while live replaces the child, the old one first."""
    assert live().handle(Event.OPEN, 200.0) == (Effect.STOP_CHILD, Effect.START_CHILD)
