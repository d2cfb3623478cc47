"""Mistakes of whoever writes the duty table: each is found, with its key, and says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from hub.core.content import Block, PageFile, Sheet
from hub.core.duty_checks import Known, problems
from hub.core.duty_file import DutyFile, DutyRow, EventFile, SpecialDay
from tests.hub.core.test_duties import FILE, TOWN

PAGES = {
    id: PageFile(id=id, title=id, sheets=(Sheet(blocks=(Block(text="はい"),)),) * count)
    for id, count in (("quake", 1), ("long", 2))
}
KNOWN = Known(TOWN.municipality, TOWN.procedures, PAGES)
DAY = ("2026-12-13",)


def row(who: str = "closed", **parts: Any) -> DutyRow:
    return DutyRow(who=who, **parts)


def event(**parts: Any) -> EventFile:
    usual: dict[str, Any] = {
        "id": "mall", "place": "モール", "first": "2026-12-05", "last": "2026-12-06", "hours": "10:00-16:00",
        "terminals": ("kita/kita-2",), "procedures": ("card",),
    }  # fmt: skip
    return EventFile(**(usual | parts))


def found(**file: Any) -> list[tuple[str, str]]:
    """(key, text) of all that is wrong with a file that has a default unless told otherwise."""
    file = {"default": "operator"} | file
    return [(one.key, one.text) for one in problems(DutyFile(**file), KNOWN, sound=True)]


def test_a_sound_table_has_no_problems() -> None:
    """The cast of the tests, and a file without anything."""
    assert problems(FILE, KNOWN, sound=True) == []
    assert found() == []


SLIPS: list[tuple[dict[str, Any], str, str]] = [
    ({"rows": (row(procedures=("crad",)),)}, "rows[0].procedures[0]", "no procedure 'crad'; did you mean"),
    ({"rows": (row(sites=("kta",)),)}, "rows[0].sites[0]", "no site 'kta'; did you mean 'kita'?"),
    ({"rows": (row("departmnt:kaigo"),)}, "rows[0].who", "nobody; write operator, department:ID"),
    ({"rows": (row("department:kaigi"),)}, "rows[0].who", "no department 'kaigi'; did you mean 'kaigo'?"),
    ({"default": "nobody"}, "default", "nobody; write operator"),
    ({"rows": (row(time="12-13"),)}, "rows[0].time", "no time span"),
    ({"rows": (row(time="closed"),)}, "rows[0].time", "write who: closed with its hours"),
    ({"rows": (row(days=("2026-02-29",)),)}, "rows[0].days[0]", "stands in no calendar"),
    ({"rows": (row(days=("12-13",)),)}, "rows[0].days[0]", "names no year"),
    ({"rows": (row(days=("2026-12-13",), weekdays=("sun",)),)}, "rows[0].days", "write one of them"),
    ({"rows": (row(first="2026-12-02", last="2026-12-01"),)}, "rows[0].until", "before from: 2026-12-02"),
    ({"special_days": (SpecialDay(days=DAY, hours="9-12"),)}, "special_days[0].hours", "no time span"),
    ({"special_days": (SpecialDay(days=DAY, hours="closed"),) * 2}, "special_days[1].days[0]",
     "stands twice for site 'honcho'"),
    ({"events": (event(terminals=("kita/kita-9",)),)}, "events[0].terminals[0]", "no terminal 'kita/kita-9'"),
    ({"events": (event(hours_on={"2026-12-07": "closed"}),)}, "events[0].hours_on.2026-12-07",
     "outside the event (2026-12-05 to 2026-12-06)"),
    ({"events": (event(), event(id="hall", first="2026-12-06"))}, "events[1].terminals",
     "is at the event 'mall' on 2026-12-06"),
    ({"events": (event(), event(terminals=("kita/kita-1",)))}, "events[1].id", "'mall' stands twice"),
    ({"events": (event(last="2062-12-06"),)}, "events[0].until", "over 100 days"),
    ({"disaster_pages": ("quak",)}, "disaster_pages[0]", "no page 'quak'; did you mean 'quake'?"),
    ({"disaster_pages": ("long",)}, "disaster_pages[0]", "has 2 sheets"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "key", "text"), SLIPS, ids=[f"{key}-{text}" for _, key, text in SLIPS])
def test_each_slip_is_told_with_its_key(file: dict[str, Any], key: str, text: str) -> None:
    """Once, where it stands, with what to write instead."""
    told = found(**file)
    assert [one for one, _ in told].count(key) == 1, told
    assert text in next(said for one, said in told if one == key)


def test_rows_that_contradict_each_other_are_told_with_a_moment() -> None:
    """An overlap: both say the same much about the same counter and hour, and not the same."""
    morning = row("branch", sites=("kita",), time="8:30-12:30")
    noon = row("closed", sites=("kita", "honcho"), weekdays=("wed",), time="12:00-13:00")
    ((key, text),) = found(rows=(morning, noon))
    assert key == "rows[1]"
    assert text.startswith("contradicts rows[0] at kita for card, wed 12:00-12:30 (as on 2026-01-07)")
    assert found(rows=(morning, row("closed", sites=("kita",), time="12:30-13:00"))) == [], "side by side"
    assert found(rows=(morning, row("closed", sites=("honcho",)))) == [], "elsewhere"
    assert found(rows=(morning, row("closed", sites=("kita",), procedures=("card",)))) == [], "says more"
    assert found(rows=(row("branch", last="2026-03-31"), row("closed", first="2026-04-01"))) == [], (
        "one after another"
    )
    assert found(rows=(row("branch", last="2026-04-01"), row("closed", first="2026-04-01"))) != []


def test_an_hour_in_which_nobody_is_named_is_told() -> None:
    """A gap: only without a default, only while the site is open, only for what has rows at all."""
    ((key, text),) = found(default=None, rows=(
        row("operator", sites=("kita",), procedures=("care",), time="8:30-12:00"),
        row("branch", sites=("kita",), procedures=("care",), time="13:00-17:00"),
    ))  # fmt: skip
    assert key == "rows[0]"
    assert text.startswith("nobody is named at kita for care, mon 12:00-13:00 (as on 2026-01-05)")
    assert "default: operator" in text
    whole = row("operator", sites=("kita",), procedures=("care",), time="8:00-17:30")
    assert found(default=None, rows=(whole,)) == []
    spans = ("8:30-14:00", "12:00-13:00", "13:30-17:00")
    nested = tuple(row("operator", sites=("kita",), procedures=("care",), time=time) for time in spans)
    assert found(default=None, rows=nested) == [], "one row within another"
    ended = row("operator", sites=("kita",), procedures=("care",), last="2027-03-31")
    ((_, text),) = found(default=None, rows=(ended,))
    assert "2027-04-01" in text, "what ends without a successor leaves a gap"


def test_a_row_that_can_never_apply_is_told() -> None:
    """Its author believes something that is not so."""
    ((key, text),) = found(rows=(row(sites=("kita",), weekdays=("sun",)),))
    assert (key, "never open at its hours" in text) == ("rows[0]", True)
    ((key, text),) = found(rows=(row(sites=("kita",), time="17:00-18:00"),))
    assert (key, "never open at its hours" in text) == ("rows[0]", True)
    assert found(rows=(row(sites=("kita",), days=("2026-12-13",)),)) == [], "a single day may be special"


def test_everything_is_told_at_once() -> None:
    """And hours are compared only once every row can be read."""
    told = found(
        rows=(row(sites=("kta",)), row("nobody")), disaster_pages=("long",), events=(event(hours="10-16"),)
    )
    assert [key for key, _ in told] == [
        "rows[0].sites[0]",
        "rows[1].who",
        "events[0].hours",
        "disaster_pages[0]",
    ]
