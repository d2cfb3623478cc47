"""Who is in a call, as the resident's screen names them: the one place that makes this list.

Whoever hears or sees the resident stands in it, with what is true of them now; the terminal only finds the
words. While the resident is asked to wait, nothing reaches anybody, and the terminal says so itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from hub.core import roles
from hub.core.call import CallRecord
from hub.core.transfer import TOGETHER
from hub.counter import views
from hub.counter.turn import Turn
from hub.store.people import User
from protocol.values import CallState, GuestKind, GuestState, MonitorState, Role, Watcher, WatcherKind

_GUESTS = {GuestKind.FAMILY: WatcherKind.FAMILY, GuestKind.INTERPRETER: WatcherKind.INTERPRETER}


def watchers(turn: Turn, record: CallRecord) -> tuple[Watcher, ...]:
    """Everybody in the call, the operator first; nobody before the accept."""
    if not record.connected or not record.operator:
        return ()
    return tuple(_all(turn, record))


def _all(turn: Turn, record: CallRecord) -> Iterator[Watcher]:
    assert record.operator is not None
    yield from _user(turn, record, record.operator)
    if record.state is not CallState.TALKING:
        return
    transfer = turn.transfer(record.id)
    if transfer is not None and transfer.state in TOGETHER and transfer.specialist:
        yield from _user(turn, record, transfer.specialist)
    yield from _supervisor(turn, record)
    for guest in turn.guests_of(record.id):
        if guest.state is GuestState.INSIDE:
            yield Watcher(kind=_GUESTS[guest.kind], name=guest.name, sees=guest.sees, speaks=not guest.muted)


def _supervisor(turn: Turn, record: CallRecord) -> Iterator[Watcher]:
    """Who listens, or speaks; also a whisper to the operator is listening for the resident."""
    monitor = turn.monitor(record.id)
    side = turn.board.desks.get(monitor.supervisor) if monitor is not None else None
    if monitor is not None and side is not None:
        yield Watcher(
            kind=WatcherKind.SUPERVISOR, name=side.user.name, role=roles.TITLES[Role.SUPERVISOR],
            municipality=turn.content.town(record.municipality).municipality.name,
            speaks=monitor.state is MonitorState.BARGING,
        )  # fmt: skip


def _user(turn: Turn, record: CallRecord, id: str) -> Iterator[Watcher]:
    side = turn.board.desks.get(id)
    if side is not None:
        yield _of(side.user, turn, record)


def _of(user: User, turn: Turn, record: CallRecord) -> Watcher:
    person = views.person(user, record, turn.content)
    assert person is not None, "the call is connected"
    operator = person.role == roles.TITLES[Role.OPERATOR]
    kind = WatcherKind.OPERATOR if operator else WatcherKind.SPECIALIST
    return Watcher(kind=kind, name=person.name, role=person.role, municipality=person.municipality)
