"""A person is being called: who, how long so far, how long perhaps, what to have at hand."""

from __future__ import annotations

from kiosk.core.view import Waiting
from kiosk.ui.figures import operator_figure
from kiosk.ui.flow import Said, height_of, stack
from kiosk.ui.geometry import Box
from kiosk.ui.layer import Context
from kiosk.ui.screens.base import ScreenPart, aside, reading
from kiosk.ui.tokens import CARD, GOOD, INK, Form


class WaitingScreen(ScreenPart):
    """Draws `View.waiting`. Nothing spins: the time that passes is the sign of life."""

    def draw(self, context: Context, area: Box) -> None:
        body = context.view.waiting
        if body is None:
            return
        m = context.metrics
        inner = area.inset(m.margin, m.margin if m.form is not Form.SMALL else m.u(2))
        if m.form is Form.TALL:
            top, rest = inner.cut_top(inner.h * 0.36, m.u(4))
            self._person(context, body, top, sideways=True)
        else:
            left, rest = inner.cut_left(inner.w * 0.37, m.u(4 if m.form is Form.WIDE else 3))
            self._person(context, body, left, sideways=False)
        self._words(context, body, rest)

    # --- the person and the times
    def _person(self, context: Context, body: Waiting, box: Box, *, sideways: bool) -> None:
        m = context.metrics
        tint = context.palette.tint
        self.layer.plate("stage", box, tint, raised=False, radius=m.u(4))
        inner = box.inset(m.pad if m.form is not Form.SMALL else m.u(1.6), m.u(2))
        pairs = self._pairs(body)
        pairs = pairs[:1] if m.form is Form.WIDE else pairs
        if sideways:
            figure, times = inner.cut_left(inner.w * 0.46, m.gap)
        else:
            highs = [height_of(self.layer, inner.w, inner.h, self._time(context, *pair)) for pair in pairs]
            high = sum(highs) + m.u(2) * (len(pairs) - 1)
            times, figure = inner.cut_bottom(min(high, inner.h), m.u(1))
        if min(figure.w, figure.h) > m.u(14):
            operator_figure(self.layer, "figure", figure)
        cells = times.rows(len(pairs), m.u(1.6))
        for pair, cell in zip(pairs, cells, strict=True):
            stack(self.layer, cell, self._time(context, *pair), on=tint, valign="middle")

    def _pairs(self, body: Waiting) -> list[tuple[str, str, str]]:
        pairs = [("waited", body.waited_label, body.waited)]
        return [*pairs, ("expected", body.expected_label, body.expected)] if body.expected else pairs

    def _time(self, context: Context, name: str, label: str, value: str) -> list[Said]:
        m = context.metrics
        size = m.font(8.4) if m.form is not Form.SMALL else m.title
        align = "centre" if m.form is Form.WIDE else "left"
        return [
            Said(f"{name}/label", label, aside(m, m.body, align=align)),
            Said(name, value, reading(m, size, bold=True, line=1.25, align=align)),
        ]

    # --- the words
    def _words(self, context: Context, body: Waiting, box: Box) -> None:
        m = context.metrics
        ready = self._ready(context, body)
        pad = m.u(2)
        head = [
            Said("title", body.title, reading(m, m.title, bold=True)),
            Said("status", body.status, aside(m, m.heading), context.palette.word, gap=m.u(1)),
        ]
        if m.form is Form.WIDE and body.expected:
            expected = f"{body.expected_label}\u3000\u200b{body.expected}"
            bold = reading(m, m.heading, bold=True)
            clock = context.palette.brand
            head.append(Said("expected", expected, bold, icon="clock", icon_colour=clock, gap=m.u(1.6)))
        note = [Said("note", body.note, reading(m, m.body), optional=True)]
        wanted = height_of(self.layer, box.w - 2 * m.pad, round(box.h * 0.5), ready) + 2 * pad if ready else 0
        card_high = min(wanted, round(box.h * 0.5) + 2 * pad)
        top, rest = box.cut_top(box.h - card_high - (m.gap if ready else 0), m.gap)
        if m.form is Form.SMALL:
            stack(self.layer, top, head)
            card = rest
        else:
            left = stack(self.layer, top, head)
            card = Box(box.x, left.y + m.u(3), box.w, card_high)
            foot = Box(box.x, card.bottom + m.u(3), box.w, box.bottom - card.bottom - m.u(3))
            if foot.h > m.least * 1.4 or not ready:
                stack(self.layer, foot if ready else left, note)
        if ready:
            self.layer.plate("ready", card)
            stack(self.layer, card.inset(m.pad, pad), ready, on=CARD, valign="middle")

    def _ready(self, context: Context, body: Waiting) -> list[Said]:
        if not body.ready:
            return []
        m = context.metrics
        texts = [Said("ready-title", body.ready_title, aside(m, m.body, bold=True), INK)]
        return texts + [
            Said(f"ready{i}", item, aside(m, m.lead), icon="good", icon_colour=GOOD, gap=m.u(0.8))
            for i, item in enumerate(body.ready)
        ]
