"""Decides from the arrival of RTP whether an epoch is alive, silent or lost; never measures, never closes.

The driver reports packets and calls `handle(Tick, now)` at `deadline()`.
"""

from __future__ import annotations

import logging
from enum import StrEnum

log = logging.getLogger(__name__)


class Watch(StrEnum):
    """States of one epoch."""

    IDLE = "idle"  # offered, not answered: silence means nothing
    WAITING = "waiting"  # answered, no media yet
    FLOWING = "flowing"
    SILENT = "silent"  # no RTP for silence_s
    LOST = "lost"  # no RTP for lost_s, or none within connect_s of the answer
    STOPPED = "stopped"


class WatchEvent(StrEnum):
    """What can happen. The two last come out of Tick and time."""

    ANSWERED = "answered"
    RTP = "rtp"
    TICK = "tick"
    STOP = "stop"
    QUIET = "quiet"
    GONE = "gone"


class Verdict(StrEnum):
    """Effects."""

    SILENCE = "silence"  # show that the line is being mended
    LOSS = "loss"  # build a new epoch
    BACK = "back"  # media flows (again)


Step = tuple[Watch, tuple[Verdict, ...]]

TRANSITIONS: dict[tuple[Watch, WatchEvent], Step] = {
    (Watch.IDLE, WatchEvent.ANSWERED): (Watch.WAITING, ()),
    (Watch.IDLE, WatchEvent.RTP): (Watch.FLOWING, (Verdict.BACK,)),
    (Watch.WAITING, WatchEvent.RTP): (Watch.FLOWING, (Verdict.BACK,)),
    (Watch.WAITING, WatchEvent.GONE): (Watch.LOST, (Verdict.LOSS,)),
    (Watch.FLOWING, WatchEvent.RTP): (Watch.FLOWING, ()),
    (Watch.FLOWING, WatchEvent.QUIET): (Watch.SILENT, (Verdict.SILENCE,)),
    (Watch.SILENT, WatchEvent.RTP): (Watch.FLOWING, (Verdict.BACK,)),
    (Watch.SILENT, WatchEvent.GONE): (Watch.LOST, (Verdict.LOSS,)),
    (Watch.LOST, WatchEvent.RTP): (Watch.FLOWING, (Verdict.BACK,)),
    **{(state, WatchEvent.STOP): (Watch.STOPPED, ()) for state in Watch},
}


class MediaWatchdog:
    """One per epoch. Times are monotonic seconds."""

    def __init__(self, silence_s: float = 2.0, lost_s: float = 5.0, connect_s: float = 10.0) -> None:
        self._silence_s, self._lost_s, self._connect_s = silence_s, lost_s, connect_s
        self._state = Watch.IDLE
        self._since = 0.0  # last RTP, or the answer while WAITING

    @property
    def state(self) -> Watch:
        return self._state

    @property
    def live(self) -> bool:
        """RTP arrived within silence_s, as of the last event."""
        return self._state is Watch.FLOWING

    def deadline(self) -> float | None:
        """When to call `handle(WatchEvent.TICK, now)` next."""
        limit = {
            Watch.WAITING: self._connect_s,
            Watch.FLOWING: self._silence_s,
            Watch.SILENT: self._lost_s,
        }.get(self._state)
        return None if limit is None else self._since + limit

    def handle(self, event: WatchEvent, now: float) -> tuple[Verdict, ...]:
        """Effects of one event. An event without meaning in this state has none."""
        if event is not WatchEvent.TICK:
            verdicts = self._apply(event)
            if event is WatchEvent.RTP or (event is WatchEvent.ANSWERED and self._state is Watch.WAITING):
                self._since = now
            return verdicts
        verdicts = ()
        while (due := self.deadline()) is not None and now >= due:
            verdicts += self._apply(WatchEvent.QUIET if self._state is Watch.FLOWING else WatchEvent.GONE)
        return verdicts

    def _apply(self, event: WatchEvent) -> tuple[Verdict, ...]:
        step = TRANSITIONS.get((self._state, event))
        if step is None:
            return ()
        self._set_state(step[0])
        return step[1]

    def _set_state(self, state: Watch) -> None:
        if state is not self._state:
            log.info("media watch changed", extra={"before": self._state.value, "after": state.value})
            self._state = state
