"""The operator's pointer and pen on the paper, exactly where she means it, however the picture is fitted.

A widget draws strokes as lines of Kivy; a stroke that has not changed is not drawn again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kivy.graphics import Color, InstructionGroup, Line
from kivy.uix.widget import Widget

from kiosk.core.view import InkPoint, Pointer
from kiosk.ui.geometry import Box
from kiosk.ui.layer import Context, Layer
from kiosk.ui.tokens import WHITE, rgb
from kiosk.ui.video import Fit, VideoView, window_of

INK_RED: Final = rgb("#E8481C")
"""Warm and dark enough to be seen on white paper; its white edge carries it over dark pictures."""

_AT_ONCE: Final = 400
"""Points of one line: the graphics driver counts corners in 16 bits."""

Place = tuple[float, float, float, float]


def shown_at(box: Box, frame: tuple[int, int], fit: Fit) -> Place:
    """(x, y, width, height) of a whole picture inside its box, y downwards: without its bars."""
    *_, width, height = window_of(frame, (box.w, box.h), fit)
    return box.x + (box.w - width) / 2, box.y + (box.h - height) / 2, width, height


def draw_hand(layer: Layer, context: Context, box: Box, video: VideoView, fit: Fit) -> None:
    """Says ink and pointer on `layer`, above the picture that was said before."""
    if not video.lit:
        return
    place = shown_at(box, video.frame_size, fit)
    strokes = context.extra.get("ink") or {}
    if strokes:
        m = context.metrics
        x, y, w, h = place
        line = max(m.u(1.0), round(min(w, h) * 0.014))
        layer.custom("ink", box, InkView).put((x, m.height - y, w, h), line, strokes)
    pointer: Pointer | None = context.extra.get("pointer")
    if pointer is not None and pointer.on:
        _ring(layer, context, place, pointer)


def _ring(layer: Layer, context: Context, place: Place, pointer: Pointer) -> None:
    x, y, w, h = place
    u = context.metrics.u
    side = u(9)
    spot = Box(round(x + pointer.x * w - side / 2), round(y + pointer.y * h - side / 2), side, side)
    layer.ring("pointer/edge", spot, u(1.8), WHITE)
    layer.ring("pointer", spot.inset(u(0.4)), u(1.0), context.palette.stop)


class InkView(Widget):  # type: ignore[misc]  # Kivy publishes no types
    """Strokes at their place. `put` again with more points draws only what is new; `wipe` forgets all."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(size_hint=(None, None), **kwargs)
        self._look: tuple[Place, int] | None = None
        self._drawn: dict[str, tuple[int, InstructionGroup]] = {}

    def put(self, place: Place, line: int, strokes: Mapping[str, Sequence[InkPoint]]) -> None:
        """`place` is left, top (Kivy's y), width, height in pixels; `line` is the width of the ink."""
        if self._look != (place, line):
            self.wipe()
            self._look = (place, line)
        for gone in [stroke for stroke in self._drawn if stroke not in strokes]:
            self.canvas.remove(self._drawn.pop(gone)[1])
        for stroke, points in strokes.items():
            count, group = self._drawn.get(stroke, (0, None))
            if count == len(points):
                continue
            if group is None:
                group = InstructionGroup()
                self.canvas.add(group)
            group.clear()
            _draw(group, [(place[0] + x * place[2], place[1] - y * place[3]) for x, y in points], line)
            self._drawn[stroke] = (len(points), group)

    def wipe(self) -> None:
        """Nothing of any stroke stays in the graphics memory."""
        for _, group in self._drawn.values():
            group.clear()
        self._drawn.clear()
        self._look = None
        self.canvas.clear()


def _draw(group: InstructionGroup, points: list[tuple[float, float]], line: int) -> None:
    """The white edge of the whole stroke first, so that it never lies on its ink."""
    flat = _flat(points)
    for colour, width in ((WHITE, line * 0.85), (INK_RED, line * 0.5)):
        group.add(Color(*colour))
        for start in range(0, max(1, len(flat) - 2), 2 * (_AT_ONCE - 1)):
            part = flat[start : start + 2 * _AT_ONCE]
            group.add(Line(points=part, width=width, cap="round", joint="round"))


def _flat(points: list[tuple[float, float]]) -> list[float]:
    """x, y, x, y without points that stand where the one before stands; a single one becomes a dot."""
    kept = [points[0]]
    for point in points[1:]:
        if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) >= 0.5:
            kept.append(point)
    if len(kept) == 1:
        kept.append((kept[0][0] + 0.5, kept[0][1]))
    return [value for point in kept for value in point]
