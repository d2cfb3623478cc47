"""Soft things drawn once and reused: rounded boxes, shadows, alpha textures. The GPU gets no multisampling.

Corners and shadows are small textures stretched as nine parts, tinted at drawing: smooth on every panel
and cheap.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from kivy.graphics import BorderImage, Color
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget

from kiosk.ui.raster import Coverage, paint
from kiosk.ui.tokens import BLACK, Colour


def alpha_texture(coverage: Coverage) -> Any:
    """A white texture whose opacity is `coverage`, upside up, to be tinted by a Color before it."""
    height, width = coverage.shape
    pixels = np.full((height, width, 2), 255, np.uint8)
    pixels[:, :, 1] = coverage
    texture = Texture.create(size=(width, height), colorfmt="luminance_alpha")
    texture.wrap = "clamp_to_edge"
    texture.blit_buffer(pixels.tobytes(), colorfmt="luminance_alpha", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture


def _rounded(size: int, radius: float, line: float = 0.0) -> Coverage:
    def draw(context: Any, lib: Any) -> None:
        near, far = radius + line / 2, size - radius - line / 2
        lib.cairo_new_sub_path(context)
        lib.cairo_arc(context, far, near, radius, -math.pi / 2, 0)
        lib.cairo_arc(context, far, far, radius, 0, math.pi / 2)
        lib.cairo_arc(context, near, far, radius, math.pi / 2, math.pi)
        lib.cairo_arc(context, near, near, radius, math.pi, math.pi * 1.5)
        lib.cairo_close_path(context)
        if line:
            lib.cairo_set_line_width(context, line)
            lib.cairo_stroke(context)
        else:
            lib.cairo_fill(context)

    return paint(size, size, draw)


@lru_cache(maxsize=64)
def box_texture(radius: int) -> Any:
    """A filled box with round corners; border `radius`."""
    return alpha_texture(_rounded(radius * 2 + 2, radius))


@lru_cache(maxsize=64)
def ring_texture(radius: int, line: int) -> Any:
    """The outline of such a box, `line` (at most `radius`) pixels wide, wholly inside; border `radius`."""
    return alpha_texture(_rounded(radius * 2 + 2, radius - line / 2, line))


@lru_cache(maxsize=32)
def shadow_texture(radius: int, blur: int) -> Any:
    """A blurred box; reaches `blur` beyond the box on every side; border `radius + 2 * blur`."""
    size = (radius + 2 * blur) * 2 + 2
    field = np.zeros((size, size), np.float32)
    inner = _rounded(size - 2 * blur, radius)
    field[blur : size - blur, blur : size - blur] = inner
    weights = np.exp(-0.5 * (np.arange(-blur, blur + 1) / (blur / 2.2)) ** 2)
    weights /= weights.sum()
    for axis in (0, 1):
        field = np.apply_along_axis(lambda v: np.convolve(v, weights, "same"), axis, field)
    return alpha_texture(field.astype(np.uint8))


class Plate(Widget):  # type: ignore[misc]  # Kivy publishes no types
    """A rounded box with an optional outline and soft shadow; placed by `put`, never by a layout."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(size_hint=(None, None), **kwargs)
        self._look: tuple[Any, ...] = ()

    def put(
        self,
        place: tuple[int, int, int, int],
        fill: Colour,
        radius: int,
        *,
        outline: Colour | None = None,
        line: int = 0,
        shadow: int = 0,
        drop: int = 0,
    ) -> None:
        """`place` is x, y (Kivy's, upwards), width, height. `shadow` is its blur, `drop` how far below it
        lies."""
        look = (place, fill, radius, outline, line, shadow, drop)
        if look == self._look:
            return
        self._look = look
        x, y, w, h = place
        self.pos, self.size = (x, y), (w, h)
        radius = max(1, min(radius, w // 2, h // 2))
        self.canvas.clear()
        with self.canvas:
            if shadow:
                reach = radius + 2 * shadow
                Color(0.16, 0.12, 0.06, 0.16)
                BorderImage(
                    texture=shadow_texture(radius, shadow),
                    pos=(x - shadow, y - shadow - drop),
                    size=(w + 2 * shadow, h + 2 * shadow),
                    border=(reach,) * 4,
                    auto_scale="off",
                )
            Color(*fill)
            BorderImage(
                texture=box_texture(radius), pos=(x, y), size=(w, h), border=(radius,) * 4, auto_scale="off"
            )
            if outline and line:
                Color(*outline)
                line = min(line, radius)
                BorderImage(
                    texture=ring_texture(radius, line),
                    pos=(x, y),
                    size=(w, h),
                    border=(radius,) * 4,
                    auto_scale="off",
                )


def shade(part: float) -> Colour:
    """Black of this opacity, to darken what lies below."""
    return (BLACK[0], BLACK[1], BLACK[2], part)
