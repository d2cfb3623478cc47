"""Decides what may happen to a call, and what must be done about it.

Never decides who is rung (`routing`), never knows of an operator's presence (`presence`), sends nothing and
reads no clock. A call is one frozen record; the machine replaces it, and the store writes it before anybody
is told. A requeued call keeps `queued_at`: so it stands again where it stood, at the head.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from protocol.errors import PeerError
from protocol.values import LIVE_STATES, CallState, HoldReason, Presentation

HAS_OPERATOR = frozenset({CallState.RINGING, CallState.TALKING, CallState.HELD, CallState.CONSULTING})
"""States in which a call occupies an operator: at most one such call each."""

CONNECTED = frozenset({CallState.TALKING, CallState.HELD, CallState.CONSULTING})
"""States after an accept."""


class NotNow(PeerError):  # noqa: N818 - it reads as the sentence that it is
    """The event does not fit the record as it is; `code` says why, the text is for the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """The hub's record of a call. `version` counts its writes: every update compares it first."""

    id: str
    municipality: str
    site: str
    kiosk: str
    request_id: str  # envelope id of the touch; unique per kiosk
    topic: str
    language: str
    simulated: bool
    state: CallState
    queued_at: datetime  # never changes: requeueing keeps the place
    operator: str | None = None  # set exactly in HAS_OPERATOR, and kept in ENDED and CALLBACK for the wrap-up
    ring_until: datetime | None = None  # set exactly while ringing
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str = ""  # resident, operator, hub
    held_reason: str = ""  # what the resident reads; set at most in HELD and CONSULTING
    epoch: int = 0  # newest media generation that the kiosk has offered
    presentation: Presentation = field(default_factory=Presentation)
    presented: int = 0  # revision that the terminal has drawn
    version: int = 1

    @property
    def live(self) -> bool:
        """Whether the kiosk is still occupied by it."""
        return self.state in LIVE_STATES

    @property
    def connected(self) -> bool:
        """Whether an operator has accepted and neither side has ended."""
        return self.state in CONNECTED


@dataclass(frozen=True, slots=True)
class Rung:
    """Routing chose `operator`; the ring lasts until `until`."""

    operator: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """`operator` pressed 応対する."""

    operator: str


@dataclass(frozen=True, slots=True)
class Declined:
    """`operator` passes the ring on."""

    operator: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """`operator` may not take calls of this kind any more: found when she accepted."""

    operator: str


@dataclass(frozen=True, slots=True)
class RingExpired:
    """Nobody answered before `ring_until`."""


@dataclass(frozen=True, slots=True)
class Left:
    """The resident pressed やめる, or nobody answered the idle warning."""


@dataclass(frozen=True, slots=True)
class EndPressed:
    """`operator` ends the call."""

    operator: str


@dataclass(frozen=True, slots=True)
class EndedOnPromise(EndPressed):
    """The same, and somebody will telephone the resident: her terminal says so as it says good-bye."""


@dataclass(frozen=True, slots=True)
class Held:
    """`operator` asks the resident to wait; until she resumes, neither side sees or hears the other."""

    operator: str
    reason: str


@dataclass(frozen=True, slots=True)
class Resumed:
    """`operator` is back."""

    operator: str


@dataclass(frozen=True, slots=True)
class Consulting:
    """The operator speaks with somebody else about the call; the resident waits."""


@dataclass(frozen=True, slots=True)
class Rejoined:
    """The resident waits no longer."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """From now on `to` is responsible; her media stand already."""

    to: str


@dataclass(frozen=True, slots=True)
class PassedOn:
    """`operator` lets the resident wait for somebody else; the place in the queue is kept."""

    operator: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    """`operator`, who had passed it on, has it again."""

    operator: str


@dataclass(frozen=True, slots=True)
class OperatorGone:
    """The operator's side is away and no media flows: another is rung."""


@dataclass(frozen=True, slots=True)
class KioskGone:
    """The terminal has been away for too long."""


Event = (
    Rung | Accepted | Declined | Withdrawn | RingExpired | Left | EndPressed | EndedOnPromise | Held | Resumed
    | Consulting | Rejoined | HandedOver | PassedOn | TakenBack | OperatorGone | KioskGone
)  # fmt: skip


