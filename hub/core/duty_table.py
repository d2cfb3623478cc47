"""Decides who takes a procedure at a site at a given minute: the duty table (業務分担表) of one municipality.

Of the rows that fit, the one that says more counts: days before weekdays, named sites before every site,
named procedures before every procedure. Where no row fits, `default` does. Never asks whether the site is
open (that is `opening`, put together in `duties`), never reads a file or a clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from hub.core.opening import Span

ALL_DAY: tuple[Span, ...] = ((0, 1440),)
EVERY_DAY = frozenset(range(7))


class Kind(StrEnum):
    """Who takes a call."""

    OPERATOR = "operator"  # the pool
    DEPARTMENT = "department"  # a department of the town hall, by its id
    BRANCH = "branch"  # the staff on the spot: no call begins
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Duty:
    """Who takes a procedure; `department` is set exactly when it is one."""

    kind: Kind
    department: str = ""
    pilot: bool = False  # on trial here: said to operators and residents, counted apart


OPERATOR = Duty(Kind.OPERATOR)
CLOSED = Duty(Kind.CLOSED)


def parse_who(text: str, *, pilot: bool = False) -> Duty:
    """'operator', 'branch', 'closed' or 'department:kaigo'. ValueError says what is wrong."""
    word, colon, department = text.partition(":")
    if word == Kind.DEPARTMENT and department:
        return Duty(Kind.DEPARTMENT, department, pilot)
    if colon or word not in (Kind.OPERATOR, Kind.BRANCH, Kind.CLOSED):
        raise ValueError(f"'{text}' is nobody; write operator, department:ID, branch or closed")
    return Duty(Kind(word), pilot=pilot)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. An empty set of sites or procedures means all of them."""

    duty: Duty
    procedures: frozenset[str] = frozenset()  # empty: also the resident who chose none
    sites: frozenset[str] = frozenset()
    weekdays: frozenset[int] = EVERY_DAY  # Monday is 0
    days: frozenset[date] = frozenset()  # when given, these alone
    spans: tuple[Span, ...] = ALL_DAY
    first: date = date.min
    last: date = date.max

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """The higher one counts."""
        return bool(self.days), bool(self.sites), bool(self.procedures)

    def fits(self, site: str, procedure: str) -> bool:
        """Whether it says something about this procedure at this site; '' is the resident who chose none."""
        return (not self.sites or site in self.sites) and (
            not self.procedures or procedure in self.procedures
        )

    def on(self, day: date) -> tuple[Span, ...]:
        """Its minutes of that day."""
        fits = day in self.days if self.days else day.weekday() in self.weekdays
        return self.spans if fits and self.first <= day <= self.last else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Terminals that stand somewhere else for some days; outside its hours they are closed."""

    id: str
    place: str
    terminals: frozenset[tuple[str, str]]  # (site, terminal)
    days: Mapping[date, tuple[Span, ...]]
    procedures: tuple[str, ...]
    duty: Duty = OPERATOR


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyTable:
    """Everything of duties.yaml, ready to be asked."""

    rows: tuple[Row, ...] = ()
    default: Duty = OPERATOR
    special: Mapping[tuple[str, date], tuple[Span, ...]] = field(default_factory=dict)  # (site, day)
    events: tuple[Event, ...] = ()
    disaster_pages: tuple[str, ...] = ()

    def duty(self, site: str, procedure: str, day: date, minute: int) -> Duty:
        """Who takes it then, if the site is open."""
        fitting = [row for row in self.rows if row.fits(site, procedure) and within(row.on(day), minute)]
        return max(fitting, key=lambda row: row.rank).duty if fitting else self.default

    def edges(self, site: str, day: date) -> Iterator[int]:
        """Minutes of that day at which a row of this site begins or ends."""
        for row in self.rows:
            if not row.sites or site in row.sites:
                for span in row.on(day):
                    yield from span

    def event(self, site: str, terminal: str, day: date) -> Event | None:
        """What this terminal is taken to on that day."""
        for one in self.events:
            if day in one.days and (site, terminal) in one.terminals:
                return one
        return None

    def special_days(self, site: str, terminal: str) -> dict[date, tuple[Span, ...]]:
        """The days on which the hours of this terminal are not those of its site's week."""
        found = {day: spans for (place, day), spans in self.special.items() if place == site}
        for one in self.events:
            if (site, terminal) in one.terminals:
                found.update(one.days)
        return found


def within(spans: tuple[Span, ...], minute: int) -> bool:
    """Whether a minute of the day lies in one of the spans."""
    return any(start <= minute < end for start, end in spans)
