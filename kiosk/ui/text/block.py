"""A text set into a width: lines with their places, and its picture. Knows Pango, not Kivy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

from kiosk.ui import tokens
from kiosk.ui.raster import Coverage, face, paint
from kiosk.ui.text.fonts import stack
from kiosk.ui.text.lines import Line, break_text, has_readings, line_width, plain, without_readings

T = TypeVar("T")
R = TypeVar("R")
_BODY_ABOVE = 0.88  # of the em: how far a full-width character reaches above the base line
_STEPS = 9  # sizes that are tried between the wished and the least


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set. Sizes in pixels; the text may shrink from `size` to `least`, never below."""

    size: int
    least: int
    bold: bool = False
    align: str = "left"  # left, centre, right
    valign: str = "middle"  # top, middle, bottom
    ruby: bool = True
    even: bool = True
    line: float = tokens.LINE
    language: str = "ja"


@dataclass(frozen=True, slots=True)
class Block:
    """A text in lines. `fits` is False when even the least size overflows (it is then made smaller still)."""

    lines: tuple[Line, ...]
    size: int
    readings: bool
    width: int  # of the widest line
    height: int
    style: Style
    fits: bool = True
    rough: bool = False  # a phrase had to be divided

    def pitch(self, number: int) -> float:
        """The height of one line: more where readings stand above."""
        readings = any(atom.reading for atom in self.lines[number])
        return self.size * (max(self.style.line, tokens.LINE_RUBY) if readings else self.style.line)

    def tops(self) -> list[float]:
        """Where each line begins, and where the block ends."""
        tops = [0.0]
        for number in range(len(self.lines)):
            tops.append(tops[-1] + self.pitch(number))
        return tops


@lru_cache(maxsize=8192)
def _advance(text: str, families: str, size: int, bold: bool, language: str) -> float:
    return face(families, size, bold, language).width(text)


def reading_size(size: int) -> int:
    """Readings are half as large."""
    return round(size * 0.5)


def typeset(text: str, width: int, style: Style, size: int, *, loose: bool = False) -> Block:
    """`text` at exactly `size`, as high as it becomes."""
    shown = text if style.ruby else without_readings(text)
    readings = has_readings(shown)
    fonts = stack(plain(text), style.language)
    full, small = round(size * fonts.scale), reading_size(size)

    def measure(part: str, reading: bool) -> float:
        return _advance(part, fonts.families, small if reading else full, style.bold, fonts.language)

    broken, rough = break_text(shown, width, measure, even=style.even, loose=loose)
    lines = tuple(broken)
    widest = max((line_width(line) for line in lines), default=0.0)
    block = Block(lines, size, readings, round(widest + 0.49), 0, style, rough=rough)
    return replace(block, height=round(block.tops()[-1]))


@lru_cache(maxsize=1024)
def fit(text: str, width: int, height: int, style: Style) -> Block:
    """The largest setting between `size` and `least` that fits.

    Whole phrases are kept if any size allows it; readings go before the size falls below the least.
    """
    sizes = _sizes(style.size, style.least)
    for ruby in dict.fromkeys((style.ruby, False)):
        plain_style = replace(style, ruby=ruby, even=False)
        for loose in (False, True):
            found = largest(sizes, lambda size: _fitting(text, width, height, plain_style, size, loose))  # noqa: B023
            if found is not None:
                return typeset(text, width, replace(style, ruby=ruby), found.size, loose=loose)
    return _squeezed(text, width, height, replace(style, ruby=False))


def _fitting(text: str, width: int, height: int, style: Style, size: int, loose: bool) -> Block | None:
    block = typeset(text, width, style, size, loose=loose)
    inside = block.width <= width and block.height <= height
    return block if inside and (loose or not block.rough) else None


def largest(sizes: Sequence[T], tried: Callable[[T], R | None]) -> R | None:
    """The result for the first of `sizes` (from large to small) that has one, in few attempts."""
    best = tried(sizes[0])
    if best is not None or len(sizes) == 1:
        return best
    low, high = 1, len(sizes) - 1
    while low <= high:
        middle = (low + high) // 2
        result = tried(sizes[middle])
        if result is None:
            low = middle + 1
        else:
            best, high = result, middle - 1
    return best


def _squeezed(text: str, width: int, height: int, style: Style) -> Block:
    size = style.least
    block = typeset(text, max(1, width), style, size)
    while size > 8 and (block.width > width or block.height > height):
        size -= max(1, size // 16)
        block = typeset(text, max(1, width), style, size)
    return replace(block, fits=False)


def _sizes(wished: int, least: int) -> list[int]:
    if wished <= least:
        return [least]
    return sorted({round(least + (wished - least) * i / (_STEPS - 1)) for i in range(_STEPS)}, reverse=True)


def forget() -> None:
    """Drops every remembered text: what was shown to one resident is not kept for the next."""
    fit.cache_clear()
    _advance.cache_clear()


def picture(block: Block) -> tuple[Coverage, int]:
    """(coverage of the whole block, pixels that it reaches out on every side)."""
    edge = round(block.size * 0.3)
    fonts = stack("".join(a.text for line in block.lines for a in line), block.style.language)
    bold = block.style.bold
    main = face(fonts.families, round(block.size * fonts.scale), bold, fonts.language)
    small = face(fonts.families, reading_size(block.size), bold, fonts.language)

    def draw(context: Any, _: Any) -> None:
        tops = block.tops()
        for number, line in enumerate(block.lines):
            _draw_line(context, block, line, edge, edge + tops[number], block.pitch(number), main, small)

    return paint(block.width + 2 * edge, block.height + 2 * edge, draw), edge


def _draw_line(
    context: Any, block: Block, line: Line, edge: int, top: float, pitch: float, main: Any, small: Any
) -> None:
    size = block.size
    over = size * 0.5 if any(atom.reading for atom in line) else 0.0
    baseline = top + over + (pitch - over - size) / 2 + size * _BODY_ABOVE
    spare = block.width - line_width(line)
    x = edge + {"left": 0.0, "centre": spare / 2, "right": spare}[block.style.align]
    run, run_x = "", x
    for atom in line:
        if atom.reading:
            if run:
                main.show(context, run, run_x, baseline)
            run = ""
            main.show(context, atom.text, x + (atom.width - main.width(atom.text)) / 2, baseline)
            reading_x = x + (atom.width - small.width(atom.reading)) / 2
            small.show(context, atom.reading, reading_x, baseline - size * 0.93)
        else:
            if not run:
                run_x = x
            run += atom.text
        x += atom.width
    if run:
        main.show(context, run, run_x, baseline)
