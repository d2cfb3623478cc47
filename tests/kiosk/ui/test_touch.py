"""Fingers on the stage: what is touched is reported, once, and nothing behind a question answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kiosk.core.view import Touch, TouchKind
from kiosk.ui.finger import AGAIN_SECONDS, SETTLE_SECONDS
from kiosk.ui.samples import samples


@pytest.fixture
def clock(window: Any, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that only the test moves."""
    from kivy.clock import Clock

    now = [1000.0]
    monkeypatch.setattr(Clock, "get_boottime", lambda: now[0])
    return now


def tap(stage: Any, x: float, y: float, lift: tuple[float, float] | None = None) -> None:
    """A finger down at (x, y), y downwards, and up again there or at `lift`."""
    from kivy.tests.common import UnitTestTouch

    touch = UnitTestTouch(x, 0)
    touch.pos = touch.x, touch.y = x, stage.height - y
    stage.on_touch_down(touch)
    up = lift or (x, y)
    touch.pos = touch.x, touch.y = up[0], stage.height - up[1]
    touch.grab_current = stage
    stage.on_touch_up(touch)


def tap_on(stage: Any, tid: str) -> None:
    """A finger in the middle of a key."""
    tap(stage, *stage.target(tid).box.centre)


def shown(
    make_stage: Callable[..., Any], clock: list[float], name: str, size: tuple[int, int] = (1280, 800)
) -> Any:
    """A stage that shows a sample and has settled."""
    stage = make_stage(*size)
    stage.show(samples()[name])
    clock[0] += SETTLE_SECONDS + 0.01
    return stage


def test_one_touch_starts_the_call(make_stage: Callable[..., Any], clock: list[float]) -> None:
    """The large key reports START and the View that was on the screen."""
    stage = shown(make_stage, clock, "idle")
    tap_on(stage, "start")
    assert stage.touches == [Touch(kind=TouchKind.START, revision=1)]


def test_each_tile_is_the_touch_that_starts(make_stage: Callable[..., Any], clock: list[float]) -> None:
    """The topic travels with it."""
    stage = shown(make_stage, clock, "idle-tiles")
    for tile in ("mynumber", "unsure"):
        tap_on(stage, f"start:{tile}")
    assert [t.value for t in stage.touches] == ["mynumber", "unsure"]


def test_every_key_of_every_screen_answers_its_own_name(
    make_stage: Callable[..., Any], clock: list[float]
) -> None:
    """A finger in the middle of a key means that key and no other."""
    for name in samples():
        stage = shown(make_stage, clock, name, (800, 480))
        for target in stage.targets():
            if target.local is None:
                clock[0] += AGAIN_SECONDS + 0.01
                del stage.touches[:]
                tap_on(stage, target.tid)
                expected = Touch(kind=target.choice.kind, value=target.choice.value, revision=1)
                assert stage.touches == [expected], (name, target.tid)


def test_a_double_touch_counts_once(make_stage: Callable[..., Any], clock: list[float]) -> None:
    """Trembling hands start one call."""
    stage = shown(make_stage, clock, "idle")
    tap_on(stage, "start")
    clock[0] += AGAIN_SECONDS / 2
    tap_on(stage, "start")
    assert len(stage.touches) == 1


def test_what_has_just_appeared_is_not_pressed(make_stage: Callable[..., Any], clock: list[float]) -> None:
    """The second half of a double touch does not end the call that the first one began."""
    stage = shown(make_stage, clock, "waiting")
    stage.show(samples()["dialog-leave"])
    tap_on(stage, "leave_yes")
    assert stage.touches == []
    clock[0] += SETTLE_SECONDS + 0.01
    tap_on(stage, "leave_yes")
    assert [t.kind for t in stage.touches] == [TouchKind.LEAVE_YES]


def test_a_question_hides_the_keys_below(make_stage: Callable[..., Any], clock: list[float]) -> None:
    """Only its answers can be touched."""
    stage = shown(make_stage, clock, "dialog-leave")
    assert {t.tid for t in stage.targets()} == {"leave_no", "leave_yes"}


def test_a_finger_that_slides_away_has_changed_its_mind(
    make_stage: Callable[..., Any], clock: list[float]
) -> None:
    """Lifted far from the key, nothing is reported; lifted just beside it, it counts."""
    stage = shown(make_stage, clock, "waiting")
    box = stage.target("leave").box
    tap(stage, *box.centre, lift=(box.right + 300, box.y))
    assert stage.touches == []
    tap(stage, *box.centre, lift=(box.right + 20, box.y + 10))
    assert [t.kind for t in stage.touches] == [TouchKind.LEAVE]


def test_a_touch_on_nothing_is_a_sign_of_life(make_stage: Callable[..., Any], clock: list[float]) -> None:
    """It keeps the idle clock away, at most once a second."""
    stage = shown(make_stage, clock, "waiting")
    for _ in range(3):
        tap(stage, 700, 30)
    assert [t.kind for t in stage.touches] == [TouchKind.ACTIVITY]


def test_volume_opens_on_a_small_panel(make_stage: Callable[..., Any], clock: list[float]) -> None:
    """One key opens two very large ones; the report is the same as on a large panel."""
    stage = shown(make_stage, clock, "talking", (800, 480))
    tap_on(stage, "volume")
    clock[0] += SETTLE_SECONDS + 0.01
    tap_on(stage, "volume_up")
    assert [t.kind for t in stage.touches] == [TouchKind.VOLUME_UP]
    clock[0] += AGAIN_SECONDS + 0.01
    tap_on(stage, "volume:close")
    assert "volume_up" not in {t.tid for t in stage.targets()}


def test_a_long_page_is_turned_on_a_small_panel(make_stage: Callable[..., Any], clock: list[float]) -> None:
    """All blocks can be reached, and another page begins at its first part."""
    stage = shown(make_stage, clock, "talking-page", (800, 480))
    seen = {t.name for t in stage.texts()}
    clock[0] += SETTLE_SECONDS + 0.01
    tap_on(stage, "page:next")
    seen |= {t.name for t in stage.texts()}
    assert {"page/title", "page/1/2", "page/2/1", "page/3"} <= seen
    assert "page:back" in {t.tid for t in stage.targets()}
