"""The whole screen: head, one body, foot, and what lies over them. A function of one View.

Decides: where the parts stand, which key a finger means. Never: what a touch does (it is reported), what
is said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Rectangle
from kivy.uix.widget import Widget

from kiosk.core.strokes import Strokes
from kiosk.core.view import Ink, Picture, Pointer, Screen, Touch, TouchKind, View
from kiosk.ui.finger import SLACK_MM, Finger, still_on
from kiosk.ui.foot import Openers, draw_foot, split_foot
from kiosk.ui.geometry import Box
from kiosk.ui.head import draw_head
from kiosk.ui.layer import Context, Layer, Shown, Target
from kiosk.ui.screens.base import ScreenPart
from kiosk.ui.screens.ended import EndedScreen
from kiosk.ui.screens.idle import IdleScreen
from kiosk.ui.screens.notice import NoticeScreen
from kiosk.ui.screens.overlay import draw_dialog, draw_languages, draw_volume
from kiosk.ui.screens.photo import PhotoScreen
from kiosk.ui.screens.talking import TalkingScreen
from kiosk.ui.screens.waiting import WaitingScreen
from kiosk.ui.text.widget import forget
from kiosk.ui.tokens import PAPER, metrics, palette
from kiosk.ui.video import VideoView

SHEET_SECONDS = 20.0  # an open sheet (languages, volume) closes by itself
_IN_CALL = frozenset({Screen.TALKING, Screen.PHOTO})


class Stage(Widget):  # type: ignore[misc]  # Kivy publishes no types
    """Give it Views with `show`; it calls `on_report` with Touches."""

    def __init__(
        self,
        size: tuple[int, int],
        on_report: Callable[[Touch], None],
        *,
        diagonal: float | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(size=size, size_hint=(None, None), **kwargs)
        self._px = size
        self._diagonal = diagonal
        self._report = on_report
        with self.canvas.before:
            Color(*PAPER)
            Rectangle(pos=(0, 0), size=size)
        self.pictures = {picture: VideoView() for picture in Picture}
        notice = NoticeScreen()
        self._screens: dict[Screen, ScreenPart] = {
            Screen.IDLE: IdleScreen(),
            Screen.WAITING: WaitingScreen(),
            Screen.TALKING: TalkingScreen(),
            Screen.PHOTO: PhotoScreen(),
            Screen.ENDED: EndedScreen(),
        }
        for screen in (Screen.STARTING, Screen.CLOSED, Screen.BUSY, Screen.OFFLINE, Screen.TROUBLE):
            self._screens[screen] = notice
        self.head, self.foot, self.over = Layer(), Layer(), Layer()
        self._part: ScreenPart | None = None
        self.view: View | None = None
        self._pressed: Target | None = None
        self._finger = Finger()
        self._sheet = ""  # languages, volume or nothing
        self._sheet_until: Any = None
        self._pointer: Pointer | None = None
        self._ink = Strokes()

    # --- what is shown
    def show(self, view: View) -> None:
        """Replaces what is on the screen. Parts that stay the same are not drawn again."""
        before, self.view = self.view, view
        if before is None or before.screen is not view.screen or bool(before.dialog) != bool(view.dialog):
            self._finger.changed(Clock.get_boottime())
            self._sheet = ""
            self._pressed = None
        if before is not None and before.screen in _IN_CALL and view.screen not in _IN_CALL:
            self._pointer = None
            self._wipe_after_call()
        self._redraw()

    def _wipe_after_call(self) -> None:
        for video in self.pictures.values():
            video.wipe()
        self._ink.clear()
        forget()

    def _redraw(self) -> None:
        if self.view is None:
            return
        context = self._gather(self.view)
        m = context.metrics
        foot, rest = split_foot(Box(0, 0, m.width, m.height), self.view.footer, m)
        self.head.begin(context)
        top = draw_head(self.head, context, rest.w)
        self.head.end()
        self.foot.begin(context)
        openers = Openers(lambda: self._open("languages"), lambda: self._open("volume"))
        draw_foot(self.foot, context, foot, openers)
        self.foot.end()
        self._swap(self._screens[self.view.screen])
        if self._part is not None:
            self._part.update(context, rest.cut_top(top)[1])
        self.over.begin(context)
        if self.view.dialog is not None:
            draw_dialog(self.over, context, self.view.dialog)
        elif self._sheet == "languages" and self.view.footer.languages:
            draw_languages(self.over, context, self._close)
        elif self._sheet == "volume" and self.view.footer.volume:
            draw_volume(self.over, context, self._close)
        self.over.end()

    def _gather(self, view: View) -> Context:
        pressed = self._pressed.tid if self._pressed else ""
        extra = {"pointer": self._pointer, "ink": self._ink.all}
        m = metrics(*self._px, view.text_size, self._diagonal)
        return Context(view, m, palette(view.theme), self.pictures, pressed, Clock.get_boottime(), extra)

    def _swap(self, part: ScreenPart) -> None:
        if self._part is part:
            return
        if self._part is not None:
            self._part.leave()
        self._part = part
        part.enter()
        self.clear_widgets()
        for layer in (part.layer, self.head, self.foot, self.over):
            self.add_widget(layer, index=0)

    # --- pictures
    def frame(self, picture: Picture, data: Any, width: int, height: int) -> None:
        """A new frame of a stream. Outside a call it is dropped: after the wipe nothing may come back."""
        if self.view is None or self.view.screen not in _IN_CALL:
            return
        first = not self.pictures[picture].lit
        size = self.pictures[picture].frame_size
        self.pictures[picture].show(data, width, height)
        if first or size != (width, height):
            self._redraw()

    def arrive(self) -> None:
        """Ends every movement at its goal."""
        if self._part is not None:
            self._part.layer.arrive()

    def ended(self, picture: Picture) -> None:
        """A stream is over: its place is wiped."""
        if self.pictures[picture].lit:
            self.pictures[picture].wipe()
            self._redraw()

    def pointed(self, pointer: Pointer) -> None:
        """The operator points at the paper."""
        self._pointer = pointer
        self._redraw_hand()

    def inked(self, ink: Ink) -> None:
        """The operator writes on the paper. Outside a call it is dropped, as frames are."""
        if self.view is not None and self.view.screen in _IN_CALL:
            self._ink.add(ink)
            self._redraw_hand()

    def ink_cleared(self) -> None:
        """Nothing is written any more."""
        if self._ink.clear():
            self._redraw_hand()

    def _redraw_hand(self) -> None:
        if self.view is not None and self.view.screen in _IN_CALL:
            self._redraw()

    def wipe(self) -> None:
        """Forgets every picture and text."""
        self._pointer = None
        self._wipe_after_call()
        self._redraw()

    # --- sheets of the screen's own
    def _open(self, sheet: str) -> None:
        self._sheet = sheet
        self._finger.changed(Clock.get_boottime())
        self._keep_open()
        self._redraw()

    def _keep_open(self) -> None:
        if self._sheet_until is not None:
            self._sheet_until.cancel()
        self._sheet_until = Clock.schedule_once(lambda _: self._close(), SHEET_SECONDS)

    def _close(self) -> None:
        if self._sheet_until is not None:
            self._sheet_until.cancel()
            self._sheet_until = None
        if self._sheet:
            self._sheet = ""
            self._redraw()

    # --- fingers
    def layers(self) -> list[Layer]:
        """What can be touched now, uppermost first: a question hides everything below it."""
        if self.over.targets or (self.view is not None and self.view.dialog is not None):
            return [self.over]
        body = [self._part.layer] if self._part is not None else []
        return [self.foot, *body, self.head]

    def targets(self) -> list[Target]:
        """Every key that answers now."""
        return [target for layer in self.layers() for target in layer.targets]

    def texts(self) -> list[Shown]:
        """Every text on the screen that is not behind a question."""
        seen = self.layers() if self.over.targets else [self.head, self.foot, *self.layers()]
        found: dict[int, Layer] = {id(layer): layer for layer in seen}
        return [shown for layer in found.values() for shown in layer.shown]

    def target(self, tid: str) -> Target:
        """The key with this id. KeyError when there is none."""
        for target in self.targets():
            if target.tid == tid:
                return target
        raise KeyError(tid)

    def _under(self, x: float, y: float) -> Target | None:
        for target in self.targets():
            if still_on(target.box, x, y, 0):
                return target
        return None

    def on_touch_down(self, touch: Any) -> bool:
        """A finger goes down: the key under it is shown pressed."""
        if self._pressed is not None or self.view is None:
            return True
        x, y = touch.x, self._px[1] - touch.y
        self._pressed = self._under(x, y)
        if self._pressed is None:
            if self._finger.active(Clock.get_boottime()):
                self._report(Touch(kind=TouchKind.ACTIVITY, revision=self.view.revision))
            return True
        touch.grab(self)
        self._redraw()
        return True

    def on_touch_up(self, touch: Any) -> bool:
        """A finger is lifted: the key counts when the finger is still on it."""
        if touch.grab_current is not self or self._pressed is None or self.view is None:
            return False
        touch.ungrab(self)
        pressed, self._pressed = self._pressed, None
        m = metrics(*self._px, self.view.text_size, self._diagonal)
        x, y = touch.x, self._px[1] - touch.y
        meant = still_on(pressed.box, x, y, m.mm(SLACK_MM))
        if meant and self._finger.meant(pressed.tid, Clock.get_boottime()):
            self._act(pressed)
        else:
            self._redraw()
        return True

    def _act(self, target: Target) -> None:
        assert self.view is not None
        if target.local is not None:
            target.local()
            self._redraw()
            return
        if target.choice.kind is TouchKind.LANGUAGE:
            self._close()
        elif self._sheet:
            self._keep_open()
        self._report(Touch(kind=target.choice.kind, value=target.choice.value, revision=self.view.revision))
        self._redraw()
