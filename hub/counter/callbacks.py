"""Promises to call back: an operator gives one, the department's specialists see and keep it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from hub.core import callbacks as rules
from hub.core import content as texts
from hub.core.audit import Action
from hub.core.call import CallRecord, NotNow
from hub.core.callbacks import CallbackRecord
from hub.counter import views
from hub.counter.turn import Turn
from hub.store import callbacks as store
from hub.store import calls, people
from hub.store.people import User
from protocol.desk_link import Callbacks, PromiseCallback, SettleCallback
from protocol.values import CallbackTask, Role

SHOWN = 40
"""Promises that a desk is told, the oldest first; a message has 64 KiB."""


async def promise(turn: Turn, user: str, record: CallRecord, said: PromiseCallback) -> None:
    """Write it down for the department. NotNow outside of the operator's own call and wrap-up."""
    presence = await people.presence_of(turn.tx, user)
    if presence is None or presence.call != record.id:
        raise NotNow("gone", "この通話はもう終わっています。")
    if turn.content.town(record.municipality).department(said.department) is None:
        raise NotNow("unknown_department", "この課は、この自治体にはありません。")
    new = CallbackRecord(
        id=uuid.uuid4().hex, municipality=record.municipality, call=record.id, department=said.department,
        telephone=said.telephone, name=said.name, wanted=said.wanted, reason=said.reason,
        created_at=turn.now, created_by=user,
    )  # fmt: skip
    await store.rows.insert(turn.tx, new)
    await _note(turn, new, Action.CALLBACK_PROMISED, user)
    await _tell(turn, new)


async def settle(turn: Turn, user: str, said: SettleCallback) -> None:
    """Kept, tried in vain, or dropped, by a specialist of the department. NotNow('gone') for anybody else."""
    who = turn.board.desks[user].user
    record = await store.get(turn.tx, said.callback, who.municipalities)
    if record is None or (record.municipality, record.department) not in _departments(who):
        raise NotNow("gone", "この折り返しは見つかりません。")
    saved = await store.rows.save(turn.tx, rules.after(record, said.outcome, user, turn.now))
    await _note(turn, saved, Action.CALLBACK_SETTLED, user, outcome=str(said.outcome))
    await _tell(turn, saved)


async def expire(turn: Turn) -> None:
    """Give up what nobody has kept for `queue.callback_days`: a telephone number is not kept for ever."""
    limit = turn.now - timedelta(days=turn.settings.queue.callback_days)
    for record in await store.older(turn.tx, turn.municipalities, limit):
        saved = await store.rows.save(turn.tx, rules.expired(record, turn.now))
        await _note(turn, saved, Action.CALLBACK_EXPIRED)
        await _tell(turn, saved)


async def of(turn: Turn, user: User) -> tuple[CallbackTask, ...]:
    """What somebody has to keep, the oldest first."""
    mine = _departments(user)
    if not mine:
        return ()
    found = await store.open_ones(turn.tx, {municipality for municipality, _ in mine})
    hers = [one for one in found if (one.municipality, one.department) in mine][:SHOWN]
    return tuple([await _task(turn, one) for one in hers])


def _departments(user: User) -> frozenset[tuple[str, str]]:
    return frozenset(
        (one.municipality, one.department)
        for one in user.memberships
        if one.role is Role.SPECIALIST and one.department
    )


async def _tell(turn: Turn, record: CallbackRecord) -> None:
    for id, side in turn.board.desks.items():
        if side.line.here and (record.municipality, record.department) in _departments(side.user):
            turn.to_desk(id, Callbacks(tasks=await of(turn, side.user)))


async def _task(turn: Turn, record: CallbackRecord) -> CallbackTask:
    call = await calls.get(turn.tx, record.call, [record.municipality])
    assert call is not None, "a promise refers to its call"
    place = views.ring_card(call, turn.board.kiosks[call.kiosk].kiosk, turn.content)
    department = turn.content.town(record.municipality).department(record.department)
    by = turn.board.desks.get(record.created_by)
    return CallbackTask(
        id=record.id, municipality_name=place.municipality_name, site_name=place.site_name,
        department_name=department.name if department else record.department, telephone=record.telephone,
        name=record.name, wanted=record.wanted, reason=record.reason, tries=record.tries,
        topic_title=texts.topic_title(turn.content, record.municipality, call.topic),
        created_at=record.created_at, by=by.user.name if by else "",
    )  # fmt: skip


async def _note(turn: Turn, record: CallbackRecord, action: Action, user: str = "", **more: str) -> None:
    """Who (the hub without a user) and which department; never the telephone, the name or the reason."""
    call = await turn.call(record.call)
    by = f"user:{user}" if user else "hub"
    detail = {"callback": record.id, "department": record.department} | more
    await calls.add_event(turn.tx, call, str(action), turn.now, {"by": by} | detail)
    await turn.note(action, call, by, **detail)
