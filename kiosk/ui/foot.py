"""The foot of every screen: leave, text size, language, volume. Every key is at least 20 mm in both directions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk.core.view import Choice, Footer, TouchKind
from kiosk.ui.geometry import Box
from kiosk.ui.keys import Look, key
from kiosk.ui.layer import Context, Layer, local_choice
from kiosk.ui.text.block import Style
from kiosk.ui.tokens import CARD, INK, SAND, STOP, WHITE, Form, Metrics

LEVELS = 5


@dataclass(frozen=True, slots=True)
class _Piece:
    """Something in the row: its least width and how to say it."""

    width: int
    say: Callable[[Box], None]
    grow: float = 0.0


def foot_height(footer: Footer, m: Metrics) -> int:
    """The height of the foot; 0 when there is nothing in it."""
    if not (footer.leave or footer.text_size or footer.languages or footer.volume):
        return 0
    return m.target + 2 * _edge(m)


def _edge(m: Metrics) -> int:
    return m.u(1.2 if m.form is Form.SMALL else 1.5)


def _style(m: Metrics, size: int = 0) -> Style:
    return Style(size or m.chrome, m.chrome, bold=True, align="centre", ruby=False, line=1.25)


def _key_width(layer: Layer, m: Metrics, label: str, lines: int, icon: bool) -> int:
    """The least width of a key in which `label` stands in `lines` lines at the least size."""
    low, high = 1, m.width
    while high - low > 1:
        middle = (low + high) // 2
        block = layer.measure(label, middle, m.height, _style(m))
        if block.fits and len(block.lines) <= lines:
            high = middle
        else:
            low = middle
    extra = round(m.chrome * 1.5) + m.u(1.2) if icon else 0
    return max(m.target, high + extra + 2 * m.u(1.4) + 4)


def draw_foot(layer: Layer, context: Context, box: Box, open_languages: Callable[[], None]) -> None:
    """Says the foot in `box`."""
    if box.h <= 0:
        return
    m = context.metrics
    layer.band("foot/band", box, SAND)
    edge = _edge(m)
    row = Box(box.x + m.margin, box.y + edge, box.w - 2 * m.margin, m.target)
    gap = m.u(1.4)
    pieces = _pieces(layer, context, row.w, gap, open_languages)
    used = sum(p.width for p in pieces) + gap * max(0, len(pieces) - 1)
    spare = max(0, row.w - used)
    grow = sum(p.grow for p in pieces)
    x = row.x
    for piece in pieces:
        width = piece.width + (round(spare * piece.grow / grow) if grow else 0)
        piece.say(Box(x, row.y, width, row.h))
        x += width + gap


def _pieces(
    layer: Layer, context: Context, room: int, gap: int, open_languages: Callable[[], None]
) -> list[_Piece]:
    footer, m = context.view.footer, context.metrics
    first: list[_Piece] = []
    if footer.leave:
        first.append(_leave(layer, context, footer.leave))
    last: list[_Piece] = []
    if footer.text_size:
        last.append(_text_size(layer, context, footer.text_size))
    if footer.volume:
        last.append(_volume(layer, context, footer))
    middle = [_language(layer, context, c) for c in footer.languages]
    used = sum(p.width for p in [*first, *middle, *last]) + gap * (len(first) + len(middle) + len(last) - 1)
    if middle and (used > room or footer.leave):
        middle = [_languages_key(layer, context, footer, open_languages)]
    if first:
        first.append(_Piece(0, lambda _: None, grow=1.0))
        return [*first, *middle, *last]
    return [*middle, _Piece(0, lambda _: None, grow=1.0), *last]


def _leave(layer: Layer, context: Context, choice: Choice) -> _Piece:
    m = context.metrics
    icon = m.form is not Form.SMALL
    width = max(_key_width(layer, m, choice.label, 1, icon), round(m.target * (1.7 if icon else 1.2)))
    look = _look(m, icon="leave" if icon else "", icon_colour=STOP, outline=STOP)
    return _Piece(width, lambda box: key(layer, box, choice, look))


def _look(m: Metrics, **changes: object) -> Look:
    look = Look(
        size=min(m.body, round(m.chrome * 1.25)),
        least=m.chrome,
        line=1.25,
        radius=m.u(2),
        pad=m.u(1.4),
        icon_gap=m.u(1.2),
    )
    return replace(look, **changes)  # type: ignore[arg-type]  # fields of Look


def _text_size(layer: Layer, context: Context, choice: Choice) -> _Piece:
    m = context.metrics
    icon = m.form is Form.WIDE
    width = max(m.target, _key_width(layer, m, choice.label, 2, icon))
    look = _look(m, icon="text" if icon else "", icon_colour=context.palette.brand)
    return _Piece(width, lambda box: key(layer, box, choice, look))


def _language(layer: Layer, context: Context, choice: Choice) -> _Piece:
    m = context.metrics
    look = _look(m, raised=False)
    if choice.selected:
        look = replace(look, fill=context.palette.face, ink=WHITE, outline=None)
    width = max(m.target, _key_width(layer, m, choice.label, 2, False))
    return _Piece(width, lambda box: key(layer, box, choice, look))


def _languages_key(
    layer: Layer, context: Context, footer: Footer, open_languages: Callable[[], None]
) -> _Piece:
    m = context.metrics
    label = footer.language_label
    icon = m.form is not Form.SMALL
    width = max(m.target, _key_width(layer, m, label, 2, icon))
    look = _look(m, icon="globe" if icon else "", icon_colour=context.palette.brand)
    choice = local_choice(label)
    return _Piece(width, lambda box: key(layer, box, choice, look, tid="languages", local=open_languages))


def _volume(layer: Layer, context: Context, footer: Footer) -> _Piece:
    m = context.metrics
    label = footer.volume_label
    middle = max(round(m.chrome * 3.0), layer.measure(label, m.width, m.height, _style(m)).width + m.u(1))

    def say(box: Box) -> None:
        layer.plate("volume/plate", box, CARD, raised=False, radius=m.u(2))
        left, rest = box.cut_left(m.target)
        right, centre = rest.cut_right(m.target)
        quiet = Choice(kind=TouchKind.VOLUME_DOWN, label="")
        loud = Choice(kind=TouchKind.VOLUME_UP, label="")
        look = _look(m, icon_part=0.4, raised=False)
        key(layer, left, quiet, replace(look, icon=""))
        layer.icon(
            "volume/minus", left.middle(m.target * 0.4, m.target * 0.4), "minus", context.palette.brand
        )
        key(layer, right, loud, replace(look, icon=""))
        layer.icon("volume/plus", right.middle(m.target * 0.4, m.target * 0.4), "plus", context.palette.brand)
        _level(layer, context, centre, footer.volume, label)

    return _Piece(2 * m.target + middle, say)


def _level(layer: Layer, context: Context, box: Box, volume: int, label: str) -> None:
    """The word and five bars that grow: number, height and colour say the same."""
    m = context.metrics
    style = _style(m)
    top, low = box.inset(0, m.target * 0.14).cut_top(round(m.chrome * 1.25), m.u(0.6))
    layer.text("volume/label", top, label, style, INK, CARD)
    bars = low.inset(m.u(1.2), 0)
    for number, cell in enumerate(bars.columns(LEVELS, m.u(0.5))):
        high = round(cell.h * (0.36 + 0.64 * (number + 1) / LEVELS))
        bar, _ = cell.cut_bottom(high)
        colour = context.palette.brand if number < volume else SAND
        layer.plate(f"volume/bar{number}", bar, colour, radius=3, raised=False)
