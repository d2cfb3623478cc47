"""Decides how a call reaches a department: consult, three together, hand-over, passing on, and the ways back.

The operator who began a transfer (`origin`) stays responsible until the specialist's media stand; whatever
fails or takes too long leads back to her. Never chooses a specialist (`departments`), never moves the call
itself (`call`), knows no media: it names effects, and says when it wants to be asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from hub.core.call import NotNow
from protocol.values import TransferKind, TransferState

OPEN = frozenset(
    {
        TransferState.ASKING, TransferState.RINGING, TransferState.CONSULTING, TransferState.JOINED,
        TransferState.HANDING, TransferState.PASSED,
    }
)  # fmt: skip
"""A call has at most one transfer in these states."""

TOGETHER = frozenset({TransferState.CONSULTING, TransferState.JOINED, TransferState.HANDING})
"""States in which a specialist has accepted and the operator is still responsible."""

HAS_SPECIALIST = TOGETHER | {TransferState.RINGING}
"""States in which a transfer occupies a specialist: at most one such transfer each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRecord:
    """One attempt to reach a department. `version` counts its writes."""

    id: str
    municipality: str
    call: str
    kind: TransferKind
    origin: str  # the operator's user id
    department: str
    reason: str
    state: TransferState
    asked_at: datetime
    wait_until: datetime  # how long a free specialist is waited for
    until: datetime | None  # when the present state ends by itself
    specialist: str | None = None  # set exactly in HAS_SPECIALIST, and kept in DONE
    tried: tuple[str, ...] = ()  # who declined or let it ring out; not rung again in this transfer
    epoch: int = 0  # of the media when the hand-over began: only a newer one completes it
    ended_at: datetime | None = None
    version: int = 1

    @property
    def open(self) -> bool:
        """Whether it may still lead anywhere."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Found:
    """The department's longest idle specialist is rung until `until`."""

    user: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """`user` takes the consult."""

    user: str


@dataclass(frozen=True, slots=True)
class Declined:
    """`user` passes it on."""

    user: str


@dataclass(frozen=True, slots=True)
class TimeIsUp:
    """The state has lasted until `until`."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The origin ends it: the resident is hers alone again (taken back)."""

    user: str


@dataclass(frozen=True, slots=True)
class Joined:
    """The origin brings the resident into the talk."""

    user: str


@dataclass(frozen=True, slots=True)
class Parted:
    """The origin asks the resident to wait again."""

    user: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """The origin hands over; the media must stand until `until`. `epoch` is the newest so far."""

    user: str
    until: datetime
    epoch: int


@dataclass(frozen=True, slots=True)
class MediaStand:
    """The terminal sees and hears the specialist."""


@dataclass(frozen=True, slots=True)
class Left:
    """The specialist leaves (`user`), or is gone (None)."""

    user: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """Blind: a specialist has accepted the waiting call."""

    user: str


@dataclass(frozen=True, slots=True)
class CallOver:
    """The call ended, or waits for another operator."""


Event = (
    Found | Answered | Declined | TimeIsUp | Cancelled | Joined | Parted | HandOver | MediaStand | Left
    | Taken | CallOver
)  # fmt: skip


class Effect(StrEnum):
    """What the driver owes after the record is written."""

    RING = "ring"  # show the card to the specialist
    RING_OVER = "ring_over"  # take it away
    LOOK = "look"  # for somebody who can be rung
    HOLD = "hold"  # the resident waits while the two talk
    RESIDENT_BACK = "resident_back"  # no longer on hold
    FREE = "free"  # the specialist has nothing more to do with it
    RENEW = "renew"  # the terminal offers anew, to whoever now is to get its media
    COMPLETE = "complete"  # the call is the specialist's
    TAKE_BACK = "take_back"  # the waiting call is the origin's again
    TELL = "tell"  # both desks hear of it


@dataclass(frozen=True, slots=True)
class Transition:
    """Where an event leads and what the driver owes."""

    to: TransferState
    effects: tuple[Effect, ...]


_S = TransferState
_E = Effect
_NEXT = Transition(_S.ASKING, (_E.RING_OVER, _E.LOOK, _E.TELL))
_BACK = (_E.FREE, _E.RESIDENT_BACK)

