"""When a counter is open, and how that is said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from hub.core import national_holidays
from hub.core.opening import (
    JAPAN,
    Opening,
    closed_text,
    hours_text,
    opens_text,
    parse_day,
    parse_hours,
)
from protocol.ruby import plain, reading

LUNCH = "8:30-12:00, 13:00-17:15"
WEEK = Opening.of([LUNCH] * 5 + ["closed"] * 2, ["12-29", "2026-11-23"])
NEVER = Opening.of(["closed"] * 7, [])


def at(day: str, clock: str) -> datetime:
    """A moment in Japan, as UTC."""
    return datetime.fromisoformat(f"{day}T{clock}+09:00").astimezone(UTC)


def test_hours_are_spans_in_minutes() -> None:
    """Midnight belongs to the day that ends."""
    assert parse_hours(LUNCH) == ((510, 720), (780, 1035))
    assert parse_hours("closed") == ()
    assert parse_hours("0:00-24:00") == ((0, 1440),)
    assert parse_hours("20:00-24:00") == ((1200, 1440),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no time span"), ("8-17", "no time span"), ("8:30", "no time span"), ("Closed", "no time span"),
        ("8:30-17:15,", "no time span"), ("８:30-17:15", "no time span"), ("8:60-9:00", "no clock"),
        ("8:00-24:01", "no clock"), ("17:15-8:30", "ends before"), ("9:00-9:00", "ends before"),
        ("13:00-17:00, 8:00-12:00", "overlaps"), ("8:00-12:00, 11:00-13:00", "overlaps"),
    ],
)  # fmt: skip
def test_impossible_hours_are_refused(text: str, reason: str) -> None:
    """The author learns which span it is."""
    with pytest.raises(ValueError, match=reason):
        parse_hours(text)


@pytest.mark.parametrize("text", ["", "1-1", "13-01", "02-30", "2026-02-29", "2026/11/23", "12-29-"])
def test_impossible_days_are_refused(text: str) -> None:
    """29 February is a day of some years only."""
    with pytest.raises(ValueError, match=r"no day|no calendar"):
        parse_day(text)
    assert parse_day("02-29") == (None, 2, 29)


@pytest.mark.parametrize(
    ("day", "clock", "is_open", "why", "when"),
    [
        ("2026-11-24", "08:29:59", False, "受付はまだ始まっていません", "今日の午前8時30分から受け付けます"),
        ("2026-11-24", "08:30", True, "", ""),
        ("2026-11-24", "11:59:59", True, "", ""),
        ("2026-11-24", "12:00", False, "ただいま休憩の時間です", "今日の午後1時から受け付けます"),
        ("2026-11-24", "13:00", True, "", ""),
        ("2026-11-24", "17:15", False, "今日の受付は終わりました",
         "明日、11月25日(水)の午前8時30分から受け付けます"),
        ("2026-11-20", "18:00", False, "今日の受付は終わりました",
         "11月24日(火)の午前8時30分から受け付けます"),
        ("2026-11-23", "10:00", False, "今日はお休みです", "明日、11月24日(火)の午前8時30分から受け付けます"),
        ("2027-11-23", "10:00", True, "", ""),
        ("2026-12-29", "10:00", False, "今日はお休みです", "明日、12月30日(水)の午前8時30分から受け付けます"),
        ("2027-12-29", "10:00", False, "今日はお休みです", "明日、12月30日(木)の午前8時30分から受け付けます"),
    ],
)  # fmt: skip
def test_a_resident_reads_why_it_is_closed_and_when_it_opens(
    day: str, clock: str, is_open: bool, why: str, when: str
) -> None:
    """Days and times are Japan's, whatever the clock of the hub says."""
    now = at(day, clock)
    assert WEEK.is_open(now) is is_open
    assert plain(closed_text(WEEK, now)) == why
    assert plain(opens_text(WEEK, now)) == when


@pytest.mark.parametrize(
    ("day", "hours", "text"),
    [
        ("2026-11-24", "8:30-17:15", "11がつにじゅうよっか(か)のごぜん8じ30ぷんからうけつけます"),
        ("2026-12-01", "13:15-17:00", "12がつついたち(か)のごご1じ15ふんからうけつけます"),
        ("2026-12-11", "9:00-17:00", "12がつ11にち(きん)のごぜん9じからうけつけます"),
    ],
)
def test_the_texts_carry_their_readings(day: str, hours: str, text: str) -> None:
    """Days and minutes are read as people say them."""
    only = datetime.fromisoformat(day).weekday()
    opening = Opening.of([hours if n == only else "closed" for n in range(7)], [])
    asked = at(day, "00:00") - timedelta(days=3)
    assert reading(opens_text(opening, asked)) == text


