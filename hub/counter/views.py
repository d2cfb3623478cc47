"""How records read on the two links: pure functions of records, content and the board."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import structs

from hub.core import content as texts
from hub.core import disasters, duties, permissions, roles, staff
from hub.core.call import CallRecord
from hub.core.captures import CaptureRecord
from hub.core.content import Content
from hub.core.site_view import site_view
from hub.counter.board import Board
from hub.store.people import User
from hub.store.places import Kiosk
from protocol.errors import LocalError
from protocol.values import (
    DeskCall,
    IceServer,
    Me,
    Person,
    RingCard,
    Role,
    Site,
    TerminalCall,
    Wait,
    WaitingCall,
    WrapUpTask,
)


def me(user: User, content: Content) -> Me:
    """Who is logged in; municipalities that are no longer configured are left out."""
    names = tuple(
        (id, content.towns[id].municipality.name) for id in user.municipalities if id in content.towns
    )
    return Me(
        user=user.id, name=user.name, role=roles.title(user.memberships), municipalities=names,
        memberships=tuple(one for one in user.memberships if one.municipality in content.towns),
        views=permissions.views(user.memberships),
    )  # fmt: skip


def person(user: User | None, record: CallRecord, content: Content) -> Person | None:
    """The operator as the resident reads her; only once she has accepted."""
    if user is None or not record.connected:
        return None
    town = content.town(record.municipality).municipality
    return Person(name=user.name, role=roles.TITLES[Role.OPERATOR], municipality=town.name)


def site(
    kiosk: Kiosk, content: Content, now: datetime, *, on_duty: bool, topic: str = "",
    disaster: str | None = None,
) -> Site:  # fmt: skip
    """What a terminal needs to know of its place; `topic` is that of its live call, `disaster` a page."""
    place = (kiosk.municipality, kiosk.site, kiosk.terminal)
    view = site_view(content, *place, now, on_duty=on_duty, topic=topic)
    if disaster is None:
        return view
    page = disasters.shown_page(content, kiosk.municipality, disaster)
    return structs.replace(view, open=True, closed_text="", opens_text="", topics=(), later=(), disaster=page)


def terminal_call(
    record: CallRecord, user: User | None, content: Content, *, position: int = 0, wait: Wait | None = None
) -> TerminalCall:
    """A call as its terminal sees it."""
    return TerminalCall(
        id=record.id, state=record.state, queued_at=record.queued_at, topic=record.topic, position=position,
        wait=wait, operator=person(user, record, content), epoch=record.epoch,
        held_reason=record.held_reason, presentation=record.presentation, ended_by=record.ended_by,
    )  # fmt: skip


def _place_names(kiosk: Kiosk, content: Content, at: datetime) -> tuple[str, str]:
    """Site (or event) and terminal; their ids where the municipality's file no longer names them."""
    town = content.town(kiosk.municipality)
    try:
        place = town.site(kiosk.site)
    except LocalError:
        return kiosk.site, kiosk.terminal
    event = duties.event_of(town, kiosk.site, kiosk.terminal, at)
    names = {one.id: one.name for one in place.terminals}
    return event.place if event else place.name, names.get(kiosk.terminal, kiosk.terminal)


def _topic_title(record: CallRecord, kiosk: Kiosk, content: Content) -> str:
    """The procedure; an operator should know when it is on trial at that place."""
    if title := disasters.topic_title(content, record.municipality, record.topic):
        return title
    title = texts.topic_title(content, record.municipality, record.topic)
    try:
        town = content.town(record.municipality)
        duty = duties.who(town, kiosk.site, kiosk.terminal, record.topic, record.queued_at)
    except LocalError:
        return title
    return f"{title}(試行中)" if title and duty.pilot else title


def ring_card(record: CallRecord, kiosk: Kiosk, content: Content) -> RingCard:
    """All that one needs to greet."""
    town = content.town(record.municipality).municipality
    site_name, terminal_name = _place_names(kiosk, content, record.queued_at)
    return RingCard(
        call=record.id, municipality=record.municipality, municipality_name=town.name, brand=town.brand,
        site_name=site_name, terminal_name=terminal_name, queued_at=record.queued_at,
        expires_at=record.ring_until or record.accepted_at or record.queued_at, topic=record.topic,
        topic_title=_topic_title(record, kiosk, content),
        greeting=texts.greeting(content, record.municipality, record.topic), simulated=record.simulated,
        staff=staff.offered(content.town(kiosk.municipality), kiosk.site, kiosk.terminal, record.queued_at),
    )  # fmt: skip


def waiting_line(record: CallRecord, kiosk: Kiosk, content: Content) -> WaitingCall:
    """A line of the queue."""
    town = content.town(record.municipality).municipality
    site_name, terminal_name = _place_names(kiosk, content, record.queued_at)
    return WaitingCall(
        call=record.id, state=record.state, municipality=record.municipality, municipality_name=town.name,
        brand=town.brand, site_name=site_name, terminal_name=terminal_name, queued_at=record.queued_at,
        topic=record.topic, topic_title=_topic_title(record, kiosk, content),
    )  # fmt: skip


def desk_call(
    record: CallRecord, captures: Iterable[CaptureRecord], board: Board, content: Content,
    ice_servers: tuple[IceServer, ...],
) -> DeskCall:  # fmt: skip
    """A call as its operator sees it."""
    side = board.kiosks[record.kiosk]
    return DeskCall(
        card=ring_card(record, side.kiosk, content), state=record.state,
        accepted_at=record.accepted_at or record.queued_at, epoch=record.epoch,
        presentation=record.presentation, captures=tuple(one.shown() for one in captures),
        terminal_connected=side.line.here, devices=side.devices, attached=side.attached, volume=side.volume,
        devices_closed_at=None if record.live else side.closed_at,
        presented=record.presented, ended_by=record.ended_by, held_reason=record.held_reason,
        ice_servers=ice_servers,
    )  # fmt: skip


def wrap_up_task(record: CallRecord, board: Board, content: Content) -> WrapUpTask:
    """A call that still wants its outcome."""
    assert record.ended_at is not None
    card = ring_card(record, board.kiosks[record.kiosk].kiosk, content)
    return WrapUpTask(call=record.id, card=card, ended_at=record.ended_at, ended_by=record.ended_by)