def ring_again(rung_at: datetime, now: datetime, lease: timedelta) -> datetime:
    """Until when a ring lasts that a restart of the hub has cut short: it begins anew.

    Twice as long at most, altogether: a hub that starts again and again keeps nobody reserved.
    """
    return min(now + lease, rung_at + 2 * lease)


class Effect(StrEnum):
    """What the driver owes after the record is written."""

    TELL_KIOSK = "tell_kiosk"  # the call as it now is
    TELL_DESK = "tell_desk"  # the same for its operator
    RING = "ring"  # show the ring card to the operator
    RING_OVER = "ring_over"  # take the ring card away
    CALL_OVER = "call_over"  # the operator's presence leaves the call
    DROP_CAPTURES = "drop_captures"  # unfinished captures end
    FORGET_MEDIA = "forget_media"  # the kept description of the media is void
    QUEUE = "queue"  # the queue looks different; look for pairs again


@dataclass(frozen=True, slots=True)
class Transition:
    """Where an event leads and what the driver owes."""

    to: CallState
    effects: tuple[Effect, ...]


_S = CallState
_E = Effect
_QUEUED_AGAIN = Transition(_S.WAITING, (_E.RING_OVER, _E.TELL_KIOSK, _E.QUEUE))
_RING_CANCELLED = Transition(_S.ABANDONED, (_E.RING_OVER, _E.TELL_KIOSK, _E.FORGET_MEDIA, _E.QUEUE))
_GIVEN_UP = Transition(_S.ABANDONED, (_E.TELL_KIOSK, _E.FORGET_MEDIA, _E.QUEUE))
_TALK_ENDS = (_E.TELL_KIOSK, _E.TELL_DESK, _E.DROP_CAPTURES, _E.CALL_OVER, _E.FORGET_MEDIA, _E.QUEUE)
_OVER = Transition(_S.ENDED, _TALK_ENDS)
_PROMISED = Transition(_S.CALLBACK, _TALK_ENDS)

_REQUEUED = Transition(_S.WAITING, (_E.DROP_CAPTURES, _E.CALL_OVER, _E.FORGET_MEDIA, _E.TELL_KIOSK, _E.QUEUE))
_TOLD = (_E.TELL_KIOSK, _E.TELL_DESK)
_HANDED = Transition(_S.TALKING, (_E.DROP_CAPTURES, _E.CALL_OVER, *_TOLD))

TRANSITIONS: Mapping[tuple[CallState, type[Event]], Transition] = {
    (_S.WAITING, Rung): Transition(_S.RINGING, (_E.RING, _E.TELL_KIOSK, _E.QUEUE)),
    (_S.WAITING, Left): _GIVEN_UP,
    (_S.WAITING, KioskGone): _GIVEN_UP,
    (_S.RINGING, Accepted): Transition(_S.TALKING, (_E.TELL_KIOSK, _E.TELL_DESK, _E.QUEUE)),
    (_S.RINGING, Declined): _QUEUED_AGAIN,
    (_S.RINGING, Withdrawn): _QUEUED_AGAIN,
    (_S.RINGING, RingExpired): _QUEUED_AGAIN,
    (_S.RINGING, Left): _RING_CANCELLED,
    (_S.RINGING, KioskGone): _RING_CANCELLED,
    (_S.TALKING, EndPressed): _OVER,
    (_S.TALKING, EndedOnPromise): _PROMISED,
    (_S.TALKING, Left): _OVER,
    (_S.TALKING, KioskGone): _OVER,
    (_S.TALKING, OperatorGone): _REQUEUED,
    # a resident who cannot be heard cannot consent either: what was asked for ends with the hold
    (_S.TALKING, Held): Transition(_S.HELD, (_E.DROP_CAPTURES, *_TOLD)),
    (_S.HELD, Held): Transition(_S.HELD, _TOLD),
    (_S.HELD, Resumed): Transition(_S.TALKING, _TOLD),
    (_S.HELD, EndPressed): _OVER,
    (_S.HELD, EndedOnPromise): _PROMISED,
    (_S.HELD, Left): _OVER,
    (_S.HELD, KioskGone): _OVER,
    (_S.HELD, OperatorGone): _REQUEUED,
    (_S.TALKING, Consulting): Transition(_S.CONSULTING, (_E.DROP_CAPTURES, *_TOLD)),
    (_S.HELD, Consulting): Transition(_S.CONSULTING, _TOLD),
    (_S.CONSULTING, Rejoined): Transition(_S.TALKING, _TOLD),
    (_S.CONSULTING, EndPressed): _OVER,
    (_S.CONSULTING, EndedOnPromise): _PROMISED,
    (_S.CONSULTING, Left): _OVER,
    (_S.CONSULTING, KioskGone): _OVER,
    (_S.CONSULTING, OperatorGone): _REQUEUED,
    (_S.TALKING, HandedOver): _HANDED,
    (_S.CONSULTING, HandedOver): _HANDED,
    (_S.TALKING, PassedOn): _REQUEUED,
    (_S.HELD, PassedOn): _REQUEUED,
    (_S.WAITING, TakenBack): Transition(_S.TALKING, (*_TOLD, _E.QUEUE)),
    (_S.RINGING, TakenBack): Transition(_S.TALKING, (_E.RING_OVER, *_TOLD, _E.QUEUE)),
}
"""Everything that can happen to a call; what stands nowhere is refused with 'gone'."""


