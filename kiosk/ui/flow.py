"""Texts one under another: all grow and shrink together until they fit.

When even the least size does not fit, readings go first, then the optional texts from the last to the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kiosk.ui.geometry import Box
from kiosk.ui.layer import Layer
from kiosk.ui.text.block import Block, Style, largest
from kiosk.ui.tokens import INK, PAPER, Colour

_STEPS: Final = (1.0, 0.85, 0.7, 0.55, 0.4, 0.25, 0.1, 0.0)
_GAPS: Final = ((True, 1.0), (True, 0.5), (False, 0.5), (False, 0.2))  # (with readings, share of the gaps)
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
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """Texts that fit, each with its block; `gaps` is the share of the gaps that is left."""

    said: tuple[Said, ...]
    blocks: tuple[Block, ...]
    gaps: float
    fits: bool
    indents: tuple[int, ...] = ()

    @property
    def height(self) -> int:
        return sum(b.height for b in self.blocks) + sum(round(s.gap * self.gaps) for s in self.said[1:])


def settle(layer: Layer, width: int, height: int, said: list[Said]) -> Settled:
    """The largest common step at which the texts fit."""
    there = tuple(s for s in said if s.text)
    while True:
        for ruby, gaps in _GAPS:
            found = largest(_STEPS, lambda step: _fitting(layer, width, height, there, step, ruby, gaps))  # noqa: B023
            if found is not None:
                return found
        optional = [s for s in there if s.optional]
        if not optional:
            return replace(_at_step(layer, width, there, 0.0, False, _GAPS[-1][1]), fits=False)
        there = tuple(s for s in there if s is not optional[-1])


def _fitting(
    layer: Layer, width: int, height: int, said: tuple[Said, ...], step: float, ruby: bool, gaps: float
) -> Settled | None:
    tried = _at_step(layer, width, said, step, ruby, gaps)
    return tried if tried.height <= height and tried.fits else None


def _at_step(
    layer: Layer, width: int, said: tuple[Said, ...], step: float, ruby: bool, gaps: float
) -> Settled:
    blocks, indents = [], []
    for s in said:
        size = round(s.style.least + max(0, s.style.size - s.style.least) * step)
        style = replace(s.style, size=size, ruby=s.style.ruby and ruby)
        indents.append(round(size * 1.6) if s.icon else 0)
        blocks.append(layer.measure(s.text, width - indents[-1], _ENDLESS, style))
    return Settled(said, tuple(blocks), gaps, all(b.fits for b in blocks), tuple(indents))


def stack(layer: Layer, box: Box, said: list[Said], *, on: Colour = PAPER, valign: str = "top") -> Box:
    """Says the texts in `box`; returns the room that is left below them."""
    settled = settle(layer, box.w, box.h, said)
    if not settled.said or box.h <= 0:
        return box
    spare = max(0, box.h - settled.height)
    top = box.y + {"top": 0, "middle": spare // 2, "bottom": spare}[valign]
    for number, (s, block) in enumerate(zip(settled.said, settled.blocks, strict=True)):
        top += round(s.gap * settled.gaps) if number else 0
        row = Box(box.x, top, box.w, min(block.height, max(1, box.bottom - top)))
        _say(layer, row, s, block, settled.indents[number], on)
        top += row.h
    return Box(box.x, top, box.w, max(0, box.bottom - top))


def height_of(layer: Layer, width: int, height: int, said: list[Said]) -> int:
    """How high the stack would be in this room."""
    return settle(layer, width, height, said).height


def _say(layer: Layer, row: Box, said: Said, block: Block, indent: int, on: Colour) -> None:
    if said.icon:
        side = round(block.size * 1.12)
        lift = round(block.size * 0.25) if any(a.reading for a in block.lines[0]) else 0
        spot = Box(row.x, row.y + (round(block.pitch(0)) - side) // 2 + lift, side, side)
        layer.icon(f"{said.name}/icon", spot, said.icon, said.icon_colour)
        _, row = row.cut_left(indent)
    style = replace(block.style, size=block.size, valign="top")
    layer.text(said.name, row, said.text, style, said.colour, on)
