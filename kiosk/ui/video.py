"""Live pictures: I420 planes as three luminance textures, colours and round corners made by a shader.

Textures are made once for a size and written again for every frame. When a stream ends they are overwritten
with black before anything else happens, so that no face or paper stays in the graphics memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from kivy.graphics import BindTexture, Color, Rectangle, RenderContext
from kivy.graphics.texture import Texture
from kivy.uix.widget import Widget

from kiosk.ui.tokens import NIGHT, Colour

Plane = npt.NDArray[np.uint8]

_SHADER: Final = """
#ifdef GL_ES
#ifdef GL_FRAGMENT_PRECISION_HIGH
precision highp float;
#else
precision mediump float;
#endif
#endif
varying vec4 frag_color;
varying vec2 tex_coord0;
uniform sampler2D texture0;
uniform sampler2D tex_u;
uniform sampler2D tex_v;
uniform vec2 box;
uniform vec2 picture;
uniform vec4 window;
uniform vec3 backdrop;
uniform float radius;
uniform float lit;
void main() {
    vec2 at = (tex_coord0 - 0.5) * box;
    vec2 q = abs(at) - box * 0.5 + radius;
    float far = length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - radius;
    float cover = clamp(0.5 - far, 0.0, 1.0);
    vec2 p = at / picture + 0.5;
    vec2 edge = (0.5 - abs(p - 0.5)) * picture;
    float inside = clamp(min(edge.x, edge.y) + 0.5, 0.0, 1.0) * lit;
    vec2 t = mix(window.xy, window.zw, p);
    float y = 1.1643 * (texture2D(texture0, t).r - 0.0625);
    float u = texture2D(tex_u, t).r - 0.5;
    float v = texture2D(tex_v, t).r - 0.5;
    vec3 c = vec3(y + 1.5958 * v, y - 0.39173 * u - 0.81290 * v, y + 2.017 * u);
    gl_FragColor = vec4(mix(backdrop, clamp(c, 0.0, 1.0), inside), cover * frag_color.a);
}
"""


@dataclass(frozen=True, slots=True)
class Fit:
    """How a picture stands in its box: cover cuts, contain shows all of it on `backdrop`."""

    cover: bool = True
    mirror: bool = False
    radius: int = 0
    backdrop: Colour = NIGHT
    ratio: float = 0.0  # width : height to cut the picture to before it is fitted; 0 leaves it whole


def window_of(picture: tuple[int, int], box: tuple[int, int], fit: Fit) -> tuple[float, ...]:
    """(left, top, right, bottom) of what is seen of the picture, 0..1, and (width, height) it takes."""
    pw, ph = picture
    bw, bh = max(1, box[0]), max(1, box[1])
    shown = fit.ratio or pw / ph
    cut_w, cut_h = min(1.0, shown / (pw / ph)), min(1.0, (pw / ph) / shown)
    if fit.cover:
        there = bw / bh
        cut_w, cut_h = cut_w * min(1.0, there / shown), cut_h * min(1.0, shown / there)
        width, height = float(bw), float(bh)
    else:
        scale = min(bw / shown, bh)
        width, height = shown * scale, scale
    left, right = (1 - cut_w) / 2, (1 + cut_w) / 2
    if fit.mirror:
        left, right = right, left
    return left, (1 - cut_h) / 2, right, (1 + cut_h) / 2, width, height


class VideoView(Widget):  # type: ignore[misc]  # Kivy publishes no types
    """One picture. `show` gives it a frame, `put` a place, `wipe` makes it black and empty."""

    def __init__(self, **kwargs: Any) -> None:
        self.canvas = RenderContext(
            use_parent_projection=True, use_parent_modelview=True, use_parent_frag_modelview=True
        )
        self.canvas.shader.fs = _SHADER
        if not self.canvas.shader.success:
            raise RuntimeError("the graphics driver refuses the picture shader: OpenGL ES 2 is needed")
        super().__init__(size_hint=(None, None), **kwargs)
        self.frames = 0  # drawn since the last wipe
        self._frame_size: tuple[int, int] = (0, 0)
        self._textures: list[Any] = []
        self._fit = Fit()
        self._place = (0, 0, 1, 1)
        self._allocate(2, 2)
        self._blacken()

    @property
    def lit(self) -> bool:
        """Whether a frame stands in it."""
        return self.frames > 0

    @property
    def frame_size(self) -> tuple[int, int]:
        """Pixels of the newest frame."""
        return self._frame_size

    def _allocate(self, width: int, height: int) -> None:
        sizes = [(width, height), (width // 2, height // 2), (width // 2, height // 2)]
        self._textures = [Texture.create(size=size, colorfmt="luminance") for size in sizes]
        for texture in self._textures:
            texture.wrap = "clamp_to_edge"
            texture.min_filter = texture.mag_filter = "linear"
        self._frame_size = (width, height)
        self.canvas.clear()
        with self.canvas:
            Color(1, 1, 1, 1)
            BindTexture(texture=self._textures[1], index=1)
            BindTexture(texture=self._textures[2], index=2)
            self._rectangle = Rectangle(texture=self._textures[0])
        self.canvas["tex_u"] = 1
        self.canvas["tex_v"] = 2
        self._lay()

    def put(self, place: tuple[int, int, int, int], fit: Fit) -> None:
        """`place` is x, y (Kivy's), width, height."""
        if (place, fit) == (self._place, self._fit):
            return
        self._place, self._fit = place, fit
        self._lay()

    def _lay(self) -> None:
        x, y, w, h = self._place
        self.pos, self.size = (x, y), (w, h)
        left, top, right, bottom, width, height = window_of(self._frame_size, (w, h), self._fit)
        self._rectangle.pos, self._rectangle.size = (x, y), (w, h)
        self._rectangle.tex_coords = (0, 1, 1, 1, 1, 0, 0, 0)
        self.canvas["box"] = (float(w), float(h))
        self.canvas["picture"] = (float(width), float(height))
        self.canvas["window"] = (left, top, right, bottom)
        self.canvas["backdrop"] = tuple(self._fit.backdrop[:3])
        self.canvas["radius"] = float(self._fit.radius)
        self.canvas["lit"] = 1.0 if self.lit else 0.0

    def show(self, data: Plane, width: int, height: int) -> None:
        """A frame: I420 of shape (height * 3 // 2, width), contiguous."""
        if (width, height) != self._frame_size:
            self._allocate(width, height)
        flat = data.reshape(-1)
        luma, chroma = width * height, width * height // 4
        self._write(0, flat[:luma])
        self._write(1, flat[luma : luma + chroma])
        self._write(2, flat[luma + chroma : luma + 2 * chroma])
        self.frames += 1
        if self.frames == 1:
            self.canvas["lit"] = 1.0
        self.canvas.ask_update()

    def _write(self, number: int, plane: Plane) -> None:
        self._textures[number].blit_buffer(plane, colorfmt="luminance", bufferfmt="ubyte")

    def _blacken(self) -> None:
        width, height = self._frame_size
        self._write(0, np.full(width * height, 16, np.uint8))
        for number in (1, 2):
            self._write(number, np.full(width * height // 4, 128, np.uint8))

    def wipe(self) -> None:
        """Overwrites the graphics memory with black, then gives it back; the box shows its backdrop."""
        self._blacken()
        self.frames = 0
        self._allocate(2, 2)
        self._blacken()
        self.canvas.ask_update()

    def remembered(self) -> bytes:
        """The luminance that the graphics memory holds, read back (for the proof that nothing stays)."""
        return bytes(self._textures[0].pixels)
