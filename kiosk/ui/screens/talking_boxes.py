"""Where the pictures of a call stand. Pure: from room and layout to boxes.

What holds on every panel: the operator's picture is the largest in layout 'operator' and never disappears;
the
resident's own picture covers nothing; the paper is shown whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from kiosk.core.view import Layout, TextSize
from kiosk.ui.geometry import Box
from kiosk.ui.tokens import Form, Metrics

_FACE: Final = 4 / 3
_COVERING: Final = 0.27  # the most of the operator's picture that a caption may cover, at its lower edge


@dataclass(frozen=True, slots=True)
class Places:
    """Boxes of a call; None = not shown here."""

    main: Box
    operator: Box
    person: Box
    paper: Box | None = None
    paper_label: Box | None = None
    own: Box | None = None
    own_label: Box | None = None
    page: Box | None = None
    caption: Box | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be shown. The three heights are asked from the words: of the person's card and of the
    caption
    (0 = none) for a width, and of the line above a picture.
    """

    m: Metrics
    layout: Layout
    paper: bool
    own: bool
    person_high: Callable[[int], int]
    caption_high: Callable[[int], int]
    label_high: int


def arrange(room: Box, wish: Wish) -> Places:
    """The places. Only a large operator's picture may carry the caption; otherwise it stands below."""
    m = wish.m
    if m.form is Form.TALL:
        band, rest = _band(room, wish)
        return replace(_tall(rest, wish), caption=band)
    side, main = _sides(room, wish)
    band, rest = _band(main, wish)
    if m.form is Form.SMALL:
        return replace(_small(rest, side, wish), caption=band)
    if wish.layout is Layout.OPERATOR and band is not None and band.h < main.h * _COVERING:
        rest, band = main, main.inset(m.u(1.6)).cut_bottom(band.h)[0]
    return replace(_wide(rest, side, wish), caption=band)


def _sides(room: Box, wish: Wish) -> tuple[Box, Box]:
    """(the narrow side at the right, what is left for the main thing)."""
    if wish.m.form is Form.WIDE:
        return room.cut_right(room.w * 0.335, wish.m.u(3))
    operator = wish.layout is Layout.OPERATOR
    main, side = room.cut_left(min(room.w * 0.66, room.h * 1.3) if operator else room.w * 0.68, wish.m.u(2.6))
    return side, main


def _band(box: Box, wish: Wish) -> tuple[Box | None, Box]:
    wanted = wish.caption_high(box.w)
    return box.cut_bottom(wanted, wish.m.u(1.8)) if wanted else (None, box)


def _wide(main: Box, side: Box, wish: Wish) -> Places:
    m = wish.m
    if wish.layout is not Layout.OPERATOR:
        return _wide_aside(main, side, wish)
    person, rest = side.cut_top(wish.person_high(side.w), m.u(2))
    own, own_label, rest = _own_row(rest, wish)
    places = Places(main, main, person, own=own, own_label=own_label)
    if not wish.paper:
        return places
    label, picture = rest.cut_top(wish.label_high)
    if picture.h < side.w * 0.42:  # words give way to the paper
        return replace(places, paper=rest)
    return replace(places, paper=picture, paper_label=label)


def _wide_aside(main: Box, side: Box, wish: Wish) -> Places:
    """The operator at the side, the paper or a page in the middle."""
    m = wish.m
    wanted = wish.person_high(side.w)
    own, own_label, rest = _own_row(side, wish)
    operator, below = rest.cut_top(min(side.w / _FACE, rest.h - wanted - m.u(1.6)), m.u(1.6))
    person, _ = below.cut_top(wanted)
    return _middle(Places(main, operator, person, own=own, own_label=own_label), wish)


def _middle(places: Places, wish: Wish) -> Places:
    if wish.layout is Layout.PAPER and wish.paper:
        high = wish.label_high + (wish.m.u(1) if wish.m.form is not Form.SMALL else 0)
        label, picture = places.main.cut_top(high, wish.m.u(0.6))
        return replace(places, paper=picture, paper_label=label)
    return replace(places, page=places.main)


def _own_row(rest: Box, wish: Wish) -> tuple[Box | None, Box | None, Box]:
    """(own picture, its label beside it, what is left above)."""
    m = wish.m
    if not wish.own:
        return None, None, rest
    height = m.u(14 if m.text_size is TextSize.NORMAL else 12)
    row, above = rest.cut_bottom(height, m.u(2.4))
    picture, label = row.cut_left(height * _FACE, m.u(2))
    return picture, label, above


def _tall(room: Box, wish: Wish) -> Places:
    gap = wish.m.u(2.4)
    if wish.layout is not Layout.OPERATOR:
        return _tall_aside(room, wish)
    if not (wish.paper or wish.own):
        person, main = room.cut_bottom(wish.person_high(room.w), gap)
        return Places(main, main, person)
    low, rest = room.cut_bottom(min(room.h * 0.27, room.w * 0.36) + wish.label_high, gap)
    person, main = rest.cut_bottom(wish.person_high(room.w), gap)
    places = Places(main, main, person)
    both = wish.paper and wish.own
    left, right = low.columns([1.35, 1.0], gap) if both else (low, low.cut_left(low.h * _FACE)[0])
    if wish.paper:
        label, picture = left.cut_top(wish.label_high)
        places = replace(places, paper=picture, paper_label=label)
    if wish.own:
        label, picture = right.cut_top(wish.label_high)
        places = replace(places, own=picture, own_label=label)
    return places


def _tall_aside(room: Box, wish: Wish) -> Places:
    m = wish.m
    gap = m.u(2.4)
    top, main = room.cut_top(min(room.h * 0.34, room.w * 0.44), gap)
    operator, side = top.cut_left(top.h * _FACE, gap)
    person, below = side.cut_top(min(wish.person_high(side.w), side.h), gap)
    places = Places(main, operator, person)
    if wish.own and below.h > m.u(10):
        own, label = below.cut_left(min(below.h * _FACE, below.w * 0.55), m.u(1.6))
        places = replace(places, own=own, own_label=label)
    return _middle(places, wish)


def _small(main: Box, side: Box, wish: Wish) -> Places:
    gap = wish.m.u(2)
    if wish.layout is Layout.OPERATOR:
        person, rest = side.cut_top(min(wish.person_high(side.w), round(side.h * 0.47)), gap)
        if wish.paper and wish.own:
            top, low = rest.rows(2, gap)
            return Places(main, main, person, paper=top, own=low)
        return Places(main, main, person, paper=rest if wish.paper else None, own=rest if wish.own else None)
    operator, rest = side.cut_top(side.w / 1.15, gap)
    person, below = rest.cut_top(min(wish.person_high(side.w), rest.h), gap)
    own = below if wish.own and below.h > wish.m.u(14) else None
    return _middle(Places(main, operator, person, own=own), wish)
