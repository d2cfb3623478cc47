"""Where the pictures of a call stand. Pure: one function from room and layout to boxes.

What holds on every panel: the operator's picture is the largest in layout 'operator' and never disappears; the
resident's own picture covers nothing; the paper is shown whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.core.view import Layout, TextSize
from kiosk.ui.geometry import Box
from kiosk.ui.tokens import Form, Metrics

_FACE = 4 / 3
_PAPER = 16 / 9


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
    own_label_valign: str = "middle"
    page: Box | None = None


def arrange(
    room: Box,
    m: Metrics,
    layout: Layout,
    *,
    paper: bool,
    own: bool,
    person_high: Callable[[int], int],
    label_high: int,
) -> Places:
    """The places for `layout`. `person_high(width)` is the height that the person's words need."""
    build = {Form.WIDE: _wide, Form.TALL: _tall, Form.SMALL: _small}[m.form]
    return build(room, m, layout, paper, own, person_high, label_high)


def _wide(
    room: Box, m: Metrics, layout: Layout, paper: bool, own: bool, high: Callable[[int], int], label: int
) -> Places:
    side, main = room.cut_right(room.w * 0.335, m.u(3))
    own_high = m.u(14 if m.text_size is TextSize.NORMAL else 12)
    if layout is Layout.OPERATOR:
        person, rest = side.cut_top(high(side.w), m.u(2))
        own_box, own_label, rest = _own_row(rest, own, own_high, m)
        if not paper:
            return Places(main, main, person, own=own_box, own_label=own_label)
        name, picture = rest.cut_top(label)
        if picture.h < side.w * 0.42:  # words give way to the paper
            return Places(main, main, person, rest, None, own_box, own_label)
        return Places(main, main, person, picture, name, own_box, own_label)
    wanted = high(side.w)
    own_box, own_label, rest = _own_row(side, own, own_high, m)
    operator, below = rest.cut_top(min(side.w / _FACE, rest.h - wanted - m.u(1.6)), m.u(1.6))
    person, _ = below.cut_top(wanted)
    if layout is Layout.PAPER and paper:
        name, picture = main.cut_top(label + m.u(1), m.u(0.6))
        return Places(main, operator, person, picture, name, own_box, own_label)
    return Places(main, operator, person, own=own_box, own_label=own_label, page=main)


def _own_row(rest: Box, own: bool, height: int, m: Metrics) -> tuple[Box | None, Box | None, Box]:
    """(own picture, its label beside it, what is left above)."""
    if not own:
        return None, None, rest
    row, above = rest.cut_bottom(height, m.u(2.4))
    picture, label = row.cut_left(height * _FACE, m.u(2))
    return picture, label, above


def _tall(
    room: Box, m: Metrics, layout: Layout, paper: bool, own: bool, high: Callable[[int], int], label: int
) -> Places:
    gap = m.u(2.4)
    if layout is Layout.OPERATOR:
        wanted = high(room.w)
        low_high = min(room.h * 0.27, room.w * 0.36) + label
        low, rest = room.cut_bottom(low_high, gap)
        person, main = rest.cut_bottom(wanted, gap)
        left, right = low.columns([1.35, 1.0], gap)
        own_label, own_box = right.cut_top(label)
        if not paper:
            return Places(
                main, main, person, own=own_box if own else None, own_label=own_label if own else None
            )
        name, picture = left.cut_top(label)
        if not own:
            name, picture = low.cut_top(label)
            return Places(main, main, person, picture, name)
        return Places(main, main, person, picture, name, own_box, own_label)
    top, main = room.cut_top(min(room.h * 0.34, room.w * 0.44), gap)
    operator, side = top.cut_left(top.h * _FACE, gap)
    person_h = min(high(side.w), side.h)
    person, below = side.cut_top(person_h, gap)
    own_box: Box | None = None
    own_label: Box | None = None
    if own and below.h > m.u(10):
        own_box, own_label = below.cut_left(min(below.h * _FACE, below.w * 0.55), m.u(1.6))
    if layout is Layout.PAPER and paper:
        name, picture = main.cut_top(label + m.u(1), m.u(0.6))
        return Places(main, operator, person, picture, name, own_box, own_label)
    return Places(main, operator, person, own=own_box, own_label=own_label, page=main)


def _small(
    room: Box, m: Metrics, layout: Layout, paper: bool, own: bool, high: Callable[[int], int], label: int
) -> Places:
    gap = m.u(2)
    if layout is Layout.OPERATOR:
        low_high = min(high(room.w * 2 // 5), round(room.h * 0.34)) if paper or own else high(room.w)
        low, main = room.cut_bottom(max(low_high, room.h * 0.26), gap)
        pictures = [box for box, there in (("paper", paper), ("own", own)) if there]
        thumbs, person = low.cut_right(
            low.h * (_PAPER * paper + _FACE * own) + gap * (len(pictures) - 1), gap
        )
        shares = [_PAPER] * paper + [_FACE] * own
        cells = dict(zip(pictures, thumbs.columns(shares, gap), strict=True))
        return Places(main, main, person, cells.get("paper"), None, cells.get("own"))
    main, side = room.cut_left(room.w * 0.68, gap)
    operator, rest = side.cut_top(side.w / 1.15, gap)
    person, below = rest.cut_top(min(high(side.w), rest.h), gap)
    own_box = below if own and below.h > m.u(14) else None
    if layout is Layout.PAPER and paper:
        name, picture = main.cut_top(label)
        return Places(main, operator, person, picture, name, own_box)
    return Places(main, operator, person, own=own_box, page=main)
