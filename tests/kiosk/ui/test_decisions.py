"""What the screen decides alone: sizes, colours, fingers, and what it says when nobody tells it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kiosk.core.view import Screen, TextSize, Theme, View
from kiosk.ui import tokens
from kiosk.ui.__main__ import main
from kiosk.ui.boot import NoDisplay, video_driver
from kiosk.ui.fallback import KEEP_SECONDS, TROUBLE_SECONDS, Fallback
from kiosk.ui.finger import AGAIN_SECONDS, SETTLE_SECONDS, Finger, still_on
from kiosk.ui.geometry import Box
from kiosk.ui.raster import face, paint
from kiosk.ui.text.block import Style, fit
from kiosk.ui.text.fonts import stack
from kiosk.ui.tokens import Form, contrast, metrics, palette


@pytest.mark.parametrize(
    ("size", "form", "least", "large", "target"),
    [
        ((1280, 800), Form.WIDE, 33, 49, 118),
        ((800, 1280), Form.TALL, 33, 49, 118),
        ((800, 480), Form.SMALL, 29, 44, 105),
        ((1920, 1080), Form.WIDE, 31, 47, 112),
    ],
)
def test_sizes_come_from_millimetres(
    size: tuple[int, int], form: Form, least: int, large: int, target: int
) -> None:
    """4 mm and 6.1 mm capitals and 20 mm targets on each panel."""
    m = metrics(*size)
    assert (m.form, m.least, m.target) == (form, least, target)
    assert metrics(*size, TextSize.LARGE).least == large


@pytest.mark.parametrize(("language", "letter"), [("ja", "窓H"), ("en", "H"), ("vi", "H")])
def test_capitals_are_really_that_high(language: str, letter: str) -> None:
    """The drawn capital has the height that the sizes were computed for, in every family."""
    fonts = stack(letter, language)
    size = 400
    font = face(fonts.families, round(size * fonts.scale), False, fonts.language)
    rows = np.nonzero(paint(600, 700, lambda c, _: font.show(c, "H", 20, 500)).max(axis=1) > 127)[0]
    assert rows[-1] - rows[0] + 1 >= size * tokens.CAP_HEIGHT


def test_every_name_can_be_drawn() -> None:
    """Variants of kanji and Vietnamese letters never become boxes."""
    for text in ("𠮷田", "髙﨑", "龍郷町", "Tiếng Việt", "Português", "邉邊"):
        fonts = stack(text, "ja")
        assert face(fonts.families, 40, False, fonts.language).missing(text) == 0


def test_a_text_shrinks_but_not_below_its_least() -> None:
    """It wraps instead, and says so when even that is too much."""
    style = Style(60, 33)
    assert fit("窓口でお話しできます", 700, 90, style).size == 60
    wrapped = fit("窓口で\u200bお話しできます", 300, 200, style)
    assert wrapped.fits
    assert len(wrapped.lines) == 2
    assert wrapped.size >= 33
    assert not fit("窓口でお話しできます", 100, 40, style).fits


def test_readings_go_before_the_text_becomes_too_small() -> None:
    """With room for one plain line only, the reading is dropped."""
    style = Style(40, 40)
    assert fit("{窓口|まどぐち}", 300, 70, style).readings
    bare = fit("{窓口|まどぐち}", 300, 60, style)
    assert not bare.readings
    assert bare.fits


_THEMES = (
    Theme(),
    Theme(brand="#8C3B00", brand_dark="#5E2700"),
    Theme(brand="#3557A5", brand_dark="#1F3565"),
)


@pytest.mark.parametrize("theme", _THEMES, ids=lambda t: t.brand)
def test_white_on_keys_has_seven_to_one(theme: Theme) -> None:
    """Whatever a municipality's colours are."""
    colours = palette(theme)
    assert contrast(colours.face, tokens.WHITE) >= 7
    assert contrast(colours.stop, tokens.WHITE) >= 7
    for ground in (tokens.PAPER, tokens.CARD, tokens.SAND, colours.tint):
        assert contrast(colours.word, ground) >= 7
        assert contrast(tokens.INK, ground) >= 7


