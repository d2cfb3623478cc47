"""A sheet of things on the screen, said anew at every update and kept alive between updates.

A screen calls `begin`, then says what is where (`text`, `plate`, `icon`, `key`, `picture`), then `end`. A
thing
keeps its widget as long as its name is said; what is no longer said disappears. Nothing is drawn twice for
nothing: a thing that is said with the same words at the same place is not touched.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.core.view import Choice, Picture, TouchKind, View
from kiosk.ui import icons
from kiosk.ui.geometry import Box
from kiosk.ui.paint import Plate, alpha_texture, ring_texture
from kiosk.ui.text.block import Block, Style, fit
from kiosk.ui.text.widget import JText
from kiosk.ui.tokens import CARD, INK, MOVE_SECONDS, PAPER, Colour, Metrics, Palette
from kiosk.ui.video import Fit, VideoView

_icon_textures: dict[tuple[str, int], Any] = {}


def icon_texture(name: str, size: int) -> Any:
    """A shared texture of an icon."""
    if (name, size) not in _icon_textures:
        _icon_textures[(name, size)] = alpha_texture(icons.icon(name, size))
    return _icon_textures[(name, size)]


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be touched. `local` is done by the screen itself instead of being reported."""

    tid: str
    box: Box
    choice: Choice
    local: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as it stands, for the tests of looks: where its ink is, on which colour."""

    name: str
    box: Box
    ink: Box
    block: Block
    colour: Colour
    on: Colour
    least: int


@dataclass(slots=True)
class Context:
    """What every screen needs to place things."""

    view: View
    metrics: Metrics
    palette: Palette
    pictures: dict[Picture, VideoView]
    pressed: str = ""  # tid of what a finger rests on
    now: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)


class Mark(Widget):  # type: ignore[misc]  # Kivy publishes no types
    """An icon or any other alpha texture, tinted."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(size_hint=(None, None), **kwargs)
        self._look: tuple[Any, ...] = ()

    def put(self, place: tuple[int, int, int, int], texture: Any, colour: Colour) -> None:
        look = (place, id(texture), colour)
        if look != self._look:
            self._look = look
            self.canvas.clear()
            with self.canvas:
                Color(*colour)
                Rectangle(texture=texture, pos=place[:2], size=place[2:])


