"""Finds what is wrong with centres.yaml, and with what municipalities say about it, beyond the form of each.

Never raises and never mends: every finding names file and key, so that an author sees all of them at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from hub.core.centres import FILE, Asked, Shared, SkillNeed
from hub.core.content_checks import MUNICIPALITY, Files
from hub.core.problems import Problem, doubles, reference


def of_pool(shared: Shared, towns: Collection[str]) -> Iterator[Problem]:
    """In the file itself. `towns` are all municipalities, also those with mistakes of their own."""
    for kind, ids in (
        ("skills", [one.id for one in shared.skills]),
        ("centres", [one.id for one in shared.centres]),
    ):
        for at, twice in doubles(ids):
            yield Problem(FILE, f"{kind}[{at}].id", f"'{twice}' stands twice")
    for at, twice in doubles([one.language for one in shared.skills]):
        if twice:
            yield Problem(FILE, f"skills[{at}].language", f"language '{twice}' has a skill already")
    centres = [one.id for one in shared.centres]
    for town, order in shared.overflow.items():
        yield from reference(FILE, f"overflow.{town}", town, towns, "municipality")
        yield from _order(f"overflow.{town}", order, centres)
    if not shared.centres:
        return
    for town in sorted(set(towns) - shared.overflow.keys()):
        yield Problem(
            FILE, "overflow", f"no centre serves '{town}', so nobody would be rung for it; add a line {town}:"
        )
    served = {one.centre for order in shared.overflow.values() for one in order}
    for at, centre in enumerate(centres):
        if centre not in served:
            yield Problem(
                FILE, f"centres[{at}]", f"'{centre}' serves no municipality, so its operators would never be "
                "rung; name it in overflow or take it out"
            )  # fmt: skip


def _order(key: str, order: Sequence[Asked], centres: Collection[str]) -> Iterator[Problem]:
    if not order:
        yield Problem(FILE, key, "no centre; nobody would be rung for it, so name at least one")
        return
    for at, one in enumerate(order):
        yield from reference(FILE, f"{key}[{at}].centre", one.centre, centres, "centre")
    for at, twice in doubles([one.centre for one in order]):
        yield Problem(
            FILE, f"{key}[{at}].centre", f"'{twice}' stands before already: a call does not come back to it"
        )
    if order[0].after_s:
        yield Problem(
            FILE, f"{key}[0].after_s", f"{order[0].after_s:g} s before anybody is asked; the first takes 0"
        )
    for at, (before, one) in enumerate(pairwise(order), 1):
        if one.after_s < before.after_s:
            yield Problem(
                FILE, f"{key}[{at}].after_s", f"{one.after_s:g} s is less than the one before it has; "
                "write them in the order in which they are asked"
            )  # fmt: skip


def of_town(files: Files, shared: Shared) -> Iterator[Problem]:
    """In a municipality's files: skills that nobody could have."""
    known = [one.id for one in shared.skills]
    for name, procedure in files.procedures.items():
        yield from _skill(name, "skill", procedure.skill, known)
    for at, place in enumerate(files.municipality.sites if files.municipality else ()):
        yield from _skill(MUNICIPALITY, f"sites[{at}].skill", place.skill, known)


def _skill(name: str, key: str, need: SkillNeed | None, known: Collection[str]) -> Iterator[Problem]:
    for problem in reference(name, f"{key}.id", need.id, known, "skill") if need else ():
        yield replace(problem, text=f"nobody could have it: {problem.text}; skills stand in {FILE}")
