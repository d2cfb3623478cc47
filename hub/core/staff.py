"""Decides how a call for a branch's own staff proceeds: rung, somebody comes, nobody came, over.

Never knows who listens (`counter.staff` asks the board) and never touches the resident's video call: staff
come on foot beside it. Nobody is left hoping: every ring ends in a person who comes or in plain words, after
a time that is short where no page is open that could sound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hub.core import duties
from hub.core.call import NotNow
from hub.core.content import Town
from protocol.values import StaffReason, StaffState


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRecord:
    """One ring for the staff of a site. `version` counts writes."""

    id: str
    municipality: str
    site: str
    kiosk: str
    call: str | None  # the video call beside it, if there was one
    reason: StaffReason
    rung_by: str  # kiosk:ID (the resident) or user:ID (the operator)
    state: StaffState
    rung_at: datetime
    listening: int  # pages that could sound when it was rung
    until: datetime | None  # set exactly while calling and coming
    coming: str | None = None  # the user who said so
    coming_at: datetime | None = None
    ended_at: datetime | None = None
    version: int = 1

    @property
    def open(self) -> bool:
        """Whether it still wants somebody or awaits her."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a ring sounds, how long where nobody listens, and how long a person may be on the way."""

    answer: timedelta
    nobody: timedelta
    coming: timedelta


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """`user` of the branch goes there."""

    user: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """She is there, or it is settled."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Whoever rang needs nobody any more."""


@dataclass(frozen=True, slots=True)
class Expired:
    """The time of `until` is over."""


Event = Acknowledged | Arrived | Withdrawn | Expired

_S = StaffState
OPEN = frozenset({_S.CALLING, _S.COMING})
"""At most one such ring a terminal."""

TRANSITIONS: Mapping[tuple[StaffState, type[Event]], StaffState] = {
    (_S.CALLING, Acknowledged): _S.COMING,
    (_S.CALLING, Withdrawn): _S.WITHDRAWN,
    (_S.CALLING, Expired): _S.UNANSWERED,
    (_S.COMING, Arrived): _S.DONE,
    (_S.COMING, Withdrawn): _S.WITHDRAWN,
    (_S.COMING, Expired): _S.DONE,
    (_S.UNANSWERED, Acknowledged): _S.COMING,  # late, and still a help
}
"""Everything that can happen to a ring; what stands nowhere is refused with 'gone'."""


def offered(town: Town, site: str, terminal: str, at: datetime) -> bool:
    """Whether anybody can be rung: the site has named staff, and the terminal is not away at an event."""
    place = next((one for one in town.municipality.sites if one.id == site), None)
    return place is not None and place.staff and duties.event_of(town, site, terminal, at) is None


def until(rung_at: datetime, listening: int, patience: Patience) -> datetime:
    """When a ring that nobody answers is over."""
    return rung_at + (patience.answer if listening else patience.nobody)


def after(record: StaffRecord, event: Event, now: datetime, patience: Patience) -> StaffRecord:
    """The record after an event. NotNow('gone') when it does not allow it (any more)."""
    state = TRANSITIONS.get((record.state, type(event)))
    if state is None:
        raise NotNow("gone", "この呼び出しはもう終わったか、ほかの職員が向かっています。")
    moved = replace(record, state=state, until=None)
    if isinstance(event, Acknowledged):
        return replace(
            moved, coming=event.user, coming_at=now, until=now + patience.coming, ended_at=None
        )  # fmt: skip
    return replace(moved, ended_at=now)
