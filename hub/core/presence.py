"""Decides what an operator is doing: away, available, ringing, talking, wrap-up, overdue, offline.

Never decides who is rung and never ends a call: events come from the call that the operator has. Nobody stays
reserved: every ring ends in accept, decline, time-out or cancellation, and each leads out of `ringing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from hub.core.call import NotNow
from protocol.values import PresenceState


class Event(StrEnum):
    """What can happen to an operator."""

    ARRIVED = "arrived"  # a desk of this login has said hello
    GO_AVAILABLE = "go_available"
    GO_AWAY = "go_away"
    RING_STARTED = "ring_started"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    RING_TIMEOUT = "ring_timeout"
    RING_CANCELLED = "ring_cancelled"  # the resident left
    CALL_ENDED = "call_ended"
    CALL_LOST = "call_lost"  # away too long without media; another is rung
    CONSULT_OVER = "consult_over"  # somebody else's call: nothing to wrap up
    TAKEN_BACK = "taken_back"  # the call that was passed on is hers again
    WRAPPED_UP = "wrapped_up"
    WRAP_UP_EXPIRED = "wrap_up_expired"  # it has lasted too long: somebody who is not there must not be rung
    VANISHED = "vanished"  # no desk for longer than a reload takes


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceRecord:
    """`call` is set exactly in ringing, talking, wrap_up and overdue. `version` counts writes."""

    user: str
    state: PresenceState
    since: datetime
    idle_since: datetime  # since when without a call; longest is rung first
    reason: str = ""  # why the hub changed it (ring_timeout, wrap_up_limit), or the operator's own word
    call: str | None = None
    until: datetime | None = None  # when a wrap-up has lasted too long; None: no limit, or no wrap-up
    version: int = 1


_P = PresenceState
_E = Event
TRANSITIONS: Mapping[tuple[PresenceState, Event], PresenceState] = {
    (_P.OFFLINE, _E.ARRIVED): _P.AWAY,
    (_P.AWAY, _E.GO_AVAILABLE): _P.AVAILABLE,
    (_P.AWAY, _E.GO_AWAY): _P.AWAY,
    (_P.AWAY, _E.VANISHED): _P.OFFLINE,
    (_P.AVAILABLE, _E.GO_AWAY): _P.AWAY,
    (_P.AVAILABLE, _E.VANISHED): _P.OFFLINE,
    (_P.AVAILABLE, _E.RING_STARTED): _P.RINGING,
    (_P.RINGING, _E.ACCEPTED): _P.TALKING,
    (_P.RINGING, _E.DECLINED): _P.AVAILABLE,
    (_P.RINGING, _E.RING_TIMEOUT): _P.AWAY,
    (_P.RINGING, _E.RING_CANCELLED): _P.AVAILABLE,
    (_P.TALKING, _E.CALL_ENDED): _P.WRAP_UP,
    (_P.TALKING, _E.CALL_LOST): _P.OFFLINE,
    (_P.TALKING, _E.CONSULT_OVER): _P.AVAILABLE,
    (_P.WRAP_UP, _E.TAKEN_BACK): _P.TALKING,
    (_P.WRAP_UP, _E.WRAPPED_UP): _P.AVAILABLE,
    # the form stays: nothing that was done is lost, and nobody is rung who may not be there
    (_P.WRAP_UP, _E.WRAP_UP_EXPIRED): _P.OVERDUE,
    (_P.OVERDUE, _E.WRAPPED_UP): _P.AVAILABLE,
    (_P.OVERDUE, _E.TAKEN_BACK): _P.TALKING,
}

HARMLESS = frozenset(
    {(state, _E.ARRIVED) for state in _P if state is not _P.OFFLINE}
    | {(_P.AVAILABLE, _E.GO_AVAILABLE)}
    | {(state, _E.VANISHED) for state in (_P.OFFLINE, _P.RINGING, _P.TALKING, _P.WRAP_UP, _P.OVERDUE)}
)
"""What changes nothing and is no mistake: a reload, a second press, a desk away while a call needs care."""

_HAS_CALL = frozenset({_P.RINGING, _P.TALKING, _P.WRAP_UP, _P.OVERDUE})
WRAPPING = frozenset({_P.WRAP_UP, _P.OVERDUE})
"""An outcome is still to be saved."""

_KEEPS_IDLE = frozenset({_E.RING_STARTED, _E.RING_CANCELLED})


def on_duty(state: PresenceState) -> bool:
    """Whether a resident may hope for this operator."""
    return state not in (PresenceState.OFFLINE, PresenceState.AWAY, PresenceState.OVERDUE)


class PresenceMachine:
    """Runs one operator's record; the caller writes it comparing `version`."""

    def __init__(self, record: PresenceRecord) -> None:
        self._record = record

    @property
    def record(self) -> PresenceRecord:
        """The record after the last event."""
        return self._record

    def handle(
        self, event: Event, now: datetime, *, call: str | None = None, reason: str = "",
        until: datetime | None = None,
    ) -> bool:  # fmt: skip
        """Whether the state changed. NotNow('presence') when impossible.

        `call` goes with RING_STARTED, `until` with CALL_ENDED: how long the wrap-up may take.
        """
        state = TRANSITIONS.get((self._record.state, event))
        if state is None:
            if (self._record.state, event) in HARMLESS:
                return False
            raise NotNow("presence", "いまの在席状況では、この操作はできません。")
        if event is Event.RING_TIMEOUT:
            reason = "ring_timeout"
        if event is Event.WRAP_UP_EXPIRED:
            reason = "wrap_up_limit"
        self._enter(state, event, now, call or self._record.call, reason, until)
        return True

    def _enter(
        self, state: PresenceState, event: Event, now: datetime, call: str | None, reason: str,
        until: datetime | None,
    ) -> None:  # fmt: skip
        """The one place where a presence changes."""
        self._record = replace(
            self._record,
            state=state,
            since=now,
            idle_since=self._record.idle_since if event in _KEEPS_IDLE else now,
            reason=reason,
            call=call if state in _HAS_CALL else None,
            until=until if state is PresenceState.WRAP_UP else None,
        )


def diagram() -> str:
    """The table as a Mermaid state diagram, for the documents."""
    lines = ["stateDiagram-v2", "    [*] --> offline"]
    lines += [f"    {state} --> {to}: {event}" for (state, event), to in TRANSITIONS.items()]
    return "\n".join(lines) + "\n"
