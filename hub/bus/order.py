"""Decides when a word of some hub may be passed on here, so that every receiver hears turns in their order.

Committed turns are numbered over all hubs, without gaps. Each hub's words come in the order in which it said
them; two hubs' words come as they come. A word of a turn waits until the turn before it has been passed on,
and whatever the same hub says behind it waits as well. What is no turn's (number 0) waits for nothing else.

    order.begin(turn)                        # what was up to this turn is known from the tables
    ready = order.heard(hub, turn, word)     # to be passed on now, in this order
    ready = order.heard(hub, turn, None)     # the turn has no more words
    if order.missing: ...                    # a number for which others wait
    ready = order.skip()                     # it will not come: its words are in the tables alone

A word of a turn that was skipped, or that lies before the beginning, is dropped: the truth was told since.
Never waits by itself, reads no clock, looks into no word.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")

FREE = 0
"""Number of what belongs to no turn."""

AHEAD = 100_000
"""No honest hub is so many turns ahead of what was heard last."""


class Order(Generic[T]):
    """The order at one hub, whose own words go through it as well. `late` counts words that were dropped."""

    def __init__(self) -> None:
        self.late = 0
        self._next = 0  # the turn whose words may pass; 0 before the beginning
        self._streams: dict[str, deque[tuple[int, T | None]]] = {}  # hub -> what waits, never empty

    def begin(self, turn: int) -> list[T]:
        """This hub has joined the others with this turn. Gives what had come before that was known."""
        self._next = turn + 1
        return self._ready()

    def heard(self, hub: str, turn: int, word: T | None) -> list[T]:
        """A word of a turn (FREE: of none); None ends the turn."""
        if self._next and turn > self._next + AHEAD:
            self.late += 1
            return []
        self._streams.setdefault(hub, deque()).append((turn, word))
        return self._ready()

    @property
    def passed(self) -> int:
        """The newest turn of which all words have been passed on, or passed over."""
        return self._next - 1

    @property
    def missing(self) -> int | None:
        """The turn for which words wait; None when none do."""
        return self._next if self._next and self._streams else None

    def skip(self) -> list[T]:
        """Pass over what is missing, up to the first turn that has come."""
        if self.missing is None:
            return []
        self._next = min(stream[0][0] for stream in self._streams.values())
        return self._ready()

    def _ready(self) -> list[T]:
        ready: list[T] = []
        before = -1
        while before != self._next:
            before = self._next
            for hub, stream in list(self._streams.items()):
                while stream and stream[0][0] <= self._next:
                    self._take(*stream.popleft(), ready)
                if not stream:
                    del self._streams[hub]
        return ready

    def _take(self, turn: int, word: T | None, ready: list[T]) -> None:
        """From the head of a stream: of this turn, of none, or too late."""
        if turn not in (FREE, self._next):
            self.late += word is not None
        elif word is not None:
            ready.append(word)
        else:
            self._next += 1
