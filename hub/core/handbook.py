"""Decides what a desk reads beside a call: a municipality's procedures and pages, with what a search needs.

Never reads a file (that is `hub.content_files`) and searches nothing: the desk does, where no key press waits
for the network.
"""

from __future__ import annotations

from collections.abc import Iterator

from hub.core.content import Block, Content, Procedure, Town, block_view, page_view, spoken
from protocol import values
from protocol.rest import Handbook, HandbookProcedure
from protocol.ruby import plain, readings


def handbook(content: Content, municipality: str) -> Handbook:
    """Everything that a desk shows beside a call of this municipality."""
    town = content.town(municipality)
    return Handbook(
        municipality=municipality,
        name=town.municipality.name,
        procedures=tuple(_procedure(item) for item in town.procedures.values()),
        pages=tuple(page_view(item) for item in town.pages.values()),
        phrases=town.phrases,
        readings=tuple(sorted({pair for text in _ruby_texts(town) for pair in readings(text)})),
    )


def _procedure(procedure: Procedure) -> HandbookProcedure:
    return HandbookProcedure(
        id=procedure.id,
        title=spoken(procedure.title),
        sub=spoken(procedure.sub),
        ready=tuple(map(spoken, procedure.ready)),
        greeting=spoken(procedure.greeting),
        handbook=tuple(map(_plain_block, procedure.handbook)),
        pages=procedure.pages,
        captures=procedure.captures,
    )


def _plain_block(block: Block) -> values.PageBlock:
    shown = block_view(block)
    return values.PageBlock(
        kind=shown.kind,
        text=plain(shown.text),
        items=tuple(map(plain, shown.items)),
        pairs=tuple((plain(label), plain(value)) for label, value in shown.pairs),
    )


def _ruby_texts(town: Town) -> Iterator[str]:
    """All that stands on a terminal; only there do kanji carry readings."""
    yield from town.phrases
    for procedure in town.procedures.values():
        yield from (procedure.title, procedure.sub, *procedure.ready)
    for page in town.pages.values():
        yield page.title
        for sheet in page.sheets:
            for block in sheet.blocks:
                yield from block.texts()
