"""Decides how 職員を呼ぶ goes at the terminal: asked once more, said until heard, and always answered.

Never decides how long a ring sounds (that is the hub's), never touches the call beside it. Without a word of
the hub the resident is told so within seconds, in words that lead to a person nearby.
"""

from __future__ import annotations

from enum import StrEnum

from kiosk.core.view import TouchKind
from protocol.common import CallStaff, WithdrawStaff
from protocol.values import StaffState

ASK_S = 15.0
"""The question goes away by itself; nobody is rung."""

UNHEARD_S = 8.0
"""A ring of which the hub says nothing for so long is told as one that failed."""

TOLD_S = 60.0
"""So long the terminal says that nobody came."""


class BellState(StrEnum):
    """What the screen says about it."""

    REST = "rest"
    ASKING = "asking"
    SAYING = "saying"  # the hub has not answered yet
    CALLING = "calling"
    COMING = "coming"
    UNANSWERED = "unanswered"
    UNHEARD = "unheard"


_S = BellState
MAY_RING = frozenset({_S.REST, _S.UNANSWERED, _S.UNHEARD})
UNDER_WAY = frozenset({_S.SAYING, _S.CALLING, _S.COMING})
_OF_HUB = {
    StaffState.CALLING: _S.CALLING,
    StaffState.COMING: _S.COMING,
    StaffState.UNANSWERED: _S.UNANSWERED,
}
_LASTS_S = {_S.ASKING: ASK_S, _S.SAYING: UNHEARD_S, _S.UNANSWERED: TOLD_S, _S.UNHEARD: TOLD_S}
_AFTER = {_S.SAYING: _S.UNHEARD}


class Bell:
    """`touched`, `heard` and `snapshot` give what to say, `tick` what time brings."""

    def __init__(self) -> None:
        self.state = BellState.REST
        self.id = ""  # of the word that rang: said again it is the same ring
        self._since = 0.0
        self._rung = 0

    def touched(self, kind: TouchKind, now: float, wall_ms: int) -> CallStaff | WithdrawStaff | None:
        """What to say for a finger on one of its keys."""
        if kind is TouchKind.STAFF and self.state in MAY_RING:
            self._enter(_S.ASKING, now)
        elif kind is TouchKind.STAFF_NO and self.state is _S.ASKING:
            self._enter(_S.REST, now)
        elif kind is TouchKind.STAFF_YES and self.state is _S.ASKING:
            self._rung += 1
            self.id = f"staff-{self._rung}-{wall_ms:x}"
            self._enter(_S.SAYING, now)
            return CallStaff()
        elif kind is TouchKind.STAFF_STOP and self.state in UNDER_WAY:
            self._enter(_S.REST, now)
            return WithdrawStaff()
        return None

    def heard(self, state: StaffState, now: float) -> bool:
        """The hub says how the ring stands. Whether somebody has just set out."""
        before = self.state
        found = _OF_HUB.get(state, _S.REST)
        if found is not before and not (found is _S.REST and before is _S.ASKING):
            self._enter(found, now)
        return found is _S.COMING and before is not _S.COMING

    def snapshot(self, state: StaffState | None, now: float) -> CallStaff | None:
        """The hub's whole truth; what it has not heard is said again."""
        if state is None and self.state is _S.SAYING:
            return CallStaff()
        if state is not None:
            self.heard(state, now)
        elif self.state in UNDER_WAY:
            self._enter(_S.REST, now)
        return None

    def refused(self, now: float) -> None:
        """The hub rings nobody."""
        if self.state is _S.SAYING:
            self._enter(_S.UNHEARD, now)

    def tick(self, now: float) -> None:
        """What is due at `deadline()`."""
        due = self.deadline()
        if due is not None and now >= due:
            self._enter(_AFTER.get(self.state, _S.REST), now)

    def deadline(self) -> float | None:
        """When time alone changes it."""
        lasts = _LASTS_S.get(self.state)
        return None if lasts is None else self._since + lasts

    def _enter(self, state: BellState, now: float) -> None:
        self.state, self._since = state, now
