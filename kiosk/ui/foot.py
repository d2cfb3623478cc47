"""What is always within reach: leave, text size, language, volume; every key at least 20 mm both ways.

A row at the foot of the screen; on the 7 inch panel, whose height is scarce, a column at its right side.
What does
not fit opens as a sheet of its own: languages and volume.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from kiosk.core.view import Choice, Footer, TouchKind
from kiosk.ui.geometry import Box
from kiosk.ui.keys import Look, key
from kiosk.ui.layer import Context, Layer, local_choice
from kiosk.ui.text.block import Style, typeset
from kiosk.ui.tokens import CARD, CLEAR, INK, LINE_COLOUR, SAND, STOP, WHITE, Form, Metrics

LEVELS = 5


@dataclass(frozen=True, slots=True)
class Openers:
    """What opens the sheets that lie over the screen."""

    languages: Callable[[], None]
    volume: Callable[[], None]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Something in the row: its least width and how to say it."""

    width: int
    say: Callable[[Box], None]
    grow: float = 0.0


def split_foot(screen: Box, footer: Footer, m: Metrics) -> tuple[Box, Box]:
    """(place of the keys, the rest of the screen)."""
    if not (footer.leave or footer.staff or footer.text_size or footer.languages or footer.volume):
        return Box(screen.x, screen.bottom, screen.w, 0), screen
    if m.form is Form.SMALL:
        return screen.cut_right(m.target * 1.52 + 2 * m.u(1.6))
    return screen.cut_bottom(m.target + 2 * m.u(1.5))


def draw_foot(layer: Layer, context: Context, box: Box, openers: Openers) -> None:
    """Says the keys in `box`."""
    if box.h <= 0:
        return
    layer.band("foot/band", box, SAND)
    if context.metrics.form is Form.SMALL:
        _column(layer, context, box, openers)
    else:
        _row(layer, context, box, openers)


