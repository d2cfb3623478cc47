"""Decides which canned phrases an operator has at a key, and what is wrong with an author's list.

A municipality's own come first, in its order, then those that all share. Never reads a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec

from hub.core.content import Part
from hub.core.problems import Problem
from protocol.ruby import breakable, fault, plain
from protocol.strict_yaml import setting

FILE = "phrases.yaml"
LONGEST = 90
"""Signs of a phrase without its readings: what can be read at once in the large type of a written call."""

Phrase = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class PhraseFile(Part, frozen=True):
    """phrases.yaml: sentences that an operator puts on the terminal with one key."""

    phrases: Annotated[
        tuple[Phrase, ...],
        setting("Captions, the most frequent first; kanji may carry readings", min_length=1, max_length=60),
    ]


def together(own: Sequence[str], shared: Sequence[str]) -> tuple[str, ...]:
    """All of a municipality as they travel; what stands in both stands where it is its own."""
    return tuple(dict.fromkeys(breakable(text) for text in (*own, *shared)))


def problems(file: PhraseFile, name: str = FILE) -> Iterator[Problem]:
    """Markup that cannot be read, sentences that are too long, and doubles."""
    seen: dict[str, int] = {}
    for at, text in enumerate(file.phrases):
        key = f"phrases[{at}]"
        if problem := fault(text):
            yield Problem(name, key, f"{problem} (in '{text[:30]}')")
            continue
        said = plain(breakable(text))
        if len(said) > LONGEST:
            yield Problem(name, key, f"{len(said)} signs; allowed: at most {LONGEST}, readings not counted")
        if said in seen:
            yield Problem(name, key, f"'{said[:30]}' stands in phrases[{seen[said]}] too; take one out")
        seen.setdefault(said, at)