class Stroke(Widget):  # type: ignore[misc]  # Kivy publishes no types
    """Plain rectangles: bands and hairlines."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(size_hint=(None, None), **kwargs)
        self._look: tuple[Any, ...] = ()

    def put(self, place: tuple[int, int, int, int], colour: Colour) -> None:
        if (place, colour) != self._look:
            self._look = (place, colour)
            self.canvas.clear()
            with self.canvas:
                Color(*colour)
                Rectangle(pos=place[:2], size=place[2:])


class Layer(Widget):  # type: ignore[misc]  # Kivy publishes no types
    """The sheet. Boxes are y-down; `height_px` of the whole screen turns them over."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(size_hint=(None, None), **kwargs)
        self.targets: list[Target] = []
        self.shown: list[Shown] = []
        self.boxes: dict[str, Box] = {}
        self.context: Context | None = None
        self._kept: dict[str, Any] = {}
        self._said: list[str] = []
        self._moves: dict[str, tuple[Box, Box, float, Fit]] = {}
        self._mover: Any = None

    # --- the frame of an update
    def begin(self, context: Context) -> None:
        """Starts saying the sheet anew."""
        self.context = context
        self.targets, self.shown, self._said = [], [], []
        self._before, self.boxes = self.boxes, {}

    def end(self) -> None:
        """Takes away what was not said and puts the rest in the order in which it was said."""
        wanted = [self._kept[name] for name in self._said]
        if wanted != list(reversed(self.children)):
            self.clear_widgets()
            for widget in wanted:
                if widget.parent is not None:
                    widget.parent.remove_widget(widget)
                self.add_widget(widget)
        for name in [n for n in self._kept if n not in self.boxes]:
            gone = self._kept.pop(name)
            if not isinstance(gone, VideoView) and hasattr(gone, "wipe"):
                gone.wipe()
            self._moves.pop(name, None)

    def clear(self) -> None:
        """Takes everything away, so that nothing of it stays in memory."""
        self.begin(self.said_in)
        self.end()

    # --- things
    def band(self, name: str, box: Box, colour: Colour) -> None:
        """A plain rectangle."""
        self._keep(name, box, Stroke).put(self._at(box), colour)

    def plate(
        self,
        name: str,
        box: Box,
        fill: Colour = CARD,
        *,
        radius: int | None = None,
        outline: Colour | None = None,
        line: int = 0,
        raised: bool = True,
    ) -> None:
        """A rounded card, with a soft shadow when raised."""
        metrics = self.said_in.metrics
        widget = self._keep(name, box, Plate)
        widget.put(
            self._at(box),
            fill,
            metrics.radius if radius is None else radius,
            outline=outline,
            line=line,
            shadow=metrics.u(1.7) if raised else 0,
            drop=metrics.u(0.5) if raised else 0,
        )

    def text(
        self,
        name: str,
        box: Box,
        text: str,
        style: Style,
        colour: Colour = INK,
        on: Colour = PAPER,
    ) -> Box:
        """A text inside `box`; returns where its ink is. An empty text is not there."""
        if not text:
            return Box(box.x, box.y, 0, 0)
        block = self.measure(text, box.w, box.h, style)
        self._keep(name, box, JText).put(self._at(box), block, colour)
        ink = ink_box(box, block)
        self.shown.append(Shown(name, box, ink, block, colour, on, style.least))
        return ink

    def measure(self, text: str, width: int, height: int, style: Style) -> Block:
        """How `text` would be set there."""
        view, metrics = self.said_in.view, self.said_in.metrics
        final = replace(style, language=view.language, ruby=style.ruby and metrics.ruby)
        return fit(text, max(1, width), max(1, height), final)

    def icon(self, name: str, box: Box, icon: str, colour: Colour = INK) -> None:
        """An icon in the middle of `box`, as large as fits."""
        size = min(box.w, box.h)
        square = box.middle(size, size)
        self._keep(name, box, Mark).put(self._at(square), icon_texture(icon, size), colour)

    def mark(self, name: str, box: Box, texture: Any, colour: Colour) -> None:
        """Any alpha texture, stretched over `box`."""
        self._keep(name, box, Mark).put(self._at(box), texture, colour)

    def custom(self, name: str, box: Box, kind: type[Any]) -> Any:
        """A widget of another kind, kept as long as its name is said; the caller lays it out."""
        return self._keep(name, box, kind)

    def ring(self, name: str, box: Box, line: int, colour: Colour) -> None:
        """A circle, `line` pixels wide."""
        side = min(box.w, box.h)
        texture = ring_texture(side // 2, line)
        self._keep(name, box, Mark).put(self._at(box.middle(side, side)), texture, colour)

    def picture(self, which: Picture, box: Box, fit: Fit, *, glide: bool = False) -> VideoView:
        """A live picture. With `glide` it moves from where it was, calmly."""
        name = f"picture:{which}"
        video = self.said_in.pictures[which]
        self._kept[name] = video
        self._note(name, box)
        before = self._before.get(name)
        if glide and before is not None and before != box:
            self._moves[name] = (before, box, Clock.get_boottime(), fit)
            if self._mover is None:
                self._mover = Clock.schedule_interval(self._step, 0)
            self._step(0)
        elif name not in self._moves or self._moves[name][1] != box:
            self._moves.pop(name, None)
            video.put(self._at(box), fit)
        return video

    def target(
        self, box: Box, choice: Choice, *, tid: str = "", local: Callable[[], None] | None = None
    ) -> str:
        """Makes `box` answer a finger; returns its id: the kind, with ':value' where there is one."""
        name = tid or target_id(choice)
        self.targets.append(Target(name, box, choice, local))
        return name

    def arrive(self) -> None:
        """Ends every movement at its goal."""
        for name, (_, goal, _, fit_) in self._moves.items():
            self._kept[name].put(self._at(goal), fit_)
        self._moves.clear()
        self._step(0)

    # --- inside
    @property
    def said_in(self) -> Context:
        assert self.context is not None, "begin() comes first"
        return self.context

    def _at(self, box: Box) -> tuple[int, int, int, int]:
        return box.x, self.said_in.metrics.height - box.bottom, box.w, box.h

    def _note(self, name: str, box: Box) -> None:
        assert name not in self.boxes, f"{name} is said twice"
        self.boxes[name] = box
        self._said.append(name)

    def _keep(self, name: str, box: Box, kind: type[Any]) -> Any:
        self._note(name, box)
        if not isinstance(self._kept.get(name), kind):
            self._kept[name] = kind()
        return self._kept[name]

    def _step(self, _: float) -> None:
        """Moves gliding pictures; ends by itself, so that an idle screen draws nothing."""
        now = Clock.get_boottime()
        for name, (start, goal, since, fit_) in list(self._moves.items()):
            part = min(1.0, (now - since) / MOVE_SECONDS)
            eased = part * part * (3 - 2 * part)
            self._kept[name].put(self._at(start.between(goal, eased)), fit_)
            if part >= 1.0:
                del self._moves[name]
        if not self._moves and self._mover is not None:
            self._mover.cancel()
            self._mover = None


def target_id(choice: Choice) -> str:
    """The id of what a choice becomes on the screen."""
    return f"{choice.kind}:{choice.value}" if choice.value else str(choice.kind)


def local_choice(label: str) -> Choice:
    """A choice that never leaves the screen."""
    return Choice(kind=TouchKind.ACTIVITY, label=label)


def ink_box(box: Box, block: Block) -> Box:
    """Where a block stands inside its box."""
    spare_x, spare_y = box.w - block.width, box.h - block.height
    x = box.x + {"left": 0, "centre": spare_x // 2, "right": spare_x}[block.style.align]
    y = box.y + {"top": 0, "middle": spare_y // 2, "bottom": spare_y}[block.style.valign]
    return Box(x, y, block.width, block.height)
