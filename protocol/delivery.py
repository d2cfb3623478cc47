"""Decides which word is taken, kept, said again or given up on a link that outlives its sockets.

Each end of a link holds one `Delivery` and numbers what it says from 1, for as long as both ends remember
each other; a socket carries only a stretch of that. Words are kept until the other end has taken them. Over
a new socket both go on where they were (`resume`), or begin anew (`begin`), and then a snapshot is the truth.

    seq = link.say(item, size)                 # send `item` under this number, with ack=link.taken
    link.hear(seq, ack)                        # NEW: do it, then took(seq). AGAIN: drop it. GAP: begin anew
    link.lost(now)                             # the socket is gone
    link.resume(received, now)                 # what to send again over the new one; None: begin anew

Never opens a socket, reads no clock, knows no message. `hub/desk/src/core/delivery.ts` is its twin; both are
held to the cases of `tests/protocol/delivery.json`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

WORDS = 512
BYTES = 1024 * 1024
WINDOW_S = 120.0
"""What one end keeps for the other: so many words, of so many bytes, for so long without a socket."""

OUTSIDE = frozenset({
    "challenge", "hello", "welcome", "desk_hello", "desk_welcome", "guest_hello", "guest_welcome",
    "ping", "pong", "going_away", "pointer", "ink", "media_report", "wallboard",
})  # fmt: skip
"""Types that carry no number: they belong to one socket, or the next one of their kind replaces them."""

PASSED_ON = frozenset({"answer", "candidate", "renew", "ink_clear", "reply"})
"""Types that the hub passes on and never writes, so that it would not know them again: they are not repeated
after a new beginning. What they were for is begun anew there."""

T = TypeVar("T")


class State(StrEnum):
    """Where a link stands at one of its ends."""

    NEW = "new"  # nothing in common with the other end
    CARRIED = "carried"  # by a socket
    AWAY = "away"  # no socket; both ends may still go on where they were


class Event(StrEnum):
    """What happens to a link."""

    BEGUN = "begun"
    LOST = "lost"
    RESUMED = "resumed"
    BROKEN = "broken"  # a gap, or something that the other end needs and nobody has any more


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.NEW, Event.BEGUN): State.CARRIED,
    (State.CARRIED, Event.LOST): State.AWAY,
    (State.CARRIED, Event.BROKEN): State.NEW,
    (State.AWAY, Event.RESUMED): State.CARRIED,
    (State.AWAY, Event.BEGUN): State.CARRIED,
    (State.AWAY, Event.BROKEN): State.NEW,
}


class Heard(StrEnum):
    """What a number that was read says."""

    OUTSIDE = "outside"  # it has none: act on it
    NEW = "new"  # the next one: act on it, then call `took`
    AGAIN = "again"  # taken before: drop it
    GAP = "gap"  # something is missing: close the socket and begin anew


class Kept(NamedTuple, Generic[T]):
    """A word that the other end is not known to have."""

    seq: int
    item: T
    size: int


class Delivery(Generic[T]):
    """One end of a link. `item` is whatever the driver needs to send a word (again); sizes are bytes."""

    __slots__ = ("_away_since", "_bytes", "_kept", "_said", "state", "taken")  # a hub holds thousands

    def __init__(self) -> None:
        self.state = State.NEW
        self.taken = 0  # all words of the other end up to here have had their effect with us
        self._said = 0  # number of our last word
        self._kept: list[Kept[T]] = []  # without gaps, the last one has number `_said`
        self._bytes = 0  # of what is kept
        self._away_since: float | None = None  # when the socket was lost, s; None while there is one

    @property
    def next_seq(self) -> int:
        """The number that `say` will give."""
        return self._said + 1

    # ------------------------------------------------------------------ words

    def say(self, item: T, size: int) -> int:
        """Keep a word of ours; gives its number. What is too much pushes out the oldest: see `resume`."""
        self._said += 1
        self._kept.append(Kept(self._said, item, size))
        self._bytes += size
        while len(self._kept) > WORDS or self._bytes > BYTES:
            self._drop(1)
        return self._said

    def hear(self, seq: int, ack: int) -> Heard:
        """What to do with a word of the other end, which has taken ours up to `ack`."""
        self._acknowledged(ack)
        if seq == 0:
            return Heard.OUTSIDE
        if seq <= self.taken:
            return Heard.AGAIN
        if seq == self.taken + 1:
            return Heard.NEW
        self.broken()
        return Heard.GAP

    def took(self, seq: int) -> None:
        """A word has had its effect, or will never have one: the other end may forget it."""
        self.taken = max(self.taken, seq)

    # ------------------------------------------------------------------ sockets

    def begin(self, now: float, heard: int = 0) -> list[T]:
        """A new socket, and nothing in common: numbers start anew, the other end's behind `heard`.

        Gives our words that were never acknowledged. Who said them says them again under their ids, in this
        order, but those that are only passed on; the end that sends the snapshot drops them all.
        """
        unheard = [one.item for one in self._kept] if self.keeps(now) else []
        self._kept.clear()
        self._bytes = self._said = 0
        self.taken = heard
        self._move(Event.BEGUN)
        self._away_since = None
        return unheard

    def lost(self, now: float) -> None:
        """The socket is gone; every further loss before the next welcome changes nothing."""
        if self._away_since is None:
            self._away_since = now
        if self.state is State.CARRIED:
            self._move(Event.LOST)

    def keeps(self, now: float) -> bool:
        """Whether what is said without a socket will still be worth saying over the next one."""
        return self._away_since is not None and now - self._away_since <= WINDOW_S

    def may_resume(self, now: float) -> bool:
        """Whether it is worth asking the other end to go on."""
        return self.state is State.AWAY and self.keeps(now)

    def resume(self, received: int, now: float) -> list[Kept[T]] | None:
        """A new socket, and the other end has taken our words up to `received`: what to send again.

        None when that is not possible: too late, not ours, or the words in between were pushed out. Then
        only `begin` is left.
        """
        oldest = self._kept[0].seq if self._kept else self._said + 1
        if not self.may_resume(now) or not oldest - 1 <= received <= self._said:
            self.broken()
            return None
        self._acknowledged(received)
        self._move(Event.RESUMED)
        self._away_since = None
        return list(self._kept)

    def broken(self) -> None:
        """Only a new beginning helps."""
        if self.state is not State.NEW:
            self._move(Event.BROKEN)

    # ------------------------------------------------------------------ inside

    def _acknowledged(self, ack: int) -> None:
        if self._kept and self._kept[0].seq <= ack:
            self._drop(ack - self._kept[0].seq + 1)

    def _drop(self, oldest: int) -> None:
        self._bytes -= sum(one.size for one in self._kept[:oldest])
        del self._kept[:oldest]

    def _move(self, event: Event) -> None:
        self.state = TRANSITIONS[self.state, event]
