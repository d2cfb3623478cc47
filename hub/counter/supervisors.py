"""How the supervisors of a municipality hear of calls whose operator wants one."""

from __future__ import annotations

from hub.core.call import CallRecord
from hub.core.roles import where
from hub.counter import views
from hub.counter.turn import Turn
from hub.store.people import User
from protocol.desk_link import SupervisorWanted
from protocol.values import Conduct, Role, Wanted


def wanted(turn: Turn, user: User) -> tuple[Wanted, ...]:
    """Calls whose operator wants a supervisor, within the municipalities where this user is one."""
    mine = where(user.memberships, {Role.SUPERVISOR})
    live = turn.board.live | turn.written
    return tuple(
        _shown(turn, one) for one in sorted(live.values(), key=lambda one: one.queued_at)
        if one.municipality in mine and one.live and one.presentation.conduct is Conduct.SUPERVISOR
    )  # fmt: skip


def tell(turn: Turn) -> None:
    """Said to everybody whom it concerns when such a call has begun or ended in this turn."""
    touched = {
        record.municipality for id, record in turn.written.items()
        if Conduct.SUPERVISOR in (_before(turn, id), record.presentation.conduct)
    }  # fmt: skip
    for user, side in turn.board.desks.items() if touched else ():
        if touched & set(where(side.user.memberships, {Role.SUPERVISOR})) and side.line.here:
            turn.to_desk(user, SupervisorWanted(calls=wanted(turn, side.user)))


def _before(turn: Turn, call: str) -> Conduct:
    known = turn.board.live.get(call)
    return known.presentation.conduct if known else Conduct.FINE


def _shown(turn: Turn, record: CallRecord) -> Wanted:
    line = views.waiting_line(record, turn.board.kiosks[record.kiosk].kiosk, turn.content)
    side = turn.board.desks.get(record.operator or "")
    return Wanted(
        call=record.id, municipality_name=line.municipality_name, site_name=line.site_name,
        terminal_name=line.terminal_name, operator=side.user.name if side else "",
    )  # fmt: skip
