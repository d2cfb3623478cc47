"""Decides what a call means for this terminal: when devices open, when media starts, when all is wiped.

The hub owns the record; what it says wins. Never opens a device, never sends a message: it names actions.
"""

from __future__ import annotations

import logging
from enum import StrEnum

from protocol.values import CallState

log = logging.getLogger(__name__)


class Phase(StrEnum):
    """Where this terminal stands."""

    NONE = "none"
    REQUESTED = "requested"  # touched; the hub has not answered yet
    WAITING = "waiting"
    TALKING = "talking"
    HELD = "held"
    ENDED = "ended"  # the thank-you screen; nothing of the call is left


class CallEvent(StrEnum):
    """What can happen to a call here."""

    TOUCH = "touch"
    HUB_WAITING = "hub_waiting"  # waiting or ringing
    HUB_TALKING = "hub_talking"
    HUB_HELD = "hub_held"  # held or consulting
    HUB_OVER = "hub_over"  # ended, abandoned, callback, or a snapshot without a call
    REFUSED = "refused"
    GIVE_UP = "give_up"  # no answer to the touch for too long
    LEAVE = "leave"
    DONE = "done"  # the thank-you screen was read


class CallAction(StrEnum):
    """What the agent has to do, in this order."""

    REQUEST = "request"  # say call_request, again after each reconnect while REQUESTED
    OPEN_DEVICES = "open_devices"
    START_MEDIA = "start_media"  # a new media epoch
    SAY_LEAVE = "say_leave"
    CLOSE = "close"  # media and devices
    WIPE = "wipe"
    GREET = "greet"  # a chime: somebody is there
    RESET = "reset"  # text size, language and volume back to the settings


_START = (CallAction.OPEN_DEVICES, CallAction.START_MEDIA)
_END = (CallAction.CLOSE, CallAction.WIPE)
_LEAVE = (CallAction.SAY_LEAVE, *_END)

TRANSITIONS: dict[tuple[Phase, CallEvent], tuple[Phase, tuple[CallAction, ...]]] = {
    (Phase.NONE, CallEvent.TOUCH): (Phase.REQUESTED, (CallAction.OPEN_DEVICES, CallAction.REQUEST)),
    # the agent was started again during a call: take it up
    (Phase.NONE, CallEvent.HUB_WAITING): (Phase.WAITING, _START),
    (Phase.NONE, CallEvent.HUB_TALKING): (Phase.TALKING, _START),
    (Phase.NONE, CallEvent.HUB_HELD): (Phase.HELD, _START),
    (Phase.REQUESTED, CallEvent.HUB_WAITING): (Phase.WAITING, (CallAction.START_MEDIA,)),
    (Phase.REQUESTED, CallEvent.HUB_TALKING): (Phase.TALKING, (CallAction.START_MEDIA, CallAction.GREET)),
    (Phase.REQUESTED, CallEvent.HUB_OVER): (Phase.REQUESTED, (CallAction.REQUEST,)),
    (Phase.REQUESTED, CallEvent.REFUSED): (Phase.NONE, _END),
    (Phase.REQUESTED, CallEvent.GIVE_UP): (Phase.ENDED, _LEAVE),
    (Phase.REQUESTED, CallEvent.LEAVE): (Phase.ENDED, _LEAVE),
    (Phase.WAITING, CallEvent.HUB_WAITING): (Phase.WAITING, ()),
    (Phase.WAITING, CallEvent.HUB_TALKING): (Phase.TALKING, (CallAction.GREET,)),
    (Phase.WAITING, CallEvent.HUB_HELD): (Phase.HELD, ()),
    (Phase.WAITING, CallEvent.HUB_OVER): (Phase.ENDED, _END),
    (Phase.WAITING, CallEvent.LEAVE): (Phase.ENDED, _LEAVE),
    (Phase.TALKING, CallEvent.HUB_TALKING): (Phase.TALKING, ()),
    (Phase.TALKING, CallEvent.HUB_HELD): (Phase.HELD, ()),
    # the operator is gone and another is rung: the new one needs an offer of its own
    (Phase.TALKING, CallEvent.HUB_WAITING): (Phase.WAITING, (CallAction.START_MEDIA,)),
    (Phase.TALKING, CallEvent.HUB_OVER): (Phase.ENDED, _END),
    (Phase.TALKING, CallEvent.LEAVE): (Phase.ENDED, _LEAVE),
    (Phase.HELD, CallEvent.HUB_HELD): (Phase.HELD, ()),
    (Phase.HELD, CallEvent.HUB_TALKING): (Phase.TALKING, ()),
    (Phase.HELD, CallEvent.HUB_WAITING): (Phase.WAITING, (CallAction.START_MEDIA,)),
    (Phase.HELD, CallEvent.HUB_OVER): (Phase.ENDED, _END),
    (Phase.HELD, CallEvent.LEAVE): (Phase.ENDED, _LEAVE),
    # the hub has not heard yet that the resident left
    (Phase.ENDED, CallEvent.HUB_WAITING): (Phase.ENDED, (CallAction.SAY_LEAVE,)),
    (Phase.ENDED, CallEvent.HUB_TALKING): (Phase.ENDED, (CallAction.SAY_LEAVE,)),
    (Phase.ENDED, CallEvent.HUB_HELD): (Phase.ENDED, (CallAction.SAY_LEAVE,)),
    (Phase.ENDED, CallEvent.HUB_OVER): (Phase.ENDED, ()),
    (Phase.ENDED, CallEvent.DONE): (Phase.NONE, (CallAction.RESET,)),
}

LIVE = frozenset({Phase.REQUESTED, Phase.WAITING, Phase.TALKING, Phase.HELD})

_OF_STATE = {
    CallState.WAITING: CallEvent.HUB_WAITING,
    CallState.RINGING: CallEvent.HUB_WAITING,
    CallState.TALKING: CallEvent.HUB_TALKING,
    CallState.HELD: CallEvent.HUB_HELD,
    CallState.CONSULTING: CallEvent.HUB_HELD,
    CallState.ENDED: CallEvent.HUB_OVER,
    CallState.ABANDONED: CallEvent.HUB_OVER,
    CallState.CALLBACK: CallEvent.HUB_OVER,
}


def event_of(state: CallState) -> CallEvent:
    """What a state of the hub's record means here."""
    return _OF_STATE[state]


class CallMachine:
    """The phase and its one setter."""

    def __init__(self) -> None:
        self._phase = Phase.NONE

    @property
    def phase(self) -> Phase:
        return self._phase

    @property
    def live(self) -> bool:
        """A resident is being served: nothing may be updated, reset or restarted on purpose."""
        return self._phase in LIVE

    def handle(self, event: CallEvent) -> tuple[CallAction, ...]:
        """Actions for one event; an event that the phase does not know changes nothing."""
        found = TRANSITIONS.get((self._phase, event))
        if found is None:
            log.debug("call event without effect: %s in %s", event, self._phase)
            return ()
        phase, actions = found
        if phase is not self._phase:
            log.info("call %s -> %s", self._phase, phase)
            self._phase = phase
        return actions
