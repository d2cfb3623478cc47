"""Decides whether a site is open, when that changes next, and how both are said to a resident.

Works on minutes of the day in Japan (UTC+9, no summer time), given a moment in UTC. Of what is written down
for a day, the special day counts first, then the closed day, then the national holiday, then the weekday.
Never reads a clock, and never decides who serves (that is `duties`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

from hub.core import national_holidays
from protocol.ruby import BREAK, breakable

JAPAN = timezone(timedelta(hours=9), "Asia/Tokyo")
WEEKDAYS = "月火水木金土日"
_WEEKDAY_READINGS = ("げつ", "か", "すい", "もく", "きん", "ど", "にち")
_DAY_READINGS = {
    1: "ついたち", 2: "ふつか", 3: "みっか", 4: "よっか", 5: "いつか", 6: "むいか", 7: "なのか", 8: "ようか",
    9: "ここのか", 10: "とおか", 14: "じゅうよっか", 20: "はつか", 24: "にじゅうよっか",
}  # fmt: skip
_FUN = (2, 5, 7, 9)  # minutes that end on these are read ふん, all others ぷん
CLOSED = "closed"
_RANGE = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})", re.ASCII)
_SEARCH_DAYS = 400  # a site that opens on no day of a year opens never

Span = tuple[int, int]
"""Minutes of the day: open from the first, no longer from the second; 1440 is midnight."""


@lru_cache(maxsize=4096)  # asked again for every terminal at every edge of the day
def parse_hours(text: str) -> tuple[Span, ...]:
    """'8:30-12:00, 13:00-17:15' or 'closed' as spans in order. ValueError says what is wrong."""
    if text.strip() == CLOSED:
        return ()
    spans: list[Span] = []
    for part in text.split(","):
        found = _RANGE.fullmatch(part.strip())
        if found is None:
            raise ValueError(f"'{part.strip()}' is no time span; write 8:30-17:15, or closed")
        hour, minute, to_hour, to_minute = map(int, found.groups())
        start, end = hour * 60 + minute, to_hour * 60 + to_minute
        if minute > 59 or to_minute > 59 or end > 1440:
            raise ValueError(f"'{part.strip()}' holds a time that no clock shows")
        if end <= start:
            raise ValueError(f"'{part.strip()}' ends before it begins")
        if spans and start < spans[-1][1]:
            raise ValueError(f"'{part.strip()}' overlaps what stands before it; write the earlier one first")
        spans.append((start, end))
    return tuple(spans)


@lru_cache(maxsize=4096)
def parse_day(text: str) -> tuple[int | None, int, int]:
    """'2026-11-23' for one day or '12-29' for every year, as (year, month, day). ValueError otherwise."""
    found = re.fullmatch(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})", text, re.ASCII)
    if found is None:
        raise ValueError(f"'{text}' is no day; write 2026-11-23, or 12-29 for every year")
    year, month, day = found.groups()
    try:
        date(int(year or 2024), int(month), int(day))  # 2024 has a 29 February
    except ValueError:
        raise ValueError(f"'{text}' stands in no calendar") from None
    return (int(year) if year else None), int(month), int(day)


@dataclass(frozen=True, slots=True)
class Opening:
    """When a site is open: spans of Monday to Sunday, and the days on which it is not."""

    week: tuple[tuple[Span, ...], ...]  # seven, Monday first
    closed_days: frozenset[tuple[int | None, int, int]] = frozenset()
    closed_on_holidays: bool = False  # national ones
    special: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)  # in place of all the above

    @classmethod
    def of(
        cls, week: Sequence[str], closed_days: Sequence[str], *, closed_on_holidays: bool = False,
        special: Mapping[date, tuple[Span, ...]] | None = None,
    ) -> Opening:  # fmt: skip
        """From the texts of a settings file. ValueError says what is wrong."""
        closed = frozenset(map(parse_day, closed_days))
        return cls(tuple(map(parse_hours, week)), closed, closed_on_holidays, special or {})

    def spans(self, day: date) -> tuple[Span, ...]:
        """The open spans of a day in Japan."""
        if day in self.special:
            return self.special[day]
        if {(None, day.month, day.day), (day.year, day.month, day.day)} & self.closed_days:
            return ()
        if self.closed_on_holidays and national_holidays.name(day):
            return ()
        return self.week[day.weekday()]

    def is_open(self, now: datetime) -> bool:
        """Whether a resident can call at this moment (UTC)."""
        local = now.astimezone(JAPAN)
        minute = local.hour * 60 + local.minute
        return any(start <= minute < end for start, end in self.spans(local.date()))

    def next_opening(self, now: datetime) -> datetime | None:
        """The first moment after `now` (UTC) at which a span begins; None when there is none in a year."""
        today = now.astimezone(JAPAN).date()
        for ahead in range(_SEARCH_DAYS):
            day = today + timedelta(days=ahead)
            for start, _ in self.spans(day):
                if (moment := moment_of(day, start)) > now:
                    return moment
        return None


def moment_of(day: date, minute: int) -> datetime:
    """A minute of a day in Japan, as UTC; 1440 is the midnight that ends it."""
    return (datetime.combine(day, time(), JAPAN) + timedelta(minutes=minute)).astimezone(UTC)


# What a resident reads


def hours_text(opening: Opening) -> str:
    """The week in one line: '月〜金 8:30〜17:15(土・日は お休み)'."""
    groups: dict[tuple[Span, ...], list[int]] = {}
    for day, spans in enumerate(opening.week):
        groups.setdefault(spans, []).append(day)
    closed = groups.pop((), [])
    if not groups:
        return "お休み"
    if len(groups) == 1 and not closed:
        return f"毎日 {spans_text(opening.week[0])}"
    text = "、".join(f"{_days_text(days)} {spans_text(spans)}" for spans, days in groups.items())
    return f"{text}({_days_text(closed)}は お休み)" if closed else text


def _days_text(days: list[int]) -> str:
    """'月〜水・金': runs of three and more are drawn together."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return "・".join(
        f"{WEEKDAYS[run[0]]}〜{WEEKDAYS[run[-1]]}" if len(run) > 2 else "・".join(WEEKDAYS[d] for d in run)
        for run in runs
    )


