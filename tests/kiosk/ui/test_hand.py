"""Pointer and ink stand on the paper where the operator put them, whatever shape the picture has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kiosk.core.view import Ink, Picture, Pointer
from kiosk.ui.gallery import drawn_paper, pixels
from kiosk.ui.geometry import Box
from kiosk.ui.hand import shown_at
from kiosk.ui.samples import samples
from kiosk.ui.video import Fit

SIZE = (1280, 800)
SHAPES = [(1280, 720), (640, 480), (480, 640)]


def show(stage: Any, sample: str, shape: tuple[int, int] = (1280, 720)) -> tuple[float, ...]:
    """Shows the sample with a paper of this shape; gives where the picture itself stands."""
    stage.show(samples()[sample])
    stage.frame(Picture.PAPER, drawn_paper(*shape), *shape)
    stage.arrive()
    box = stage._part.layer.boxes["picture:paper"]
    return shown_at(box, shape, Fit(cover=False))


def red(stage: Any) -> Any:
    """Where ink is: warm red on an otherwise grey paper; keys and signs around it have reds of their own."""
    data = pixels(stage, SIZE).astype(int)
    found = (data[..., 0] > 190) & (data[..., 1] < 120) & (data[..., 2] < 90)
    box = stage._part.layer.boxes["picture:paper"]
    inside = np.zeros_like(found)
    inside[box.y : box.bottom, box.x : box.x + box.w] = True
    return found & inside


def middle(found: Any) -> tuple[float, float]:
    """x, y of the middle of what was found."""
    rows, columns = np.nonzero(found)
    assert len(rows), "there is no ink at all"
    return float(columns.min() + columns.max()) / 2, float(rows.min() + rows.max()) / 2


def dot(x: float, y: float) -> Ink:
    return Ink(stroke="dot", points=((x, y),))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("sample", ["talking", "talking-paper"])
@pytest.mark.parametrize("spot", [(0.1, 0.15), (0.85, 0.7)], ids=str)
def test_ink_stands_where_it_was_put(
    make_stage: Callable[..., Any], sample: str, shape: tuple[int, int], spot: tuple[float, float]
) -> None:
    """Large and small, wide and upright: the bars beside the picture belong to no paper."""
    stage = make_stage(*SIZE)
    x, y, w, h = show(stage, sample, shape)
    assert not red(stage).any()
    stage.inked(dot(*spot))
    assert middle(red(stage)) == pytest.approx((x + spot[0] * w, y + spot[1] * h), abs=2.0)


def test_the_picture_has_bars_where_it_does_not_fill_its_box() -> None:
    """An upright picture in a wide box stands in its middle, whole."""
    assert shown_at(Box(100, 50, 400, 200), (480, 640), Fit(cover=False)) == (225.0, 50.0, 150.0, 200.0)
    assert shown_at(Box(0, 0, 400, 400), (1280, 720), Fit(cover=False)) == (0.0, 87.5, 400.0, 225.0)


def test_ink_moves_with_its_picture(make_stage: Callable[..., Any]) -> None:
    """Another layout, another place of the same spot of the paper."""
    stage = make_stage(*SIZE)
    show(stage, "talking")
    stage.inked(dot(0.5, 0.5))
    small = middle(red(stage))
    x, y, w, h = show(stage, "talking-paper")
    large = middle(red(stage))
    assert large == pytest.approx((x + w / 2, y + h / 2), abs=2.0)
    assert large != pytest.approx(small, abs=20)


def test_a_stroke_is_thick_red_and_edged_in_white(make_stage: Callable[..., Any]) -> None:
    """It is seen on white paper by its colour and on a dark table by its edge."""
    stage = make_stage(*SIZE)
    x, y, w, h = show(stage, "talking-paper")
    stage.inked(Ink(stroke="s", points=((0.02, 0.03), (0.98, 0.03))))
    column = round(x + w / 2)
    data = pixels(stage, SIZE)[round(y) : round(y + h * 0.08), column].astype(int)
    inked = [bool(r > 190 and g < 120 and b < 90) for r, g, b, _ in data]
    white = [bool(min(r, g, b) > 240) for r, g, b, _ in data]
    first, last = inked.index(True), len(inked) - inked[::-1].index(True)
    assert last - first >= 5
    assert any(white[:first])
    assert any(white[last:])


def test_parts_of_a_stroke_become_one_line(make_stage: Callable[..., Any]) -> None:
    """No gap between what came in two messages, nor where a very long stroke is drawn in pieces."""
    stage = make_stage(*SIZE)
    x, y, w, h = show(stage, "talking-paper")
    xs = [0.1 + 0.8 * n / 1500 for n in range(1501)]
    for start in range(0, 1501, 150):
        stage.inked(Ink(stroke="s", points=tuple((at, 0.5) for at in xs[start : start + 150])))
    row = red(stage)[round(y + h / 2)]
    assert row[round(x + 0.1 * w) : round(x + 0.9 * w)].all()


def test_cleared_ink_is_gone_and_the_next_stroke_is_alone(make_stage: Callable[..., Any]) -> None:
    """Nothing of the old strokes comes back with the new one."""
    stage = make_stage(*SIZE)
    x, y, w, h = show(stage, "talking-paper")
    stage.inked(Ink(stroke="a", points=((0.1, 0.1), (0.9, 0.1))))
    stage.ink_cleared()
    assert not red(stage).any()
    stage.inked(dot(0.5, 0.8))
    assert middle(red(stage)) == pytest.approx((x + w / 2, y + h * 0.8), abs=2.0)


@pytest.mark.parametrize("after", ["ended", "idle"])
def test_ink_goes_with_the_call(make_stage: Callable[..., Any], after: str) -> None:
    """The next resident's paper is clean, and ink that comes late has no paper."""
    stage = make_stage(*SIZE)
    show(stage, "talking-paper")
    stage.inked(dot(0.5, 0.5))
    stage.show(samples()[after])
    stage.inked(dot(0.2, 0.2))
    show(stage, "talking-paper")
    assert not red(stage).any()


def test_there_is_no_ink_without_a_paper(make_stage: Callable[..., Any]) -> None:
    """When the document camera is away, strokes would lie on nothing; they come back with the picture."""
    stage = make_stage(*SIZE)
    show(stage, "talking-paper")
    stage.inked(dot(0.5, 0.5))
    stage.ended(Picture.PAPER)
    assert not red(stage).any()
    show(stage, "talking-paper")
    assert red(stage).any()


def test_the_pointer_lies_on_the_ink(make_stage: Callable[..., Any]) -> None:
    """Pointing at what was written must be seen."""
    stage = make_stage(*SIZE)
    show(stage, "talking-paper")
    stage.inked(dot(0.5, 0.5))
    stage.pointed(Pointer(x=0.5, y=0.5, on=True))
    said = stage._part.layer._said
    assert said.index("picture:paper") < said.index("ink") < said.index("pointer")
    stage.pointed(Pointer(x=0.5, y=0.5, on=False))
    assert "pointer" not in stage._part.layer._said