def test_the_next_opening_lies_ahead() -> None:
    """At the very moment of opening it is the one after."""
    assert WEEK.next_opening(at("2026-11-24", "08:29:59")) == at("2026-11-24", "08:30")
    assert WEEK.next_opening(at("2026-11-24", "08:30")) == at("2026-11-24", "13:00")


def test_a_counter_that_never_opens_promises_nothing() -> None:
    """No search without end, no false day."""
    now = at("2026-11-24", "10:00")
    assert opens_text(NEVER, now) == ""
    assert NEVER.next_opening(now) is None
    assert plain(closed_text(NEVER, now)) == "今日はお休みです"


@pytest.mark.parametrize(
    ("week", "text"),
    [
        (["8:30-17:15"] * 5 + ["closed"] * 2, "月〜金 8:30〜17:15(土・日は お休み)"),
        (["8:30-17:15"] * 7, "毎日 8:30〜17:15"),
        (["0:00-24:00"] * 7, "毎日 24時間"),
        (["closed"] * 7, "お休み"),
        (["8:30-17:15"] * 3 + ["8:30-19:00", "8:30-17:15"] + ["closed"] * 2,
         "月〜水・金 8:30〜17:15、木 8:30〜19:00(土・日は お休み)"),
        (["closed", LUNCH] * 3 + ["closed"], "火・木・土 8:30〜12:00と13:00〜17:15(月・水・金・日は お休み)"),
        (["9:00-17:00"] * 6 + ["10:00-12:00"], "月〜土 9:00〜17:00、日 10:00〜12:00"),
    ],
)  # fmt: skip
def test_a_week_fits_in_one_line(week: list[str], text: str) -> None:
    """Equal days are drawn together, closed ones come last."""
    assert hours_text(Opening.of(week, [])) == text


def test_japan_has_one_clock() -> None:
    """UTC+9 all the year."""
    assert at("2026-07-01", "00:00").astimezone(JAPAN).utcoffset() == timedelta(hours=9)


HOLIDAYS = Opening.of([LUNCH] * 5 + ["closed"] * 2, ["12-29"], closed_on_holidays=True)


@pytest.mark.parametrize(
    ("day", "called"),
    [
        ("2026-01-12", "成人の日"), ("2026-03-20", "春分の日"), ("2026-05-06", "振替休日"),
        ("2026-09-22", "国民の休日"), ("2026-11-23", "勤労感謝の日"), ("2027-03-22", "振替休日"),
        ("2027-09-23", "秋分の日"), ("2026-11-24", ""), ("2026-12-29", ""),
    ],
)  # fmt: skip
def test_national_holidays_are_known_without_a_list(day: str, called: str) -> None:
    """Equinoxes, substitute days and days between two holidays, as the Cabinet Office has published them."""
    assert national_holidays.name(date.fromisoformat(day)) == called


def test_a_holiday_closes_and_is_named_as_the_reason() -> None:
    """A resident on 勤労感謝の日 reads why, and when somebody is there again."""
    now = at("2026-11-23", "10:00")
    assert not HOLIDAYS.is_open(now)
    assert plain(closed_text(HOLIDAYS, now)) == "今日は祝日のためお休みです"
    assert plain(opens_text(HOLIDAYS, now)) == "明日、11月24日(火)の午前8時30分から受け付けます"
    assert Opening.of([LUNCH] * 7, []).is_open(now), "who did not ask for holidays is open"


def test_a_special_day_counts_before_everything() -> None:
    """A Sunday with hours, a holiday with hours, and a Tuesday without."""
    special = {
        date(2026, 11, 23): parse_hours("9:00-12:00"), date(2026, 12, 13): parse_hours("9:00-12:00"),
        date(2026, 12, 29): parse_hours("8:30-12:00"), date(2026, 11, 24): (),
    }  # fmt: skip
    opening = Opening.of([LUNCH] * 5 + ["closed"] * 2, ["12-29"], closed_on_holidays=True, special=special)
    assert [opening.is_open(at(str(day), "10:00")) for day in special] == [True, True, True, False]
    assert opening.next_opening(at("2026-11-23", "12:00")) == at("2026-11-25", "08:30")
