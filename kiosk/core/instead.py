"""Decides what a resident reads in place of a call: who serves this procedure, where no operator does.

Known before the touch (the topic carries words) or told by the hub when it refuses one. It goes away by a
touch or by itself, and never stands while a call lives. Never decides who serves: the hub's duty table does.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.values import Site

READ_S = 30.0
"""So long the words stand when nobody touches the screen."""

TOLD = frozenset({"branch", "topic_closed"})
"""Refusals that the resident should read, instead of finding the start screen again."""


@dataclass(frozen=True, slots=True)
class Words:
    """The procedure and the sentence about it."""

    title: str
    text: str
    since: float  # monotonic s


class Instead:
    """Ask `shown` for what stands now."""

    def __init__(self) -> None:
        self.shown: Words | None = None

    def chosen(self, site: Site, topic: str, mono: float) -> bool:
        """A topic was touched; whether its words take the place of a call."""
        words = {one.id: one.words for one in site.topics}.get(topic, "")
        self.shown = Words(_title(site, topic), words, mono) if words else None
        return bool(words)

    def refused(self, site: Site | None, topic: str, code: str, text: str, mono: float) -> None:
        """The hub refused the touch about `topic`."""
        if code in TOLD and text:
            self.shown = Words(_title(site, topic), text, mono)

    def read(self) -> None:
        """Somebody has read it, or something else stands there now."""
        self.shown = None

    def tick(self, mono: float) -> None:
        """What is due at `deadline()`."""
        if self.shown is not None and mono >= self.shown.since + READ_S:
            self.shown = None

    def deadline(self) -> float | None:
        """When the words go away, monotonic s."""
        return None if self.shown is None else self.shown.since + READ_S


def _title(site: Site | None, topic: str) -> str:
    return {one.id: one.title for one in site.topics}.get(topic, "") if site else ""
