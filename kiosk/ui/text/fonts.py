"""Which fonts a text is set in. BIZ UDPGothic for the screen, Noto where it lacks a character."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Stack:
    """Families in order, the language tag, and how much larger they are set to give equal capitals."""

    families: str
    language: str
    scale: float = 1.0


_JAPANESE: Final = Stack("BIZ UDPGothic, Noto Sans CJK JP, Noto Sans", "ja")
_CHINESE: Final = Stack("Noto Sans CJK SC, Noto Sans", "zh-cn")
_LATIN: Final = "Noto Sans, BIZ UDPGothic, Noto Sans CJK JP"
_LATIN_SCALE: Final = 1.03  # Noto Sans has capitals of 0.714 em
_STACKS: Final = {
    "zh": _CHINESE,
    **{code: Stack(_LATIN, code, _LATIN_SCALE) for code in ("vi", "pt", "en")},
}


def stack(text: str, language: str) -> Stack:
    """The fonts for `text` on a screen of `language`.

    A text in Latin letters alone is set in Noto Sans even on a Japanese screen: BIZ UDPGothic lacks
    Vietnamese
    marks, letters of two families in one word look broken, and its letters are a seventh wider.
    """
    letters = [c for c in text if c.isalpha()]
    if letters and all(c < "\u2000" for c in letters):
        known = _STACKS.get(language.split("-")[0])
        return known if known is not None and known is not _CHINESE else Stack(_LATIN, "vi", _LATIN_SCALE)
    return _STACKS.get(language.split("-")[0], _JAPANESE)