def _column(layer: Layer, context: Context, box: Box, openers: Openers) -> None:
    footer, m = context.view.footer, context.metrics
    pieces: list[_Piece] = []
    if footer.volume:
        pieces.append(_volume_key(layer, context, footer, openers.volume))
    if footer.text_size:
        pieces.append(_text_size(layer, context, footer.text_size))
    room = box.h >= m.target * (3 + sum(map(bool, (footer.volume, footer.staff, footer.leave))))
    if footer.languages and room:  # four keys fill the column; a call has its language by then
        pieces.append(_languages_key(layer, context, footer, openers.languages))
    if footer.staff:
        pieces.append(_staff(layer, context, footer.staff))
    if footer.leave:
        pieces.append(_leave(layer, context, footer.leave))
    gap = min(m.u(1.6), (box.h - len(pieces) * m.target) // (len(pieces) + 1))
    inner = box.inset(m.u(1.6), gap)
    y = inner.bottom - len(pieces) * m.target - (len(pieces) - 1) * gap
    for piece in pieces:
        piece.say(Box(inner.x, y, inner.w, m.target))
        y += m.target + gap


def _row(layer: Layer, context: Context, box: Box, openers: Openers) -> None:
    m = context.metrics
    row = Box(box.x + m.margin, box.y + m.u(1.5), box.w - 2 * m.margin, m.target)
    gap = m.u(1.4)
    pieces = _pieces(layer, context, row.w, gap, openers)
    used = sum(p.width for p in pieces) + gap * max(0, len(pieces) - 1)
    grow = sum(p.grow for p in pieces)
    x = row.x
    for piece in pieces:
        width = piece.width + (round(max(0, row.w - used) * piece.grow / grow) if grow else 0)
        piece.say(Box(x, row.y, width, row.h))
        x += width + gap


def _pieces(layer: Layer, context: Context, room: int, gap: int, openers: Openers) -> list[_Piece]:
    footer = context.view.footer
    first = [_leave(layer, context, footer.leave)] if footer.leave else []
    staff = [_staff(layer, context, footer.staff)] if footer.staff else []
    last = [_text_size(layer, context, footer.text_size)] if footer.text_size else []
    middle = [_language(layer, context, c) for c in footer.languages]
    key_of_languages = _languages_key(layer, context, footer, openers.languages)
    if footer.leave and middle:
        middle = [key_of_languages]
    volume = [_volume(layer, context, footer)] if footer.volume else []

    def used() -> int:
        every = [*first, *staff, *middle, *last, *volume]
        return sum(p.width for p in every) + gap * len(every)

    if middle and used() > room:
        middle = [key_of_languages]
    if first and used() > room:
        first = [_leave(layer, context, footer.leave, bare=True)] if footer.leave else []
    if volume and used() > room:
        volume = [_volume_key(layer, context, footer, openers.volume)]
    if staff and middle and used() > room:
        middle = []  # a call has its language by then
    space = [_Piece(0, lambda _: None, grow=1.0)]
    if first:
        return [*first, *staff, *space, *middle, *last, *volume]
    return [*middle, *space, *staff, *last, *volume]


def foot_style(m: Metrics, size: int = 0) -> Style:
    """Like the head, the foot may stay at 'normal'."""
    return Style(
        size or m.chrome, m.chrome, bold=m.form is not Form.SMALL, align="centre", ruby=False, line=1.25
    )


def _key_width(layer: Layer, m: Metrics, label: str, lines: int, icon: bool) -> int:
    """The least width of a key in which `label` stands in `lines` lines at the least size."""
    style = replace(foot_style(m), language=layer.said_in.view.language)
    extra = round(m.chrome * 1.5) + m.u(1.2) if icon else 0
    return max(m.target, _word_width(label, style, lines) + extra + 2 * m.u(1.4) + 4)


@lru_cache(maxsize=128)
def _word_width(label: str, style: Style, lines: int) -> int:
    low, high = 1, 2000
    while high - low > 1:
        middle = (low + high) // 2
        block = typeset(label, middle, style, style.least)
        if block.width <= middle and len(block.lines) <= lines and not block.rough:
            high = middle
        else:
            low = middle
    return high


def _look(m: Metrics, **changes: object) -> Look:
    size = min(m.body, round(m.chrome * 1.2))
    look = Look(
        size=size, least=m.chrome, line=1.25, radius=m.u(2), pad=m.u(1.4), icon_gap=m.u(1.2), ruby=False
    )
    look = replace(look, bold=m.form is not Form.SMALL)
    return replace(look, **changes)  # type: ignore[arg-type]  # fields of Look


def _leave(layer: Layer, context: Context, choice: Choice, *, bare: bool = False) -> _Piece:
    m = context.metrics
    icon = m.form is not Form.SMALL and not bare
    width = max(_key_width(layer, m, choice.label, 1, icon), round(m.target * (1.2 if bare else 1.5)))
    look = _look(m, icon="leave" if icon else "", icon_colour=STOP, outline=STOP)
    return _Piece(width, lambda box: key(layer, box, choice, look))


def _staff(layer: Layer, context: Context, choice: Choice) -> _Piece:
    m = context.metrics
    icon = m.form is Form.WIDE
    look = _look(m, icon="person" if icon else "", icon_colour=context.palette.brand)
    return _Piece(_key_width(layer, m, choice.label, 2, icon), lambda box: key(layer, box, choice, look))


def _text_size(layer: Layer, context: Context, choice: Choice) -> _Piece:
    m = context.metrics
    icon = m.form is Form.WIDE
    width = _key_width(layer, m, choice.label, 2, icon)
    look = _look(m, icon="text" if icon else "", icon_colour=context.palette.brand)
    return _Piece(width, lambda box: key(layer, box, choice, look))


def _language(layer: Layer, context: Context, choice: Choice) -> _Piece:
    m = context.metrics
    look = _look(m, raised=False)
    if choice.selected:
        look = replace(look, fill=context.palette.face, ink=WHITE, outline=None)
    lines = 2 if " " in choice.label or "\u200b" in choice.label else 1
    return _Piece(_key_width(layer, m, choice.label, lines, False), lambda box: key(layer, box, choice, look))


def _languages_key(layer: Layer, context: Context, footer: Footer, opened: Callable[[], None]) -> _Piece:
    m = context.metrics
    icon = m.form is Form.WIDE
    width = _key_width(layer, m, footer.language_label, 2, icon)
    look = _look(m, icon="globe" if icon else "", icon_colour=context.palette.brand)
    choice = local_choice(footer.language_label)
    return _Piece(width, lambda box: key(layer, box, choice, look, tid="languages", local=opened))


def _volume_key(layer: Layer, context: Context, footer: Footer, opened: Callable[[], None]) -> _Piece:
    """The word and the level; touching it opens the sheet with the two keys."""
    m = context.metrics
    width = _key_width(layer, m, footer.volume_label, 1, False)

    def say(box: Box) -> None:
        key(layer, box, local_choice(""), _look(m), tid="volume", local=opened)
        draw_level(layer, context, box.inset(m.u(1.6), m.target * 0.14))

    return _Piece(width, say)


def _volume(layer: Layer, context: Context, footer: Footer) -> _Piece:
    m = context.metrics
    style = foot_style(m)
    middle = max(
        round(m.chrome * 3.0), layer.measure(footer.volume_label, m.width, m.height, style).width + m.u(2)
    )

    def say(box: Box) -> None:
        line = max(2, m.u(0.3))
        layer.plate("volume/plate", box, CARD, radius=m.u(2), outline=LINE_COLOUR, line=line)
        centre = volume_keys(layer, context, box, m.target, bare=True)
        draw_level(layer, context, centre.inset(m.u(0.6), m.target * 0.14))

    return _Piece(2 * m.target + middle, say)


def volume_keys(layer: Layer, context: Context, box: Box, width: int, *, bare: bool = False) -> Box:
    """'Quieter' at the left and 'louder' at the right end of `box`; returns the room between."""
    m = context.metrics
    left, rest = box.cut_left(width)
    right, centre = rest.cut_right(width)
    for place, kind, icon in ((left, TouchKind.VOLUME_DOWN, "minus"), (right, TouchKind.VOLUME_UP, "plus")):
        look = _look(m, raised=False, outline=None, fill=CLEAR) if bare else _look(m)
        key(layer, place, Choice(kind=kind, label=""), look)
        side = m.target * 0.42
        layer.icon(f"volume/{icon}", place.middle(side, side), icon, context.palette.brand)
    return centre


def draw_level(layer: Layer, context: Context, box: Box) -> None:
    """The word and five bars that grow: number, height and colour say the same."""
    m, footer = context.metrics, context.view.footer
    top, low = box.cut_top(round(m.chrome * 1.25), m.u(0.6))
    layer.text("volume/label", top, footer.volume_label, foot_style(m), INK, CARD)
    bars = low.middle(min(low.w, m.target * 1.2), low.h)
    for number, cell in enumerate(bars.columns(LEVELS, m.u(0.5))):
        bar, _ = cell.cut_bottom(round(cell.h * (0.36 + 0.64 * (number + 1) / LEVELS)))
        colour = context.palette.brand if number < footer.volume else SAND
        layer.plate(f"volume/bar{number}", bar, colour, radius=3, raised=False)
