"""A text on the screen: one texture for one block, remembered while it may come back."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.ui.paint import alpha_texture
from kiosk.ui.text import block as blocks
from kiosk.ui.text.block import Block
from kiosk.ui.tokens import Colour

_KEPT: Final = 160  # textures; a screen shows about 30 texts
_textures: OrderedDict[tuple[Any, ...], tuple[Any, int]] = OrderedDict()


def _texture(block: Block) -> tuple[Any, int]:
    key = (block.lines, block.size, block.width, block.style)
    if key in _textures:
        _textures.move_to_end(key)
        return _textures[key]
    coverage, edge = blocks.picture(block)
    _textures[key] = (alpha_texture(coverage), edge)
    while len(_textures) > _KEPT:
        _textures.popitem(last=False)
    return _textures[key]


def forget() -> None:
    """Drops every text that is not on the screen just now, and what was measured for it."""
    _textures.clear()
    blocks.forget()


class JText(Widget):  # type: ignore[misc]  # Kivy publishes no types
    """Japanese (or any) text inside a box; `put` again to change anything."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(size_hint=(None, None), **kwargs)
        self._shown: tuple[Any, ...] = ()

    def put(self, place: tuple[int, int, int, int], block: Block, colour: Colour) -> None:
        """`place` is x, y (Kivy's), width, height; the block is aligned inside it by its style."""
        if (place, block, colour) == self._shown:
            return
        self._shown = (place, block, colour)
        x, y, w, h = place
        self.pos, self.size = (x, y), (w, h)
        texture, edge = _texture(block)
        spare_x, spare_y = w - block.width, h - block.height
        left = x + {"left": 0, "centre": spare_x // 2, "right": spare_x}[block.style.align]
        low = y + {"top": spare_y, "middle": spare_y // 2, "bottom": 0}[block.style.valign]
        self.canvas.clear()
        with self.canvas:
            Color(*colour)
            Rectangle(texture=texture, pos=(left - edge, low - edge), size=texture.size)

    def wipe(self) -> None:
        """Lets the picture of the text go."""
        self.canvas.clear()
        self._shown = ()
