"""Finds what is wrong with a municipality's files beyond the form of each: references, doubles, sizes.

Never raises and never mends: every finding is a `Problem` that names file and key, so that an author sees
all of them at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import msgspec

from hub.core import opening
from hub.core.colour import LEAST_CONTRAST, WHITE, contrast
from hub.core.content import Block, Department, Municipality, PageFile, Place, Procedure, page_view, topic
from hub.core.problems import Problem, doubles, reference, references, tried
from protocol.ruby import fault

PAGE_LIMIT = 32 * 1024
"""Bytes of a page as it travels: a message has 64 KiB, and a desk's carries more than the page."""

TOPICS_LIMIT = 16 * 1024
"""Bytes of all procedures of a site as they travel in the snapshot."""

MOST_TILES = 6
MUNICIPALITY = "municipality.yaml"


@dataclass(slots=True)
class Files:
    """One municipality as read: each file by its path below the directory ('procedures/copy.yaml')."""

    municipality: Municipality | None = None  # None when that file could not be read
    procedures: dict[str, Procedure] = field(default_factory=dict)
    pages: dict[str, PageFile] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)  # ids of files with errors of their own: known all the same


def problems(directory: str, files: Files) -> list[Problem]:
    """All findings in the files of the municipality in `directory` (its last name)."""
    found: list[Problem] = []
    procedures = {item.id: item for item in files.procedures.values()}
    if files.municipality is not None:
        found += _municipality(directory, files.municipality, procedures, files.unread)
    pages = {item.id for item in files.pages.values()} | files.unread
    found += _unique(files.procedures)
    found += _unique(files.pages)
    for name, procedure in files.procedures.items():
        found += _procedure(name, procedure, pages)
    for name, page in files.pages.items():
        found += _page(name, page)
    return found


def _municipality(
    directory: str, town: Municipality, procedures: dict[str, Procedure], unread: set[str]
) -> Iterator[Problem]:
    if town.id != directory:
        yield Problem(
            MUNICIPALITY, "id", f"'{town.id}' stands in the directory '{directory}'; make them equal"
        )
    for key in ("brand", "brand_dark"):
        ratio = contrast(getattr(town, key), WHITE)
        if ratio < LEAST_CONTRAST:
            yield Problem(
                MUNICIPALITY, key, f"white text on {getattr(town, key)} has a contrast of {ratio:.1f}:1; "
                f"allowed: {LEAST_CONTRAST:.0f}:1 or more, so choose a darker colour"
            )  # fmt: skip
    for problem in _days(town.closed_days):
        yield Problem(MUNICIPALITY, problem.key, problem.text)
    for at, twice in doubles([place.id for place in town.sites]):
        yield Problem(MUNICIPALITY, f"sites[{at}].id", f"site '{twice}' stands twice")
    for at, place in enumerate(town.sites):
        for problem in _place(place, procedures, unread):
            yield Problem(MUNICIPALITY, f"sites[{at}].{problem.key}", problem.text)
    yield from _departments(town.departments, procedures.keys() | unread)


def _departments(departments: Sequence[Department], procedures: Collection[str]) -> Iterator[Problem]:
    for at, twice in doubles([one.id for one in departments]):
        yield Problem(MUNICIPALITY, f"departments[{at}].id", f"department '{twice}' stands twice")
    substitutes = {one.id: one.substitute for one in departments if one.substitute}
    for at, one in enumerate(departments):
        key = f"departments[{at}]"
        yield from references(MUNICIPALITY, f"{key}.procedures", one.procedures, procedures, "procedure")
        if one.substitute is None:
            continue
        if one.substitute not in {other.id for other in departments}:
            yield from reference(MUNICIPALITY, f"{key}.substitute", one.substitute,
                                [other.id for other in departments], "department")  # fmt: skip
        elif one.id in (chain := _substitutes(one.substitute, substitutes)):
            round_trip = " -> ".join([one.id, *chain[: chain.index(one.id) + 1]])
            yield Problem(
                MUNICIPALITY, f"{key}.substitute", f"{round_trip} leads back to itself; leave one of them out"
            )


