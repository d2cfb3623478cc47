"""Decides when one direction of sound is opened, given up and tried again.

It opens nothing and knows no clock. A microphone or a speaker that is missing is tried again every second for
as long as the call lasts; a stream whose blocks stop coming is closed and opened anew.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from hardware.ports import Health

log = logging.getLogger(__name__)

RETRY_S: Final = 1.0
SILENT_S: Final = 1.5  # without a single block, even a silent one


class Event(Enum):
    """What the driver reports."""

    OPEN = auto()
    CLOSE = auto()
    STARTED = auto()  # the stream runs
    FAILED = auto()  # it could not be opened
    GONE = auto()  # the device is not there any more, whatever the stream says
    TIME = auto()


class Effect(Enum):
    """What the driver must do."""

    START = auto()  # report STARTED or FAILED
    STOP = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a transition leads and what the driver does."""

    state: Health
    effects: tuple[Effect, ...] = ()


H, E, X = Health, Event, Effect
TRANSITIONS: Final[dict[tuple[Health, Event], Outcome]] = {
    (H.CLOSED, E.OPEN): Outcome(H.STARTING, (X.START,)),
    (H.CLOSED, E.STARTED): Outcome(H.CLOSED, (X.STOP,)),  # opened too late: the call is over
    (H.STARTING, E.STARTED): Outcome(H.LIVE),
    (H.STARTING, E.FAILED): Outcome(H.LOST),
    (H.STARTING, E.CLOSE): Outcome(H.CLOSED),
    (H.LIVE, E.TIME): Outcome(H.LOST, (X.STOP,)),
    (H.LIVE, E.GONE): Outcome(H.LOST, (X.STOP,)),
    (H.LIVE, E.CLOSE): Outcome(H.CLOSED, (X.STOP,)),
    (H.LOST, E.TIME): Outcome(H.STARTING, (X.START,)),
    (H.LOST, E.CLOSE): Outcome(H.CLOSED),
}


class AudioSupervision:
    """One direction. Feed `handle`, obey its effects, call it with TIME at `deadline()`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._state = Health.CLOSED  # set by _enter alone
        self._since = 0.0  # when the present state began
        self._newest = 0.0  # when the last block passed

    @property
    def state(self) -> Health:
        return self._state

    def passed(self, at: float) -> None:
        """A block passed then: tell before TIME."""
        self._newest = max(self._newest, at)

    def deadline(self) -> float | None:
        """When to call `handle(TIME)`; None while nothing can change by itself."""
        if self._state is Health.LIVE:
            return max(self._since, self._newest) + SILENT_S
        if self._state is Health.LOST:
            return self._since + RETRY_S
        return None

    def handle(self, event: Event, now: float) -> tuple[Effect, ...]:
        """Effects to obey. An event that means nothing in this state has none."""
        if event is Event.TIME:
            deadline = self.deadline()
            if deadline is None or now < deadline:
                return ()
        outcome = TRANSITIONS.get((self._state, event))
        if outcome is None:
            return ()
        self._enter(outcome.state, now)
        return outcome.effects

    def _enter(self, state: Health, now: float) -> None:
        if state is self._state:
            return
        log.info("audio state", extra={"direction": self._name, "old": self._state.value, "new": state.value})
        self._state, self._since = state, now
