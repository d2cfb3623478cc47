"""Rectangles in whole pixels with y downwards, as one reads a page. Pure arithmetic.

Screens divide the place they are given by cutting boxes; only `Stage` turns them into Kivy's y-up positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; `x`, `y` is the upper left corner."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.w / 2, self.y + self.h / 2

    def inset(self, dx: float, dy: float | None = None) -> Box:
        """Smaller by `dx` at left and right and `dy` (as `dx` if None) above and below; never negative."""
        ix, iy = round(dx), round(dx if dy is None else dy)
        ix, iy = min(ix, self.w // 2), min(iy, self.h // 2)
        return Box(self.x + ix, self.y + iy, self.w - 2 * ix, self.h - 2 * iy)

    def cut_top(self, height: float, gap: float = 0) -> tuple[Box, Box]:
        """(the upper part of `height`, the rest below a gap)."""
        h = max(0, min(round(height), self.h))
        skip = min(h + round(gap), self.h)
        return Box(self.x, self.y, self.w, h), Box(self.x, self.y + skip, self.w, self.h - skip)

    def cut_bottom(self, height: float, gap: float = 0) -> tuple[Box, Box]:
        """(the lower part of `height`, the rest above a gap)."""
        h = max(0, min(round(height), self.h))
        rest = max(0, self.h - h - round(gap))
        return Box(self.x, self.bottom - h, self.w, h), Box(self.x, self.y, self.w, rest)

    def cut_left(self, width: float, gap: float = 0) -> tuple[Box, Box]:
        """(the left part of `width`, the rest right of a gap)."""
        w = max(0, min(round(width), self.w))
        skip = min(w + round(gap), self.w)
        return Box(self.x, self.y, w, self.h), Box(self.x + skip, self.y, self.w - skip, self.h)

    def cut_right(self, width: float, gap: float = 0) -> tuple[Box, Box]:
        """(the right part of `width`, the rest left of a gap)."""
        w = max(0, min(round(width), self.w))
        rest = max(0, self.w - w - round(gap))
        return Box(self.right - w, self.y, w, self.h), Box(self.x, self.y, rest, self.h)

    def rows(self, count: int, gap: float = 0) -> list[Box]:
        """`count` equal parts from top to bottom."""
        return [Box(self.x, a, self.w, b - a) for a, b in _spans(self.y, self.h, [1.0] * count, gap)]

    def columns(self, shares: int | Sequence[float], gap: float = 0) -> list[Box]:
        """Parts from left to right: a number of equal ones, or one for each share."""
        parts = [1.0] * shares if isinstance(shares, int) else list(shares)
        return [Box(a, self.y, b - a, self.h) for a, b in _spans(self.x, self.w, parts, gap)]

    def middle(self, w: float, h: float) -> Box:
        """A box of this size in the middle, never larger than the whole."""
        iw, ih = min(round(w), self.w), min(round(h), self.h)
        return Box(self.x + (self.w - iw) // 2, self.y + (self.h - ih) // 2, iw, ih)

    def fitting(self, ratio: float) -> Box:
        """The largest box of width : height = `ratio` in the middle."""
        return self.middle(min(self.w, self.h * ratio), min(self.h, self.w / ratio))

    def touches(self, other: Box) -> bool:
        """Whether the two share any area."""
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )

    def holds(self, other: Box, slack: int = 0) -> bool:
        """Whether `other` lies inside, up to `slack` pixels."""
        return (
            other.x >= self.x - slack
            and other.y >= self.y - slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def between(self, other: Box, part: float) -> Box:
        """The box on the way to `other`: 0 is this one, 1 the other."""

        def mix(a: int, b: int) -> int:
            return round(a + (b - a) * part)

        return Box(mix(self.x, other.x), mix(self.y, other.y), mix(self.w, other.w), mix(self.h, other.h))


def _spans(start: int, length: int, shares: Sequence[float], gap: float) -> list[tuple[int, int]]:
    if not shares:
        return []
    free = length - gap * (len(shares) - 1)
    unit = free / sum(shares)
    spans, at = [], float(start)
    for share in shares:
        spans.append((round(at), round(at + unit * share)))
        at += unit * share + gap
    return spans
