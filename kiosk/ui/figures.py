"""The one figure: a person at a counter, in layers of flat colour. Drawn, so that nobody's face is used."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from kiosk.ui.geometry import Box
from kiosk.ui.icons import Drawing, Pen, drawn
from kiosk.ui.layer import Layer
from kiosk.ui.paint import alpha_texture
from kiosk.ui.tokens import Colour, mix, rgb

_SKIN: Final = rgb("#F0C9A8")
_HAIR: Final = rgb("#3B2F2B")
_SHIRT: Final = rgb("#FFFFFF")
_DARK: Final = rgb("#26333D")
_DESK: Final = rgb("#D9C7A8")
_WOOD: Final = rgb("#C4AD86")


def _hair_back(p: Pen) -> None:
    p.ellipse(12, 7.6, 3.75, 4.1)


def _body(p: Pen) -> None:
    p.curve((3.6, 20), (3.8, 15.4, 7.4, 13.4, 12, 13.4), (16.6, 13.4, 20.2, 15.4, 20.4, 20), fill=True)


def _neck(p: Pen) -> None:
    p.box(10.5, 10.6, 3, 4.2, 1.4, fill=True)


def _collar(p: Pen) -> None:
    p.area((9.6, 13.5), (14.4, 13.5), (12, 17.2), soft=0.3)


def _face(p: Pen) -> None:
    p.ellipse(12, 8.4, 3.0, 3.5)


def _fringe(p: Pen) -> None:
    p.curve(
        (8.7, 8.2),
        (8.5, 3.2, 15.5, 3.2, 15.3, 8.2),
        (14.6, 6.8, 13, 6.3, 11.2, 6.4),
        (10, 6.5, 9.1, 7.2, 8.7, 8.2),
        fill=True,
    )


def _features(p: Pen) -> None:
    p.disc(10.8, 8.7, 0.29)
    p.disc(13.2, 8.7, 0.29)
    p.arc(12, 9.5, 0.95, 25, 155, 0.3)


def _headset(p: Pen) -> None:
    p.arc(12, 7.7, 4.15, 185, 355, 0.55)
    p.box(7.45, 7.4, 1.15, 2.5, 0.55, fill=True)
    p.box(15.4, 7.4, 1.15, 2.5, 0.55, fill=True)
    p.arc(12.4, 8.6, 3.6, 20, 78, 0.4)
    p.disc(12.9, 12.1, 0.5)


def _desk(p: Pen) -> None:
    p.box(1, 19.2, 22, 1.6, 0.7, fill=True)


def _front(p: Pen) -> None:
    p.box(2.2, 20.6, 19.6, 2.9, 0.4, fill=True)


_LAYERS: Final[tuple[tuple[str, Drawing], ...]] = (
    ("hair", _hair_back),
    ("brand", _body),
    ("skin", _neck),
    ("shirt", _collar),
    ("skin", _neck),
    ("skin", _face),
    ("hair", _fringe),
    ("dark", _features),
    ("dark", _headset),
    ("front", _front),
    ("desk", _desk),
)


@lru_cache(maxsize=64)
def _texture(number: int, size: int) -> Any:
    return alpha_texture(drawn(_LAYERS[number][1], size))


def operator_figure(layer: Layer, name: str, box: Box) -> None:
    """The person behind the counter, as large as fits into `box`."""
    assert layer.context is not None
    colours: dict[str, Colour] = {
        "hair": _HAIR,
        "brand": mix(layer.context.palette.brand, rgb("#FFFFFF"), 0.12),
        "skin": _SKIN,
        "shirt": _SHIRT,
        "dark": _DARK,
        "desk": _DESK,
        "front": _WOOD,
    }
    size = round(min(box.w, box.h) * 0.92)
    square = box.middle(size, size)
    for number, (colour, _) in enumerate(_LAYERS):
        layer.mark(f"{name}/{number}", square, _texture(number, size), colours[colour])
