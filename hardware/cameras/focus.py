"""Decides where a lens stands: autofocus finds the place, an operator may hold it and step away from it.

Knows positions in the lens's own unit, greater is nearer; `now` is any steady clock in s. Drives no device.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

SETTLE_S: Final = 1.5
"""Autofocus of a camera that has just started has found nothing yet: a hold waits for so long."""

STEPS: Final = 40
"""Steps from one end of the lens's way to the other."""


@dataclass(frozen=True, slots=True)
class Lens:
    """One lens: its way, where it stands, and the two things that one can tell it."""

    low: float
    high: float
    position: Callable[[], float]
    automatic: Callable[[], None]
    move: Callable[[float], None]  # leaves automatic focus


class FocusHold:
    """Call `started` when the camera starts, then `tick` now and then: a hold may have to wait."""

    def __init__(self, lens: Lens) -> None:
        self._lens = lens
        self._held = False
        self._step = 0
        self._base: float | None = None  # where the lens stood when it was held; None until it is
        self._ready = 0.0

    def started(self, now: float) -> None:
        """The camera has started: its lens may stand anywhere, and a hold must begin anew."""
        self._base = None
        self._ready = now + SETTLE_S

    def hold(self, on: bool, now: float) -> None:
        """Stay where the lens stands, or let autofocus find its way again."""
        if self._held and not on:
            self._base = None
            self._lens.automatic()
        self._held = on
        self.tick(now)

    def step(self, count: int, now: float) -> None:
        """So many steps nearer (negative: farther) than where the lens was held."""
        self._step = count
        if self._base is not None:
            self._go(self._base)
        self.tick(now)

    def tick(self, now: float) -> None:
        """Does what had to wait for autofocus."""
        if self._held and self._base is None and now >= self._ready:
            self._base = self._lens.position()
            self._go(self._base)

    def _go(self, base: float) -> None:
        lens = self._lens
        wanted = base + self._step * (lens.high - lens.low) / STEPS
        lens.move(min(lens.high, max(lens.low, wanted)))
