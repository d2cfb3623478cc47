"""Our own icons and the one figure, drawn as paths on a grid of 24 and rasterised at the size they are shown.

An icon never stands alone: the word beside it carries the meaning.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from kiosk.ui.raster import Coverage, face, paint

_GRID: Final = 24.0
_OVER: Final = 2  # cairo operators
_ERASE: Final = 9  # DEST_OUT


class Pen:
    """A few strokes of cairo on the grid of 24; line ends are round."""

    def __init__(self, context: Any, lib: Any) -> None:
        self._c, self._l = context, lib
        lib.cairo_set_line_cap(context, 1)
        lib.cairo_set_line_join(context, 1)

    def line(self, *points: tuple[float, float], width: float = 2.0, close: bool = False) -> None:
        """A stroked run of straight lines."""
        self._path(points, close)
        self._stroke(width)

    def area(self, *points: tuple[float, float], soft: float = 0.0) -> None:
        """A filled polygon, its corners rounded by a stroke of `soft`."""
        self._path(points, True)
        self._l.cairo_fill(self._c)
        if soft:
            self._path(points, True)
            self._stroke(soft)

    def disc(self, x: float, y: float, radius: float) -> None:
        """A filled circle."""
        self._l.cairo_new_sub_path(self._c)
        self._l.cairo_arc(self._c, x, y, radius, 0, 2 * math.pi)
        self._l.cairo_fill(self._c)

    def ring(self, x: float, y: float, radius: float, width: float = 2.0) -> None:
        """A stroked circle."""
        self.arc(x, y, radius, 0, 360, width)

    def arc(self, x: float, y: float, radius: float, start: float, end: float, width: float = 2.0) -> None:
        """A stroked arc, degrees clockwise from three o'clock."""
        self._l.cairo_new_sub_path(self._c)
        self._l.cairo_arc(self._c, x, y, radius, math.radians(start), math.radians(end))
        self._stroke(width)

    def curve(self, start: tuple[float, float], *bends: tuple[float, ...], fill: bool = False) -> None:
        """Bezier curves from `start`, six numbers each; stroked with 2, or filled."""
        self._l.cairo_move_to(self._c, *start)
        for bend in bends:
            self._l.cairo_curve_to(self._c, *bend)
        if fill:
            self._l.cairo_close_path(self._c)
            self._l.cairo_fill(self._c)
        else:
            self._stroke(2.0)

    def box(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        radius: float = 2.0,
        width: float = 2.0,
        fill: bool = False,
    ) -> None:
        """A rounded rectangle, stroked on its edge or filled."""
        c, lib = self._c, self._l
        lib.cairo_new_sub_path(c)
        lib.cairo_arc(c, x + w - radius, y + radius, radius, -math.pi / 2, 0)
        lib.cairo_arc(c, x + w - radius, y + h - radius, radius, 0, math.pi / 2)
        lib.cairo_arc(c, x + radius, y + h - radius, radius, math.pi / 2, math.pi)
        lib.cairo_arc(c, x + radius, y + radius, radius, math.pi, math.pi * 1.5)
        lib.cairo_close_path(c)
        if fill:
            lib.cairo_fill(c)
        else:
            self._stroke(width)

    def ellipse(self, x: float, y: float, rx: float, ry: float, width: float = 0.0) -> None:
        """A filled ellipse, or its outline of `width`."""
        lib, c = self._l, self._c
        lib.cairo_save(c)
        lib.cairo_translate(c, x, y)
        lib.cairo_scale(c, rx, ry)
        lib.cairo_new_sub_path(c)
        lib.cairo_arc(c, 0, 0, 1, 0, 2 * math.pi)
        lib.cairo_restore(c)
        if width:
            self._stroke(width)
        else:
            lib.cairo_fill(c)

    def erase(self, erasing: bool = True) -> None:
        """From now on strokes take away, or add again."""
        self._l.cairo_set_operator(self._c, _ERASE if erasing else _OVER)

    def word(self, text: str, size: float, x: float, baseline: float) -> None:
        """A bold letter as part of an icon."""
        face("BIZ UDPGothic", round(size), True, "ja").show(self._c, text, x, baseline)

    def _path(self, points: tuple[tuple[float, float], ...], close: bool) -> None:
        self._l.cairo_move_to(self._c, *points[0])
        for point in points[1:]:
            self._l.cairo_line_to(self._c, *point)
        if close:
            self._l.cairo_close_path(self._c)

    def _stroke(self, width: float) -> None:
        self._l.cairo_set_line_width(self._c, width)
        self._l.cairo_stroke(self._c)


