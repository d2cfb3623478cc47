"""The call: the operator first, then the paper or a page; the resident's own picture stands aside."""

from __future__ import annotations

from kiosk.core.view import Layout, PageSheet, Picture, Talking, Words
from kiosk.ui.flow import Said, height_of, stack
from kiosk.ui.geometry import Box
from kiosk.ui.hand import draw_hand
from kiosk.ui.layer import Context
from kiosk.ui.screens.base import ScreenPart, aside, reading
from kiosk.ui.screens.sheet import draw_page
from kiosk.ui.screens.talking_boxes import Places, Wish, arrange
from kiosk.ui.screens.words import (
    ask_high,
    calm_high,
    draw_calm,
    draw_words,
    fits,
    name_of,
    without_picture,
    word_places,
)
from kiosk.ui.text.block import Style
from kiosk.ui.tokens import CARD, CAUTION_TINT, INK, NIGHT, SAND, WHITE, Form
from kiosk.ui.video import Fit


class TalkingScreen(ScreenPart):
    """Draws `View.talking`; a change of layout moves the pictures in at most 0.2 s."""

    def __init__(self) -> None:
        super().__init__()
        self._page_id = ""  # of the sheet on the screen, and which part of it if it is long
        self._page_part = 0

    def draw(self, context: Context, area: Box) -> None:
        body = context.view.talking
        if body is None:
            return
        m = context.metrics
        above = 2.4 if m.form is not Form.SMALL else 0.3 if context.view.band else 1.6
        inner = self._calm(context, body, area.inset(m.margin, m.u(above)))
        if body.words is not None:
            self._words(context, body, body.words, inner)
            return
        wish = Wish(
            m,
            body.layout,
            paper=Picture.PAPER in body.pictures,
            own=Picture.SELF in body.pictures,
            person_high=lambda width: self._person_high(context, body, width),
            caption_high=lambda width: self._caption_high(context, body, width),
            label_high=round(m.least * 1.4) + m.u(1.0),
        )
        places = arrange(inner, wish)
        self._operator(context, body, places.operator)
        self._person(context, body, places.person)
        self._paper(context, body, places)
        self._own(context, body, places)
        if body.layout is Layout.PAGE and body.page is not None and places.page is not None:
            self._page(context, body.page, places.page)
        if body.caption and places.caption is not None:
            self._caption(context, body, places.caption)
        if body.notice and not body.held:
            self._notice(context, body, places.main)

    def _calm(self, context: Context, body: Talking, room: Box) -> Box:
        """Says the calm line over everything else; returns the room below it.

        The small panel has one band for both lines of a written call, and none beside a page.
        """
        m, words = context.metrics, body.words
        small = m.form is Form.SMALL
        line = (words.said if small and words is not None else "") or body.calm
        if not line or (small and body.layout is Layout.PAGE and words is None):
            return room
        band, rest = room.cut_top(calm_high(self.layer, context, line, room.w), m.u(1.6))
        draw_calm(self.layer, context, line, band, "speaker" if words is None else "text")
        return rest

    def _words(self, context: Context, body: Talking, words: Words, room: Box) -> None:
        m = context.metrics
        name = name_of(m, body.person)
        name_high = height_of(self.layer, round(room.w * 0.24), m.height, name)
        places = word_places(room, m, len(words.keys), ask_high(self.layer, m, words, room.w), name_high)
        if m.form is Form.SMALL and not fits(self.layer, m, words, places):
            places = without_picture(places)
        if places.operator is not None:
            self._operator(context, body, places.operator)
        if places.person is not None:
            stack(self.layer, places.person, name, valign="middle")
        draw_words(self.layer, context, words, places)

    def _page(self, context: Context, page: PageSheet, box: Box) -> None:
        if page.id != self._page_id:
            self._page_id, self._page_part = page.id, 0

        def turn(part: int) -> None:
            self._page_part = part

        draw_page(self.layer, context, page, box, self._page_part, turn)

    # --- pictures
    def _operator(self, context: Context, body: Talking, box: Box) -> None:
        fit = Fit(cover=True, radius=context.metrics.radius, backdrop=NIGHT)
        video = self.layer.picture(Picture.OPERATOR, box, fit, glide=True)
        if body.held:
            self._held(context, body, box)
        elif not video.lit:
            self.layer.icon("operator/wait", box.middle(box.h * 0.34, box.h * 0.34), "operator", SAND)

    def _held(self, context: Context, body: Talking, box: Box) -> None:
        m = context.metrics
        self.layer.plate("held", box, context.palette.tint, raised=False)
        inner = box.inset(m.pad)
        if inner.h > m.heading * 5:
            top, inner = inner.cut_top(min(inner.h * 0.3, m.u(16)), m.u(2))
            self.layer.icon("held/icon", top, "clock", context.palette.brand)
        style = reading(m, m.title, bold=True, align="centre")
        self.layer.text("held/text", inner, body.held, style, INK, context.palette.tint)

    def _paper(self, context: Context, body: Talking, places: Places) -> None:
        box = places.paper
        if box is None or Picture.PAPER not in body.pictures:
            return
        m = context.metrics
        large = body.layout is Layout.PAPER
        if places.paper_label is not None:
            self._paper_label(context, body, places.paper_label, large)
        fit = Fit(cover=False, radius=m.radius if large else m.u(1.6), backdrop=NIGHT)
        video = self.layer.picture(Picture.PAPER, box, fit, glide=True)
        if not video.lit:
            self.layer.icon("paper/wait", box.middle(box.h * 0.34, box.h * 0.34), "document", SAND)
        draw_hand(self.layer, context, box, video, fit)

    def _paper_label(self, context: Context, body: Talking, box: Box, large: bool) -> None:
        m = context.metrics
        size = m.heading if large else m.body
        style = reading(m, size, bold=True, line=1.25)
        room = box
        if body.paper_note:
            block = self.layer.measure(body.paper_note, round(box.w * 0.6), box.h, style)
            chip, room = box.cut_right(block.width + m.u(3), m.u(1.5))
            chip = chip.middle(chip.w, min(chip.h, block.height + m.u(0.6)))
            self.layer.plate("paper/note-plate", chip, CAUTION_TINT, raised=False, radius=m.u(1.2))
            note = reading(m, size, bold=True, line=1.25, align="centre")
            self.layer.text("paper/note", chip, body.paper_note, note, INK, CAUTION_TINT)
        self.layer.text("paper/label", room, body.paper_title, style)

    def _own(self, context: Context, body: Talking, places: Places) -> None:
        if places.own is None or Picture.SELF not in body.pictures:
            return
        m = context.metrics
        fit = Fit(cover=True, mirror=True, radius=m.u(1.6), backdrop=NIGHT)
        video = self.layer.picture(Picture.SELF, places.own, fit, glide=True)
        if not video.lit:
            side = places.own.h * 0.5
            self.layer.icon("own/wait", places.own.middle(side, side), "person", SAND)
        if places.own_label is not None:
            style = reading(m, m.body, line=1.25)
            label = places.own_label
            if self.layer.measure(body.self_label, label.w, label.h, style).fits:
                self.layer.text("own/label", label, body.self_label, style)

    # --- words
    def _person_texts(self, context: Context, body: Talking) -> list[Said]:
        m = context.metrics
        small = m.form is Form.SMALL
        line = 1.25 if small else 1.4
        person = body.person
        if small:
            return [
                Said("person/name", person.name, aside(m, m.heading, bold=True, line=line)),
                Said("person/where", person.municipality, aside(m, m.body, line=line)),
                Said("person/role", person.role, aside(m, m.body, line=line), optional=True),
            ]
        return [
            Said("person/where", person.municipality, reading(m, m.body, line=line)),
            Said("person/name", person.name, reading(m, m.title, bold=True, line=line), gap=m.u(0.4)),
            Said("person/role", person.role, reading(m, m.body, line=line), gap=m.u(0.2), optional=True),
        ]

    def _person_high(self, context: Context, body: Talking, width: int) -> int:
        m = context.metrics
        pad = 2 * m.u(1.2) if m.form is not Form.SMALL else 0
        side = 2 * m.pad if m.form is not Form.SMALL else 0
        room = round(m.height * {Form.WIDE: 0.22, Form.TALL: 0.16, Form.SMALL: 0.34}[m.form])
        return height_of(self.layer, width - side, room, self._person_texts(context, body)) + pad

    def _person(self, context: Context, body: Talking, box: Box | None) -> None:
        if box is None:
            return
        m = context.metrics
        if m.form is Form.SMALL:
            stack(self.layer, box, self._person_texts(context, body), valign="middle")
            return
        self.layer.plate("person", box)
        edge, _ = box.cut_left(m.u(1))
        inner = box.inset(m.pad, m.u(1.2))
        self.layer.plate(
            "person/edge", edge.inset(0, m.u(2.4)), context.palette.brand, radius=4, raised=False
        )
        stack(self.layer, inner, self._person_texts(context, body), on=CARD, valign="middle")

    def _caption_style(self, context: Context, caption: str) -> Style:
        """With readings where the words carry them; what an operator types has none."""
        m = context.metrics
        return aside(m, m.lead, align="centre", ruby="{" in caption and m.form is not Form.SMALL)

    def _caption_side(self, context: Context) -> int:
        m = context.metrics
        return m.u(0.8 if m.form is Form.SMALL else 2)

    def _caption_high(self, context: Context, body: Talking, width: int) -> int:
        """As high as the words need, two lines if that is possible, three at most."""
        if not body.caption:
            return 0
        m = context.metrics
        style = self._caption_style(context, body.caption)
        inner = width - 2 * self._caption_side(context) - (2 * m.u(1.6) if m.form is Form.WIDE else 0)
        lines = round(style.least * 1.4)
        block = self.layer.measure(body.caption, inner, 2 * round(style.size * 1.4) + 2, style)
        if not block.fits:
            block = self.layer.measure(body.caption, inner, 3 * lines + 2, style)
        return block.height + 2 * m.u(0.8)

    def _caption(self, context: Context, body: Talking, band: Box) -> None:
        m = context.metrics
        veil = (NIGHT[0], NIGHT[1], NIGHT[2], 0.9)
        self.layer.plate("caption/plate", band, veil, radius=m.u(1.8), raised=False)
        inner = band.inset(self._caption_side(context), m.u(0.6))
        self.layer.text(
            "caption", inner, body.caption, self._caption_style(context, body.caption), WHITE, NIGHT
        )

    def _notice(self, context: Context, body: Talking, main: Box) -> None:
        m = context.metrics
        style = reading(m, m.lead, bold=True, align="centre")
        width = main.w - m.u(6)
        block = self.layer.measure(body.notice, width, main.h // 2, style)
        box = Box(main.x, main.y + m.u(2), main.w, block.height + m.u(2))
        box = box.middle(min(main.w - m.u(2), block.width + m.u(8)), box.h)
        self.layer.plate("notice/plate", box, CAUTION_TINT, radius=m.u(1.8))
        self.layer.text("notice", box, body.notice, style, INK, CAUTION_TINT)