def _substitutes(department: str, substitutes: Mapping[str, str]) -> list[str]:
    """`department` and who stands in for it, one after the other, each once."""
    chain = [department]
    while (following := substitutes.get(chain[-1])) is not None and following not in chain:
        chain.append(following)
    return chain


def _days(days: Sequence[str]) -> Iterator[Problem]:
    for at, text in enumerate(days):
        yield from tried("", f"closed_days[{at}]", opening.parse_day, text)


def _place(place: Place, procedures: dict[str, Procedure], unread: set[str]) -> Iterator[Problem]:
    for day in place.hours.__struct_fields__:
        yield from tried("", f"hours.{day}", opening.parse_hours, getattr(place.hours, day))
    yield from _days(place.closed_days or ())
    yield from _marks("", "hours_note", [place.hours_note])
    for at, twice in doubles([terminal.id for terminal in place.terminals]):
        yield Problem("", f"terminals[{at}].id", f"terminal '{twice}' stands twice")
    yield from references("", "procedures", place.procedures, procedures.keys() | unread, "procedure")
    if place.tiles and len(place.procedures) > MOST_TILES:
        yield Problem(
            "", "procedures", f"{len(place.procedures)} tiles; allowed: at most {MOST_TILES}, or tiles: false"
        )
    size = _size([topic(procedures[id]) for id in place.procedures if id in procedures])
    if size > TOPICS_LIMIT:
        yield Problem(
            "",
            "procedures",
            f"{size} bytes of titles and lists; allowed: at most {TOPICS_LIMIT}",
        )


def _procedure(name: str, procedure: Procedure, pages: Collection[str]) -> Iterator[Problem]:
    yield from _file_name(name, procedure.id)
    yield from _marks(name, "title", [procedure.title])
    yield from _marks(name, "sub", [procedure.sub])
    yield from _marks(name, "greeting", [procedure.greeting])
    yield from _marks(name, "ready", procedure.ready)
    yield from references(name, "pages", procedure.pages, pages, "page")
    yield from _blocks(name, "handbook", procedure.handbook)


def _page(name: str, page: PageFile) -> Iterator[Problem]:
    yield from _file_name(name, page.id)
    yield from _marks(name, "title", [page.title])
    sound = True
    for at, sheet in enumerate(page.sheets):
        for problem in _blocks(name, f"sheets[{at}].blocks", sheet.blocks):
            sound = False
            yield problem
    if sound and (size := _size(page_view(page))) > PAGE_LIMIT:
        yield Problem(
            name,
            "sheets",
            f"{size} bytes are too much for a message; allowed: at most {PAGE_LIMIT}",
        )


def _blocks(name: str, key: str, blocks: Sequence[Block]) -> Iterator[Problem]:
    for at, block in enumerate(blocks):
        kinds = block.kinds()
        if len(kinds) != 1:
            said = " and ".join(kinds) or "nothing"
            yield Problem(
                name, f"{key}[{at}]", f"{said} in one block; allowed: exactly one of "
                + ", ".join(block.__struct_fields__)
            )  # fmt: skip
        yield from _marks(name, f"{key}[{at}]", block.texts())


def _marks(name: str, key: str, texts: Sequence[str]) -> Iterator[Problem]:
    for text in texts:
        if problem := fault(text):
            yield Problem(name, key, f"{problem} (in '{text[:30]}')")


def _file_name(name: str, id: str) -> Iterator[Problem]:
    if PurePosixPath(name).stem != id:
        yield Problem(name, "id", f"'{id}' stands in {PurePosixPath(name).name}; name the file {id}.yaml")


def _unique(files: dict[str, Procedure] | dict[str, PageFile]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name, item in files.items():
        if item.id in first:
            yield Problem(name, "id", f"'{item.id}' stands in {first[item.id]} too; change one of them")
        first.setdefault(item.id, name)


def _size(value: object) -> int:
    return len(msgspec.json.encode(value))
