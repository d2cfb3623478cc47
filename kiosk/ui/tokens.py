"""Sizes and colours: the only place that holds a number of pixels or a colour. Pure.

The unit is 1/100 of the shorter working side. What a finger or an eye needs is in millimetres and comes
from the
panel's pixel density: a capital letter of 4 mm ('normal') or 6.1 mm ('large', EN 301 549 5.1.4 at 500 mm), a
target of 20 mm. Colours that carry white text are darkened until they reach 7 : 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from kiosk.core.view import TextSize, Theme

CAP_HEIGHT: Final = 0.733  # of BIZ UDPGothic's em; a test measures it
CAPS_MM: Final = {TextSize.NORMAL: 4.0, TextSize.LARGE: 6.1}
TARGET_MM: Final = 20.0
LINE: Final = 1.4  # line height of reading text, in ems
LINE_RUBY: Final = 1.68  # the same where readings stand above
MOVE_SECONDS: Final = 0.18  # the longest movement

_DIAGONALS: Final = {  # inches, of the panels we know
    (1280, 800): 10.1,
    (800, 1280): 10.1,
    (800, 480): 7.0,
    (480, 800): 7.0,
    (1024, 600): 7.0,
    (1920, 1080): 15.6,
    (1080, 1920): 15.6,
}
SMALL_SIDE_MM: Final = 105.0  # a panel with a shorter side below this shows no ruby and fewer things


class Form(StrEnum):
    """Layouts of their own."""

    WIDE = "wide"
    TALL = "tall"
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class Metrics:
    """Sizes of one panel at one text size, in pixels unless the name says otherwise."""

    width: int
    height: int
    per_mm: float
    text_size: TextSize
    form: Form

    @property
    def unit(self) -> float:
        return min(self.width, self.height) / 100

    def u(self, amount: float) -> int:
        """`amount` units in whole pixels."""
        return round(self.unit * amount)

    def mm(self, amount: float) -> int:
        """`amount` millimetres in whole pixels, rounded up."""
        return math.ceil(amount * self.per_mm)

    @property
    def target(self) -> int:
        """The least side of anything that is touched."""
        return self.mm(TARGET_MM)

    @property
    def ruby(self) -> bool:
        return self.form is not Form.SMALL

    @property
    def least(self) -> int:
        """The smallest font of a text that must be read."""
        return self._font(CAPS_MM[self.text_size])

    @property
    def chrome(self) -> int:
        """The smallest font of head and foot, which may stay at 'normal' when the rest is 'large'."""
        return self._font(CAPS_MM[TextSize.NORMAL])

    def font(self, caps_mm: float) -> int:
        """A font whose capitals are `caps_mm` high, grown with 'large' and never below the least."""
        grow = 1.0 if self.text_size is TextSize.NORMAL else 1.18
        return max(self.least, self._font(caps_mm * grow))

    def _font(self, caps_mm: float) -> int:
        return math.ceil(caps_mm * self.per_mm / CAP_HEIGHT)

    # the scale of type: capitals in millimetres at 'normal'
    @property
    def body(self) -> int:
        return self.font(4.1)

    @property
    def lead(self) -> int:
        return self.font(4.7)

    @property
    def heading(self) -> int:
        return self.font(5.6)

    @property
    def title(self) -> int:
        return self.font(7.0 if self.form is Form.SMALL else 7.6)

    @property
    def hero(self) -> int:
        return self.font(8.0 if self.form is Form.SMALL else 10.5)

    @property
    def gap(self) -> int:
        return self.u(2.4)

    @property
    def margin(self) -> int:
        return self.u(2.2 if self.form is Form.SMALL else 3.4)

    @property
    def pad(self) -> int:
        return self.u(2.6 if self.form is Form.SMALL else 3.0)

    @property
    def radius(self) -> int:
        return self.u(2.6)


@lru_cache(maxsize=16)
def metrics(
    width: int, height: int, text_size: TextSize = TextSize.NORMAL, diagonal: float | None = None
) -> Metrics:
    """The sizes for a panel of `diagonal` inches; a known resolution needs none, else 10.1 is assumed."""
    inches = diagonal or _DIAGONALS.get((width, height), 10.1)
    per_mm = math.hypot(width, height) / (inches * 25.4)
    across = Form.SMALL if height / per_mm < SMALL_SIDE_MM else Form.WIDE
    form = Form.TALL if height > width else across
    return Metrics(width, height, per_mm, text_size, form)


Colour = tuple[float, float, float, float]


def rgb(text: str) -> Colour:
    """#RRGGBB as four parts of 0..1."""
    return (int(text[1:3], 16) / 255, int(text[3:5], 16) / 255, int(text[5:7], 16) / 255, 1.0)


PAPER: Final = rgb("#FAF7F2")
CARD: Final = rgb("#FFFFFF")
SAND: Final = rgb("#EFE9DE")
INK: Final = rgb("#1B2733")
INK_2: Final = rgb("#46525E")
LINE_COLOUR: Final = rgb("#CBD2D6")
ATTENTION: Final = rgb("#B23C00")
STOP: Final = rgb("#B3261E")
GOOD: Final = rgb("#1B7F3B")
CAUTION: Final = rgb("#9A6700")
NIGHT: Final = rgb("#10181F")
WHITE: Final = rgb("#FFFFFF")
CAUTION_TINT: Final = rgb("#FFF1CF")
BLACK: Final = rgb("#000000")
CLEAR: Final = (1.0, 1.0, 1.0, 0.0)


def luminance(colour: Colour) -> float:
    """Relative luminance of WCAG 2."""
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a: Colour, b: Colour) -> float:
    """Contrast of WCAG 2, 1 to 21."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mix(a: Colour, b: Colour, part: float) -> Colour:
    """Between two colours: 0 is `a`, 1 is `b`."""
    red, green, blue = (a[i] + (b[i] - a[i]) * part for i in range(3))
    return (red, green, blue, 1.0)


def carrying(colour: Colour, text: Colour = WHITE, least: float = 7.0) -> Colour:
    """`colour`, darkened no more than `text` on it needs to reach the contrast `least`."""
    for step in range(101):
        darker = mix(colour, BLACK, step / 100)
        if contrast(darker, text) >= least:
            return darker
    return BLACK


@dataclass(frozen=True, slots=True)
class Palette:
    """The municipality's colours, made fit to carry text."""

    brand: Colour  # marks and icons
    face: Colour  # a filled key: white text on it has 7 : 1
    word: Colour  # text in the brand's colour, 7 : 1 on every light ground
    tint: Colour  # a very light wash of the brand, for chosen things
    stop: Colour  # a filled key that ends something


@lru_cache(maxsize=8)
def palette(theme: Theme) -> Palette:
    """Colours for a theme."""
    brand = rgb(theme.brand)
    return Palette(
        brand, carrying(brand), carrying(rgb(theme.brand_dark), SAND), mix(PAPER, brand, 0.11), carrying(STOP)
    )
