"""`python -m hub duties`: the duty table of one day, as a clerk reads it.

Decides nothing: every cell is what `duties.who` says at that minute.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from hub.core import duties, national_holidays, opening
from hub.core.content import Content, Place, Town, spoken
from hub.core.duty_table import Duty, Event, Kind
from hub.core.opening import clock, day_text, moment_of
from protocol.ruby import plain

ANY = "(用件を選ばなかった方)"
NAMES = {Kind.OPERATOR: "オペレーター", Kind.BRANCH: "窓口の職員", Kind.CLOSED: "受け付けない"}


def sheet(content: Content, municipality: str, day: date) -> str:
    """All counters of a municipality on a day in Japan. LocalError when there is no such municipality."""
    town = content.town(municipality)
    holiday = national_holidays.name(day)
    lines = [f"{town.municipality.name} 業務分担表 {plain(day_text(day))}{f' {holiday}' if holiday else ''}"]
    for place in town.municipality.sites:
        lines += ["", *_site(town, place, day)]
    for event in town.duties.events:
        if day in event.days:
            lines += ["", *_event(town, event, day)]
    return "\n".join(lines)


def _site(town: Town, place: Place, day: date) -> Iterator[str]:
    spans = town.opening(place).spans(day)
    yield f"■ {place.name}({place.id}) {opening.spans_text(spans) if spans else 'お休み'}"
    if spans:
        yield from _rows(town, place, "", (*place.procedures, ""), day)


def _event(town: Town, event: Event, day: date) -> Iterator[str]:
    spans = event.days[day]
    yield f"■ 出張 {event.place}({event.id}) {opening.spans_text(spans) if spans else 'お休み'}"
    for site, terminal in sorted(event.terminals):
        place = town.site(site)
        names = {one.id: one.name for one in place.terminals}
        yield f"  端末 {place.name} {names[terminal]}({site}/{terminal})"
    site, terminal = min(event.terminals)
    yield from _rows(town, town.site(site), terminal, (*event.procedures, ""), day)


def _rows(town: Town, place: Place, terminal: str, procedures: tuple[str, ...], day: date) -> Iterator[str]:
    titles = {id: spoken(town.procedures[id].title) if id else ANY for id in procedures}
    wide = max(map(width, titles.values()))
    for id, title in titles.items():
        parts = [
            f"{clock(start)}〜{clock(end)} {said(town, duty)}"
            for start, end, duty in day_of(town, place, terminal, id, day)
        ]
        yield f"  {title}{' ' * (wide - width(title))}  {'、'.join(parts)}"


def day_of(town: Town, place: Place, terminal: str, procedure: str, day: date) -> list[tuple[int, int, Duty]]:
    """Who takes a procedure from which minute to which, while the door is open; equal neighbours are one."""
    found: list[tuple[int, int, Duty]] = []
    for start, end in town.opening(place, terminal).spans(day):
        inside = {edge for edge in town.duties.edges(place.id, day) if start < edge < end}
        edges = sorted({start, end, *inside})
        for begin, stop in pairwise(edges):
            duty = duties.who(town, place.id, terminal, procedure, moment_of(day, begin))
            if found and found[-1][1:] == (begin, duty):
                found[-1] = (found[-1][0], stop, duty)
            else:
                found.append((begin, stop, duty))
    return found


def said(town: Town, duty: Duty) -> str:
    """A duty as a clerk reads it."""
    department = town.department(duty.department)
    name = department.name if department else NAMES.get(duty.kind, duty.department)
    return f"{name}(試行中)" if duty.pilot else name


def width(text: str) -> int:
    """Columns of a terminal that a text takes; a kanji takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
