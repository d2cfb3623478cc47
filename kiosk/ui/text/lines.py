"""Where lines break. Pure: widths come from a `measure` that is given.

Decides: line ends by kinsoku, breaks only where the author allowed them (U+200B) as long as that fits, lines of
even length, and how far a reading may stand over its neighbours. Never: fonts, pixels of a screen, drawing.

Notation: `{漢字|かんじ}` is a word with its reading, U+200B a place where the author lets a line end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

Measure = Callable[[str, bool], float]
"""(text, is it a reading) -> width."""

BREAK: Final = "\u200b"
NO_START: Final = frozenset(
    "、。，．・：；？！?!,.:;)]｝〕〉》」』】〙〗）］}’”‐–—―ーぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ々〻゛゜ヽヾゝゞ〜～％%℃…‥"
)
NO_END: Final = frozenset("([｛〔〈《「『【〘〖（［{‘“￥¥$＄£#＃")
_OVERHANG: Final = 0.5  # of the reading's em, over a neighbour that has no reading itself
_TOKEN: Final = re.compile(
    r"\{([^|{}]+)\|([^|{}]*)\}|(\u200b)|([^\W\d_\u2e80-\uffff]+(?:[\u0300-\u036f'’\-][^\W\d_\u2e80-\uffff]*)*|[0-9][0-9:,.\-/]*)|( +)|(.)",
    re.S,
)


@dataclass(frozen=True, slots=True)
class Atom:
    """What is never divided: a character, a Latin word, a number, or a word with its reading."""

    text: str
    reading: str = ""
    width: float = 0.0
    break_before: bool = False  # the author allows a line to end before it

    @property
    def space(self) -> bool:
        return self.text.isspace()


Line = tuple[Atom, ...]


def plain(text: str) -> str:
    """`text` without readings and break marks."""
    return re.sub(r"\{([^|{}]+)\|[^|{}]*\}", r"\1", text).replace(BREAK, "")


def without_readings(text: str) -> str:
    """`text` with its break marks but without readings."""
    return re.sub(r"\{([^|{}]+)\|[^|{}]*\}", r"\1", text)


def has_readings(text: str) -> bool:
    """Whether any word of `text` carries a reading."""
    return bool(re.search(r"\{[^|{}]+\|[^|{}]+\}", text))


def atoms(paragraph: str) -> list[Atom]:
    """The atoms of one paragraph, not yet measured."""
    found: list[Atom] = []
    pending = False
    for match in _TOKEN.finditer(paragraph):
        word, reading, mark, latin, space, char = match.groups()
        if mark:
            pending = True
            continue
        text = word or latin or space or char
        found.append(Atom(text, reading or "", break_before=pending))
        pending = False
    return found


def break_text(text: str, width: float, measure: Measure, *, even: bool = False) -> list[Line]:
    """Lines of measured atoms, none wider than `width` unless a single atom is.

    With `even`, lines of a paragraph are made as equal as their number allows.
    """
    lines: list[Line] = []
    for paragraph in text.split("\n"):
        measured = _measured(atoms(paragraph), measure)
        units = _units(measured, by_author=any(a.break_before for a in measured))
        if any(_width(u) > width for u in units):
            units = _units(measured, by_author=False)
        broken = _fill(units, width)
        if even and len(broken) > 1:
            broken = _even(units, width, len(broken))
        lines += [_trimmed(line) for line in broken] or [()]
    return lines


def line_width(line: Line) -> float:
    """The width of a line as drawn."""
    return sum(a.width for a in line)


def _measured(found: list[Atom], measure: Measure) -> list[Atom]:
    out = []
    for i, atom in enumerate(found):
        width = measure(atom.text, False)
        if atom.reading:
            spare = measure("あ", True) * _OVERHANG
            free = sum(spare for n in (i - 1, i + 1) if 0 <= n < len(found) and not found[n].reading)
            width = max(width, measure(atom.reading, True) - free)
        out.append(replace(atom, width=width))
    return out


def _units(found: list[Atom], *, by_author: bool) -> list[list[Atom]]:
    """Groups that stay on one line."""
    units: list[list[Atom]] = []
    for atom in found:
        if not units or _may_break(units[-1][-1], atom, by_author):
            units.append([atom])
        else:
            units[-1].append(atom)
    return units


def _may_break(before: Atom, after: Atom, by_author: bool) -> bool:
    if after.break_before:
        return True
    if after.space:
        return False
    if before.space:
        return True
    if by_author:
        return False
    last, first = before.text[-1], after.text[0]
    if first in NO_START or last in NO_END:
        return False
    counter = last.isdigit() and not first.isascii()  # 10時 stays together
    return not counter and not (last.isascii() and first.isascii())


def _width(unit: list[Atom]) -> float:
    """Of a group at the end of a line: a space there takes no room."""
    end = len(unit)
    while end and unit[end - 1].space:
        end -= 1
    return sum(a.width for a in unit[:end])


def _fill(units: list[list[Atom]], width: float) -> list[list[Atom]]:
    lines: list[list[Atom]] = []
    used = 0.0
    for unit in units:
        if lines and used + _width(unit) <= width:
            lines[-1] = lines[-1] + unit
        else:
            lines.append(list(unit))
            used = 0.0
        used += sum(a.width for a in unit)
    return lines


def _even(units: list[list[Atom]], width: float, count: int) -> list[list[Atom]]:
    """The narrowest filling that still takes `count` lines."""
    low, high = width / count * 0.5, width
    for _ in range(12):
        middle = (low + high) / 2
        tried = _fill(units, middle)
        if len(tried) <= count and all(_width(line) <= middle for line in tried):
            high = middle
        else:
            low = middle
    return _fill(units, high)


def _trimmed(line: list[Atom]) -> Line:
    end = len(line)
    while end and line[end - 1].space:
        end -= 1
    return tuple(line[:end])
