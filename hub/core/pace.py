"""Decides when a link is asked whether its peer lives, and when it is dead. Never sends, reads no clock.

In a call both come soon; else a thousand idle terminals need not be asked every five seconds. Who is in
a call shows in what the peer is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from protocol.desk_link import DeskCallUpdate, DeskSnapshot, MonitorUpdate, Ring, RingEnded
from protocol.envelope import Message
from protocol.guest_link import GuestSnapshot
from protocol.kiosk_link import Call, Snapshot
from protocol.values import LIVE_STATES, GuestState


@dataclass(frozen=True, slots=True)
class Beat:
    """Seconds between two pings, and of silence after which the link is dead."""

    every_s: float
    dead_s: float


class Due(StrEnum):
    """What is due on a link."""

    PING = "ping"
    DEAD = "dead"


class Pace:
    """`heard` at every frame, `tick` at `deadline()`; all times of one steady clock, s."""

    __slots__ = ("_busy", "_busy_beat", "_heard", "_idle_beat", "_pinged")

    def __init__(self, *, busy: Beat, idle: Beat, now: float) -> None:
        self._busy_beat, self._idle_beat = busy, idle
        self._busy = True  # until something says otherwise
        self._heard = now
        self._pinged = now

    def heard(self, now: float) -> None:
        """The peer lives."""
        self._heard = now

    def told(self, message: Message, now: float) -> bool:
        """The peer is being told this; True when its link is asked sooner from now on."""
        busy = in_call(message)
        if busy is None or busy == self._busy:
            return False
        self._busy = busy
        if busy:
            self._heard = max(self._heard, now)  # its silence was allowed until now
            self._pinged = now - self._busy_beat.every_s  # ask at once
        return busy

    def deadline(self) -> float:
        """When `tick` has something to say."""
        beat = self._busy_beat if self._busy else self._idle_beat
        return min(self._pinged + beat.every_s, self._heard + beat.dead_s)

    def tick(self, now: float) -> Due | None:
        """What is due."""
        beat = self._busy_beat if self._busy else self._idle_beat
        if now >= self._heard + beat.dead_s:
            return Due.DEAD
        if now >= self._pinged + beat.every_s:
            self._pinged = now
            return Due.PING
        return None


def in_call(message: Message) -> bool | None:
    """Whether whoever is told this is in a call, or rung, from then on; None when that stays as it was."""
    match message:
        case Snapshot(call=call):
            return call is not None and call.state in LIVE_STATES
        case Call(call=call) | DeskCallUpdate(call=call):
            return call.state in LIVE_STATES
        case GuestSnapshot(place=place):
            return place.state in (GuestState.LOBBY, GuestState.INSIDE)
        case DeskSnapshot(ring=ring, call=call, monitoring=monitoring):
            live = call is not None and call.state in LIVE_STATES
            return ring is not None or monitoring is not None or live
        case MonitorUpdate(monitoring=monitoring):
            return monitoring is not None
        case Ring():
            return True
        case RingEnded():
            return False
    return None
