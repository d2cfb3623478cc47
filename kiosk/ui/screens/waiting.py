"""A person is being called: who, how long so far, how long perhaps, what to have at hand."""

from __future__ import annotations

from kiosk.core.view import Waiting
from kiosk.ui.figures import operator_figure
from kiosk.ui.flow import Said, height_of, stack
from kiosk.ui.geometry import Box
from kiosk.ui.layer import Context
from kiosk.ui.screens.base import ScreenPart, reading
from kiosk.ui.tokens import CARD, GOOD, INK, SAND, Form


class WaitingScreen(ScreenPart):
    """Draws `View.waiting`. Nothing spins: the time that passes is the sign of life."""

    def draw(self, context: Context, area: Box) -> None:
        body = context.view.waiting
        if body is None:
            return
        m = context.metrics
        inner = area.inset(m.margin)
        if m.form is Form.TALL:
            top, rest = inner.cut_top(inner.h * 0.27, m.gap)
            self._figure(context, top)
        else:
            left, rest = inner.cut_left(inner.w * (0.36 if m.form is Form.WIDE else 0.24), m.u(4))
            self._figure(context, left)
        self._words(context, body, rest)

    def _figure(self, context: Context, box: Box) -> None:
        self.layer.plate("stage", box, context.palette.tint, raised=False, radius=context.metrics.u(4))
        operator_figure(self.layer, "figure", box)

    def _words(self, context: Context, body: Waiting, box: Box) -> None:
        m = context.metrics
        ready = self._ready_texts(context, body)
        ready_high = height_of(self.layer, box.w - 2 * m.pad, box.h, ready) + 2 * m.u(2) if ready else 0
        stats_high = round(max(m.body, m.least) * 1.4 + m.font(8.4) * 1.4 + 2 * m.u(1.6))
        if m.form is Form.SMALL:
            stats_high = round(max(m.body, m.least) * 1.4 + m.title * 1.3)
        head = [
            Said("title", body.title, reading(m, m.title, bold=True)),
            Said("status", body.status, reading(m, m.heading), context.palette.face, gap=m.u(1)),
        ]
        note = [Said("note", body.note, reading(m, m.body))]
        note_high = height_of(self.layer, box.w, box.h // 3, note)
        free = box.h - stats_high - 3 * m.gap
        head_high = min(height_of(self.layer, box.w, round(free * 0.5), head), round(free * 0.5))
        ready_high = min(ready_high, free - head_high - note_high)
        top, rest = box.cut_top(head_high, m.gap)
        stack(self.layer, top, head)
        stats, rest = rest.cut_top(stats_high, m.gap)
        self._stats(context, body, stats)
        if ready and ready_high > 0:
            card, rest = rest.cut_top(ready_high, m.gap)
            self.layer.plate("ready", card)
            stack(self.layer, card.inset(m.pad, m.u(2)), ready, on=CARD, valign="middle")
        stack(self.layer, rest, note)

    def _ready_texts(self, context: Context, body: Waiting) -> list[Said]:
        if not body.ready:
            return []
        m = context.metrics
        if m.form is Form.SMALL:
            return [Said("ready-line", f"{body.ready_title} {' ・ '.join(body.ready)}", reading(m, m.body))]
        texts = [Said("ready-title", body.ready_title, reading(m, m.body, bold=True))]
        return texts + [
            Said(f"ready{i}", item, reading(m, m.lead), icon="good", icon_colour=GOOD, gap=m.u(0.8))
            for i, item in enumerate(body.ready)
        ]

    def _stats(self, context: Context, body: Waiting, box: Box) -> None:
        pairs = [("waited", body.waited_label, body.waited)]
        if body.expected:
            pairs.append(("expected", body.expected_label, body.expected))
        m = context.metrics
        for (name, label, value), cell in zip(pairs, box.columns(len(pairs), m.gap), strict=True):
            self.layer.plate(name, cell, SAND, raised=False)
            inner = cell.inset(m.pad, m.u(0.8))
            size = m.font(8.4) if m.form is not Form.SMALL else m.title
            label_high = round(max(m.body, m.least) * (1.74 if m.ruby and "|" in label else 1.4))
            top, low = inner.cut_top(label_high)
            self.layer.text(f"{name}/label", top, label, reading(m, m.body), INK, SAND)
            style = reading(m, size, bold=True, line=1.25)
            self.layer.text(f"{name}/value", low, value, style, INK, SAND)
