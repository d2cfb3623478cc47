"""Decides who takes a procedure at a terminal at a moment, what is offered there, and when that changes.

Puts together what others know alone: whether the terminal is open (`opening`), what the duty table says
(`duty_table`), and where the terminal stands today (an event, or its site). Never rings anybody (`routing`)
and never reads a clock: `now` is UTC.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hub.core.content import Place, Town
from hub.core.duty_table import CLOSED, Duty, Event, Kind, within
from hub.core.opening import JAPAN, moment_of

SEARCH_DAYS = 62
"""What is not offered again within two months is not announced."""


def who(town: Town, site: str, terminal: str, procedure: str, now: datetime) -> Duty:
    """Who takes a call about this procedure; '' when the resident chose none. Closed outside opening hours.

    LocalError `unknown_site` when there is no such site.
    """
    day, minute = _local(now)
    if not within(town.opening(town.site(site), terminal).spans(day), minute):
        return CLOSED
    return _duty(town, site, terminal, procedure, day, minute)


def _duty(town: Town, site: str, terminal: str, procedure: str, day: date, minute: int) -> Duty:
    event = town.duties.event(site, terminal, day)
    return event.duty if event else town.duties.duty(site, procedure, day, minute)


def event_of(town: Town, site: str, terminal: str, now: datetime) -> Event | None:
    """What this terminal is taken to today."""
    return town.duties.event(site, terminal, _local(now)[0])


def procedures(town: Town, place: Place, terminal: str, now: datetime) -> tuple[str, ...]:
    """What this terminal serves today at some time, in order."""
    event = event_of(town, place.id, terminal, now)
    return event.procedures if event else place.procedures


def offered(town: Town, place: Place, terminal: str, now: datetime) -> dict[str, Duty]:
    """The procedures that one can choose now, in order, and who takes each. None while all is closed."""
    day, minute = _local(now)
    if not within(town.opening(place, terminal).spans(day), minute):
        return {}
    served = procedures(town, place, terminal, now)
    taken = {one: _duty(town, place.id, terminal, one, day, minute) for one in served}
    return {one: duty for one, duty in taken.items() if duty.kind is not Kind.CLOSED}


def next_change(town: Town, site: str, terminal: str, now: datetime) -> datetime:
    """The next moment at which anything may read differently: a door, a row of the table, or midnight."""
    day, _ = _local(now)
    edges = {1440, *_edges(town, site, terminal, day)}
    return min(moment for edge in edges if (moment := moment_of(day, edge)) > now)


def next_offer(town: Town, site: str, terminal: str, procedure: str, now: datetime) -> datetime | None:
    """When this procedure can be chosen again; None when it can now, or not within `SEARCH_DAYS`."""
    if who(town, site, terminal, procedure, now).kind is not Kind.CLOSED:
        return None
    today, _ = _local(now)
    for ahead in range(SEARCH_DAYS):
        day = today + timedelta(days=ahead)
        event = town.duties.event(site, terminal, day)
        if event is not None and procedure not in event.procedures:
            continue
        for edge in sorted(_edges(town, site, terminal, day)):
            moment = moment_of(day, edge)
            if moment > now and who(town, site, terminal, procedure, moment).kind is not Kind.CLOSED:
                return moment
    return None


def _edges(town: Town, site: str, terminal: str, day: date) -> set[int]:
    """Minutes of a day at which a door opens or closes, or a row begins or ends."""
    spans = town.opening(town.site(site), terminal).spans(day)
    return {minute for span in spans for minute in span} | set(town.duties.edges(site, day))


def _local(now: datetime) -> tuple[date, int]:
    """Day and minute in Japan."""
    local = now.astimezone(JAPAN)
    return local.date(), local.hour * 60 + local.minute
