"""Texts one under another: all grow and shrink together until they fit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kiosk.ui.geometry import Box
from kiosk.ui.layer import Layer
from kiosk.ui.text.block import Block, Style
from kiosk.ui.tokens import INK, PAPER, Colour

_STEPS: Final = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25, 0.1, 0.0)
_ENDLESS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Said:
    """One text of a stack. `icon` stands before it; `gap` is the room above it in pixels."""

    name: str
    text: str
    style: Style
    colour: Colour = INK
    icon: str = ""
    icon_colour: Colour = INK
    gap: int = 0


def stack(layer: Layer, box: Box, said: list[Said], *, on: Colour = PAPER, valign: str = "top") -> Box:
    """Says the texts in `box`; returns the room that is left below them."""
    there = [s for s in said if s.text]
    if not there or box.h <= 0:
        return box
    blocks, styles = settle(layer, box, there)
    gaps = [0] + [s.gap for s in there[1:]]
    total = sum(b.height for b in blocks) + sum(gaps)
    if total > box.h:
        gaps = [round(g * max(0.0, 1 - (total - box.h) / max(1, sum(gaps)))) for g in gaps]
        total = sum(b.height for b in blocks) + sum(gaps)
    top = box.y + {"top": 0, "middle": max(0, (box.h - total) // 2), "bottom": max(0, box.h - total)}[valign]
    for s, block, style, gap in zip(there, blocks, styles, gaps, strict=True):
        top += gap
        height = min(block.height, max(1, box.bottom - top))
        row = Box(box.x, top, box.w, height)
        _say(layer, row, s, style, block, on)
        top += height
    return Box(box.x, top, box.w, max(0, box.bottom - top))


def height_of(layer: Layer, width: int, height: int, said: list[Said]) -> int:
    """How high the stack would be in this room."""
    there = [s for s in said if s.text]
    if not there:
        return 0
    blocks, _ = settle(layer, Box(0, 0, width, height), there)
    return sum(b.height for b in blocks) + sum(s.gap for s in there[1:])


def settle(layer: Layer, box: Box, said: list[Said]) -> tuple[list[Block], list[Style]]:
    """Blocks and styles at the largest common step that fits; readings go last."""
    gaps = sum(s.gap for s in said[1:])
    blocks: list[Block] = []
    styles: list[Style] = []
    for ruby, gap_part in ((True, 1.0), (True, 0.5), (False, 0.5)):
        for step in _STEPS:
            styles = [_at_step(s.style, step, ruby) for s in said]
            blocks = [
                layer.measure(s.text, box.w - indent(s), _ENDLESS, style)
                for s, style in zip(said, styles, strict=True)
            ]
            if sum(b.height for b in blocks) + gaps * gap_part <= box.h:
                return blocks, styles
    return blocks, styles


def _at_step(style: Style, step: float, ruby: bool) -> Style:
    size = round(style.least + max(0, style.size - style.least) * step)
    return replace(style, size=size, ruby=style.ruby and ruby)


def indent(said: Said) -> int:
    """How far an icon moves its text to the right."""
    return round(said.style.size * 1.65) if said.icon else 0


def _say(layer: Layer, row: Box, said: Said, style: Style, block: Block, on: Colour) -> None:
    if said.icon:
        side = round(style.size * 1.12)
        first = round(block.pitch) if block.lines else row.h
        lift = round(style.size * 0.25) if block.readings else 0
        spot = Box(row.x, row.y + (first - side) // 2 + lift, side, side)
        layer.icon(f"{said.name}/icon", spot, said.icon, said.icon_colour)
        _, row = row.cut_left(indent(said))
    layer.text(said.name, row, said.text, replace(style, valign="top"), said.colour, on)
