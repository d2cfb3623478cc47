"""Readings and phrase spaces in Japanese texts."""

from __future__ import annotations

import pytest

from protocol.ruby import BREAK, breakable, fault, plain, reading

TEXT = "{申請書|しんせいしょ}の {写真|しゃしん}を PDF で 7 {枚|まい}"


def test_a_text_has_a_plain_form_and_a_reading() -> None:
    """Lists and voices get what they can use."""
    assert plain(breakable(TEXT)) == "申請書の写真を PDF で 7 枚"
    assert reading(breakable(TEXT)) == "しんせいしょのしゃしんを PDF で 7 まい"


def test_spaces_between_phrases_become_places_to_break() -> None:
    """Spaces beside Latin letters and figures stay; a text without spaces breaks where it must."""
    assert breakable("{今日|きょう}は お{休|やす}みです") == f"{{今日|きょう}}は{BREAK}お{{休|やす}}みです"
    assert breakable("ICE 1 to A") == "ICE 1 to A"
    assert BREAK not in breakable("今日は休みです")
    assert breakable(breakable(TEXT)) == breakable(TEXT)


@pytest.mark.parametrize("text", ["{漢字}", "{字|}", "{|じ}", "漢|字", "{漢|字", "{{字|じ}}", "}"])
def test_broken_markup_is_found(text: str) -> None:
    """No brace ever reaches a resident's screen."""
    assert fault(text)


def test_whole_markup_is_fine() -> None:
    """Texts with and without readings pass."""
    assert fault(TEXT) is None
    assert fault("") is None
