"""Starting, closed, busy, offline, trouble: plain words, what to do now, the telephone number in large."""

from __future__ import annotations

from kiosk.core.view import Notice
from kiosk.ui import icons
from kiosk.ui.flow import Said, height_of, stack
from kiosk.ui.geometry import Box
from kiosk.ui.layer import Context
from kiosk.ui.screens.base import ScreenPart, aside, reading
from kiosk.ui.text.block import Style
from kiosk.ui.tokens import CARD, INK_2, Form


class NoticeScreen(ScreenPart):
    """Draws `View.notice`, for all five screens that have one."""

    def draw(self, context: Context, area: Box) -> None:
        body = context.view.notice
        if body is None:
            return
        m = context.metrics
        inner = area.inset(m.margin, m.u(2.4))
        if body.code:
            inner = self._code(context, body, inner)
        if m.form is Form.TALL:
            top, words = inner.cut_top(inner.h * 0.24, m.gap)
        else:
            top, words = inner.cut_left(inner.w * 0.28 if m.form is Form.WIDE else 0, m.u(4))
        if m.form is Form.SMALL:
            words = inner
        else:
            self._sign(context, body, top)
        if body.telephone:
            low, words = words.cut_bottom(self._telephone_high(context, body, words), m.gap)
            self._telephone(context, body, low)
        texts = [Said("title", body.title, reading(m, m.hero, bold=True))]
        texts += [Said(f"line{i}", t, aside(m, m.heading), gap=m.u(1.8)) for i, t in enumerate(body.lines)]
        if body.hours and not body.telephone:
            texts.append(self._hours(context, body))
        bottom = bool(body.telephone) and m.form is not Form.TALL
        stack(self.layer, words, texts, valign="bottom" if bottom else "middle")

    def _sign(self, context: Context, body: Notice, box: Box) -> None:
        disc = box.middle(min(box.w, box.h) * 0.9, min(box.w, box.h) * 0.9)
        self.layer.plate("disc", disc, context.palette.tint, radius=disc.w // 2, raised=False)
        name = body.icon if body.icon in icons.names() else "clock"
        self.layer.icon("disc/icon", disc.middle(disc.w * 0.52, disc.h * 0.52), name, context.palette.brand)

    def _hours(self, context: Context, body: Notice) -> Said:
        m = context.metrics
        brand = context.palette.brand
        return Said("hours", body.hours, aside(m, m.lead), icon="clock", icon_colour=brand, gap=m.u(2))

    def _telephone_texts(self, context: Context, body: Notice) -> list[Said]:
        m = context.metrics
        number = reading(m, m.font(12.5 if m.form is not Form.SMALL else 9.5), bold=True, line=1.25)
        texts = [
            Said("telephone-label", body.telephone_label, aside(m, m.lead)),
            Said("telephone", body.telephone, number, context.palette.word, gap=m.u(0.2)),
        ]
        return [*texts, self._hours(context, body)] if body.hours else texts

    def _telephone_high(self, context: Context, body: Notice, box: Box) -> int:
        m = context.metrics
        width = self._telephone_width(context, box)
        room = round(box.h * 0.56)
        return min(
            room, height_of(self.layer, width, room, self._telephone_texts(context, body)) + 2 * m.u(2)
        )

    def _telephone_width(self, context: Context, box: Box) -> int:
        m = context.metrics
        return box.w - 2 * m.pad - (m.u(13) if m.form is not Form.SMALL else 0)

    def _telephone(self, context: Context, body: Notice, box: Box) -> None:
        m = context.metrics
        self.layer.plate("call", box)
        inner = box.inset(m.pad, m.u(1.6))
        if m.form is not Form.SMALL:
            left, inner = inner.cut_left(m.u(10), m.u(3))
            self.layer.icon("call/icon", left.middle(m.u(9), m.u(9)), "phone", context.palette.brand)
        stack(self.layer, inner, self._telephone_texts(context, body), on=CARD, valign="middle")

    def _code(self, context: Context, body: Notice, inner: Box) -> Box:
        """For the technician: the only text that may be small."""
        m = context.metrics
        size = max(14, round(m.chrome * 0.62))
        foot, rest = inner.cut_bottom(round(size * 1.5), m.u(1))
        self.layer.text("code", foot, body.code, Style(size, size, align="right"), INK_2)
        return rest
