"""When a touch counts. Pure: times are given.

A trembling finger touches twice, and a second touch must not press what has just appeared under it. Decides:
which touch is meant; never what it does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from kiosk.ui.geometry import Box

AGAIN_SECONDS: Final = 0.4  # the same key does not answer again within this time
SETTLE_SECONDS: Final = 0.3  # nothing answers this soon after the screen has changed
ACTIVITY_SECONDS: Final = 1.0  # a touch on nothing is told at most this often
SLACK_MM: Final = 8.0  # how far a finger may slide off a key before it is let go


@dataclass(slots=True)
class Finger:
    """Remembers touches; ask `meant` before acting and tell `changed` when another screen appears."""

    _last: dict[str, float] = field(default_factory=dict)
    _changed: float = -1e9
    _active: float = -1e9

    def changed(self, now: float) -> None:
        """Another screen or question has appeared."""
        self._changed = now

    def meant(self, tid: str, now: float) -> bool:
        """Whether this touch counts; it is remembered if so."""
        if now - self._changed < SETTLE_SECONDS or now - self._last.get(tid, -1e9) < AGAIN_SECONDS:
            return False
        self._last[tid] = now
        return True

    def active(self, now: float) -> bool:
        """Whether a touch on nothing is worth telling."""
        if now - self._active < ACTIVITY_SECONDS:
            return False
        self._active = now
        return True


def still_on(box: Box, x: float, y: float, slack: float) -> bool:
    """Whether a finger that is lifted at (x, y) is still on the key it went down on."""
    return box.x - slack <= x <= box.right + slack and box.y - slack <= y <= box.bottom + slack
