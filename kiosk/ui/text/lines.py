"""Where lines break. Pure: widths come from a `measure` that is given.

Decides: line ends by kinsoku, breaks only where the author allowed them (U+200B) as long as that fits,
lines of
even length, and how far a reading may stand over its neighbours. Never: fonts, pixels of a screen, drawing.

Notation: `{漢字|かんじ}` is a word with its reading, U+200B a place where the author lets a line end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

Measure = Callable[[str, bool], float]
"""(text, is it a reading) -> width."""
MayBreak = Callable[[Sequence["Atom"], int], bool]
"""(atoms, place) -> may a line end before the atom at this place."""

BREAK: Final = "\u200b"
NO_START: Final = frozenset(
    "、。，．・：；？！?!,.:;)]｝〕〉》」』】〙〗）］}’”‐–—―ーぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶ々〻゛゜ヽヾゝゞ〜～％%℃…‥"
)
NO_END: Final = frozenset("([｛〔〈《「『【〘〖（［{‘“￥¥$＄£#＃")
_MARKS: Final = frozenset("、。，．・：；？！?!,:;)）」』】…")  # a phrase may end after them
_PLACES: Final = frozenset("都道府県郡市区町村")
_OVERHANG: Final = 0.5  # of the reading's em, over a neighbour that has no reading itself
_TOKEN: Final = re.compile(
    r"\{([^|{}]+)\|([^|{}]*)\}"  # a word and its reading
    r"|(\u200b)"
    r"|([^\W\d_\u2e80-\uffff]+(?:[\u0300-\u036f'’\-][^\W\d_\u2e80-\uffff]*)*|[0-9][0-9:,.\-/]*)"  # Latin
    r"|([ \u3000]+)|(.)",
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


def break_text(
    text: str, width: float, measure: Measure, *, even: bool = False, loose: bool = False
) -> tuple[list[Line], bool]:
    """(lines of measured atoms, whether a phrase had to be divided). Only a single atom may be too wide.

    Breaks are looked for where the author allowed them, then between phrases, then by kinsoku alone; the next
    kind only inside a group that is still wider than the line. With `loose`, kinsoku alone decides. With
    `even`, the lines of a paragraph are made as equal as their number allows.
    """
    lines: list[Line] = []
    rough = loose
    for paragraph in text.split("\n"):
        measured = _measured(atoms(paragraph), measure)
        kinds = _KINDS[2:] if loose else _KINDS if any(a.break_before for a in measured) else _KINDS[1:]
        units = _units(measured, width, kinds)
        rough = rough or any(_width(u) > width for u in _units(measured, width, kinds[:-1] or kinds))
        broken = _fill(units, width)
        if even and len(broken) > 1:
            broken = _even(units, width, len(broken))
        lines += [_trimmed(line) for line in broken] or [()]
    return lines, rough


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


def _units(found: list[Atom], width: float, kinds: Sequence[MayBreak]) -> list[list[Atom]]:
    """Groups that stay on one line; a group that is too wide is divided by the next kind of break."""
    units: list[list[Atom]] = []
    for number, atom in enumerate(found):
        if not number or kinds[0](found, number):
            units.append([atom])
        else:
            units[-1].append(atom)
    if len(kinds) == 1:
        return units
    return [
        part
        for unit in units
        for part in (_units(unit, width, kinds[1:]) if _width(unit) > width else [unit])
    ]


def _by_author(found: Sequence[Atom], at: int) -> bool:
    return found[at].break_before or (found[at - 1].space and not found[at].space)


def _by_phrase(found: Sequence[Atom], at: int) -> bool:
    """A phrase ends with hiragana or a mark, and the next begins with another script."""
    if _by_author(found, at):
        return True
    if not _by_kinsoku(found, at):
        return False
    last, first = found[at - 1].text[-1], found[at].text[0]
    if last in _MARKS:
        return True
    if last in "おご" or first in _PLACES:  # polite prefixes; みなみ市 stays together
        return False
    return (_hiragana(last) and not _hiragana(first)) or _after_place(found, at)


def _after_place(found: Sequence[Atom], at: int) -> bool:
    """Between the parts of an address: after a prefecture, county or town of three characters or more."""
    if found[at - 1].text[-1] not in _PLACES:
        return False
    before = "".join(a.text for a in found[:at])[-3:]
    after = "".join(a.text for a in found[at:])[:3]
    return all(len(part) == 3 and all(_han(c) for c in part) for part in (before, after))


def _by_kinsoku(found: Sequence[Atom], at: int) -> bool:
    before, after = found[at - 1], found[at]
    if after.break_before:
        return True
    if after.space:
        return False
    if before.space:
        return True
    last, first = before.text[-1], after.text[0]
    if first in NO_START or last in NO_END:
        return False
    counter = last.isdigit() and not first.isascii()  # 10時 stays together
    return not counter and not (last.isascii() and first.isascii())


def _hiragana(char: str) -> bool:
    return "\u3041" <= char <= "\u309f"


def _han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or char == "々" or char >= "\U00020000"


_KINDS: Final[tuple[MayBreak, ...]] = (_by_author, _by_phrase, _by_kinsoku)


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
