"""Decides when nobody seems to be there any more. Warns first, and one touch extends, as often as one likes.

Watches only where no operator is connected: with one, a person decides, never a clock.
"""

from __future__ import annotations

from enum import StrEnum

WAITING_S = 180.0
"""Without a touch while waiting, before the question."""

ANSWER_S = 30.0
"""To answer the question; people need 20 s at least."""


class IdleAction(StrEnum):
    """What follows."""

    WARN = "warn"
    EXPIRE = "expire"


class IdleMachine:
    """`start` when somebody begins to wait, `touched` at every touch, `tick` at `deadline()`."""

    def __init__(self) -> None:
        self._since: float | None = None  # last sign of a person; None while not watching
        self._warned: float | None = None  # when the question was put

    @property
    def warned(self) -> bool:
        """The question is on the screen."""
        return self._warned is not None

    def start(self, now: float) -> None:
        self._since, self._warned = now, None

    def stop(self) -> None:
        self._since = self._warned = None

    def touched(self, now: float) -> None:
        if self._since is not None:
            self._since, self._warned = now, None

    def seconds_left(self, now: float) -> int:
        """To answer the question, 0 when it is not put."""
        return 0 if self._warned is None else max(0, round(self._warned + ANSWER_S - now))

    def tick(self, now: float) -> IdleAction | None:
        if self._since is None:
            return None
        if self._warned is None and now >= self._since + WAITING_S:
            self._warned = now
            return IdleAction.WARN
        if self._warned is not None and now >= self._warned + ANSWER_S:
            self.stop()
            return IdleAction.EXPIRE
        return None

    def deadline(self) -> float | None:
        """When `tick` is next worth calling; None while not watching."""
        if self._since is None:
            return None
        return self._since + WAITING_S if self._warned is None else self._warned + ANSWER_S