Drawing = Callable[[Pen], None]


def _person(p: Pen) -> None:
    p.disc(12, 7.5, 4.2)
    p.curve((3.5, 21.5), (3.5, 16.2, 7, 13.6, 12, 13.6), (17, 13.6, 20.5, 16.2, 20.5, 21.5), fill=True)


def _operator(p: Pen) -> None:
    p.disc(12, 8.2, 3.9)
    p.curve((4, 22), (4, 17, 7.4, 14.2, 12, 14.2), (16.6, 14.2, 20, 17, 20, 22), fill=True)
    p.arc(12, 8, 6.4, 180, 360, 1.7)
    p.box(4.4, 7.2, 2.6, 4.6, 1.2, fill=True)
    p.box(17, 7.2, 2.6, 4.6, 1.2, fill=True)
    p.curve((18.4, 11.6), (18.2, 13.6, 16.6, 14, 14.6, 13.2))


def _speech(p: Pen) -> None:
    p.box(2.5, 3.5, 19, 13.5, 3.2, fill=True)
    p.area((6.5, 15.5), (6.5, 21.5), (13, 16))
    p.erase()
    for x in (7.6, 12, 16.4):
        p.disc(x, 10.2, 1.45)


def _video(p: Pen) -> None:
    p.box(2, 6, 13.5, 12, 2.6, fill=True)
    p.area((17, 10.6), (21.6, 7.4), (21.6, 16.6), (17, 13.4), soft=0.8)


def _camera(p: Pen) -> None:
    p.box(2.2, 6.6, 19.6, 13.4, 2.6, fill=True)
    p.area((8, 7), (9.4, 4.2), (14.6, 4.2), (16, 7), soft=0.8)
    p.erase()
    p.disc(12, 13.2, 4.4)
    p.erase(False)
    p.disc(12, 13.2, 2.7)


def _document(p: Pen) -> None:
    p.line((14, 2.8), (5.2, 2.8), (5.2, 21.2), (18.8, 21.2), (18.8, 7.6), (14, 2.8), (14, 7.6), (18.8, 7.6))
    p.line((8.6, 12), (15.4, 12))
    p.line((8.6, 16.2), (15.4, 16.2))


def _globe(p: Pen) -> None:
    p.ring(12, 12, 9.2, 1.8)
    p.ellipse(12, 12, 4, 9.2, 1.8)
    p.line((3.4, 9), (20.6, 9), width=1.8)
    p.line((3.4, 15), (20.6, 15), width=1.8)


def _text(p: Pen) -> None:
    p.word("あ", 10, 0.4, 19.6)
    p.word("あ", 15, 9, 19.6)


def _leave(p: Pen) -> None:
    p.line((13, 3.4), (4.4, 3.4), (4.4, 20.6), (13, 20.6), width=2.2)
    p.line((9.6, 12), (20.4, 12), width=2.2)
    p.line((16.2, 7.8), (20.4, 12), (16.2, 16.2), width=2.2)


def _speaker(p: Pen) -> None:
    p.area((3, 9.6), (7, 9.6), (12, 5.4), (12, 18.6), (7, 14.4), (3, 14.4), soft=1.2)
    p.arc(12.6, 12, 4, -48, 48, 1.9)
    p.arc(12.6, 12, 7.8, -48, 48, 1.9)


