"""Keys: what a finger can press. A key is a raised plate with a word and, where it helps, an icon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.core.view import Choice
from kiosk.ui.flow import Said, settle, stack
from kiosk.ui.geometry import Box
from kiosk.ui.layer import Layer
from kiosk.ui.text.block import Style
from kiosk.ui.tokens import CARD, INK, LINE_COLOUR, WHITE, Colour, mix


@dataclass(frozen=True, slots=True)
class Look:
    """How a key looks; sizes in pixels, 0 = as usual."""

    fill: Colour = CARD
    ink: Colour = INK
    outline: Colour | None = LINE_COLOUR
    icon: str = ""
    icon_colour: Colour | None = None
    icon_top: bool = False
    icon_part: float = 0.0  # share of the shorter side that the icon takes; 0 = by the font
    icon_gap: int = 0
    size: int = 0  # font
    least: int = 0
    sub_size: int = 0
    bold: bool = True
    ruby: bool = True
    raised: bool = True
    radius: int | None = None
    align: str = "centre"
    line: float = 1.4
    pad: int = 0


def key(
    layer: Layer,
    box: Box,
    choice: Choice,
    look: Look,
    *,
    tid: str = "",
    local: Callable[[], None] | None = None,
) -> None:
    """Draws a key for `choice` and makes its whole box touchable."""
    context = layer.said_in
    name = layer.target(box, choice, tid=tid, local=local)
    pressed = context.pressed == name
    metrics = context.metrics
    layer.plate(
        f"{name}/plate",
        box,
        mix(look.fill, INK, 0.18) if pressed else look.fill,
        radius=look.radius,
        outline=look.outline,
        line=max(2, metrics.u(0.3)),
        raised=look.raised and not pressed,
    )
    inner = box.inset(look.pad or min(metrics.pad, box.w // 12 + 4), min(metrics.u(1.2), box.h // 14))
    _words(layer, name, _icon(layer, name, inner, look), choice, look)


def _icon(layer: Layer, name: str, inner: Box, look: Look) -> Box:
    if not look.icon:
        return inner
    metrics = layer.said_in.metrics
    font = look.size or metrics.body
    size = round(min(inner.w, inner.h) * look.icon_part) if look.icon_part else round(font * 1.25)
    colour = look.icon_colour or look.ink
    if look.icon_top:
        top, rest = inner.cut_top(min(size, round(inner.h * 0.45)), metrics.u(0.4))
        layer.icon(f"{name}/icon", top, look.icon, colour)
        return rest
    left, rest = inner.cut_left(min(size, inner.h), look.icon_gap or metrics.u(1.6))
    layer.icon(f"{name}/icon", left, look.icon, colour)
    return rest


def _words(layer: Layer, name: str, inner: Box, choice: Choice, look: Look) -> None:
    metrics = layer.said_in.metrics
    least = look.least or metrics.least
    style = Style(
        max(least, look.size or metrics.body),
        least,
        bold=look.bold,
        align=look.align,
        line=look.line,
        ruby=look.ruby,
    )
    if not choice.sub:
        layer.text(f"{name}/label", inner, choice.label, style, look.ink, look.fill)
        return
    sub = Style(max(least, look.sub_size or metrics.body), least, align=look.align, ruby=look.ruby)
    texts = [
        Said(f"{name}/label", choice.label, style, look.ink),
        Said(f"{name}/sub", choice.sub, sub, look.ink, optional=True),
    ]
    label = settle(layer, inner.w, inner.h, texts).blocks[0]
    if label.size < style.size * 0.7:  # the word is worth more than its explanation
        texts = texts[:1]
    stack(layer, inner, texts, on=look.fill, valign="middle")


def primary(layer: Layer, **changes: object) -> Look:
    """The one obvious next touch."""
    face = layer.said_in.palette.face
    return Look(fill=face, ink=WHITE, outline=None, **changes)  # type: ignore[arg-type]  # fields of Look


def stop(layer: Layer, **changes: object) -> Look:
    """A key that ends something."""
    fill = layer.said_in.palette.stop
    return Look(fill=fill, ink=WHITE, outline=None, **changes)  # type: ignore[arg-type]  # fields of Look
