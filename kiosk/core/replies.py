"""Decides what becomes of a resident's answer by a key: said until the hub has it, shown as chosen.

Only the newest answer counts. Never sends, never draws; forgets everything with the call.
"""

from __future__ import annotations

from protocol.common import Reply
from protocol.values import ReplyWord


class Replies:
    """`touched` for a key, `taken` for the hub's word, `captioned` when new words stand there."""

    def __init__(self) -> None:
        self.chosen: ReplyWord | None = None  # what the keys show as pressed
        self.waiting: Reply | None = None  # not known to be with the hub yet
        self._count = 0

    def touched(self, value: str, revision: int, wall_ms: int) -> Reply | None:
        """What to say for a key with this value; None for a value that is none."""
        if value not in set(ReplyWord):
            return None
        self._count += 1
        self.chosen = ReplyWord(value)
        self.waiting = Reply(id=f"reply-{self._count}-{wall_ms:x}", word=self.chosen, revision=revision)
        return self.waiting

    def taken(self, id: str) -> None:
        """The hub has it, or will never want it."""
        if self.waiting is not None and self.waiting.id == id:
            self.waiting = None

    def captioned(self) -> None:
        """Other words stand there now: the keys are free again. What waits is said nevertheless."""
        self.chosen = None

    def clear(self) -> None:
        """The call is over."""
        self.chosen = self.waiting = None
