"""The invitation: one very large key, or tiles that each start the call."""

from __future__ import annotations

from dataclasses import replace

from kiosk.core.view import Choice, Idle, PageSheet, TextSize
from kiosk.ui.flow import Said, height_of, stack
from kiosk.ui.geometry import Box
from kiosk.ui.keys import Look, key, primary
from kiosk.ui.layer import Context
from kiosk.ui.screens.base import ScreenPart, aside, reading
from kiosk.ui.screens.sheet import draw_page
from kiosk.ui.tokens import CARD, GOOD, INK, INK_2, Form


class IdleScreen(ScreenPart):
    """Draws `View.idle`."""

    def __init__(self) -> None:
        super().__init__()
        self._page_part = 0  # of a page that is too long for the panel

    def enter(self) -> None:
        self._page_part = 0

    def draw(self, context: Context, area: Box) -> None:
        body = context.view.idle
        if body is None:
            return
        inner = area.inset(context.metrics.margin, context.metrics.margin)
        if body.page is not None:
            self._disaster(context, body, body.page, inner)
        elif body.tiles:
            self._tiles(context, body, inner)
        else:
            self._one_key(context, body, inner)

    def _one_key(self, context: Context, body: Idle, inner: Box) -> None:
        m = context.metrics
        has_side = bool(body.topics or body.hours)
        if m.form is Form.WIDE:
            side, main = inner.cut_right(inner.w * self._side_share(context) if has_side else 0, m.u(4))
            self._invite(context, body, main, 0.44)
            if has_side:
                self._topics(context, body, side)
        elif m.form is Form.TALL:
            rest = inner
            if has_side:
                wanted = height_of(self.layer, inner.w - 2 * m.pad, inner.h, self._topic_texts(context, body))
                low, rest = inner.cut_bottom(min(wanted + 2 * m.pad, inner.h * 0.37), m.u(4))
                self._topics(context, body, low)
            self._invite(context, body, rest, 0.38)
        else:
            self._invite(context, body, inner, 0.5)

    def _disaster(self, context: Context, body: Idle, page: PageSheet, inner: Box) -> None:
        """The page first, and beside or below it the one thing to do."""
        m = context.metrics
        if m.form is Form.TALL:
            low, sheet = inner.cut_bottom(inner.h * 0.3, m.u(3))
        else:
            wide = body.start is None and m.form is Form.SMALL  # a telephone number stands in one line
            low, sheet = inner.cut_right(inner.w * (0.45 if wide else 0.36), m.u(3))

        def turn(part: int) -> None:
            self._page_part = part

        draw_page(self.layer, context, page, sheet, self._page_part, turn)
        if body.start is not None:
            look = primary(
                self.layer, icon="operator" if m.form is not Form.SMALL else "", size=m.font(13.0),
                icon_part=0.5 if m.form is not Form.TALL else 0.4, radius=m.u(4.5),
            )  # fmt: skip
            key(self.layer, low, body.start, look)
            return
        self.layer.plate("call", low)
        number = reading(m, m.font(8.0), bold=True, line=1.25, ruby=False)
        texts = [Said(f"line{i}", text, reading(m, m.lead)) for i, text in enumerate(body.lines)]
        texts += [
            Said("telephone-label", body.telephone_label, aside(m, m.lead), icon="phone", gap=m.u(3)),
            Said("telephone", body.telephone, number, context.palette.word, gap=m.u(0.4)),
        ]
        stack(self.layer, low.inset(m.u(2)), texts, on=CARD, valign="middle")

    def _side_share(self, context: Context) -> float:
        return 0.345 if context.metrics.text_size is TextSize.NORMAL else 0.42

    def _invite(self, context: Context, body: Idle, box: Box, key_part: float) -> None:
        """Title and lines above, the key below: the key gets at least `key_part` of the height."""
        m = context.metrics
        texts = [Said("title", body.title, reading(m, m.hero, bold=True))]
        lines = body.lines if m.form is not Form.SMALL else body.lines[:0]
        texts += [
            Said(f"line{i}", line, reading(m, m.body), gap=m.u(2.4 if i == 0 else 0.6), optional=True)
            for i, line in enumerate(lines)
        ]
        if m.form is Form.SMALL and body.hours:
            texts.append(Said("hours", body.hours, aside(m, m.body), icon="clock", gap=m.u(1)))
        gap = m.u(3.4)
        room = round(box.h * (1 - key_part)) - gap
        high = min(room, height_of(self.layer, box.w, room, texts)) if body.start else box.h
        top, low = box.cut_top(high, gap)
        stack(self.layer, top, texts)
        if body.start:
            look = primary(
                self.layer,
                icon="operator",
                size=m.font(15.0 if m.form is not Form.SMALL else 10.0),
                sub_size=m.lead,
                icon_part=0.62 if m.form is not Form.TALL else 0.4,
                radius=m.u(4.5),
            )
            key(self.layer, low, body.start, look)

    def _topic_texts(self, context: Context, body: Idle) -> list[Said]:
        m = context.metrics
        title = "" if m.text_size is TextSize.LARGE and m.form is Form.WIDE else body.topics_title
        texts = [Said("topics", title, reading(m, m.lead, bold=True))]
        texts += [
            Said(
                f"topic{i}",
                topic,
                reading(m, m.lead),
                icon="good",
                icon_colour=GOOD,
                gap=m.u(2.0),
                optional=True,
            )
            for i, topic in enumerate(body.topics)
        ]
        texts += self._later(context, body)
        icon_colour = context.palette.brand
        texts.append(
            Said("hours", body.hours, reading(m, m.body), icon="clock", icon_colour=icon_colour, gap=m.u(3.2))
        )
        return texts

    def _later(self, context: Context, body: Idle) -> list[Said]:
        """What cannot be chosen now: nobody should wait for it, or think that it is not served here."""
        m = context.metrics
        return [
            Said(
                f"later{i}", text, aside(m, m.body), icon="moon", icon_colour=INK_2, gap=m.u(0.8),
                optional=True,
            )
            for i, text in enumerate(body.later)
        ]  # fmt: skip

    def _topics(self, context: Context, body: Idle, box: Box) -> None:
        m = context.metrics
        self.layer.plate("side", box)
        inner = box.inset(m.pad * 1.2, m.pad)
        texts = self._topic_texts(context, body)
        if m.form is Form.WIDE and body.hours and body.topics:
            hours = [replace(texts[-1], gap=0)]
            high = height_of(self.layer, inner.w, inner.h // 2, hours)
            low, rest = inner.cut_bottom(high, m.gap)
            stack(self.layer, low, hours, on=CARD)
            self.layer.band("rule", Box(inner.x, low.y - m.gap // 2, inner.w, 2), context.palette.tint)
            stack(self.layer, rest, texts[:-1], on=CARD)
        else:
            stack(self.layer, inner, texts, on=CARD, valign="middle")

    # --- tiles
    def _tiles(self, context: Context, body: Idle, inner: Box) -> None:
        m = context.metrics
        texts = [
            Said(
                "title", body.title, reading(m, m.title if m.form is not Form.SMALL else m.heading, bold=True)
            )
        ]
        if m.form is not Form.SMALL and not body.later:
            texts += [
                Said(f"line{i}", t, reading(m, m.body), gap=m.u(0.8), optional=True)
                for i, t in enumerate(body.lines)
            ]
        rows = tile_rows(len(body.tiles), m.form)
        airy = m.form is not Form.SMALL or rows == 1
        if airy:
            style = aside if m.form is Form.SMALL else reading
            texts.append(Said("hours", body.hours, style(m, m.body), icon="clock", gap=m.u(0.8)))
            texts += self._later(context, body)
        roomy = rows == 1 or (body.later and m.text_size is TextSize.NORMAL)
        room = round(inner.h * (0.26 if not airy else 0.46 if roomy else 0.34))
        row_high = max(m.target, round(m.least * 2.5) + 2 * m.u(0.9) if m.form is not Form.SMALL else 0)
        room = min(room, inner.h - rows * row_high - (rows - 1) * m.u(2) - m.gap)
        top, rest = inner.cut_top(min(room, height_of(self.layer, inner.w, room, texts)), m.gap)
        stack(self.layer, top, texts)
        for tile, box in zip(
            body.tiles, tile_boxes(rest, len(body.tiles), m.form, m.u(2), m.target), strict=True
        ):
            self._tile(context, tile, box)

    def _tile(self, context: Context, tile: Choice, box: Box) -> None:
        m = context.metrics
        roomy = box.h > m.body * 5
        tight = m.text_size is TextSize.LARGE
        look = Look(
            fill=CARD,
            ink=INK,
            outline=context.palette.brand,
            icon=tile.icon if m.form is not Form.SMALL and not tight else "",
            icon_colour=context.palette.brand,
            icon_top=roomy and box.w < box.h * 2.2,
            size=m.heading,
            least=m.chrome if m.form is Form.SMALL else 0,
            sub_size=m.body,
            icon_part=0.42 if roomy else 0.6,
            align="left" if m.form is Form.WIDE and tile.icon and not tight else "centre",
            icon_gap=m.u(2.6),
            radius=m.u(3),
            line=1.25,
        )
        shown = tile if roomy else replace_sub(tile)
        key(self.layer, box, shown, look)


def replace_sub(tile: Choice) -> Choice:
    """The tile without its second line, for a low box."""
    return Choice(kind=tile.kind, label=tile.label, value=tile.value, icon=tile.icon, selected=tile.selected)


def _across(count: int, form: Form) -> int:
    if count == 4:
        return 2
    return {Form.WIDE: 3, Form.SMALL: 3, Form.TALL: 2}[form]


def tile_rows(count: int, form: Form) -> int:
    """How many rows the tiles take."""
    if form is Form.TALL and count <= 2:
        return count
    return -(-count // _across(count, form))


def tile_boxes(box: Box, count: int, form: Form, gap: int, least: int) -> list[Box]:
    """Places of 1 to 7 tiles; an odd last one ('I do not know') takes a whole, lower row."""
    if count == 0:
        return []
    across = _across(count, form)
    if count <= across:
        return box.columns(count, gap) if form is not Form.TALL else box.rows(count, gap)
    full = count // across * across
    left = count - full
    rows = full // across + (1 if left else 0)
    last, upper = box.cut_bottom(max(least, box.h / rows * 0.8) if left else 0, gap if left else 0)
    out = [cell for line in upper.rows(full // across, gap) for cell in line.columns(across, gap)]
    return out + (last.columns(left, gap) if left else [])
