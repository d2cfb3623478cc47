"""Finds what is wrong with a duty table: ids that lead nowhere, contradictions, gaps, rows without effect.

Looks at the hours of one week after every day on which something begins or ends, and at every day that is
named. Never raises and never mends: every finding is a `Problem` that names the key in duties.yaml.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from hub.core import duty_file, opening
from hub.core.content import Municipality, PageFile, Procedure
from hub.core.duty_file import WEEKDAYS, DutyFile, EventFile, days_of, parse_date
from hub.core.duty_table import Kind, Row, parse_who
from hub.core.opening import Span, clock
from hub.core.problems import Problem, doubles, reference, references, tried

DUTIES = "duties.yaml"
SOME_MONDAY = date(2026, 1, 5)
LONGEST_EVENT = 100
"""Days; a longer one is a site of its own, or a slip in a year."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the other files of the municipality hold."""

    town: Municipality
    procedures: Mapping[str, Procedure]
    pages: Mapping[str, PageFile]
    unread: Collection[str] = ()  # ids of files with errors of their own: known all the same

    @property
    def sites(self) -> list[str]:
        return [place.id for place in self.town.sites]

    @property
    def departments(self) -> list[str]:
        return [one.id for one in self.town.departments]

    @property
    def terminals(self) -> list[str]:
        return [f"{place.id}/{one.id}" for place in self.town.sites for one in place.terminals]


def problems(file: DutyFile, known: Known, *, sound: bool) -> list[Problem]:
    """All findings in duties.yaml; hours are compared only where the other files are `sound`."""
    found = [*_rows(file, known), *_special_days(file, known), *_events(file, known)]
    found += _disaster_pages(file, known)
    if file.default is not None:
        found += _who("default", file.default, known)
    if sound and not found:  # hours can be compared only where each row can be read
        rows = [duty_file.row(one) for one in file.rows]
        found += _overlaps(rows, known)
        found += _dead(rows, known)
        if file.default is None:
            found += _gaps(rows, known)
    return found


# ---------------------------------------------------------------------- each part by itself


def _rows(file: DutyFile, known: Known) -> Iterator[Problem]:
    for at, one in enumerate(file.rows):
        key = f"rows[{at}]"
        yield from references(DUTIES, f"{key}.procedures", one.procedures, _procedures(known), "procedure")
        yield from references(DUTIES, f"{key}.sites", one.sites, known.sites, "site")
        yield from _who(f"{key}.who", one.who, known)
        for index, day in enumerate(one.days):
            yield from tried(DUTIES, f"{key}.days[{index}]", parse_date, day)
        yield from tried(DUTIES, f"{key}.time", opening.parse_hours, one.time or "closed")
        if one.time == opening.CLOSED:
            yield Problem(DUTIES, f"{key}.time", "closed is no time; write who: closed with its hours")
        if one.days and (one.weekdays or one.first or one.last):
            yield Problem(
                DUTIES, f"{key}.days", "days stand beside weekdays, from or until; write one of them"
            )
        yield from _period(key, one.first, one.last)


def _period(key: str, first: str | None, last: str | None) -> Iterator[Problem]:
    ends = [(f"{key}.{end}", text) for end, text in (("from", first), ("until", last)) if text]
    found = [problem for end, text in ends for problem in tried(DUTIES, end, parse_date, text)]
    yield from found
    if first and last and not found and parse_date(last) < parse_date(first):
        yield Problem(DUTIES, f"{key}.until", f"{last} lies before from: {first}")


def _who(key: str, text: str, known: Known) -> Iterator[Problem]:
    wrong = list(tried(DUTIES, key, parse_who, text))
    yield from wrong
    if not wrong and (duty := parse_who(text)).kind is Kind.DEPARTMENT:
        yield from reference(DUTIES, key, duty.department, known.departments, "department")


def _special_days(file: DutyFile, known: Known) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for at, one in enumerate(file.special_days):
        key = f"special_days[{at}]"
        yield from references(DUTIES, f"{key}.sites", one.sites, known.sites, "site")
        yield from tried(DUTIES, f"{key}.hours", opening.parse_hours, one.hours)
        for index, day in enumerate(one.days):
            yield from tried(DUTIES, f"{key}.days[{index}]", parse_date, day)
            sites = {(site, day) for site in one.sites or known.sites}
            for site, _ in sorted(sites & seen)[:1]:
                yield Problem(DUTIES, f"{key}.days[{index}]", f"{day} stands twice for site '{site}'")
            seen |= sites


def _events(file: DutyFile, known: Known) -> Iterator[Problem]:
    taken: dict[tuple[str, date], str] = {}
    for at, one in enumerate(file.events):
        key = f"events[{at}]"
        yield from references(DUTIES, f"{key}.procedures", one.procedures, _procedures(known), "procedure")
        yield from references(DUTIES, f"{key}.terminals", one.terminals, known.terminals, "terminal")
        yield from _who(f"{key}.who", one.who, known)
        yield from tried(DUTIES, f"{key}.hours", opening.parse_hours, one.hours)
        for hours in one.hours_on.values():
            yield from tried(DUTIES, f"{key}.hours_on", opening.parse_hours, hours)
        period = list(_period(key, one.first, one.last))
        yield from period
        if not period:
            yield from _event_days(key, one, taken)
    for at, twice in doubles([one.id for one in file.events]):
        yield Problem(DUTIES, f"events[{at}].id", f"event '{twice}' stands twice")