def test_a_second_touch_of_a_trembling_finger_does_not_count() -> None:
    """The same key answers again only after a while; nothing answers just after the screen has changed."""
    finger = Finger()
    assert finger.meant("start", 10.0)
    assert not finger.meant("start", 10.0 + AGAIN_SECONDS / 2)
    assert finger.meant("start", 10.0 + AGAIN_SECONDS)
    finger.changed(20.0)
    assert not finger.meant("leave", 20.0 + SETTLE_SECONDS / 2)
    assert finger.meant("leave", 20.0 + SETTLE_SECONDS)


def test_a_finger_may_slide_a_little() -> None:
    """Eight millimetres beside the key still count, more do not."""
    assert still_on(Box(100, 100, 118, 118), 230, 150, 47)
    assert not still_on(Box(100, 100, 118, 118), 270, 150, 47)


def _view(screen: Screen = Screen.IDLE) -> View:
    return View(revision=3, screen=screen, title="みなみ市 リモート窓口", clock="")


def test_the_last_screen_stays_for_three_seconds() -> None:
    """A restarting agent is not noticed; a lost one is said."""
    fallback = Fallback(since=0.0)
    fallback.heard(_view())
    fallback.lost(10.0)
    assert fallback.view(10.0 + KEEP_SECONDS - 0.1) is None
    assert fallback.deadline() == 10.0 + KEEP_SECONDS
    own = fallback.view(10.0 + KEEP_SECONDS)
    assert own is not None
    assert own.screen is Screen.STARTING
    assert own.title == "みなみ市 リモート窓口"


def test_a_lost_agent_becomes_trouble_with_the_telephone() -> None:
    """After a minute the resident is told what to do instead."""
    fallback = Fallback("0120-000-123", since=0.0)
    starting = fallback.view(1.0)
    assert starting is not None
    assert starting.screen is Screen.STARTING
    trouble = fallback.view(TROUBLE_SECONDS)
    assert trouble is not None
    assert trouble.screen is Screen.TROUBLE
    assert trouble.notice is not None
    assert trouble.notice.telephone == "0120-000-123"


def test_a_failed_attempt_does_not_start_the_clock_again() -> None:
    """Reconnecting for ever must not keep 'please wait' for ever."""
    fallback = Fallback(since=0.0)
    for now in range(1, int(TROUBLE_SECONDS)):
        fallback.lost(float(now))
    view = fallback.view(TROUBLE_SECONDS)
    assert view is not None
    assert view.screen is Screen.TROUBLE


def test_without_a_display_it_says_what_to_do(tmp_path: Path) -> None:
    """SDL would draw where nobody sees it."""
    with pytest.raises(NoDisplay, match="xvfb-run"):
        video_driver({}, drm=tmp_path)
    with pytest.raises(NoDisplay, match="Xwayland"):
        video_driver({"WAYLAND_DISPLAY": "wayland-0"}, drm=tmp_path)
    with pytest.raises(NoDisplay, match="DISPLAY=:4711"):
        video_driver({"DISPLAY": ":4711"}, drm=tmp_path)
    (tmp_path / "card0").touch()
    assert video_driver({}, drm=tmp_path) == "KMSDRM"
    assert video_driver({"SDL_VIDEODRIVER": "offscreen"}, drm=tmp_path) == "offscreen"


def test_the_check_names_the_layout(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--check` ends well and tells what it would draw on; a missing display ends with 2."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "offscreen")
    assert main(["--check", "--size", "800x480"]) == 0
    assert "layout small" in capsys.readouterr().out
    monkeypatch.delenv("SDL_VIDEODRIVER")
    monkeypatch.setenv("DISPLAY", ":4711")
    assert main(["--check"]) == 2
    assert "no X server" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", ["1280", "1280x", "10x10", "x800"])
def test_a_wrong_size_is_explained(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The message shows how to write it."""
    with pytest.raises(SystemExit) as stopped:
        main(["--size", wrong])
    assert stopped.value.code == 2
    assert "WIDTHxHEIGHT" in capsys.readouterr().err
