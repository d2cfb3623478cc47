"""The head of every screen: whose counter this is, and the time; in a call, which camera is on, for whom."""

from __future__ import annotations

from kiosk.core.view import Band
from kiosk.ui.geometry import Box
from kiosk.ui.layer import Context, Layer
from kiosk.ui.screens.base import reading
from kiosk.ui.text.block import Style
from kiosk.ui.tokens import ATTENTION, CAUTION_TINT, INK, PAPER, Form, Metrics


def head_style(m: Metrics, **changes: object) -> Style:
    """Head and foot may stay at 'normal' while everything else is 'large'."""
    size = min(m.body, round(m.chrome * 1.2))
    return Style(max(size, m.chrome), m.chrome, ruby=False, line=1.25, **changes)  # type: ignore[arg-type]


def draw_head(layer: Layer, context: Context, width: int) -> int:
    """Says the head at the top of the screen; returns its height."""
    m, view = context.metrics, context.view
    side = m.margin
    row_high = round(m.chrome * 1.25) + m.u(2.6 if m.form is not Form.SMALL else 1.6)
    top = 0
    if view.simulated:
        top = _simulated(layer, context, width)
    if not (view.title or view.clock or view.footer.live):
        return top
    inner = Box(side, top, width - 2 * side, row_high)
    high = _live_row(layer, context, inner) if view.footer.live else _title_row(layer, context, inner)
    rule = max(2, m.u(0.35))
    layer.band("head/rule", Box(0, top + high, width, rule), context.palette.brand)
    top += high + rule
    return top + (_band(layer, context, view.band, Box(0, top, width, m.height)) if view.band else 0)


def _band(layer: Layer, context: Context, band: Band, room: Box) -> int:
    """What goes on beside the screen: one line, two where it is narrow; returns its height."""
    m = context.metrics
    style = head_style(m, bold=True)
    if m.form is not Form.SMALL:
        style = reading(m, m.body, bold=True)
    side = round(style.size * 1.3) if band.icon else 0
    words_wide = room.w - 2 * m.margin - side - (m.u(1.4) if side else 0)
    block = layer.measure(band.text, words_wide, room.h // 4, style)
    box = Box(room.x, room.y, room.w, block.height + m.u(1.4 if m.form is not Form.SMALL else 0.3))
    ground = CAUTION_TINT if band.urgent else context.palette.tint
    layer.band("band", box, ground)
    words = box.inset(m.margin, 0)
    if side:
        spot, words = words.cut_left(side, m.u(1.4))
        colour = ATTENTION if band.urgent else context.palette.brand
        layer.icon("band/icon", spot.middle(side, side), band.icon, colour)
    layer.text("band/text", words, band.text, style, INK, ground)
    return box.h


def _simulated(layer: Layer, context: Context, width: int) -> int:
    m = context.metrics
    style = Style(m.chrome, m.chrome, bold=True, align="centre", ruby=False, line=1.25)
    text = context.view.simulated
    block = layer.measure(text, width - 2 * m.margin, m.height // 4, style)
    box = Box(0, 0, width, block.height + m.u(0.8))
    layer.band("simulated/band", box, CAUTION_TINT)
    layer.text("simulated", box.inset(m.margin, 0), text, style, INK, CAUTION_TINT)
    return box.h


def _short(clock: str) -> str:
    """The time of a clock text, without its date."""
    return clock.split()[-1] if clock.split() else ""


def _clock_width(layer: Layer, context: Context, clock: str, inner: Box) -> int:
    style = head_style(context.metrics, align="right")
    return layer.measure(clock, inner.w, inner.h, style).width + 2 if clock else 0


def _title_row(layer: Layer, context: Context, inner: Box) -> int:
    m, view = context.metrics, context.view
    style = head_style(m, bold=True)
    title = layer.measure(
        view.title, inner.w, inner.h * 3, Style(style.least, style.least, True, ruby=False, line=1.25)
    )
    mark = m.u(1.2)
    indent = mark + m.u(1.6)
    clock = view.clock
    free = inner.w - indent - title.width - m.u(2)
    if _clock_width(layer, context, clock, inner) > free:
        clock = _short(clock)
    two_rows = _clock_width(layer, context, clock, inner) > free
    high = inner.h + (round(m.chrome * 1.25) if title.height > inner.h else 0)
    box = Box(inner.x, inner.y, inner.w, high)
    layer.plate(
        "head/mark",
        Box(box.x, box.y, mark, high).inset(0, high * 0.24),
        context.palette.brand,
        radius=3,
        raised=False,
    )
    _, words = box.cut_left(indent)
    if clock and not two_rows:
        right, words = words.cut_right(_clock_width(layer, context, clock, inner), m.u(2))
        layer.text("head/clock", right, clock, head_style(m, align="right"))
    layer.text("head/title", words, view.title, style)
    return high


def _live_row(layer: Layer, context: Context, inner: Box) -> int:
    m, view = context.metrics, context.view
    dot = round(m.chrome * 1.15)
    said = ("・".join(view.footer.live), *view.footer.watching)
    style = head_style(m, bold=True)
    least = Style(style.least, style.least, True, ruby=False, line=1.25)
    most = (1 if m.form is Form.WIDE else 2) + max(0, len(view.footer.watching) - 1)
    for clock in (view.clock, _short(view.clock), ""):
        right = _clock_width(layer, context, clock, inner)
        room = inner.w - dot - m.u(1.4) - (right + m.u(2) if right else 0)
        text = "\u3000\u200b".join(said)
        wanted = layer.measure(text, room, m.height * 2 // 5, least)
        if len(wanted.lines) > 1:  # then each sentence begins a line
            text = "\n".join(said)
            wanted = layer.measure(text, room, m.height * 2 // 5, least)
        if len(wanted.lines) <= most:
            break
        most = max(most, 2)  # the date goes for one line, the time only for two
    high = max(inner.h, wanted.height + m.u(1.2))
    box = Box(inner.x, inner.y, inner.w, high)
    if clock:
        far, box = box.cut_right(right, m.u(2))
        layer.text("head/clock", far, clock, head_style(m, align="right"), INK, PAPER)
    spot, words = box.cut_left(dot, m.u(1.4))
    layer.icon("head/live", spot.middle(dot, dot), "video", ATTENTION)
    layer.text("head/watching", words, text, style)
    return high
