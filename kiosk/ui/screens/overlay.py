"""What lies over everything: a question (leave? still there?) and the choice of languages."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.core.view import Choice, Dialog, TouchKind
from kiosk.ui.flow import Said, height_of, stack
from kiosk.ui.foot import draw_level, volume_keys
from kiosk.ui.geometry import Box
from kiosk.ui.keys import Look, key, primary, stop
from kiosk.ui.layer import Context, Layer, local_choice
from kiosk.ui.screens.base import reading
from kiosk.ui.text.block import Style
from kiosk.ui.tokens import CARD, INK, Form

_VEIL = (0.06, 0.09, 0.12, 0.62)


def draw_dialog(layer: Layer, context: Context, dialog: Dialog) -> None:
    """One question, its answers as large keys, the seconds left where there is a limit."""
    m = context.metrics
    screen = Box(0, 0, m.width, m.height)
    layer.band("veil", screen, _VEIL)
    width = round(min(m.width - 2 * m.margin, m.u(118) if m.form is Form.WIDE else m.width))
    pad = m.u(4 if m.form is not Form.SMALL else 3)
    texts = [
        Said("dialog/title", dialog.title, reading(m, m.title, bold=True)),
        Said("dialog/text", dialog.text, reading(m, m.lead), gap=m.u(2)),
    ]
    side = m.u(20 if m.form is not Form.SMALL else 26) if dialog.seconds else 0
    words_width = width - 2 * pad - (side + m.u(3) if side else 0)
    stacked = not _in_row(context, dialog, width - 2 * pad)
    key_high = max(m.target, m.u(16))
    keys_high = key_high * (len(dialog.choices) if stacked else 1)
    keys_high += m.u(2) * (len(dialog.choices) - 1 if stacked else 0)
    room = m.height - 2 * m.margin - 2 * pad - keys_high - m.u(4)
    words_high = max(min(room, height_of(layer, words_width, room, texts)), side)
    box = screen.middle(width, words_high + keys_high + m.u(4) + 2 * pad)
    layer.plate("dialog", box, radius=m.u(4))
    inner = box.inset(pad)
    words, rest = inner.cut_top(words_high, m.u(4))
    if side:
        clock, words = words.cut_right(side, m.u(3))
        _seconds(layer, context, dialog, clock.middle(side, side))
    stack(layer, words, texts, on=CARD, valign="middle")
    cells = rest.rows(len(dialog.choices), m.u(2)) if stacked else rest.columns(len(dialog.choices), m.u(2))
    for choice, cell in zip(dialog.choices, cells, strict=True):
        key(layer, cell, choice, _look(layer, context, choice))


def _in_row(context: Context, dialog: Dialog, width: int) -> bool:
    m = context.metrics
    each = width / max(1, len(dialog.choices))
    return m.form is not Form.TALL and each > m.least * 6


def _look(layer: Layer, context: Context, choice: Choice) -> Look:
    m = context.metrics
    size = m.heading
    if choice.kind is TouchKind.LEAVE_YES:
        return stop(layer, size=size)
    if choice.kind in (
        TouchKind.LEAVE_NO,
        TouchKind.STILL_HERE,
        TouchKind.CONSENT_YES,
        TouchKind.READ,
        TouchKind.STAFF_YES,
    ):
        return primary(layer, size=size)
    return Look(size=size)


def _seconds(layer: Layer, context: Context, dialog: Dialog, box: Box) -> None:
    m = context.metrics
    brand = context.palette.brand
    layer.ring("dialog/ring", box, m.u(0.9), brand)
    inner = box.inset(box.w * 0.1)
    unit_high = round(m.least * 1.3)
    number, unit = inner.cut_top(inner.h - unit_high - inner.h * 0.08)
    style = Style(m.hero, m.least, bold=True, align="centre", line=1.0, ruby=False)
    layer.text("dialog/seconds", number, str(dialog.seconds), style, INK, CARD)
    small = Style(m.least, m.least, align="centre", line=1.2, valign="top", ruby=False)
    layer.text("dialog/unit", unit, dialog.seconds_unit, small, INK, CARD)


def draw_languages(layer: Layer, context: Context, close: Callable[[], None]) -> None:
    """All languages as large keys, each in its own script."""
    m = context.metrics
    footer = context.view.footer
    layer.band("veil", Box(0, 0, m.width, m.height), _VEIL)
    box = Box(0, 0, m.width, m.height).inset(m.margin)
    layer.plate("languages", box, radius=m.u(4))
    inner = box.inset(m.u(4 if m.form is not Form.SMALL else 2.4))
    low, rest = inner.cut_bottom(m.target, m.u(3))
    back, _ = low.cut_left(low.w if m.form is Form.TALL else low.w * 0.4)
    key(
        layer, back, local_choice(footer.language_back), Look(size=m.lead), tid="languages:close", local=close
    )
    title = m.form is not Form.SMALL
    if title:
        top, rest = rest.cut_top(round(m.title * 1.4), m.u(2))
        mark, words = top.cut_left(round(m.title * 1.1), m.u(2))
        layer.icon("languages/icon", mark, "globe", context.palette.brand)
        layer.text("languages/title", words, footer.language_label, reading(m, m.title, bold=True), INK, CARD)
    across = 2 if m.form is Form.TALL else 3
    count = len(footer.languages)
    cells = [c for row in rest.rows(-(-count // across), m.u(2)) for c in row.columns(across, m.u(2))]
    for choice, cell in zip(footer.languages, cells, strict=False):
        look = primary(layer, size=m.heading) if choice.selected else Look(size=m.heading)
        key(layer, cell, choice, look, local=None)


def draw_volume(layer: Layer, context: Context, close: Callable[[], None]) -> None:
    """Quieter and louder, very large, with the level between them."""
    m = context.metrics
    layer.band("veil", Box(0, 0, m.width, m.height), _VEIL)
    pad = m.u(4)
    width = min(m.width - 2 * m.margin, 5 * m.target)
    high = round(m.target * 1.4)
    box = Box(0, 0, m.width, m.height).middle(width, high + m.target + m.u(4) + 2 * pad)
    layer.plate("volume/sheet", box, radius=m.u(4))
    top, low = box.inset(pad).cut_top(high, m.u(4))
    centre = volume_keys(layer, context, top, round(m.target * 1.4))
    draw_level(layer, context, centre.inset(m.u(2), m.u(2)))
    back = local_choice(context.view.footer.language_back)
    key(layer, low, back, Look(size=m.lead), tid="volume:close", local=close)
