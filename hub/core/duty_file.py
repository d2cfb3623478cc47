"""duties.yaml: how a municipality writes down who takes what, on which special days, and at which events.

Decides the form of the file and turns it into a `DutyTable`. Never doubts what it is given: `duty_checks` has
looked at everything before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Literal

import msgspec

from hub.core import opening
from hub.core.content import ID, Municipality, Part, Reference
from hub.core.duty_table import ALL_DAY, EVERY_DAY, DutyTable, Event, Row, parse_who
from protocol.strict_yaml import setting

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SPOKEN = {"first": "from", "last": "until"}
"""Keys of the file that are words of the language here."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Who = Annotated[
    str,
    setting("Who takes the call: operator, department:ID, branch (staff on the spot) or closed",
            max_length=60, example="operator or department:kaigo"),
]  # fmt: skip
Day = Annotated[str, setting("A day", max_length=20, example="2026-12-05")]
Time = Annotated[
    str, setting("Hours of those days in Japan", max_length=60, example="8:30-12:00, 13:00-17:15 or closed")
]


class DutyRow(Part, frozen=True, rename=SPOKEN):
    """One line: what is not named means all of it."""

    who: Who
    procedures: Annotated[
        tuple[Reference, ...], setting("Procedures, by id; without: all, and residents who chose none")
    ] = ()
    sites: Annotated[tuple[Reference, ...], setting("Sites, by id; without: all")] = ()
    weekdays: Annotated[tuple[Weekday, ...], setting("Weekdays; without: every day")] = ()
    days: Annotated[tuple[Day, ...], setting("These days alone, before any other row", max_length=100)] = ()
    time: Annotated[Time, setting("Hours; without: as long as the site is open")] = ""
    first: Annotated[Day | None, setting("First day on which the row counts")] = None
    last: Annotated[Day | None, setting("Last day on which the row counts")] = None
    pilot: Annotated[bool, setting("On trial: said to operators and residents")] = False


class SpecialDay(Part, frozen=True):
    """Other hours than usual on single days; they count before holidays and closed days."""

    days: Annotated[tuple[Day, ...], setting("Which days", min_length=1, max_length=100)]
    hours: Time
    sites: Annotated[tuple[Reference, ...], setting("Sites, by id; without: all")] = ()


class EventFile(Part, frozen=True, rename=SPOKEN):
    """Terminals that are taken to another place for some days."""

    id: Annotated[str, setting("Word for the event", pattern=ID, max_length=40, example="mall-december")]
    place: Annotated[
        str, setting("Where, as terminals and operators read it", min_length=1, max_length=40,
                     example="ショッピングモール 1階広場")
    ]  # fmt: skip
    first: Annotated[Day, setting("First day")]
    last: Annotated[Day, setting("Last day, the same as the first for a single day")]
    hours: Annotated[Time, setting("Hours of every day of the event")]
    terminals: Annotated[
        tuple[str, ...],
        setting("Terminals that are taken there, as SITE/TERMINAL", min_length=1, max_length=40,
                example="kita/kita-2"),
    ]  # fmt: skip
    procedures: Annotated[
        tuple[Reference, ...], setting("Procedures offered there, in order", min_length=1, max_length=20)
    ]
    hours_on: Annotated[dict[Day, Time], setting("Other hours on single days of it", max_length=40)] = (
        msgspec.field(default_factory=dict)
    )
    who: Annotated[Who, setting("Who takes the calls from there")] = "operator"


class DutyFile(Part, frozen=True):
    """duties.yaml of one municipality; without the file operators take everything."""

    rows: Annotated[tuple[DutyRow, ...], setting("Who takes what", max_length=400)] = ()
    default: Annotated[
        Who | None, setting("Who takes what no row names; without it, a gap between rows is an error")
    ] = None
    special_days: Annotated[
        tuple[SpecialDay, ...], setting("Other hours on single days", max_length=200)
    ] = ()
    events: Annotated[tuple[EventFile, ...], setting("Terminals on their way", max_length=100)] = ()
    disaster_pages: Annotated[
        tuple[Reference, ...], setting("Pages of one sheet that the disaster switch can show", max_length=20)
    ] = ()


def table(file: DutyFile, town: Municipality) -> DutyTable:
    """The file as it can be asked. ValueError where `duty_checks` would have complained."""
    every = tuple(place.id for place in town.sites)
    return DutyTable(
        rows=tuple(map(row, file.rows)),
        default=parse_who(file.default or "operator"),
        special={
            (site, parse_date(day)): opening.parse_hours(one.hours)
            for one in file.special_days for site in one.sites or every for day in one.days
        },
        events=tuple(map(event, file.events)),
        disaster_pages=file.disaster_pages,
    )  # fmt: skip


def row(one: DutyRow) -> Row:
    """A line of the file as it can be asked. ValueError says what is wrong."""
    return Row(
        duty=parse_who(one.who, pilot=one.pilot),
        procedures=frozenset(one.procedures),
        sites=frozenset(one.sites),
        weekdays=frozenset(map(WEEKDAYS.index, one.weekdays)) or EVERY_DAY,
        days=frozenset(map(parse_date, one.days)),
        spans=opening.parse_hours(one.time) if one.time else ALL_DAY,
        first=parse_date(one.first) if one.first else date.min,
        last=parse_date(one.last) if one.last else date.max,
    )


def event(one: EventFile) -> Event:
    """An event of the file as it can be asked. ValueError says what is wrong."""
    usual = opening.parse_hours(one.hours)
    days = dict.fromkeys(days_of(parse_date(one.first), parse_date(one.last)), usual)
    days.update({parse_date(day): opening.parse_hours(hours) for day, hours in one.hours_on.items()})
    return Event(
        id=one.id, place=one.place, days=days, procedures=one.procedures, duty=parse_who(one.who),
        terminals=frozenset(map(parse_terminal, one.terminals)),
    )  # fmt: skip


def days_of(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def parse_date(text: str) -> date:
    """'2026-12-05'. ValueError says what is wrong."""
    year, month, day = opening.parse_day(text)
    if year is None:
        raise ValueError(f"'{text}' names no year; write 2026-12-05")
    return date(year, month, day)


def parse_terminal(text: str) -> tuple[str, str]:
    """'kita/kita-2' as (site, terminal). ValueError says what is wrong."""
    site, slash, terminal = text.partition("/")
    if not (site and slash and terminal):
        raise ValueError(f"'{text}' is no terminal; write SITE/TERMINAL, as kita/kita-2")
    return site, terminal