def _minus(p: Pen) -> None:
    p.line((5, 12), (19, 12), width=3.2)


def _plus(p: Pen) -> None:
    _minus(p)
    p.line((12, 5), (12, 19), width=3.2)


def _good(p: Pen) -> None:
    p.disc(12, 12, 10.4)
    p.erase()
    p.line((7, 12.4), (10.6, 16), (17.2, 8.8), width=2.6)


def _check(p: Pen) -> None:
    p.line((4.4, 12.6), (9.6, 18), (19.8, 6.8), width=3.2)


def _caution(p: Pen) -> None:
    p.area((12, 3.4), (21.4, 20), (2.6, 20), soft=2.2)
    p.erase()
    p.line((12, 9.4), (12, 14), width=2.4)
    p.disc(12, 17.6, 1.4)


def _bad(p: Pen) -> None:
    p.disc(12, 12, 10.4)
    p.erase()
    p.line((8.2, 8.2), (15.8, 15.8), width=2.6)
    p.line((15.8, 8.2), (8.2, 15.8), width=2.6)


def _cross(p: Pen) -> None:
    p.line((6, 6), (18, 18), width=3)
    p.line((18, 6), (6, 18), width=3)


def _moon(p: Pen) -> None:
    p.disc(11.4, 12.6, 9)
    p.erase()
    p.disc(16, 8.6, 8)


def _cloud(p: Pen) -> None:
    p.disc(7, 14, 4.4)
    p.disc(12.4, 10.6, 5.6)
    p.disc(17.6, 14.2, 4.2)
    p.box(7, 11, 10.6, 7.4, 1, fill=True)
    p.erase()
    p.line((4.6, 4), (20.4, 20.6), width=4.6)
    p.erase(False)
    p.line((4.6, 4), (20.4, 20.6), width=1.9)


def _wrench(p: Pen) -> None:
    p.line((5.4, 18.6), (13.2, 10.8), width=4.4)
    p.disc(15.8, 8.2, 5.8)
    p.erase()
    p.line((16.4, 7.6), (21, 3), width=4.4)
    p.disc(5.4, 18.6, 1)


def _clock(p: Pen) -> None:
    p.ring(12, 12, 9.2, 2.2)
    p.line((12, 6.8), (12, 12), (15.6, 14.2), width=2.2)


def _shield(p: Pen) -> None:
    p.curve(
        (12, 2),
        (14.6, 4.2, 17.6, 5, 20.4, 5.2),
        (20.8, 13, 18.4, 19, 12, 22),
        (5.6, 19, 3.2, 13, 3.6, 5.2),
        (6.4, 5, 9.4, 4.2, 12, 2),
        fill=True,
    )
    p.erase()
    p.line((7.8, 12), (11, 15.2), (16.4, 9), width=2.4)


def _card(p: Pen) -> None:
    p.box(2.2, 5, 19.6, 14, 2.4)
    p.disc(7.8, 10.4, 1.9)
    p.curve((4.9, 15.8), (5.1, 13.2, 10.5, 13.2, 10.7, 15.8), fill=True)
    p.line((14, 10), (18.4, 10), width=1.8)
    p.line((14, 14), (18.4, 14), width=1.8)


def _house(p: Pen) -> None:
    p.line((3, 11.6), (12, 3.8), (21, 11.6), width=2.2)
    p.line((5.6, 11), (5.6, 20.2), (18.4, 20.2), (18.4, 11), width=2.2)
    p.box(10.2, 14, 3.6, 6, 0.6, fill=True)


def _moving(p: Pen) -> None:
    p.box(3, 8.2, 13, 12.4, 1.4)
    p.line((3, 12), (16, 12), width=1.8)
    p.line((9.5, 8.2), (9.5, 14.6), width=1.8)
    p.line((14, 3.6), (20.8, 3.6), (20.8, 10.4), width=2)
    p.line((20.6, 3.8), (15, 9.2), width=2)


