"""A guidance page as the operator pushed it: a white sheet of blocks, all of it visible at once."""

from __future__ import annotations

from kiosk.core.view import PageBlock, PageSheet
from kiosk.ui.flow import Said, stack
from kiosk.ui.geometry import Box
from kiosk.ui.layer import Context, Layer
from kiosk.ui.screens.base import reading
from kiosk.ui.tokens import ATTENTION, CARD, GOOD, INK


def draw_page(layer: Layer, context: Context, page: PageSheet, box: Box) -> None:
    """Title, number, then the blocks; texts shrink together until the page fits."""
    m = context.metrics
    layer.plate("page", box)
    inner = box.inset(m.pad * 1.2, m.u(2.2))
    if page.number:
        style = reading(m, m.body, align="right", valign="top")
        block = layer.measure(page.number, inner.w // 3, inner.h, style)
        corner = Box(
            inner.right - block.width - 2, inner.bottom - block.height, block.width + 2, block.height
        )
        layer.text("page/number", corner, page.number, style, INK, CARD)
        inner = Box(inner.x, inner.y, inner.w, inner.h - block.height)
    texts = [Said("page/title", page.title, reading(m, m.title, bold=True))]
    for number, block_ in enumerate(page.blocks):
        texts += _texts(context, f"page/{number}", block_)
    stack(layer, inner, texts, on=CARD)


def _texts(context: Context, name: str, block: PageBlock) -> list[Said]:
    m = context.metrics
    gap = m.u(1.8)
    brand = context.palette.brand
    body = reading(m, m.lead)
    match block.kind:
        case "heading":
            return [
                Said(name, block.text, reading(m, m.heading, bold=True), context.palette.face, gap=m.u(2.4))
            ]
        case "steps":
            return [
                Said(f"{name}/{i}", f"{i + 1}. {item}", body, gap=m.u(1.2))
                for i, item in enumerate(block.items)
            ]
        case "facts":
            pairs = [
                Said(
                    f"{name}/{i}",
                    f"{label}\u3000{value}",
                    body,
                    icon="check",
                    icon_colour=brand,
                    gap=m.u(1.2),
                )
                for i, (label, value) in enumerate(block.pairs)
            ]
            items = [
                Said(f"{name}/i{i}", item, body, icon="good", icon_colour=GOOD, gap=m.u(1.2))
                for i, item in enumerate(block.items)
            ]
            return pairs + items
        case "notice":
            bold = reading(m, m.lead, bold=True)
            return [Said(name, block.text, bold, INK, icon="caution", icon_colour=ATTENTION, gap=m.u(2))]
        case _:
            items = [
                Said(f"{name}/{i}", item, body, icon="good", icon_colour=GOOD, gap=m.u(1))
                for i, item in enumerate(block.items)
            ]
            return ([Said(name, block.text, body, gap=gap)] if block.text else []) + items
