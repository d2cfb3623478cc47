"""Lets a supervisor take part in a call and tells everybody in it: one step, one turn.

`core.monitor` decides; here its effects are done. What happens to the call by itself reaches her part at the
end of the turn, through `follow`. The voices go from browser to browser: the hub only says who may.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from datetime import datetime

from hub.core.absence import Patience, vanishes
from hub.core.audit import Action
from hub.core.call import CallRecord, NotNow
from hub.core.monitor import CHOICES, Effect, MonitorRecord, Step, handle
from hub.core.presence import Event as PresenceEvent
from hub.core.roles import where
from hub.counter import views
from hub.counter.board import Board
from hub.counter.steps import move_presence
from hub.counter.turn import Turn
from hub.store import calls, monitors, people
from hub.store.calls import MONITOR
from protocol.desk_link import MonitorUpdate
from protocol.values import Monitoring, MonitorState, PresenceState, Role

log = logging.getLogger(__name__)

REASON = "monitoring"
"""Why a supervisor is away who was available before."""


async def choose(turn: Turn, user: str, call: str | None, wanted: MonitorState) -> None:
    """A supervisor takes part in a call of her municipalities, does so otherwise, or leaves it.

    NotNow says why she cannot; 'gone' as well for a call of a municipality where she is no supervisor.
    """
    record = await turn.call(call, where(turn.board.desks[user].user.memberships, {Role.SUPERVISOR}))
    known = turn.monitor(record.id)
    if known is not None and known.supervisor == user:
        await move(turn, known, CHOICES[wanted], f"user:{user}")
    elif wanted is MonitorState.OVER:
        raise NotNow("gone", "このモニタリングはもう終わっています。")
    else:
        await _begin(turn, user, record, wanted)


async def _begin(turn: Turn, user: str, record: CallRecord, state: MonitorState) -> None:
    known = turn.monitor(record.id)
    if not record.connected or record.operator is None:
        raise NotNow("gone", "この通話は、いまオペレーターにつながっていません。")
    if known is not None:
        name = views.name(turn.board, known.supervisor) or "ほかの管理者"
        raise NotNow("monitored", f"この通話は、{name}がモニタリングしています。")
    await _be_free(turn, user)
    before = turn.monitor_by(user)
    if before is not None:
        await move(turn, before, Step.LEAVE, f"user:{user}")
    new = MonitorRecord(
        id=uuid.uuid4().hex, municipality=record.municipality, call=record.id, supervisor=user,
        operator=record.operator, state=state, began_at=turn.now,
    )  # fmt: skip
    await monitors.rows.insert(turn.tx, new)
    await calls.open_leg(turn.tx, record, user, turn.now, role=MONITOR, accepted=True)
    turn.watched[record.id] = new
    await _note(turn, record, new, CHOICES[state], f"user:{user}")
    _tell(turn, record, new, CHOICES[state])
    _on_screen(turn, record)


async def _be_free(turn: Turn, user: str) -> None:
    """Whoever takes part in a call is not rung for another."""
    presence = await people.presence_of(turn.tx, user)
    assert presence is not None, "a desk has its presence from its first hello on"
    if presence.state is PresenceState.AVAILABLE:
        await move_presence(turn, user, PresenceEvent.GO_AWAY, reason=REASON)
    elif presence.state is not PresenceState.AWAY:
        raise NotNow("busy", "ご自分の応対か後処理が終わってから、モニタリングしてください。")


async def move(turn: Turn, before: MonitorRecord, step: Step, actor: str) -> None:
    """Let a step happen: write it, then do what follows."""
    after, effects = handle(before, step, turn.now)
    if not effects:
        return
    saved = await monitors.rows.save(turn.tx, after)
    turn.watched[saved.call] = saved
    record = await turn.call(saved.call)
    await _note(turn, record, saved, step, actor)
    for effect in effects:
        match effect:
            case Effect.TELL:
                _tell(turn, record, saved, step)
            case Effect.SCREEN:
                _on_screen(turn, record)
            case Effect.CLOSE:
                await calls.close_leg(turn.tx, record, turn.now, str(step), role=MONITOR)


async def _note(turn: Turn, record: CallRecord, one: MonitorRecord, step: Step, actor: str) -> None:
    """History and audit: who, how, of whose call."""
    detail = {"step": str(step), "supervisor": one.supervisor, "operator": one.operator}
    await calls.add_event(turn.tx, record, "Monitored", turn.now, {"by": actor} | detail)
    await turn.note(Action.MONITORED, record, actor, **detail)
    log.info("monitoring moved", extra={"call": record.id, "step": step, "now": one.state})


def _on_screen(turn: Turn, record: CallRecord) -> None:
    """The resident reads who hears and sees her."""
    if record.live:
        turn.written.setdefault(record.id, record)
        turn.tell_kiosks_of.add(record.id)


def _tell(turn: Turn, record: CallRecord, one: MonitorRecord, step: Step) -> None:
    if record.connected and record.operator:
        turn.tell_desks_of[record.id] = record.operator
    if one.open:
        tell_supervisor(turn, record)
    else:
        turn.to_desk_last(one.supervisor, MonitorUpdate(why=str(step)), record.id)


def tell_supervisor(turn: Turn, record: CallRecord) -> None:
    """How the call now is, for the supervisor who takes part; said after the desks of the call are told."""
    one = turn.monitor(record.id)
    if one is not None:
        turn.to_desk_last(one.supervisor, MonitorUpdate(monitoring=shown(turn, record, one)), record.id)


def shown(turn: Turn, record: CallRecord, one: MonitorRecord) -> Monitoring:
    """As her own desk sees it, with credentials for a relay that are good now."""
    return views.monitoring(record, one, turn.board, turn.content, turn.ice_servers(record))


async def follow(turn: Turn) -> None:
    """What has happened to calls in this turn happens to the supervisors in them."""
    for record in list(turn.written.values()):
        one = turn.monitor(record.id)
        if one is None:
            continue
        known = turn.board.live.get(record.id)
        if not record.connected:
            await move(turn, one, Step.CALL_OVER, "hub")
        elif record.operator != one.operator:
            await move(turn, one, Step.HANDED_OVER, "hub")
        elif known is not None and known.state is not record.state:
            tell_supervisor(turn, record)


def moments(board: Board, patience: Patience) -> Iterator[datetime | None]:
    """When a supervisor counts as gone."""
    for one in board.monitors.values():
        yield _gone_at(board, one, patience)


def _gone_at(board: Board, one: MonitorRecord, patience: Patience) -> datetime | None:
    side = board.desks.get(one.supervisor)
    return vanishes(board.started, side.line.away_since if side else board.started, patience)


async def run(turn: Turn, patience: Patience) -> None:
    """Whoever is gone hears nothing: the resident's screen must not go on saying so."""
    for one in list(turn.board.monitors.values()):
        gone_at = _gone_at(turn.board, one, patience)
        still = turn.monitor(one.call)
        if still is not None and still.id == one.id and gone_at is not None and turn.now >= gone_at:
            await move(turn, still, Step.GONE, "hub")
