"""After a call: thanks, what happens next, and that nothing stays on this machine."""

from __future__ import annotations

from kiosk.core.view import Ended
from kiosk.ui.flow import Said, stack
from kiosk.ui.geometry import Box
from kiosk.ui.keys import key, primary
from kiosk.ui.layer import Context
from kiosk.ui.screens.base import ScreenPart, aside, reading
from kiosk.ui.tokens import GOOD, Form


class EndedScreen(ScreenPart):
    """Draws `View.ended`."""

    def draw(self, context: Context, area: Box) -> None:
        body = context.view.ended
        if body is None:
            return
        m = context.metrics
        inner = area.inset(m.margin, m.u(2.4))
        if m.form is Form.TALL:
            top, words = inner.cut_top(inner.h * 0.26, m.gap)
        else:
            top, words = inner.cut_left(inner.w * (0.3 if m.form is Form.WIDE else 0.22), m.u(4))
        if m.form is Form.SMALL:
            words = inner
        else:
            self._sign(context, top)
        if body.done is not None:
            low, words = words.cut_bottom(max(m.target, m.u(17)), m.gap)
            wide = low if m.form is Form.TALL else low.cut_left(low.w * 0.72)[0]
            key(self.layer, wide, body.done, primary(self.layer, size=m.title))
        stack(self.layer, words, self._texts(context, body), valign="middle")

    def _sign(self, context: Context, top: Box) -> None:
        disc = top.middle(min(top.w, top.h) * 0.86, min(top.w, top.h) * 0.86)
        self.layer.plate("disc", disc, context.palette.tint, radius=disc.w // 2, raised=False)
        self.layer.icon("disc/icon", disc.middle(disc.w * 0.56, disc.h * 0.56), "good", GOOD)

    def _texts(self, context: Context, body: Ended) -> list[Said]:
        m = context.metrics
        texts = [Said("title", body.title, reading(m, m.hero, bold=True))]
        texts += [Said(f"line{i}", t, aside(m, m.heading), gap=m.u(2)) for i, t in enumerate(body.lines)]
        brand = context.palette.brand
        texts.append(
            Said("wiped", body.wiped, aside(m, m.lead), icon="shield", icon_colour=brand, gap=m.u(3))
        )
        return texts
