"""Decides what becomes of the operator's pointer and pen: shown, taken away, or gone with a thawed picture.

Ink stays until it is cleared, until the paper is no longer frozen, or until the call ends. A pointer that is
not said again disappears, so that a desk that was closed points at nothing. Keeps no ink and draws nothing.
"""

from __future__ import annotations

from kiosk.core import view
from kiosk.core.call import Phase
from kiosk.core.effects import DrawInk, Effect, Point, WipeInk
from protocol.common import Ink, InkClear, Pointer
from protocol.values import CameraRole, Presentation

POINTS_FOR_S = 3.0
"""A desk says its pointer again every second."""

AWAY = view.Pointer(x=0.0, y=0.0, on=False)


class Hand:
    """`now` is monotonic, in s."""

    def __init__(self) -> None:
        self._until: float | None = None  # when the pointer disappears

    def handle(self, said: Pointer | Ink | InkClear, now: float) -> list[Effect]:
        """A word of the operator in this call, while they talk."""
        match said:
            case Pointer(x=x, y=y, on=on):
                self._until = now + POINTS_FOR_S if on else None
                return [Point(view.Pointer(x=x, y=y, on=on))]
            case Ink(stroke=stroke, points=points):
                return [DrawInk(view.Ink(stroke=stroke, points=points))]
            case InkClear():
                return [WipeInk()]

    def tick(self, now: float) -> list[Effect]:
        """What is due at `deadline()`."""
        if self._until is None or now < self._until:
            return []
        self._until = None
        return [Point(AWAY)]

    def deadline(self) -> float | None:
        """When to `tick`."""
        return self._until

    def changed(self, before: Presentation, now: Presentation) -> list[Effect]:
        """The paper moves again, or lies otherwise: what was written no longer lies where it was meant."""
        thawed = CameraRole.DOCUMENT in before.frozen and CameraRole.DOCUMENT not in now.frozen
        return [WipeInk()] if thawed or _lie(before) != _lie(now) else []

    def moved(self, before: Phase, now: Phase) -> list[Effect]:
        """The call moved: nobody points outside of a talk, and the next operator begins on clean paper.

        At the end of the call the agent wipes pointer and ink with everything else.
        """
        if now is not Phase.TALKING:
            self._until = None
        again = before in (Phase.TALKING, Phase.HELD) and now is Phase.WAITING
        return [WipeInk(), Point(AWAY)] if again else []


def _lie(shown: Presentation) -> tuple[object, ...]:
    """What decides where a place of the paper is in its picture."""
    paper = shown.cameras.document
    return (paper.turned, paper.region, paper.source)