TRANSITIONS: Mapping[tuple[TransferState, type[Event]], Transition] = {
    (_S.ASKING, Found): Transition(_S.RINGING, (_E.RING, _E.TELL)),
    (_S.ASKING, TimeIsUp): Transition(_S.UNANSWERED, (_E.TELL,)),
    (_S.ASKING, Cancelled): Transition(_S.CANCELLED, (_E.TELL,)),
    (_S.ASKING, CallOver): Transition(_S.OVER, ()),
    (_S.RINGING, Answered): Transition(_S.CONSULTING, (_E.HOLD, _E.TELL)),
    (_S.RINGING, Declined): _NEXT,
    (_S.RINGING, TimeIsUp): _NEXT,
    (_S.RINGING, Left): _NEXT,
    (_S.RINGING, Cancelled): Transition(_S.CANCELLED, (_E.RING_OVER, _E.TELL)),
    (_S.RINGING, CallOver): Transition(_S.OVER, (_E.RING_OVER,)),
    (_S.CONSULTING, Joined): Transition(_S.JOINED, (_E.RESIDENT_BACK, _E.TELL)),
    (_S.CONSULTING, HandOver): Transition(_S.HANDING, (_E.RENEW, _E.TELL)),
    (_S.CONSULTING, Cancelled): Transition(_S.CANCELLED, (*_BACK, _E.TELL)),
    (_S.CONSULTING, Left): Transition(_S.RETURNED, (*_BACK, _E.TELL)),
    (_S.CONSULTING, CallOver): Transition(_S.OVER, (_E.FREE,)),
    (_S.JOINED, Parted): Transition(_S.CONSULTING, (_E.HOLD, _E.TELL)),
    (_S.JOINED, HandOver): Transition(_S.HANDING, (_E.RENEW, _E.TELL)),
    (_S.JOINED, Cancelled): Transition(_S.CANCELLED, (_E.FREE, _E.TELL)),
    (_S.JOINED, Left): Transition(_S.RETURNED, (_E.FREE, _E.TELL)),
    (_S.JOINED, CallOver): Transition(_S.OVER, (_E.FREE,)),
    (_S.HANDING, MediaStand): Transition(_S.DONE, (_E.COMPLETE, _E.TELL)),
    # the terminal may have let go of the origin's connection already: it offers her a new one
    (_S.HANDING, TimeIsUp): Transition(_S.RETURNED, (*_BACK, _E.RENEW, _E.TELL)),
    (_S.HANDING, Cancelled): Transition(_S.CANCELLED, (*_BACK, _E.RENEW, _E.TELL)),
    (_S.HANDING, Left): Transition(_S.RETURNED, (*_BACK, _E.RENEW, _E.TELL)),
    (_S.HANDING, CallOver): Transition(_S.OVER, (_E.FREE,)),
    (_S.PASSED, Taken): Transition(_S.DONE, (_E.TELL,)),
    (_S.PASSED, TimeIsUp): Transition(_S.RETURNED, (_E.LOOK, _E.TELL)),
    (_S.PASSED, Cancelled): Transition(_S.CANCELLED, (_E.TAKE_BACK, _E.TELL)),
    (_S.PASSED, CallOver): Transition(_S.OVER, (_E.TELL,)),
}
"""Everything that can happen to a transfer; what stands nowhere is refused with 'gone'."""

_ORIGINS = (Cancelled, Joined, Parted, HandOver)
_SPECIALISTS = (Answered, Declined)


class TransferMachine:
    """Runs one record. The caller writes `record` (comparing `version`), then does the effects."""

    def __init__(self, record: TransferRecord) -> None:
        self._record = record

    @property
    def record(self) -> TransferRecord:
        """The record after the last event."""
        return self._record

    def handle(self, event: Event, now: datetime) -> tuple[Effect, ...]:
        """Apply an event. NotNow('gone') when the record does not allow it (any more)."""
        transition = TRANSITIONS.get((self._record.state, type(event)))
        if transition is None or not self._meant(event):
            raise NotNow("gone", "この転送はもう終わったか、先に進んでいます。")
        self._enter(transition.to, event, now)
        return transition.effects

    def _meant(self, event: Event) -> bool:
        """A party's event counts only from that party."""
        if isinstance(event, _ORIGINS):
            return event.user == self._record.origin
        if isinstance(event, _SPECIALISTS):
            return event.user == self._record.specialist
        return not isinstance(event, Left) or event.user in (None, self._record.specialist)

    def _enter(self, state: TransferState, event: Event, now: datetime) -> None:
        """The one place where a transfer changes its state."""
        record = replace(self._record, state=state, until=None)
        if state is TransferState.ASKING:
            tried = (*record.tried, record.specialist) if record.specialist else record.tried
            record = replace(record, specialist=None, tried=tried, until=record.wait_until)
        elif isinstance(event, Found):
            record = replace(record, specialist=event.user, until=event.until)
        elif isinstance(event, HandOver):
            record = replace(record, until=event.until, epoch=event.epoch)
        elif isinstance(event, Taken):
            record = replace(record, specialist=event.user)
        if state not in OPEN:
            kept = record.specialist if state is TransferState.DONE else None
            record = replace(record, ended_at=now, specialist=kept)
        self._record = record


def diagram() -> str:
    """The table as a Mermaid state diagram, for the documents."""
    lines = ["stateDiagram-v2", "    [*] --> asking: consult", "    [*] --> passed: blind"]
    lines += [f"    {state} --> {step.to}: {event.__name__}" for (state, event), step in TRANSITIONS.items()]
    ends = dict.fromkeys(step.to for step in TRANSITIONS.values() if step.to not in OPEN)
    lines += [f"    {state} --> [*]" for state in ends]
    return "\n".join(lines) + "\n"
