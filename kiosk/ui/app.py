"""The drawing process: a window, the stage in it, the channel to the agent.

Import only after `boot.configure`.
"""

from __future__ import annotations

import logging
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window

from kiosk.core.ui_wire import Drawn
from kiosk.core.view import Ink, Picture, Pointer, Touch, View
from kiosk.ui.channel import Channel
from kiosk.ui.fallback import OWN_REVISION, Fallback
from kiosk.ui.stage import Stage
from kiosk.ui.tokens import PAPER

log = logging.getLogger(__name__)


class KioskUI(App):  # type: ignore[misc]  # Kivy publishes no types
    """Runs until the process is ended; a lost agent is waited for, for ever."""

    title = "Madoguchi"

    def __init__(
        self, path: str, size: tuple[int, int], *, telephone: str = "", diagonal: float | None = None
    ):
        super().__init__()
        self._path, self._size, self._diagonal = path, size, diagonal
        self.fallback = Fallback(telephone, since=Clock.get_boottime())
        self.stage: Stage
        self.channel: Channel
        self._undrawn: View | None = None
        self._own: View | None = None

    def build(self) -> Any:
        """The stage is the whole window."""
        Window.clearcolor = PAPER
        self.stage = Stage(self._size, self._touched, diagonal=self._diagonal)
        self.channel = Channel(self._path, self._size, self)
        Window.bind(on_flip=self._flipped)
        Clock.schedule_interval(self._tick, 0)
        self._fall_back()
        return self.stage

    def open_settings(self, *_: Any) -> bool:
        """F1 opens nothing here."""
        return False

    def on_stop(self) -> None:
        """The frame memory goes with the window."""
        self.stage.wipe()
        self.channel.close()

    # --- every tick
    def _tick(self, _: float) -> None:
        now = Clock.get_boottime()
        self.channel.poll(now)
        if not self.channel.up:
            self.fallback.lost(now)
        self._fall_back()
        for picture in Picture:
            frame = self.channel.frame(picture)
            if frame is not None:
                self.stage.frame(picture, *frame)

    def _fall_back(self) -> None:
        """Shows the screen's own notice while the agent has been away for long enough."""
        own = self.fallback.view(Clock.get_boottime())
        if own is None or own == self._own:
            return
        self._own = own
        self.stage.wipe()
        self.stage.show(own)
        log.warning("the screen shows its own notice: %s", own.screen)

    def _flipped(self, *_: Any) -> None:
        view, self._undrawn = self._undrawn, None
        if view is not None and view.revision != OWN_REVISION:
            self.channel.send(Drawn(revision=view.revision, screen=view.screen))

    def _touched(self, touch: Touch) -> None:
        if touch.revision != OWN_REVISION:
            self.channel.send(touch)

    # --- what the channel tells
    def connected(self) -> None:
        """The agent is there; what it shows comes with its first View, and all ink after it."""
        self.stage.ink_cleared()

    def lost(self) -> None:
        """The agent is gone; its last screen stays for a moment."""
        self.fallback.lost(Clock.get_boottime())

    def heard(self, view: View) -> None:
        """A View: shown at once; reported when the flip after it has happened."""
        self._own = None
        self.fallback.heard(view)
        self.stage.show(view)
        self._undrawn = view
        Window.canvas.ask_update()

    def pointed(self, pointer: Pointer) -> None:
        """The operator points."""
        self.stage.pointed(pointer)

    def inked(self, ink: Ink) -> None:
        """The operator writes."""
        self.stage.inked(ink)

    def ink_cleared(self) -> None:
        """What she wrote goes."""
        self.stage.ink_cleared()

    def ended(self, picture: Picture) -> None:
        """A stream is over."""
        self.stage.ended(picture)