class CallMachine:
    """Runs one record. The caller writes `record` (comparing `version`), then does the effects."""

    def __init__(self, record: CallRecord) -> None:
        self._record = record

    @property
    def record(self) -> CallRecord:
        """The record after the last event."""
        return self._record

    def deadline(self) -> datetime | None:
        """When `RingExpired` is due."""
        return self._record.ring_until if self._record.state is CallState.RINGING else None

    def handle(self, event: Event, now: datetime) -> tuple[Effect, ...]:
        """Apply an event. NotNow('gone') when the record does not allow it (any more)."""
        transition = TRANSITIONS.get((self._record.state, type(event)))
        if transition is None or not self._meant(event):
            raise NotNow("gone", "この通話はもう終わったか、ほかのオペレーターが応対しています。")
        self._enter(transition.to, event, now)
        return transition.effects

    def _meant(self, event: Event) -> bool:
        """An operator's event counts only from the operator whom the record names."""
        if isinstance(event, Accepted | Declined | Withdrawn | EndPressed | Held | Resumed | PassedOn):
            return event.operator == self._record.operator
        return True

    def _enter(self, state: CallState, event: Event, now: datetime) -> None:
        """The one place where a call changes its state."""
        record = replace(self._record, state=state, ring_until=None, held_reason="")
        if isinstance(event, Held):
            record = replace(record, held_reason=event.reason)
        elif isinstance(event, Consulting):
            record = replace(record, held_reason=HoldReason.ASKING.value)
        elif isinstance(event, HandedOver):
            record = replace(record, operator=event.to)
        elif isinstance(event, Rung):
            record = replace(record, operator=event.operator, ring_until=event.until)
        elif state is CallState.WAITING:
            record = replace(record, operator=None, accepted_at=None, presentation=_cleared(record))
        elif isinstance(event, TakenBack):
            record = replace(record, operator=event.operator, accepted_at=now)
        elif isinstance(event, Accepted):
            record = replace(record, accepted_at=now)
        elif state is CallState.ABANDONED:
            record = replace(record, operator=None)
        if state not in LIVE_STATES:
            record = replace(record, ended_at=now, ended_by=_ended_by(event), presentation=_cleared(record))
        self._record = record


def _cleared(record: CallRecord) -> Presentation:
    """A call without its operator shows nothing that she had put up, and an ended one keeps none of it."""
    if record.presentation == Presentation(revision=record.presentation.revision):
        return record.presentation
    return Presentation(revision=record.presentation.revision + 1)


def _ended_by(event: Event) -> str:
    if isinstance(event, Left):
        return "resident"
    return "operator" if isinstance(event, EndPressed) else "hub"


def diagram() -> str:
    """The table as a Mermaid state diagram, for the documents."""
    lines = ["stateDiagram-v2", "    [*] --> waiting: Requested"]
    lines += [f"    {state} --> {step.to}: {event.__name__}" for (state, event), step in TRANSITIONS.items()]
    ends = dict.fromkeys(step.to for step in TRANSITIONS.values() if step.to not in LIVE_STATES)
    lines += [f"    {state} --> [*]" for state in ends]
    return "\n".join(lines) + "\n"
