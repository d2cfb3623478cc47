"""A call that is written: the operator's words in large type, and the keys that answer them.

The pictures' place belongs to the words; the operator's picture stays, small, beside the name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk.core.view import Choice, Person, TextSize, Words
from kiosk.ui.flow import Said
from kiosk.ui.geometry import Box
from kiosk.ui.keys import Look, key, primary
from kiosk.ui.layer import Context, Layer
from kiosk.ui.screens.base import reading
from kiosk.ui.text.block import Style
from kiosk.ui.tokens import CARD, INK, Form, Metrics

_ANSWERS = 2  # the first keys answer; the others are about the talk itself and may be smaller


@dataclass(frozen=True, slots=True)
class WordPlaces:
    """Where a written call stands. `ask` is the line over the keys; the small panel has no room for it."""

    words: Box
    operator: Box | None
    person: Box | None
    ask: Box | None
    keys: tuple[Box, ...]


def word_places(room: Box, m: Metrics, count: int, ask_high: int, name_high: int) -> WordPlaces:
    """Places for `count` keys. Every key is large enough for a finger on every panel."""
    if m.form is Form.SMALL:
        return _small(room, m, count)
    gap = m.u(2.2)
    high = max(m.target, m.u(15 if m.text_size is TextSize.NORMAL else 19))
    if m.form is Form.TALL:
        low, rest = room.cut_bottom(2 * high + gap, gap)
        first, second = low.rows(2, gap)
        keys = (*first.columns(_ANSWERS, gap), *second.columns(count - _ANSWERS, gap))
        ask, rest = rest.cut_bottom(ask_high, m.u(0.8))
        top, words = rest.cut_top(rest.h * 0.24, gap)
        operator, person = top.cut_left(top.h * 4 / 3, m.u(3))
        return WordPlaces(words, operator, person, ask, keys)
    low, rest = room.cut_bottom(high, gap)
    ask, rest = rest.cut_bottom(ask_high, m.u(0.8))
    side, words = rest.cut_left(rest.w * 0.24, gap)
    person, operator = side.cut_bottom(name_high, m.u(1))
    return WordPlaces(words, operator, person, ask, _row(low, m, count, gap))


def _small(room: Box, m: Metrics, count: int) -> WordPlaces:
    gap = m.u(1.6)
    low, rest = room.cut_bottom(m.target, gap)
    operator, words = rest.cut_left(rest.w * 0.2, gap)
    return WordPlaces(words, operator, None, None, _row(low, m, count, gap))


def without_picture(places: WordPlaces) -> WordPlaces:
    """On the small panel a long text needs the whole width."""
    assert places.operator is not None
    left, words = places.operator, places.words
    whole = Box(left.x, words.y, words.right - left.x, words.h)
    return replace(places, words=whole, operator=None)


def _row(low: Box, m: Metrics, count: int, gap: int) -> tuple[Box, ...]:
    return tuple(low.columns([1.2] * _ANSWERS + [1.0] * (count - _ANSWERS), gap))


def name_of(m: Metrics, person: Person) -> list[Said]:
    """Who writes, without a card of its own."""
    align = "left" if m.form is Form.TALL else "centre"
    name = Said("person/name", person.name, reading(m, m.body, bold=True, line=1.25, align=align))
    if m.form is not Form.TALL:
        return [name]
    where = reading(m, m.body, line=1.25)
    return [
        Said("person/where", person.municipality, where, optional=True),
        name,
        Said("person/role", person.role, where, optional=True),
    ]


def ask_high(layer: Layer, m: Metrics, words: Words, width: int) -> int:
    """The line over the keys, whichever of the two stands there."""
    style = reading(m, m.body, align="centre")
    return max(layer.measure(line, width, m.height, style).height for line in (words.ask, words.said or "あ"))


def fits(layer: Layer, m: Metrics, words: Words, places: WordPlaces) -> bool:
    """Whether the words can be read in their place."""
    inner = _inner(m, places)
    return layer.measure(words.text, inner.w, inner.h, _words_style(m)).fits


def draw_words(layer: Layer, context: Context, words: Words, places: WordPlaces) -> None:
    """Says words, line and keys."""
    m = context.metrics
    layer.plate("words/plate", places.words)
    layer.text("words", _inner(m, places), words.text, _words_style(m), INK, CARD)
    if places.ask is not None:
        layer.text("words/ask", places.ask, words.said or words.ask, reading(m, m.body, align="centre"))
    for number, (choice, box) in enumerate(zip(words.keys, places.keys, strict=True)):
        _key(layer, m, box, choice, answer=number < _ANSWERS)


def _inner(m: Metrics, places: WordPlaces) -> Box:
    return places.words.inset(m.pad, m.u(1.2))


def _words_style(m: Metrics) -> Style:
    return Style(m.title, _least(m), bold=True, ruby=m.ruby, line=1.3 if m.form is Form.SMALL else 1.35)


def _key(layer: Layer, m: Metrics, box: Box, choice: Choice, *, answer: bool) -> None:
    size = m.heading if answer and m.form is not Form.SMALL else m.body
    shape = {
        "size": size,
        "least": _least(m),
        "line": 1.25,
        "radius": m.u(2),
        "pad": m.u(1.0),
        "ruby": m.ruby and m.text_size is TextSize.NORMAL,
    }
    if choice.selected:
        key(layer, box, choice, primary(layer, raised=False, **shape))
    else:
        key(layer, box, choice, Look(**shape))  # type: ignore[arg-type]  # fields of Look


def _least(m: Metrics) -> int:
    return m.chrome if m.form is Form.SMALL else m.least


def calm_high(layer: Layer, context: Context, text: str, width: int) -> int:
    """How high the band with the calm line is."""
    m = context.metrics
    block = layer.measure(text, width - _icon_room(m) - 2 * m.pad, m.height // 3, _calm_style(m))
    return block.height + 2 * m.u(0.7)


def draw_calm(layer: Layer, context: Context, text: str, band: Box, icon: str) -> None:
    """A band that says what carries the call, where it covers nothing."""
    m, palette = context.metrics, context.palette
    layer.plate("calm/plate", band, palette.tint, radius=m.u(1.8), raised=False)
    inner = band.inset(m.pad, m.u(0.4))
    mark, rest = inner.cut_left(_icon_room(m) - m.u(1.6), m.u(1.6))
    layer.icon("calm/icon", mark, icon, palette.brand)
    layer.text("calm", rest, text, _calm_style(m), INK, palette.tint)


def _icon_room(m: Metrics) -> int:
    return round(m.chrome * 1.2) + m.u(1.6)


def _calm_style(m: Metrics) -> Style:
    small = m.form is Form.SMALL
    return Style(m.chrome if small else m.body, _least(m), bold=True, line=1.3)
