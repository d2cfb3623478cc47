"""How a finding in a municipality's files is said; what several checks of them have in common."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at `key` of `file` (a path below the municipality's directory)."""

    file: str
    key: str
    text: str


def references(
    file: str, key: str, said: Sequence[str], known: Collection[str], kind: str
) -> Iterator[Problem]:
    """Ids of a list that lead nowhere, or stand in it twice."""
    for at, id in enumerate(said):
        yield from reference(file, f"{key}[{at}]", id, known, kind)
    for at, twice in doubles(said):
        yield Problem(file, f"{key}[{at}]", f"'{twice}' stands twice in the list")


def reference(file: str, key: str, id: str, known: Collection[str], kind: str) -> Iterator[Problem]:
    """An id that leads nowhere, with the one that was perhaps meant."""
    if id not in known:
        near = difflib.get_close_matches(id, list(known), n=1, cutoff=0.6)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(sorted(known)) or 'none'}"
        yield Problem(file, key, f"no {kind} '{id}'; {hint}")


def doubles(ids: Sequence[str]) -> Iterator[tuple[int, str]]:
    """(index, id) of every second and later occurrence."""
    seen: Counter[str] = Counter()
    for at, id in enumerate(ids):
        if seen[id]:
            yield at, id
        seen[id] += 1


def tried(file: str, key: str, parse: Callable[[str], object], text: str) -> Iterator[Problem]:
    """What a parser says against a text."""
    try:
        parse(text)
    except ValueError as error:
        yield Problem(file, key, str(error))
