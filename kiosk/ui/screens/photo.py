"""Taking a still: consent, one instruction in the largest type, a count beside the face, the result."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from kiosk.core.view import Check, Choice, Photo, PhotoStage, Picture, TouchKind
from kiosk.ui.flow import Said, height_of, stack
from kiosk.ui.geometry import Box
from kiosk.ui.hand import draw_hand
from kiosk.ui.icons import Pen
from kiosk.ui.keys import Look, key, primary
from kiosk.ui.layer import Context
from kiosk.ui.paint import alpha_texture
from kiosk.ui.raster import paint
from kiosk.ui.screens.base import ScreenPart, aside, reading
from kiosk.ui.text.block import Style
from kiosk.ui.tokens import ATTENTION, CARD, CAUTION, GOOD, INK, NIGHT, SAND, STOP, WHITE, Form, rgb
from kiosk.ui.video import Fit

PORTRAIT = 7 / 9  # of the photo that will be cut out
_OVAL = (0.5, 0.47, 0.30, 0.37)  # centre and radii in the portrait: crown at 10 %, chin at 84 %
_AMBER = rgb("#FFC83D")
_MARKS = {"good": ("good", GOOD), "caution": ("caution", CAUTION), "bad": ("bad", STOP)}


class PhotoScreen(ScreenPart):
    """Draws `View.photo`, for a face and for a paper."""

    def draw(self, context: Context, area: Box) -> None:
        body = context.view.photo
        if body is None:
            return
        m = context.metrics
        inner = area.inset(m.margin, m.u(2.4 if m.form is not Form.SMALL else 1.6))
        face = body.of is Picture.SELF
        if m.form is Form.TALL:
            aiming = body.stage in (PhotoStage.AIM, PhotoStage.COUNT, PhotoStage.SHUTTER)
            part = 0.45 if not face or body.checks else 0.62 if aiming else 0.52
            left, right = inner.cut_top(inner.h * part, m.u(3))
        else:
            share = inner.h * PORTRAIT if face else inner.w * 0.54
            narrow = m.form is Form.SMALL and body.checks
            most = inner.w * ((0.28 if face else 0.42) if narrow else 0.56)
            left, right = inner.cut_left(min(share, most), m.u(3.4))
        if m.form is Form.SMALL and body.stage is PhotoStage.CONSENT:
            self._words(context, body, inner)
            return
        self._picture(context, body, left, face)
        self._words(context, body, right)

    # --- the picture
    def _picture(self, context: Context, body: Photo, box: Box, face: bool) -> None:
        m = context.metrics
        frame = box.fitting(PORTRAIT) if face else self._paper_frame(context, body, box)
        if body.stage is PhotoStage.CONSENT:
            self._before(context, frame, face)
            return
        live = not body.still
        fit = Fit(
            cover=live and face,
            mirror=live and face,
            radius=m.radius,
            backdrop=NIGHT if live else SAND,
            ratio=PORTRAIT if live and face else 0.0,
        )
        video = self.layer.picture(body.of, frame, fit)
        if not video.lit:
            icon = "person" if face else "document"
            self.layer.icon("wait", frame.middle(frame.h * 0.3, frame.h * 0.3), icon, SAND)
        if live:
            texture = _vignette(frame.w, frame.h, m.radius) if face else None
            if texture is not None:
                self.layer.mark("veil", frame, texture, (NIGHT[0], NIGHT[1], NIGHT[2], 0.5))
            ring = _oval(frame.w, frame.h, m.u(0.9)) if face else _corners(frame.w, frame.h, m.u(1.0))
            self.layer.mark("guide", frame, ring, WHITE if face else _AMBER)
            if not face:
                draw_hand(self.layer, context, frame, video, fit)
        if body.stage is PhotoStage.SHUTTER:
            self.layer.plate("flash", frame, (1, 1, 1, 0.82), raised=False)

    def _paper_frame(self, context: Context, body: Photo, box: Box) -> Box:
        """As the picture is, so that the marks stand at its own corners."""
        video = context.pictures[body.of]
        ratio = video.frame_size[0] / video.frame_size[1] if video.lit else 16 / 9
        frame = box.fitting(ratio)
        return Box(frame.x, box.y, frame.w, frame.h)

    def _before(self, context: Context, frame: Box, face: bool) -> None:
        """Before consent no camera is shown: a drawing of what will happen stands there."""
        m = context.metrics
        self.layer.plate("before", frame, context.palette.tint, raised=False)
        side = frame.middle(min(frame.w, frame.h) * 0.62, min(frame.w, frame.h) * 0.62)
        self.layer.icon("before/icon", side, "person" if face else "document", context.palette.brand)
        ring = _oval(frame.w, frame.h, m.u(0.9)) if face else _corners(frame.w, frame.h, m.u(1.0))
        self.layer.mark("guide", frame, ring, context.palette.brand)

    # --- the words
    def _words(self, context: Context, body: Photo, box: Box) -> None:
        m = context.metrics
        rest = box
        if body.choices:
            keys, rest = rest.cut_bottom(self._keys_high(context, body, box), m.u(2.4))
            self._keys(context, body, keys)
        if body.stage is PhotoStage.COUNT and body.count:
            self._counting(context, body, rest)
            return
        calm = body.stage in (PhotoStage.CONSENT, PhotoStage.SENDING)
        title = reading(m, m.heading, bold=calm)
        instruction = Said(
            "instruction",
            body.instruction,
            self._instruction_style(context, body),
            gap=m.u(2),
            icon="caution" if body.stage is PhotoStage.FAILED and m.form is not Form.SMALL else "",
            icon_colour=ATTENTION,
        )
        colour = INK if calm else context.palette.word
        texts = [Said("title", body.title, title, colour, optional=not calm), instruction]
        if body.person is not None and body.stage is PhotoStage.CONSENT:
            who = f"{body.person.municipality} \u200b{body.person.role} \u200b{body.person.name}"
            brand = context.palette.brand
            texts.append(Said("who", who, aside(m, m.body), icon="eye", icon_colour=brand, gap=m.u(2)))
        checks_high = self._checks_high(context, body, rest)
        top, low = rest.cut_top(rest.h - checks_high - (m.gap if checks_high else 0), m.gap)
        left = stack(self.layer, top, texts, valign="top" if m.form is not Form.SMALL else "middle")
        if checks_high:
            low = Box(low.x, min(low.y, left.y + m.u(3)), low.w, checks_high)
            self.layer.plate("checks", low)
            stack(self.layer, low.inset(m.pad, m.u(1.4)), self._check_texts(context, body), on=CARD)

    def _instruction_style(self, context: Context, body: Photo) -> Style:
        """What to do now is the largest; what only explains is not."""
        m = context.metrics
        if body.stage is PhotoStage.CONSENT:
            return reading(m, m.heading)
        if body.stage in (PhotoStage.SHOWN, PhotoStage.SENDING):
            return aside(m, m.title, bold=True)
        return reading(m, m.font(9.2 if m.form is not Form.SMALL else 7.4), bold=True)

    def _counting(self, context: Context, body: Photo, box: Box) -> None:
        """The number stands beside the face, never on it."""
        m = context.metrics
        texts = [Said("instruction", body.instruction, reading(m, m.title, bold=True))]
        high = min(round(box.h * 0.5), height_of(self.layer, box.w, round(box.h * 0.5), texts))
        top, rest = box.cut_top(high, m.gap)
        stack(self.layer, top, texts)
        side = min(rest.w, rest.h, m.u(44))
        ring = rest.middle(side, side)
        self.layer.ring("count/ring", ring, m.u(1.4), context.palette.brand)
        style = reading(m, round(side * 0.62), bold=True, align="centre", line=1.0)
        self.layer.text("count", ring, str(body.count), style, context.palette.word)

    def _check_texts(self, context: Context, body: Photo) -> list[Said]:
        m = context.metrics
        return [
            Said(
                f"check{i}",
                _check_line(check),
                aside(m, m.lead),
                icon=_MARKS.get(check.state, _MARKS["caution"])[0],
                icon_colour=_MARKS.get(check.state, _MARKS["caution"])[1],
                gap=m.u(0.8),
            )
            for i, check in enumerate(body.checks)
        ]

    def _checks_high(self, context: Context, body: Photo, box: Box) -> int:
        if not body.checks:
            return 0
        m = context.metrics
        room = round(box.h * (0.62 if m.form is not Form.SMALL else 0.74))
        high = height_of(self.layer, box.w - 2 * m.pad, room, self._check_texts(context, body))
        return min(room, high + 2 * m.u(1.4))

    # --- keys
    def _keys_high(self, context: Context, body: Photo, box: Box) -> int:
        m = context.metrics
        if self._one_row(context, body, box):
            return max(m.target, m.u(15))
        return len(body.choices) * m.target + (len(body.choices) - 1) * m.u(2)

    def _one_row(self, context: Context, body: Photo, box: Box) -> bool:
        return box.w / max(1, len(body.choices)) > context.metrics.least * 7

    def _keys(self, context: Context, body: Photo, box: Box) -> None:
        m = context.metrics
        row = self._one_row(context, body, box)
        count = len(body.choices)
        cells = box.columns(count, m.u(2)) if row else box.rows(count, m.u(2))
        for choice, cell in zip(body.choices, cells, strict=True):
            key(self.layer, cell, choice, self._look(context, choice))

    def _look(self, context: Context, choice: Choice) -> Look:
        size = context.metrics.heading
        if choice.kind is TouchKind.CONSENT_YES or choice.selected:
            return primary(self.layer, size=size)
        return Look(size=size)


def _check_line(check: Check) -> str:
    return f"{check.label}\u3000\u200b{check.word}" if check.word else check.label


@lru_cache(maxsize=8)
def _vignette(width: int, height: int, radius: int) -> Any:
    """Everything but the oval."""

    def draw(context: Any, lib: Any) -> None:
        Pen(context, lib).box(0, 0, width, height, radius, fill=True)
        pen = Pen(context, lib)
        pen.erase()
        x, y, rx, ry = _OVAL
        pen.ellipse(x * width, y * height, rx * width, ry * height)

    return alpha_texture(paint(width, height, draw))


@lru_cache(maxsize=8)
def _oval(width: int, height: int, line: int) -> Any:
    def draw(context: Any, lib: Any) -> None:
        x, y, rx, ry = _OVAL
        Pen(context, lib).ellipse(x * width, y * height, rx * width, ry * height, float(line))

    return alpha_texture(paint(width, height, draw))


@lru_cache(maxsize=8)
def _corners(width: int, height: int, line: int) -> Any:
    def draw(context: Any, lib: Any) -> None:
        pen = Pen(context, lib)
        edge, arm = min(width, height) * 0.06, min(width, height) * 0.14
        for left, top in ((True, True), (False, True), (False, False), (True, False)):
            x = edge if left else width - edge
            y = edge if top else height - edge
            dx, dy = (arm if left else -arm), (arm if top else -arm)
            pen.line((x + dx, y), (x, y), (x, y + dy), width=line)

    return alpha_texture(paint(width, height, draw))