def _event_days(key: str, one: EventFile, taken: dict[tuple[str, date], str]) -> Iterator[Problem]:
    first, last = parse_date(one.first), parse_date(one.last)
    if (last - first).days >= LONGEST_EVENT:
        yield Problem(DUTIES, f"{key}.until", f"over {LONGEST_EVENT} days; make it a site, or mend the year")
        return
    for text in one.hours_on:
        wrong = list(tried(DUTIES, f"{key}.hours_on.{text}", parse_date, text))
        yield from wrong
        if not wrong and not first <= parse_date(text) <= last:
            yield Problem(
                DUTIES, f"{key}.hours_on.{text}", f"{text} lies outside the event ({one.first} to {one.last})"
            )
    for terminal in dict.fromkeys(one.terminals):
        for day in days_of(first, last):
            other = taken.setdefault((terminal, day), one.id)
            if other != one.id:
                yield Problem(
                    DUTIES, f"{key}.terminals",
                    f"{terminal} is at the event '{other}' on {day}; it cannot be at both",
                )  # fmt: skip
                break


def _disaster_pages(file: DutyFile, known: Known) -> Iterator[Problem]:
    pages = known.pages.keys() | set(known.unread)
    yield from references(DUTIES, "disaster_pages", file.disaster_pages, pages, "page")
    for at, id in enumerate(file.disaster_pages):
        sheets = len(known.pages[id].sheets) if id in known.pages else 1
        if sheets != 1:
            yield Problem(
                DUTIES, f"disaster_pages[{at}]",
                f"page '{id}' has {sheets} sheets; a screen that nobody turns shows one",
            )  # fmt: skip


# ---------------------------------------------------------------------- rows beside each other


def _overlaps(rows: Sequence[Row], known: Known) -> Iterator[Problem]:
    for (first, one), (second, other) in combinations(enumerate(rows), 2):
        if one.rank != other.rank or one.duty == other.duty:
            continue
        pair = next(_pairs(known, one, other), None)
        if pair is None:
            continue
        for day in _days_to_look_at(rows):
            both = _meet(one.on(day), other.on(day))
            if both:
                yield Problem(
                    DUTIES, f"rows[{second}]",
                    f"contradicts rows[{first}] at {pair[0]} for {pair[1] or 'any topic'}, "
                    f"{_said(day, both[0])}; give one of them other hours, or name more in it",
                )  # fmt: skip
                break


def _dead(rows: Sequence[Row], known: Known) -> Iterator[Problem]:
    """A row that never meets an open counter says something that its author does not know."""
    days = _days_to_look_at(rows)
    for at, one in enumerate(rows):
        sites = {site for site, _ in _pairs(known, one)}
        if not sites:
            text = "no site of it offers a procedure of it; see municipality.yaml"
            yield Problem(DUTIES, f"rows[{at}]", text)
            continue
        met = (_meet(one.on(day), _open(known, site, day)) for site in sites for day in days)
        if not one.days and not any(met):
            text = "its sites are never open at its hours; see municipality.yaml"
            yield Problem(DUTIES, f"rows[{at}]", text)


def _gaps(rows: Sequence[Row], known: Known) -> Iterator[Problem]:
    """Hours in which nobody is named for a procedure that has rows at this site."""
    days = _days_to_look_at(rows)
    for site, procedure in _pairs(known):
        fitting = [(at, one) for at, one in enumerate(rows) if one.fits(site, procedure) and not one.days]
        for day in days if fitting else ():
            covered = sorted(span for _, one in fitting for span in one.on(day))
            if left := _minus(_open(known, site, day), covered):
                yield Problem(
                    DUTIES, f"rows[{fitting[0][0]}]",
                    f"nobody is named at {site} for {procedure or 'any topic'}, "
                    f"{_said(day, left[0])}, while the site is open; add a row, or write default: operator",
                )  # fmt: skip
                break


def _pairs(known: Known, *rows: Row) -> Iterator[tuple[str, str]]:
    """(site, procedure) that is offered and of which every one of the rows says something."""
    for place in known.town.sites:
        for procedure in (*place.procedures, ""):
            if all(one.fits(place.id, procedure) for one in rows):
                yield place.id, procedure


def _days_to_look_at(rows: Sequence[Row]) -> list[date]:
    """Each weekday within each period, and every day by name."""
    begins = {one.first for one in rows if one.first > date.min}
    begins |= {one.last + timedelta(days=1) for one in rows if one.last < date.max}
    weeks = [begin + timedelta(days=ahead) for begin in {SOME_MONDAY, *begins} for ahead in range(7)]
    return sorted({*weeks, *(day for one in rows for day in one.days)})


def _open(known: Known, site: str, day: date) -> tuple[Span, ...]:
    """The hours of the week: what holds on every ordinary day."""
    place = next(place for place in known.town.sites if place.id == site)
    return opening.parse_hours(getattr(place.hours, WEEKDAYS[day.weekday()]))


def _meet(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    both = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return [span for span in both if span[0] < span[1]]


def _minus(spans: Sequence[Span], covered: Sequence[Span]) -> list[Span]:
    """What of the spans no covered one (in order) holds."""
    left: list[Span] = []
    for start, end in spans:
        for begin, stop in covered:
            if begin > start:
                left.append((start, min(begin, end)))
            start = max(start, stop)
            if start >= end:
                break
        left.append((start, end))
    return [span for span in left if span[0] < span[1]]


def _said(day: date, span: Span) -> str:
    return f"{WEEKDAYS[day.weekday()]} {clock(span[0])}-{clock(span[1])} (as on {day})"


def _procedures(known: Known) -> Collection[str]:
    return known.procedures.keys() | set(known.unread)
