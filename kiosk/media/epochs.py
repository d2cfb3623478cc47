"""Decides which media epoch the resident sees and hears, and which connection is closed: make before break.

At most two live at once: the active one and the newer one that shall replace it. The newer takes over at its
first picture, a moment after its first sound, or some seconds after it has connected without either.
Never opens or closes a connection itself, never reads a clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EpochEvent(StrEnum):
    """What an epoch reports."""

    STARTED = "started"  # its offer is being made
    CONNECTED = "connected"
    SOUND = "sound"  # first RTP of any kind
    PICTURE = "picture"  # first decoded frame
    LOST = "lost"  # silent for too long; may still come back
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Activate:
    """From now on this epoch's pictures and sound count."""

    epoch: int


@dataclass(frozen=True, slots=True)
class CloseEpoch:
    """This connection has done its work."""

    epoch: int


EpochEffect = Activate | CloseEpoch


class EpochMachine:
    """One per call."""

    def __init__(self, overlap_s: float = 5.0, picture_s: float = 1.0) -> None:
        self._overlap_s, self._picture_s = overlap_s, picture_s
        self.active: int | None = None  # invariant: < next_one when both are set
        self.next_one: int | None = None
        self.newest = 0  # every start must be beyond it
        self._connected = False  # of next_one
        self._active_lost = False
        self._due: float | None = None  # when next_one takes over in any case

    def deadline(self) -> float | None:
        """When to call `tick` next."""
        return self._due

    def handle(self, event: EpochEvent, epoch: int, now: float) -> tuple[EpochEffect, ...]:
        """Effects in the order in which they must be done. Reports of unknown epochs have none."""
        if event is EpochEvent.STARTED:
            return self._start(epoch)
        if event is EpochEvent.CLOSED:
            return self._closed(epoch)
        if epoch == self.active and event is EpochEvent.LOST:
            self._active_lost = True
            return self._take_over() if self._connected else ()
        if epoch == self.active and event in (EpochEvent.SOUND, EpochEvent.PICTURE):
            self._active_lost = False
        if epoch != self.next_one:
            return ()
        return self._progress(event, now)

    def tick(self, now: float) -> tuple[EpochEffect, ...]:
        """Time has passed."""
        if self._due is None or now < self._due:
            return ()
        return self._take_over()

    def _start(self, epoch: int) -> tuple[EpochEffect, ...]:
        if epoch <= self.newest:
            raise ValueError(f"epoch {epoch} is not beyond {self.newest}")
        stale = self.next_one
        self.newest = self.next_one = epoch
        self._connected, self._due = False, None
        return () if stale is None else (CloseEpoch(stale),)

    def _progress(self, event: EpochEvent, now: float) -> tuple[EpochEffect, ...]:
        if event is EpochEvent.PICTURE:
            return self._take_over()
        if event is EpochEvent.SOUND:
            if self.active is None or self._active_lost:
                return self._take_over()
            self._bring_forward(now + self._picture_s)
        elif event is EpochEvent.CONNECTED:
            self._connected = True
            if self._active_lost:
                return self._take_over()
            self._bring_forward(now + self._overlap_s)
        return ()

    def _bring_forward(self, due: float) -> None:
        self._due = due if self._due is None else min(self._due, due)

    def _take_over(self) -> tuple[EpochEffect, ...]:
        assert self.next_one is not None
        old, self.active = self.active, self.next_one
        self.next_one, self._due, self._connected, self._active_lost = None, None, False, False
        effects: tuple[EpochEffect, ...] = (Activate(self.active),)
        return effects if old is None else (*effects, CloseEpoch(old))

    def _closed(self, epoch: int) -> tuple[EpochEffect, ...]:
        if epoch == self.next_one:
            self.next_one, self._due, self._connected = None, None, False
        elif epoch == self.active:
            self.active = None
            self._active_lost = False
            if self._connected:
                return self._take_over()
        return ()
