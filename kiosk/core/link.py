"""Decides when the link to the hub is tried, alive or dead. Never opens a socket and never sends a byte.

DOWN --due--> CONNECTING --opened--> GREETING --welcomed--> UP; every loss leads back to DOWN with a delay
from `reconnect_delays`, for ever.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

log = logging.getLogger(__name__)

DELAYS = (0.0, 0.3, 1.0, 2.0, 4.0, 7.0)
GREETING_S = 5.0
URGENT_S = 0.7  # longest delay while a resident is in a call, +-50 %
DOUBT_S = 1.5  # a link that was doubted and says nothing for so long is dead


def reconnect_delays(chance: random.Random) -> Iterator[float]:
    """Seconds before each try: 0, 0.3, 1, 2, 4, then 7 for ever, each +-50 %."""
    tried = 0
    while True:
        yield DELAYS[min(tried, len(DELAYS) - 1)] * (0.5 + chance.random())
        tried += 1


class LinkState(StrEnum):
    """Where the link stands."""

    DOWN = "down"
    CONNECTING = "connecting"
    GREETING = "greeting"
    UP = "up"


class LinkEvent(StrEnum):
    """What happens to a link."""

    DUE = "due"  # the delay is over
    OPENED = "opened"
    WELCOMED = "welcomed"
    LOST = "lost"


class LinkAction(StrEnum):
    """What the driver has to do."""

    CONNECT = "connect"
    PING = "ping"
    DROP = "drop"  # close the socket: nobody answers
    TELL_UP = "tell_up"
    TELL_DOWN = "tell_down"  # each time: why it is down may have changed


TRANSITIONS: dict[tuple[LinkState, LinkEvent], tuple[LinkState, tuple[LinkAction, ...]]] = {
    (LinkState.DOWN, LinkEvent.DUE): (LinkState.CONNECTING, (LinkAction.CONNECT,)),
    (LinkState.CONNECTING, LinkEvent.OPENED): (LinkState.GREETING, ()),
    (LinkState.CONNECTING, LinkEvent.LOST): (LinkState.DOWN, (LinkAction.TELL_DOWN,)),
    (LinkState.GREETING, LinkEvent.WELCOMED): (LinkState.UP, (LinkAction.TELL_UP,)),
    (LinkState.GREETING, LinkEvent.LOST): (LinkState.DOWN, (LinkAction.TELL_DOWN,)),
    (LinkState.UP, LinkEvent.LOST): (LinkState.DOWN, (LinkAction.TELL_DOWN,)),
}


@dataclass(frozen=True, slots=True)
class Beats:
    """Seconds between two pings, and of silence after which the link is dead: in a call, and else."""

    heartbeat_s: float = 5.0
    dead_s: float = 12.0
    idle_heartbeat_s: float = 15.0
    idle_dead_s: float = 40.0


class LinkMachine:
    """`handle` takes events of the socket, `heard` each message; `tick` comes at `deadline()`."""

    def __init__(self, now: float, chance: random.Random | None = None) -> None:
        self._chance = chance or random.Random()
        self._delays = reconnect_delays(self._chance)
        self._state = LinkState.DOWN
        self._due = now  # DOWN: when to try again
        self._since = now  # when the state was entered
        self._heard = now  # UP: last sign of life of the hub
        self._pinged = now  # UP: last ping of ours
        self._doubted: float | None = None  # UP: when somebody asked whether the hub is there, unanswered yet
        self._urgent = False  # a resident is in a call: no delay may grow long
        self.beats = Beats()

    @property
    def state(self) -> LinkState:
        return self._state

    @property
    def since(self) -> float:
        """When the state was entered, monotonic s."""
        return self._since

    def handle(
        self, event: LinkEvent, now: float, *, retry_after: float | None = None
    ) -> tuple[LinkAction, ...]:
        """Actions for one event; an event that the state does not know changes nothing."""
        found = TRANSITIONS.get((self._state, event))
        if found is None:
            return ()
        state, actions = found
        if event is LinkEvent.WELCOMED:
            self._delays = reconnect_delays(self._chance)
            self._heard = self._pinged = now
            self._doubted = None
        if event is LinkEvent.LOST:
            delay = next(self._delays)
            if self._urgent:
                delay = min(delay, URGENT_S * (0.5 + self._chance.random()))
            self._due = now + (delay if retry_after is None else retry_after)
        self._set(state, now)
        return actions

    def heard(self, now: float) -> None:
        """Anything at all came from the hub."""
        self._heard = now
        self._doubted = None

    def hurry(self, urgent: bool, now: float) -> tuple[LinkAction, ...]:
        """Whether a resident is in a call: then no delay grows long, and a dead link is found soon."""
        before, self._urgent = self._urgent, urgent
        if not urgent or before or self._state is not LinkState.UP:
            return ()
        self._heard = max(self._heard, now)  # its silence was allowed until now
        self._pinged = now
        return (LinkAction.PING,)

    def check(self, now: float) -> tuple[LinkAction, ...]:
        """The line may have changed: a link that is up must answer soon, one that is down is tried now."""
        if self._state is LinkState.DOWN:
            self._due = min(self._due, now)
        if self._state is not LinkState.UP or self._doubted is not None:
            return ()
        self._doubted = self._pinged = now
        return (LinkAction.PING,)

    def tick(self, now: float) -> tuple[LinkAction, ...]:
        """What is due; call it at `deadline()`."""
        if self._state is LinkState.DOWN and now >= self._due:
            return self.handle(LinkEvent.DUE, now)
        if self._state in (LinkState.CONNECTING, LinkState.GREETING) and now >= self._since + GREETING_S:
            return (LinkAction.DROP,)
        if self._state is LinkState.UP:
            if now >= self._dead_at():
                return (LinkAction.DROP,)
            if now >= self._pinged + self._heartbeat_s:
                self._pinged = now
                return (LinkAction.PING,)
        return ()

    def deadline(self) -> float:
        """When `tick` is next worth calling, monotonic s."""
        if self._state is LinkState.DOWN:
            return self._due
        if self._state is LinkState.UP:
            return min(self._dead_at(), self._pinged + self._heartbeat_s)
        return self._since + GREETING_S

    @property
    def _heartbeat_s(self) -> float:
        return self.beats.heartbeat_s if self._urgent else self.beats.idle_heartbeat_s

    def _dead_at(self) -> float:
        dead = self._heard + (self.beats.dead_s if self._urgent else self.beats.idle_dead_s)
        return dead if self._doubted is None else min(dead, self._doubted + DOUBT_S)

    def _set(self, state: LinkState, now: float) -> None:
        log.info("link %s -> %s", self._state, state)
        self._state = state
        self._since = now