def spans_text(spans: tuple[Span, ...]) -> str:
    """The hours of one day: '8:30〜12:00と13:00〜17:15'."""
    if spans == ((0, 1440),):
        return "24時間"
    return "と".join(f"{clock(start)}〜{clock(end)}" for start, end in spans)


def clock(minute: int) -> str:
    """A minute of the day as '8:30'."""
    return f"{minute // 60}:{minute % 60:02}"


def closed_text(opening: Opening, now: datetime) -> str:
    """Why nobody can be called at `now` (UTC); empty while open."""
    if opening.is_open(now):
        return ""
    local = now.astimezone(JAPAN)
    spans = opening.spans(local.date())
    minute = local.hour * 60 + local.minute
    if not spans:
        holiday = opening.closed_on_holidays and national_holidays.name(local.date())
        why = "{祝日|しゅくじつ}の ため " if holiday else ""
        text = f"{{今日|きょう}}は {why}お{{休|やす}}みです"
    elif minute < spans[0][0]:
        text = "{受付|うけつけ}は まだ {始|はじ}まって いません"
    elif minute >= spans[-1][1]:
        text = "{今日|きょう}の {受付|うけつけ}は {終|お}わりました"
    else:
        text = "ただいま {休憩|きゅうけい}の {時間|じかん}です"
    return breakable(text)


def opens_text(opening: Opening, now: datetime) -> str:
    """When one can call again; empty while open, and where no day is in sight."""
    moment = opening.next_opening(now)
    if moment is None or opening.is_open(now):
        return ""
    return breakable(f"{when_text(moment, now)}から {{受|う}}け{{付|つ}}けます")


def when_text(moment: datetime, now: datetime) -> str:
    """A moment as one says it at `now` (both UTC): today, tomorrow, or the day; phrases apart by spaces."""
    local, today = moment.astimezone(JAPAN), now.astimezone(JAPAN).date()
    day = day_text(local.date())
    near = {0: "{今日|きょう}の", 1: f"{{明日|あした}}、{BREAK}{day}の"}
    return f"{near.get((local.date() - today).days, f'{day}の')} {_clock_text(local)}"


def day_text(day: date) -> str:
    """'12月5日(土)' with its readings."""
    read = _DAY_READINGS.get(day.day)
    number = f"{{{day.day}日|{read}}}" if read else f"{day.day}{{日|にち}}"
    weekday = day.weekday()
    return f"{day.month}{{月|がつ}}{number}({{{WEEKDAYS[weekday]}|{_WEEKDAY_READINGS[weekday]}}})"


def _clock_text(local: datetime) -> str:
    half = "{午前|ごぜん}" if local.hour < 12 else "{午後|ごご}"
    read = "ふん" if local.minute % 10 in _FUN else "ぷん"
    minutes = f"{local.minute}{{分|{read}}}" if local.minute else ""
    return f"{half}{local.hour % 12}{{時|じ}}{minutes}"
