"""How records read on the two links: pure functions of records, content and the board."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import structs

from hub.core import content as texts
from hub.core import disasters, duties, permissions, roles, staff
from hub.core.call import CallRecord
from hub.core.captures import CaptureRecord
from hub.core.content import Content, Town
from hub.core.guest import GuestRecord
from hub.core.monitor import MonitorRecord
from hub.core.site_view import site_view
from hub.core.transfer import TransferRecord
from hub.counter.board import Board
from hub.store.people import User
from hub.store.places import Kiosk
from protocol.errors import LocalError
from protocol.values import (
    CallState,
    DepartmentPresence,
    DeskCall,
    Guest,
    IceServer,
    Me,
    Monitor,
    Monitoring,
    Neighbour,
    Person,
    Presentation,
    RingCard,
    Role,
    Site,
    TerminalCall,
    Transfer,
    Wait,
    WaitingCall,
    Watcher,
    WatcherKind,
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
    """Whoever serves the resident, a specialist with the department; None before the accept."""
    if user is None or not record.connected:
        return None
    town = content.town(record.municipality)
    here = [one for one in user.memberships if one.municipality == record.municipality]
    role = roles.TITLES[Role.OPERATOR]
    if not any(one.role is Role.OPERATOR for one in here):
        names = [town.department(one.department) for one in here if one.department]
        role = next((one.name for one in names if one is not None), role)
    return Person(name=user.name, role=role, municipality=town.municipality.name)


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
    record: CallRecord, user: User | None, content: Content, *, position: int = 0, wait: Wait | None = None,
    watchers: tuple[Watcher, ...] = (),
) -> TerminalCall:  # fmt: skip
    """A call as its terminal sees it; `watchers` is everybody in it, the operator first."""
    return TerminalCall(
        id=record.id, state=record.state, queued_at=record.queued_at, topic=record.topic, position=position,
        wait=wait, operator=person(user, record, content), epoch=record.epoch,
        others=tuple(_named(one, content.town(record.municipality)) for one in watchers[1:]),
        watchers=watchers,
        held_reason=record.held_reason, presentation=record.presentation, ended_by=record.ended_by,
    )  # fmt: skip


_WORDS = {WatcherKind.FAMILY: "ご家族", WatcherKind.INTERPRETER: "通訳", WatcherKind.SUPERVISOR: "管理者"}


def _named(watcher: Watcher, town: Town) -> Person:
    """For a terminal that knows no watchers: nobody in the call goes unnamed there either."""
    role = watcher.role or _WORDS.get(watcher.kind, NAMELESS)
    return Person(name=watcher.name or role, role=role, municipality=town.municipality.name)


def place_names(kiosk: Kiosk, content: Content, at: datetime) -> tuple[str, str]:
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


def ring_card(
    record: CallRecord, kiosk: Kiosk, content: Content, *, transfer: Transfer | None = None,
    captures: Iterable[CaptureRecord] = (), expires_at: datetime | None = None,
    beside: tuple[Neighbour, ...] = (),
) -> RingCard:  # fmt: skip
    """All that one needs to greet."""
    town = content.town(record.municipality).municipality
    site_name, terminal_name = place_names(kiosk, content, record.queued_at)
    return RingCard(
        call=record.id, municipality=record.municipality, municipality_name=town.name, brand=town.brand,
        site_name=site_name, terminal_name=terminal_name, queued_at=record.queued_at,
        expires_at=expires_at or record.ring_until or record.accepted_at or record.queued_at,
        topic=record.topic, transfer=transfer, captures=tuple(one.shown() for one in captures),
        topic_title=_topic_title(record, kiosk, content),
        greeting=texts.greeting(content, record.municipality, record.topic), simulated=record.simulated,
        staff=staff.offered(content.town(kiosk.municipality), kiosk.site, kiosk.terminal, record.queued_at),
        beside=beside,
    )  # fmt: skip


def transfer(record: TransferRecord, board: Board, content: Content) -> Transfer:
    """A transfer as both desks see it."""
    town = content.town(record.municipality)
    department = town.department(record.department)
    return Transfer(
        id=record.id, kind=record.kind, state=record.state, department=record.department,
        department_name=department.name if department else record.department, reason=record.reason,
        origin=record.origin, origin_name=name(board, record.origin) or NAMELESS,
        specialist=record.specialist or "", specialist_name=name(board, record.specialist),
        until=record.until,
    )  # fmt: skip


def guest(record: GuestRecord) -> Guest:
    """A guest as the operator sees it."""
    return Guest(
        id=record.id, kind=record.kind, state=record.state, name=record.name, until=record.until,
        here=record.here, muted=record.muted, sees=record.sees,
    )  # fmt: skip


NAMELESS = roles.TITLES[Role.OPERATOR]
"""For an origin whom this hub has not seen yet: the desk must be able to read the transfer all the same."""


def name(board: Board, user: str | None) -> str:
    """Of somebody whom this hub has seen; empty otherwise."""
    side = board.desks.get(user or "")
    return side.user.name if side else ""


def waiting_line(record: CallRecord, kiosk: Kiosk, content: Content) -> WaitingCall:
    """A line of the queue."""
    town = content.town(record.municipality).municipality
    site_name, terminal_name = place_names(kiosk, content, record.queued_at)
    return WaitingCall(
        call=record.id, state=record.state, municipality=record.municipality, municipality_name=town.name,
        brand=town.brand, site_name=site_name, terminal_name=terminal_name, queued_at=record.queued_at,
        topic=record.topic, topic_title=_topic_title(record, kiosk, content),
    )  # fmt: skip


def desk_call(
    record: CallRecord, captures: Iterable[CaptureRecord], board: Board, content: Content,
    ice_servers: tuple[IceServer, ...], *, transfer: Transfer | None = None,
    departments: tuple[DepartmentPresence, ...] = (), over_for_her: bool = False,
    beside: tuple[Neighbour, ...] = (), guests: tuple[Guest, ...] = (),
    monitor: MonitorRecord | None = None,
) -> DeskCall:  # fmt: skip
    """A call as its operator sees it; with `over_for_her` as somebody who has handed it on."""
    side = board.kiosks[record.kiosk]
    over = over_for_her and record.live
    return DeskCall(
        card=ring_card(record, side.kiosk, content, beside=beside),
        state=CallState.ENDED if over else record.state,
        accepted_at=record.accepted_at or record.queued_at, epoch=record.epoch,
        presentation=Presentation() if over else record.presentation,
        captures=tuple(one.shown() for one in captures),
        terminal_connected=side.line.here, devices=side.devices, attached=side.attached, volume=side.volume,
        devices_closed_at=None if record.live else side.closed_at,
        presented=record.presented, ended_by="transfer" if over else record.ended_by,
        held_reason=record.held_reason, transfer=transfer, departments=departments, ice_servers=ice_servers,
        guests=guests,
        monitor=monitor_of(monitor, board) if monitor and not over else None,
    )  # fmt: skip


def monitor_of(record: MonitorRecord, board: Board) -> Monitor:
    """The supervisor in a call, for its desks."""
    return Monitor(
        id=record.id, state=record.state, supervisor=record.supervisor,
        supervisor_name=name(board, record.supervisor) or roles.TITLES[Role.SUPERVISOR],
        since=record.began_at,
    )  # fmt: skip


def monitoring(
    record: CallRecord, one: MonitorRecord, board: Board, content: Content,
    ice_servers: tuple[IceServer, ...],
) -> Monitoring:  # fmt: skip
    """The call in which a supervisor takes part, for her own desk."""
    line = waiting_line(record, board.kiosks[record.kiosk].kiosk, content)
    return Monitoring(
        id=one.id, state=one.state, call=record.id, call_state=record.state,
        municipality_name=line.municipality_name, brand=line.brand, site_name=line.site_name,
        terminal_name=line.terminal_name, topic_title=line.topic_title,
        operator_name=name(board, one.operator) or NAMELESS,
        accepted_at=record.accepted_at or record.queued_at, since=one.began_at, ice_servers=ice_servers,
    )  # fmt: skip


def wrap_up_task(
    record: CallRecord, board: Board, content: Content, *, user: str, since: datetime,
    until: datetime | None = None,
) -> WrapUpTask:  # fmt: skip
    """A call that still wants its outcome; for somebody who has handed it on, since then."""
    card = ring_card(record, board.kiosks[record.kiosk].kiosk, content)
    hers = record.ended_at is not None and record.operator == user
    return WrapUpTask(
        call=record.id,
        card=card,
        ended_at=record.ended_at if hers and record.ended_at else since,
        ended_by=record.ended_by if hers else "transfer",
        until=until,
    )
