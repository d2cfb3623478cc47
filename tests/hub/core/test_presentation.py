"""What stands on the terminal after the operator's words."""

from __future__ import annotations

import pytest

from hub.core.call import NotNow
from hub.core.presentation import Word, after
from protocol.desk_link import Caption, Freeze, HidePage, SetFocus, ShowPage
from protocol.values import CameraRole, Focus, Page, PageBlock, Presentation

BLOCK = PageBlock(kind="text", text="申請書")
PAGES = {"form": Page(id="form", title="申請", sheets=((BLOCK,), (BLOCK,)))}
EMPTY = Presentation()


def said(*words: Word) -> Presentation:
    """One word after the other."""
    shown = EMPTY
    for word in words:
        shown = after(shown, word, PAGES)
    return shown


def test_every_word_is_the_next_revision() -> None:
    """Even one that repeats what is shown: the newest revision is always the operator's last word."""
    assert (
        said(Caption(text="はい"), Caption(text="はい"), Freeze(camera=CameraRole.FACE, on=True)).revision
        == 3
    )


def test_a_page_comes_to_the_front_and_leaves_with_its_focus() -> None:
    """After hide_page the operator is large again, not an empty page."""
    shown = said(ShowPage(page="form", sheet=1))
    assert (shown.page, shown.sheet, shown.focus) == (PAGES["form"], 1, Focus.PAGE)
    hidden = after(shown, HidePage(), PAGES)
    assert (hidden.page, hidden.sheet, hidden.focus) == (None, 0, Focus.OPERATOR)


def test_taking_a_page_away_keeps_the_paper_large() -> None:
    """The focus moves only when it was on the page."""
    assert said(ShowPage(page="form"), SetFocus(focus=Focus.PAPER), HidePage()).focus is Focus.PAPER


def test_cameras_freeze_one_by_one() -> None:
    """Freezing twice is freezing once; thawing one leaves the other."""
    both = said(
        Freeze(camera=CameraRole.FACE, on=True),
        Freeze(camera=CameraRole.DOCUMENT, on=True),
        Freeze(camera=CameraRole.FACE, on=True),
    )
    assert sorted(both.frozen) == ["document", "face"]
    assert after(both, Freeze(camera=CameraRole.DOCUMENT, on=False), PAGES).frozen == (CameraRole.FACE,)


@pytest.mark.parametrize(
    ("word", "code"),
    [
        (ShowPage(page="other"), "unknown_page"),
        (ShowPage(page="form", sheet=2), "unknown_sheet"),
        (SetFocus(focus=Focus.PAGE), "no_page"),
    ],
)
def test_what_cannot_be_shown_is_refused(word: Word, code: str) -> None:
    """With a code for the desk, and nothing changes."""
    with pytest.raises(NotNow) as refused:
        after(EMPTY, word, PAGES)
    assert refused.value.code == code
