"""A guidance page as the operator pushed it: a white sheet of blocks.

A sheet that does not fit at the least size is shown in parts, with keys to turn them; nothing is cut or made
smaller than it may be.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk.core.view import PageBlock, PageSheet
from kiosk.ui.flow import Said, settle, stack
from kiosk.ui.geometry import Box
from kiosk.ui.keys import Look, key
from kiosk.ui.layer import Context, Layer, local_choice
from kiosk.ui.screens.base import aside, reading
from kiosk.ui.tokens import ATTENTION, CARD, GOOD, INK, Form


def draw_page(
    layer: Layer, context: Context, page: PageSheet, box: Box, part: int, turn: Callable[[int], None]
) -> None:
    """Title, blocks and number in `box`; `part` is which part of a long sheet, `turn(part)` shows another."""
    m = context.metrics
    layer.plate("page", box)
    inner = box.inset(m.pad * 1.2, m.u(2.2))
    title = [Said("page/title", page.title, reading(m, m.title, bold=True))]
    blocks = [_texts(context, f"page/{number}", block) for number, block in enumerate(page.blocks)]
    texts = [*title, *(text for block in blocks for text in block)]
    room = _without_number(layer, context, page, inner) if page.number else inner
    if settle(layer, room.w, room.h, texts).fits:
        if page.number:
            _number(layer, context, page.number, inner)
        stack(layer, room, texts, on=CARD)
        return
    keys, room = inner.cut_bottom(m.target, m.u(1.6))
    parts = _parts(layer, room, title, blocks)
    shown = min(part, len(parts) - 1)
    stack(layer, room, parts[shown], on=CARD)
    _turning(layer, context, page, keys, shown, len(parts), turn)


def _parts(layer: Layer, room: Box, title: list[Said], blocks: list[list[Said]]) -> list[list[Said]]:
    """The texts divided so that each part fits at the least size; a heading stays with what follows."""
    parts: list[list[Said]] = [list(title)]
    pieces = [
        piece
        for block in blocks
        for piece in ([block] if block and block[0].name.endswith("/h") else [[t] for t in block])
    ]
    heading: list[Said] = []
    for piece in pieces:
        if piece[0].name.endswith("/h"):
            heading = piece
            continue
        wanted = [*heading, *piece]
        heading = []
        if settle(layer, room.w, room.h, [*parts[-1], *wanted]).fits:
            parts[-1] += wanted
        else:
            parts.append(wanted)
    return parts


def _turning(
    layer: Layer,
    context: Context,
    page: PageSheet,
    box: Box,
    shown: int,
    count: int,
    turn: Callable[[int], None],
) -> None:
    m = context.metrics
    left, middle, right = box.columns([1.0, 0.6, 1.0], m.u(1.2))
    look = Look(size=m.body, least=m.chrome, line=1.25, ruby=False, pad=m.u(1.2))
    if shown > 0:
        key(layer, left, local_choice(page.back_label), look, tid="page:back", local=lambda: turn(shown - 1))
    if shown < count - 1:
        key(layer, right, local_choice(page.next_label), look, tid="page:next", local=lambda: turn(shown + 1))
    style = aside(m, m.body, align="centre", ruby=False)
    layer.text("page/part", middle, f"{shown + 1}/{count}", style, INK, CARD)


def _number(layer: Layer, context: Context, number: str, inner: Box) -> None:
    m = context.metrics
    style = aside(m, m.body, align="right", valign="bottom")
    block = layer.measure(number, inner.w // 2, inner.h, style)
    corner = Box(inner.right - block.width - 2, inner.bottom - block.height, block.width + 2, block.height)
    layer.text("page/number", corner, number, style, INK, CARD)


def _without_number(layer: Layer, context: Context, page: PageSheet, inner: Box) -> Box:
    m = context.metrics
    block = layer.measure(page.number, inner.w // 2, inner.h, aside(m, m.body))
    return inner.cut_bottom(block.height)[1]


def _texts(context: Context, name: str, block: PageBlock) -> list[Said]:
    m = context.metrics
    brand = context.palette.brand
    style = aside if m.form is Form.SMALL else reading
    body = style(m, m.lead)
    match block.kind:
        case "heading":
            head = style(m, m.heading, bold=True)
            return [Said(f"{name}/h", block.text, head, context.palette.word, gap=m.u(2.4))]
        case "steps":
            return [
                Said(f"{name}/{i}", f"{i + 1}. {item}", body, gap=m.u(1.2))
                for i, item in enumerate(block.items)
            ]
        case "facts":
            facts = [f"{label}\u3000\u200b{value}" for label, value in block.pairs] + list(block.items)
            return [
                Said(f"{name}/{i}", fact, body, icon="check", icon_colour=brand, gap=m.u(1.2))
                for i, fact in enumerate(facts)
            ]
        case "notice":
            bold = style(m, m.lead, bold=True)
            return [Said(name, block.text, bold, INK, icon="caution", icon_colour=ATTENTION, gap=m.u(2))]
        case _:
            items = [
                Said(f"{name}/{i}", item, body, icon="good", icon_colour=GOOD, gap=m.u(1))
                for i, item in enumerate(block.items)
            ]
            return ([Said(name, block.text, body, gap=m.u(1.8))] if block.text else []) + items
