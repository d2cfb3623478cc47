"""What the operator's pen has left on the paper: strokes by id, in the order in which they were begun.

Agent and screen each keep one, so that a screen that was killed can be told all of it again. Decides what is
forgotten when there is too much; never draws, sends or reads a clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from kiosk.core.view import Ink, InkPoint

MOST_POINTS: Final = 20_000
"""Five minutes of a pen that never rests. Beyond that the oldest strokes go, on agent and screen alike."""

PART_POINTS: Final = 500
"""Points of one message when strokes are told again."""


class Strokes:
    """`add` what comes, `parts` to tell it all again, `clear` when it goes."""

    def __init__(self) -> None:
        self._strokes: dict[str, list[InkPoint]] = {}
        self._points = 0

    def __len__(self) -> int:
        return len(self._strokes)

    @property
    def all(self) -> Mapping[str, Sequence[InkPoint]]:
        """Points by stroke, oldest stroke first; 0..1 of the picture."""
        return self._strokes

    def add(self, ink: Ink) -> None:
        """A stroke, or the next part of one."""
        self._strokes.setdefault(ink.stroke, []).extend(ink.points)
        self._points += len(ink.points)
        while self._points > MOST_POINTS and self._strokes:
            oldest = next(iter(self._strokes))
            self._points -= len(self._strokes.pop(oldest))

    def clear(self) -> int:
        """Forgets everything; how many strokes there were."""
        count = len(self._strokes)
        self._strokes.clear()
        self._points = 0
        return count

    def parts(self) -> Iterator[Ink]:
        """Everything again, in messages that are small enough to be sent."""
        for stroke, points in self._strokes.items():
            for start in range(0, len(points), PART_POINTS):
                yield Ink(stroke=stroke, points=tuple(points[start : start + PART_POINTS]))
