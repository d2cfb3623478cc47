"""Japanese text as authors write it: readings over kanji, and where a line may break.

`{漢字|かんじ}` puts a reading over kanji. A space between two phrases (分かち書き) says where a line may
break; `breakable` turns it into U+200B, which is how texts travel. Spaces beside Latin letters, figures
and signs stay spaces.
"""

from __future__ import annotations

import re

BREAK = "\u200b"
"""Zero width space: a line may end here."""

_RUBY = re.compile(r"\{([^{}|]+)\|([^{}|]+)\}")
_PHRASE_SPACE = re.compile(r"(?<=[^\x00-\x7f]|\}) (?=[^\x00-\x7f]|\{)")


def plain(text: str) -> str:
    """The text without readings and break marks, for a list, a title bar, a voice or a search."""
    return _RUBY.sub(r"\1", text).replace(BREAK, "")


def reading(text: str) -> str:
    """The text with every reading in place of its kanji; what has no reading stays."""
    return _RUBY.sub(r"\2", text).replace(BREAK, "")


def readings(text: str) -> list[tuple[str, str]]:
    """Every (kanji, reading) of the text, in order."""
    return _RUBY.findall(text)


def breakable(text: str) -> str:
    """An author's text as it travels: spaces between phrases become break marks."""
    return _PHRASE_SPACE.sub(BREAK, text)


def fault(text: str) -> str | None:
    """What is wrong with the markup of an author's text, None when nothing is."""
    rest = _RUBY.sub("", text)
    for sign in "{}|":
        if sign in rest:
            return f"a '{sign}' that belongs to no reading; write readings as {{漢字|かんじ}}"
    return None
