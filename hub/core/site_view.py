"""Decides what a terminal is told of its place: name, hours, what it offers now, and what comes later.

Never decides who takes a call (`duties`) or when a counter is open (`opening`). What is told follows the
clock: ask again at `duties.next_change`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from hub.core import duties, opening, staff
from hub.core.content import Content, Place, Procedure, Town, topic
from hub.core.duty_table import CLOSED, Duty, Kind
from protocol import values
from protocol.ruby import breakable

MOST_LATER = 3
"""Sentences about what comes later; a screen has no room for more."""

BRANCH_WORDS = (
    "この {手続|てつづ}きは、こちらの {窓口|まどぐち}の {職員|しょくいん}が "
    "{承|うけたまわ}ります。 お{声|こえ}かけ ください。"
)


def site_view(
    content: Content, municipality: str, site: str, terminal: str, now: datetime, *, on_duty: bool = True,
    topic: str = "",
) -> values.Site:  # fmt: skip
    """What a terminal needs to know of its place at `now` (UTC). LocalError when the place is unknown.

    A terminal that the municipality's file does not name (yet) is called by its id. The `topic` of its live
    call stays in the list, whatever begins or ends meanwhile.
    """
    town = content.town(municipality)
    place = town.site(site)
    hours = town.opening(place, terminal)
    event = duties.event_of(town, site, terminal, now)
    names = {item.id: item.name for item in place.terminals}
    is_open = hours.is_open(now)
    return values.Site(
        municipality=municipality,
        municipality_name=town.municipality.name,
        site_name=event.place if event else place.name,
        terminal_name=names.get(terminal, terminal),
        telephone=place.telephone,
        hours=_hours(town, place, terminal, now),
        open=is_open,
        closed_text=opening.closed_text(hours, now),
        opens_text=opening.opens_text(hours, now),
        tiles=place.tiles,
        topics=_topics(town, place, terminal, now, topic),
        later=tuple(_later(town, place, terminal, now)) if is_open else (),
        event=event is not None,
        brand=town.municipality.brand,
        brand_dark=town.municipality.brand_dark,
        staff=staff.offered(town, site, terminal, now),
        operators_on_duty=on_duty,
    )


def _hours(town: Town, place: Place, terminal: str, now: datetime) -> str:
    """The week in one line; at an event the hours of this day."""
    event = duties.event_of(town, place.id, terminal, now)
    if event is None:
        week = opening.hours_text(town.opening(place))
        return breakable(" ".join(filter(None, (week, place.hours_note))))
    today = now.astimezone(opening.JAPAN).date()
    spans = opening.spans_text(event.days[today]) if event.days[today] else "お{休|やす}み"
    return breakable(f"{opening.day_text(today)} {spans}")


def _topics(town: Town, place: Place, terminal: str, now: datetime, live: str) -> tuple[values.Topic, ...]:
    """What one can choose now, and what the live call is about."""
    offered = duties.offered(town, place, terminal, now)
    return tuple(
        _topic(town.procedures[id], offered.get(id, CLOSED))
        for id in duties.procedures(town, place, terminal, now)
        if id in offered or id == live
    )


def _topic(procedure: Procedure, duty: Duty) -> values.Topic:
    words = breakable(BRANCH_WORDS) if duty.kind is Kind.BRANCH else ""
    shown = topic(procedure)
    return values.Topic(
        id=shown.id, title=shown.title, sub=shown.sub, ready=shown.ready, words=words, pilot=duty.pilot
    )


def _later(town: Town, place: Place, terminal: str, now: datetime) -> Iterator[str]:
    """What is served here and cannot be chosen now, and when it can, one sentence each."""
    now_offered = duties.offered(town, place, terminal, now)
    missing = [id for id in duties.procedures(town, place, terminal, now) if id not in now_offered]
    for id in missing[:MOST_LATER]:
        moment = duties.next_offer(town, place.id, terminal, id, now)
        if moment is not None:
            title = town.procedures[id].title
            yield breakable(f"「{title}」は {opening.when_text(moment, now)}から")
