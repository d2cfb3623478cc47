"""Decides when a camera's child process starts, counts as stale, is killed and is started again.

It never touches a process or a clock: the driver tells it what happened and when, obeys the effects in order,
and calls again at `deadline()`. A camera that was live is live again within 5 s of the end of what ailed it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import chain, repeat
from typing import Final

from hardware.ports import Health

log = logging.getLogger(__name__)

START_S: Final = 6.0  # until the first frame: a CSI camera with a cold file cache needs 3 s
STALE_S: Final = 1.0  # without a frame, or four frame times for a slow stream
HUNG_S: Final = 2.0  # without a frame, or eight frame times
STEADY_S: Final = 10.0  # live for so long: the next fault starts with short delays again


def restart_delays() -> Iterator[float]:
    """Seconds to wait before each new child: short at first, never above 2 s."""
    return chain((0.2, 0.5, 1.0), repeat(2.0))


class Event(Enum):
    """What the driver reports."""

    OPEN = auto()
    CLOSE = auto()
    FRAME = auto()
    CHILD_ENDED = auto()  # exited, or its socket ended
    PLUGGED = auto()  # hotplug says the device is there: do not wait for the delay
    TIME = auto()  # the deadline has come


class Effect(Enum):
    """What the driver must do."""

    START_CHILD = auto()
    STOP_CHILD = auto()  # politely, then by force
    KILL_CHILD = auto()  # by force: it hangs


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a transition leads and what the driver does."""

    state: Health
    effects: tuple[Effect, ...] = ()


H, E, X = Health, Event, Effect
TRANSITIONS: Final[dict[tuple[Health, Event], Outcome]] = {
    (H.CLOSED, E.OPEN): Outcome(H.STARTING, (X.START_CHILD,)),
    (H.STARTING, E.OPEN): Outcome(H.STARTING, (X.STOP_CHILD, X.START_CHILD)),
    (H.LIVE, E.OPEN): Outcome(H.STARTING, (X.STOP_CHILD, X.START_CHILD)),
    (H.STALE, E.OPEN): Outcome(H.STARTING, (X.KILL_CHILD, X.START_CHILD)),
    (H.LOST, E.OPEN): Outcome(H.STARTING, (X.START_CHILD,)),
    (H.STARTING, E.CLOSE): Outcome(H.CLOSED, (X.STOP_CHILD,)),
    (H.LIVE, E.CLOSE): Outcome(H.CLOSED, (X.STOP_CHILD,)),
    (H.STALE, E.CLOSE): Outcome(H.CLOSED, (X.STOP_CHILD,)),
    (H.LOST, E.CLOSE): Outcome(H.CLOSED),
    (H.STARTING, E.FRAME): Outcome(H.LIVE),
    (H.LIVE, E.FRAME): Outcome(H.LIVE),
    (H.STALE, E.FRAME): Outcome(H.LIVE),
    (H.STARTING, E.CHILD_ENDED): Outcome(H.LOST),
    (H.LIVE, E.CHILD_ENDED): Outcome(H.LOST),
    (H.STALE, E.CHILD_ENDED): Outcome(H.LOST),
    (H.STARTING, E.TIME): Outcome(H.LOST, (X.KILL_CHILD,)),
    (H.LIVE, E.TIME): Outcome(H.STALE),
    (H.STALE, E.TIME): Outcome(H.LOST, (X.KILL_CHILD,)),
    (H.LOST, E.TIME): Outcome(H.STARTING, (X.START_CHILD,)),
    (H.LOST, E.PLUGGED): Outcome(H.STARTING, (X.START_CHILD,)),
}


class Supervision:
    """One camera's life. Feed `handle`, obey its effects in order, call it with TIME at `deadline()`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._state = Health.CLOSED  # set by _enter alone
        self._stale_s = STALE_S
        self._hung_s = HUNG_S
        self._since = 0.0  # when the present state began
        self._newest = 0.0  # when the newest frame came; valid in LIVE and STALE
        self._live_since = 0.0  # when this child gave its first frame
        self._patient_until = 0.0  # a still is being taken: the stream may pause until then
        self._delays = restart_delays()
        self._retry_at = 0.0  # valid in LOST

    @property
    def state(self) -> Health:
        return self._state

    def expect(self, fps: float) -> None:
        """The stream's frame rate: call before OPEN, so that a slow stream is not taken for a hung one."""
        self._stale_s = max(STALE_S, 4.0 / fps)
        self._hung_s = max(HUNG_S, 8.0 / fps)

    def pause(self, until: float) -> None:
        """The stream may stop until then, for a still is being taken. A time in the past ends that."""
        self._patient_until = until

    def deadline(self) -> float | None:
        """When to call `handle(TIME)`; None while closed."""
        match self._state:
            case Health.CLOSED:
                return None
            case Health.STARTING:
                return self._since + START_S
            case Health.LIVE:
                return max(self._newest + self._stale_s, self._patient_until)
            case Health.STALE:
                return max(self._newest + self._hung_s, self._patient_until)
            case Health.LOST:
                return self._retry_at

    def handle(self, event: Event, now: float) -> tuple[Effect, ...]:
        """Effects in the order to obey them. An event that means nothing in this state has none."""
        if event is Event.TIME and not self._due(now):
            return ()
        outcome = TRANSITIONS.get((self._state, event))
        if outcome is None:
            return ()
        if event is Event.FRAME:
            self._newest = now
        elif event is Event.OPEN:
            self._delays = restart_delays()
        self._enter(outcome.state, now, anew=Effect.START_CHILD in outcome.effects)
        return outcome.effects

    def _due(self, now: float) -> bool:
        deadline = self.deadline()
        return deadline is not None and now >= deadline

    def _enter(self, state: Health, now: float, anew: bool) -> None:
        old, self._state = self._state, state
        if state is old and not anew:
            return
        self._since = now
        if anew:
            self._patient_until = 0.0
        if state is Health.LIVE and old is Health.STARTING:
            self._live_since = now
        elif state is Health.LOST:
            if old is not Health.STARTING and now - self._live_since >= STEADY_S:
                self._delays = restart_delays()
            self._retry_at = now + next(self._delays)
        log.info("camera state", extra={"camera": self._name, "old": old.value, "new": state.value})