def _seal(p: Pen) -> None:
    p.disc(12, 6, 3.6)
    p.area((10.4, 8), (13.6, 8), (14.4, 14), (9.6, 14), soft=1)
    p.box(4.6, 13.6, 14.8, 3.8, 1.4, fill=True)
    p.line((4.8, 20.8), (19.2, 20.8), width=2.2)


def _child(p: Pen) -> None:
    p.disc(8, 6.2, 3.2)
    p.curve((2.2, 20.6), (2.2, 8.2, 13.8, 8.2, 13.8, 20.6), fill=True)
    p.disc(17.6, 12, 2.4)
    p.curve((14.8, 20.6), (14.8, 13, 21.8, 13, 21.8, 20.6), fill=True)


def _question(p: Pen) -> None:
    p.ring(12, 12, 9.4, 2)
    p.curve((9.2, 9.6), (9.4, 6, 14.8, 6, 14.8, 9.4), (14.8, 11.8, 12, 11.6, 12, 14))
    p.disc(12, 17.2, 1.3)


def _phone(p: Pen) -> None:
    p.curve(
        (3.2, 5.4),
        (3.2, 3.8, 4.6, 2.6, 6, 2.8),
        (7.4, 3, 8.2, 3.4, 8.6, 4.4),
        (9.2, 6, 9.6, 7.4, 9.4, 8.4),
        (9.2, 9.6, 7.6, 9.8, 7.6, 10.8),
        (8.2, 12.8, 11.2, 15.8, 13.2, 16.4),
        (14.2, 16.4, 14.4, 14.8, 15.6, 14.6),
        (16.6, 14.4, 18, 14.8, 19.6, 15.4),
        (20.6, 15.8, 21, 16.6, 21.2, 18),
        (21.4, 19.4, 20.2, 20.8, 18.6, 20.8),
        (10.4, 20.8, 3.2, 13.6, 3.2, 5.4),
        fill=True,
    )


def _eye(p: Pen) -> None:
    p.curve((1.8, 12), (6, 4.6, 18, 4.6, 22.2, 12), (18, 19.4, 6, 19.4, 1.8, 12))
    p.disc(12, 12, 3.4)


def _hand(p: Pen) -> None:
    p.box(9.2, 2.6, 3.4, 12, 1.7, fill=True)
    p.box(6.4, 11, 13, 10.6, 4.4, fill=True)
    p.line((7.6, 17), (4.2, 12.6), width=3)


def _dot(p: Pen) -> None:
    p.disc(12, 12, 8)


_ICONS: Final[dict[str, Drawing]] = {
    "person": _person,
    "operator": _operator,
    "speech": _speech,
    "video": _video,
    "camera": _camera,
    "document": _document,
    "globe": _globe,
    "text": _text,
    "leave": _leave,
    "speaker": _speaker,
    "minus": _minus,
    "plus": _plus,
    "good": _good,
    "check": _check,
    "caution": _caution,
    "bad": _bad,
    "cross": _cross,
    "moon": _moon,
    "cloud": _cloud,
    "wrench": _wrench,
    "clock": _clock,
    "shield": _shield,
    "card": _card,
    "house": _house,
    "moving": _moving,
    "seal": _seal,
    "child": _child,
    "question": _question,
    "phone": _phone,
    "eye": _eye,
    "hand": _hand,
    "dot": _dot,
}


def names() -> tuple[str, ...]:
    """Every icon there is."""
    return tuple(_ICONS)


def icon(name: str, size: int) -> Coverage:
    """An icon as coverage, `size` pixels square. KeyError for a name that there is not."""
    return drawn(_ICONS[name], size)


def drawn(drawing: Drawing, size: int) -> Coverage:
    """Any drawing on the grid of 24."""

    def draw(context: Any, lib: Any) -> None:
        lib.cairo_scale(context, size / _GRID, size / _GRID)
        drawing(Pen(context, lib))

    return paint(size, size, draw)
