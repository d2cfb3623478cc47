"""Decides how a guest of a call proceeds: invited by a code, waits in the lobby, is let in, goes.

A guest is somebody of the resident's family, or an interpreter, without a login. Only the operator lets a
guest in, and only the one who did may have the guest inside: with another operator the lobby begins anew.
Never makes a code (`guest_code`), never opens a connection, sends nothing and reads no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hub.core.call import NotNow
from protocol.values import GuestKind, GuestState

OPEN = frozenset({GuestState.INVITED, GuestState.LOBBY, GuestState.INSIDE})
"""States that may still lead anywhere."""

KNOWN = frozenset({GuestState.LOBBY, GuestState.INSIDE})
"""States in which the code has been used: the page is known by its own secret."""

MOST = 2
"""Open guests of a call: one of the family and an interpreter. The operator's browser sends to each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestRecord:
    """One invitation and what became of it. `version` counts its writes."""

    id: str
    municipality: str
    call: str
    kind: GuestKind
    name: str  # as the operator wrote it, then as the guest did; empty until one of them has
    state: GuestState
    code_digest: str
    invited_by: str  # the operator's user id
    invited_at: datetime
    until: datetime | None  # when the present state ends by itself: the code's end, or the page's return
    secret_digest: str = ""  # of the page that has used the code
    node: str | None = None  # hub at which the page is linked, set at most in KNOWN
    admitted_by: str | None = None  # the operator who let the guest in; set exactly while inside
    admitted_at: datetime | None = None  # the first time
    muted: bool = False
    sees: bool = False  # the resident's face
    ended_at: datetime | None = None
    version: int = 1

    @property
    def open(self) -> bool:
        """Whether it may still lead anywhere."""
        return self.state in OPEN

    @property
    def here(self) -> bool:
        """Whether the page of a guest who has used the code is linked."""
        return self.node is not None


@dataclass(frozen=True, slots=True)
class Asked:
    """The code is used: this page, linked at this hub, asks to be let in."""

    name: str
    secret_digest: str
    node: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """`user` lets the guest in."""

    user: str


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Back to the lobby: the operator wants it, or another one has the call now."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the guest may do inside; None leaves it as it is."""

    muted: bool | None = None
    sees: bool | None = None


@dataclass(frozen=True, slots=True)
class Removed:
    """The operator takes the code back, or the guest out."""


@dataclass(frozen=True, slots=True)
class Left:
    """The guest goes."""


@dataclass(frozen=True, slots=True)
class Away:
    """The page's link is gone; it has until `until` to come back."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Back:
    """The page is linked, at this hub."""

    node: str


@dataclass(frozen=True, slots=True)
class TimeIsUp:
    """The state has lasted until `until`."""


@dataclass(frozen=True, slots=True)
class CallOver:
    """The call has ended."""


Event = Asked | Admitted | HeldOut | Allowed | Removed | Left | Away | Back | TimeIsUp | CallOver

_S = GuestState
TRANSITIONS: Mapping[tuple[GuestState, type[Event]], GuestState] = {
    (_S.INVITED, Asked): _S.LOBBY,
    (_S.INVITED, Removed): _S.REMOVED,
    (_S.INVITED, TimeIsUp): _S.EXPIRED,
    (_S.INVITED, CallOver): _S.OVER,
    (_S.LOBBY, Admitted): _S.INSIDE,
    (_S.LOBBY, Removed): _S.REMOVED,
    (_S.LOBBY, Left): _S.LEFT,
    (_S.LOBBY, Away): _S.LOBBY,
    (_S.LOBBY, Back): _S.LOBBY,
    (_S.LOBBY, TimeIsUp): _S.LEFT,
    (_S.LOBBY, CallOver): _S.OVER,
    (_S.INSIDE, HeldOut): _S.LOBBY,
    (_S.INSIDE, Allowed): _S.INSIDE,
    (_S.INSIDE, Removed): _S.REMOVED,
    (_S.INSIDE, Left): _S.LEFT,
    (_S.INSIDE, Away): _S.INSIDE,
    (_S.INSIDE, Back): _S.INSIDE,
    (_S.INSIDE, TimeIsUp): _S.LEFT,
    (_S.INSIDE, CallOver): _S.OVER,
}
"""Everything that can happen to a guest; what stands nowhere is refused with 'gone'."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a code is good, and how long a page may be away."""

    code: timedelta
    page: timedelta


def after(record: GuestRecord, event: Event, now: datetime) -> GuestRecord:
    """The record after an event. NotNow('gone') when it does not allow it (any more)."""
    state = TRANSITIONS.get((record.state, type(event)))
    if state is None:
        raise NotNow("gone", "この参加者は、もう退出したか、まだ参加していません。")
    moved = replace(record, state=state)
    match event:
        case Asked():
            digest = event.secret_digest
            return replace(moved, name=event.name, secret_digest=digest, node=event.node, until=None)
        case Admitted():
            return replace(moved, admitted_by=event.user, admitted_at=record.admitted_at or now)
        case HeldOut():  # what was allowed inside is asked anew
            return replace(moved, admitted_by=None, muted=False, sees=False)
        case Allowed():
            return replace(
                moved, muted=record.muted if event.muted is None else event.muted,
                sees=record.sees if event.sees is None else event.sees,
            )  # fmt: skip
        case Away():
            return replace(moved, node=None, until=event.until)
        case Back():
            return replace(moved, node=event.node, until=None)
    return replace(moved, ended_at=now, until=None, node=None, admitted_by=None, sees=False)
