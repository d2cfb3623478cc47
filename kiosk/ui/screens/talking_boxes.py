"""Where the pictures of a call stand. Pure: one function from room and layout to boxes.

What holds on every panel: the operator's picture is the largest in layout 'operator' and never disappears; the
resident's own picture covers nothing; the paper is shown whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

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
    caption: Box | None = None


def arrange(
    room: Box,
    m: Metrics,
    layout: Layout,
    *,
    paper: bool,
    own: bool,
    person_high: Callable[[int], int],
    label_high: int,
    caption_high: Callable[[int], int],
) -> Places:
    """The places for `layout`. `person_high(width)` and `caption_high(width)` are what those words need; a caption
    of 0 pixels is not there. Only a large operator's picture carries the caption; otherwise it stands below.
    """
    build = {Form.WIDE: _wide, Form.TALL: _tall, Form.SMALL: _small}[m.form]
    if m.form is Form.TALL:
        band, rest = _band(room, m, caption_high)
        return replace(build(rest, m, layout, paper, own, person_high, label_high, rest, rest), caption=band)
    side, main = _sides(room, m, layout)
    band, rest = _band(main, m, caption_high)
    if m.form is Form.WIDE and layout is Layout.OPERATOR and band is not None and band.h < main.h * 0.27:
        rest, band = main, main.inset(m.u(1.6)).cut_bottom(band.h)[0]
    return replace(build(room, m, layout, paper, own, person_high, label_high, rest, side), caption=band)


def _sides(room: Box, m: Metrics, layout: Layout) -> tuple[Box, Box]:
    """(the narrow side at the right, what is left for the main thing)."""
    if m.form is Form.WIDE:
        return room.cut_right(room.w * 0.335, m.u(3))
    width = min(room.w * 0.66, room.h * 1.3) if layout is Layout.OPERATOR else room.w * 0.68
    main, side = room.cut_left(width, m.u(2.6))
    return side, main


def _band(box: Box, m: Metrics, high: Callable[[int], int]) -> tuple[Box | None, Box]:
    wanted = high(box.w)
    if not wanted:
        return None, box
    return box.cut_bottom(wanted, m.u(1.8))


def _wide(
    room: Box,
    m: Metrics,
    layout: Layout,
    paper: bool,
    own: bool,
    high: Callable[[int], int],
    label: int,
    main: Box,
    side: Box,
) -> Places:
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
    room: Box,
    m: Metrics,
    layout: Layout,
    paper: bool,
    own: bool,
    high: Callable[[int], int],
    label: int,
    *_: Box,
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
    room: Box,
    m: Metrics,
    layout: Layout,
    paper: bool,
    own: bool,
    high: Callable[[int], int],
    label: int,
    main: Box,
    side: Box,
) -> Places:
    gap = m.u(2)
    if layout is Layout.OPERATOR:
        wanted = min(high(side.w), round(side.h * 0.5))
        person, rest = side.cut_top(wanted, gap)
        if paper and own:
            top, low = rest.rows(2, gap)
            return Places(main, main, person, top, None, low)
        return Places(main, main, person, rest if paper else None, None, rest if own and not paper else None)
    operator, rest = side.cut_top(side.w / 1.15, gap)
    person, below = rest.cut_top(min(high(side.w), rest.h), gap)
    own_box = below if own and below.h > m.u(14) else None
    if layout is Layout.PAPER and paper:
        name, picture = main.cut_top(label)
        return Places(main, operator, person, picture, name, own_box)
    return Places(main, operator, person, own=own_box, page=main)
