"""Every screen on every panel: nothing cut, nothing on another, all large enough to read and touch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from kiosk.core.view import Picture, Screen, Talking, TouchKind
from kiosk.ui.gallery import feed, pixels
from kiosk.ui.geometry import Box
from kiosk.ui.samples import SIZES, languages, samples
from kiosk.ui.screens.idle import tile_boxes
from kiosk.ui.tokens import Form

from .audit import complaints


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_every_screen_fits_its_panel(make_stage: Callable[..., Any], size: tuple[int, int]) -> None:
    """No overflow, no overlap, capitals and targets in millimetres, contrast 7 : 1, at both text sizes."""
    stage = make_stage(*size)
    wrong = {}
    for name, view in samples().items():
        stage.show(view)
        feed(stage)
        wrong[name] = complaints(stage, size)
    assert {name: found for name, found in wrong.items() if found} == {}


def test_the_audit_sees_a_text_that_is_too_long(make_stage: Callable[..., Any]) -> None:
    """A check that never complains would be worth nothing."""
    stage = make_stage()
    view = samples()["trouble"]
    assert view.notice is not None
    stage.show(replace(view, notice=replace(view.notice, title="ございません" * 60)))
    assert any("does not fit" in found for found in complaints(stage, (1280, 800)))


@pytest.mark.parametrize("code", ["ja", "ja-easy", "en", "zh", "pt", "vi"])
def test_the_choice_of_languages_fits_everywhere(make_stage: Callable[..., Any], code: str) -> None:
    """Where the keys do not fit in a row, a sheet shows them all."""
    for size in SIZES:
        stage = make_stage(*size)
        view = samples()["waiting"]
        stage.show(replace(view, footer=replace(view.footer, languages=languages(code))))
        stage._open("languages")
        assert complaints(stage, size) == []
        assert [t.choice.value for t in stage.targets() if t.tid.startswith("language:")] == [
            "ja",
            "ja-easy",
            "en",
            "zh",
            "pt",
            "vi",
        ]


def test_readings_are_shown_on_10_inches_and_dropped_on_7(make_stage: Callable[..., Any]) -> None:
    """Half-size characters on a small panel could not be read."""
    view = samples()["waiting"]
    wide, small = make_stage(1280, 800), make_stage(800, 480)
    wide.show(view)
    small.show(view)
    assert any(text.block.readings for text in wide.texts())
    assert not any(text.block.readings for text in small.texts())


def test_the_call_key_is_the_largest_thing(make_stage: Callable[..., Any]) -> None:
    """On every panel at least a fifth of the screen starts the call."""
    for size in SIZES:
        stage = make_stage(*size)
        stage.show(samples()["idle"])
        start = stage.target("start").box
        assert start.w * start.h > 0.16 * size[0] * size[1]
        assert all(start.w * start.h >= t.box.w * t.box.h for t in stage.targets())


def test_the_operator_is_the_largest_and_nothing_covers_the_face(make_stage: Callable[..., Any]) -> None:
    """In layout 'operator', on every panel; the caption takes at most the lower quarter."""
    for size in SIZES:
        stage = make_stage(*size)
        stage.show(samples()["talking-caption"])
        feed(stage)
        boxes = stage._part.layer.boxes
        operator = boxes["picture:operator"]
        for other in ("picture:self", "picture:paper"):
            assert operator.w * operator.h > 2 * boxes[other].w * boxes[other].h
            assert not operator.touches(boxes[other])
        caption = boxes["caption/plate"]
        assert caption.y >= operator.y + operator.h * 0.7


@pytest.mark.parametrize("count", range(1, 8))
@pytest.mark.parametrize("form", list(Form))
def test_tiles_stand_apart(count: int, form: Form) -> None:
    """One to seven tiles, none on another, none lost."""
    boxes = tile_boxes(Box(0, 0, 700, 700), count, form, 10, 105)
    assert len(boxes) == count
    assert not any(a.touches(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
    assert all(Box(0, 0, 700, 700).holds(b) for b in boxes)


def test_only_the_operator_when_other_cameras_are_off(make_stage: Callable[..., Any]) -> None:
    """Each combination of pictures has its places."""
    for size in SIZES:
        stage = make_stage(*size)
        talking = samples()["talking"].talking
        assert isinstance(talking, Talking)
        for pictures in (
            (Picture.OPERATOR,),
            (Picture.OPERATOR, Picture.PAPER),
            (Picture.OPERATOR, Picture.SELF),
        ):
            view = replace(samples()["talking"], talking=replace(talking, pictures=pictures))
            stage.show(view)
            feed(stage)
            assert complaints(stage, size) == []
            shown = {n for n in stage._part.layer.boxes if n.startswith("picture:")}
            assert shown == {f"picture:{p}" for p in pictures}


def test_screens_are_kept_alive(make_stage: Callable[..., Any]) -> None:
    """Going round all screens many times makes no new widgets for the same screen."""
    stage = make_stage()
    views = samples()
    parts = dict(stage._screens)
    for _ in range(3):
        for name in ("idle", "waiting", "talking", "photo-aim", "ended", "closed"):
            stage.show(views[name])
    assert stage._screens == parts
    stage.show(views["idle"])
    before = [id(w) for w in stage._part.layer.children]
    stage.show(replace(views["idle"], clock="11月23日(月) 午前10:25"))
    assert [id(w) for w in stage._part.layer.children] == before


def test_simulated_devices_are_named_on_the_screen(make_stage: Callable[..., Any]) -> None:
    """Nobody mistakes a drawn camera for a real one, on any panel."""
    for size in SIZES:
        stage = make_stage(*size)
        stage.show(samples()["talking-caption"])
        assert any(text.name == "simulated" for text in stage.texts())


def test_live_cameras_and_watchers_are_named_in_every_call_screen(make_stage: Callable[..., Any]) -> None:
    """Who sees what is never hidden."""
    stage = make_stage(800, 480)
    for name, view in samples().items():
        if view.screen in (Screen.TALKING, Screen.PHOTO):
            stage.show(view)
            assert any(text.name == "head/watching" for text in stage.head.shown), name


def test_the_paper_keeps_its_colours(make_stage: Callable[..., Any]) -> None:
    """A white sheet is white on the screen and the table stays dark: Y, U and V are in place."""
    stage = make_stage()
    stage.show(samples()["talking-paper"])
    feed(stage)
    box = stage._part.layer.boxes["picture:paper"]
    data = pixels(stage, (1280, 800))
    centre = data[box.y + box.h // 2, box.x + box.w // 2 + 40, :3].astype(int)
    table = data[box.y + box.h // 2, box.x + box.w // 8, :3].astype(int)
    assert centre.min() > 200
    assert table.max() < 110
    assert abs(centre - centre.mean()).max() < 25


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
def test_a_written_call_has_words_and_keys_and_no_picture_of_the_resident(
    make_stage: Callable[..., Any], size: tuple[int, int]
) -> None:
    """The words are the largest thing to read, every answer has its key, and nothing else is promised."""
    stage = make_stage(*size)
    stage.show(samples()["talking-text"])
    feed(stage)
    replies = [t.choice.value for t in stage.targets() if t.choice.kind is TouchKind.REPLY]
    assert replies == ["yes", "no", "again", "wait", "unheard"]
    words = next(t for t in stage.texts() if t.name == "words")
    assert words.block.size == max(t.block.size for t in stage.texts())
    pictures = {name for name in stage._part.layer.boxes if name.startswith("picture:")}
    assert pictures == {"picture:operator"}


def test_the_calm_line_covers_no_picture(make_stage: Callable[..., Any]) -> None:
    """What is said of the line stands beside the faces, not on them."""
    for size in SIZES:
        stage = make_stage(*size)
        for name in ("talking-stills", "talking-stills-paper", "talking-stills-caption"):
            stage.show(samples()[name])
            feed(stage)
            boxes = stage._part.layer.boxes
            band = boxes["calm/plate"]
            assert not any(band.touches(box) for key, box in boxes.items() if key.startswith("picture:"))
