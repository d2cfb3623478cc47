"""Where lines break, tested with a measure that knows no font: every character is 10 wide, readings 5."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kiosk.ui.text.lines import NO_END, NO_START, break_text, line_width, plain

_JAPANESE = st.text(alphabet="あいうえ漢字窓口、。「」ー・っカメラAb1 \u200b", min_size=1, max_size=60)


def measure(text: str, reading: bool) -> float:
    """10 for each character, 5 in a reading."""
    return len(text) * (5.0 if reading else 10.0)


def lines(text: str, width: float, **how: bool) -> list[str]:
    """The words of each line."""
    return ["".join(a.text for a in line) for line in break_text(text, width, measure, **how)[0]]


def test_a_line_never_begins_with_a_mark() -> None:
    """A comma stays with the word before it."""
    assert lines("窓口窓口、窓口", 40, loose=True) == ["窓口窓", "口、窓口"]


def test_the_author_decides_where_a_line_may_end() -> None:
    """U+200B is the only break as long as it suffices."""
    assert lines("職員と\u200bお話しできます", 80) == ["職員と", "お話しできます"]


def test_a_phrase_that_is_too_wide_is_divided_between_words() -> None:
    """The next kind of break is used only inside the phrase that needs it."""
    assert lines("写真を\u200b職員が確認しています", 80) == ["写真を職員が", "確認しています"]


def test_words_stay_whole_without_marks() -> None:
    """Katakana and names of places are not cut in the middle."""
    assert lines("市民課のオペレーター", 90) == ["市民課の", "オペレーター"]
    assert lines("鹿児島県大島郡龍郷町", 80) == ["鹿児島県大島郡", "龍郷町"]
    assert lines("みなみ市の田中さん", 60) == ["みなみ市の", "田中さん"]


def test_polite_prefixes_stay_with_their_word() -> None:
    """ご never stands alone at the end of a line."""
    assert (
        lines("ここでご相談いただけます", 80, even=False)[0] == "ここで"
        or "ご" not in lines("ここでご相談いただけます", 80)[0][-1]
    )


def test_numbers_keep_their_counter() -> None:
    """10時 is never divided."""
    assert lines("午前10時", 40, loose=True) == ["午前", "10時"]


def test_lines_of_a_heading_are_even() -> None:
    """Two lines share the text instead of leaving one word alone."""
    text = "一二\u200b三四\u200b五六\u200b七八\u200b九十"
    assert lines(text, 80) == ["一二三四五六七八", "九十"]
    assert lines(text, 80, even=True) == ["一二三四五六", "七八九十"]


def test_a_reading_widens_its_word_but_may_lean_over_its_neighbours() -> None:
    """Six readings of 5 over two characters of 10: half a reading may stand over each side."""
    (line,), _ = break_text("の{承|うけたまわ}る", 500, measure)
    assert [a.width for a in line] == [10, 20, 10]
    (alone,), _ = break_text("{承|うけたまわ}", 500, measure)
    assert alone[0].width == 25


def test_a_divided_phrase_is_told() -> None:
    """The caller may then prefer a smaller size."""
    assert break_text("やめる", 20, measure)[1]
    assert not break_text("やめる", 30, measure)[1]


def test_vietnamese_breaks_at_spaces_only() -> None:
    """Marks above letters do not open a break."""
    assert lines("Chạm vào màn hình", 90) == ["Chạm vào", "màn hình"]


@given(text=_JAPANESE, width=st.integers(30, 300))
def test_kinsoku_holds_for_any_text(text: str, width: int) -> None:
    """No line begins or ends with a forbidden mark (a space or a break of the author's is his own decision),
    and nothing is lost or added."""
    found = lines(text, width, loose=True)
    marks = plain(text).replace(" ", "")
    assert "".join(found).replace(" ", "") == marks
    for before, after in pairwise(found):
        if "\u200b" not in text and " " not in text:
            assert after[0] not in NO_START
            assert before[-1] not in NO_END


@given(text=_JAPANESE, width=st.integers(60, 300))
def test_no_line_is_too_wide_unless_its_word_is(text: str, width: int) -> None:
    """Only what cannot be divided sticks out."""
    for line in break_text(text, width, measure)[0]:
        glued = sum(1 for a in line if a.text[0] in NO_START or a.text[-1] in NO_END)
        assert line_width(line) <= width or len(line) == 1 or glued
