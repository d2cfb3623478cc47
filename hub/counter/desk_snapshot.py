"""The whole truth for one operator, read in the turn that sends it."""

from __future__ import annotations

from hub.core import permissions
from hub.core.presence import WRAPPING
from hub.counter import callbacks, monitors, queueing, staff, supervisors, views
from hub.counter.cards import desk_call, ring_card
from hub.counter.turn import Turn
from hub.store import calls, people
from protocol.desk_link import DeskSnapshot
from protocol.values import Monitoring, PresenceState

LINES = 50
"""Lines of the queue that a desk is told; a message has 64 KiB."""


async def desk_snapshot(turn: Turn, user: str) -> DeskSnapshot:
    """Presence, queue, ring, call and wrap-up as they are written."""
    side = turn.board.desks[user]
    presence = await people.presence_of(turn.tx, user)
    assert presence is not None, "a desk has its presence from its first hello on"
    mine = [id for id in side.user.municipalities if id in turn.content.towns]
    queued = [id for id in permissions.seen(side.user.memberships, "queue") if id in turn.content.towns]
    record = await calls.get(turn.tx, presence.call, mine) if presence.call else None
    lines = [
        views.waiting_line(one, turn.board.kiosks[one.kiosk].kiosk, turn.content)
        for one in queueing.queue(turn, queued)
    ]
    side.told_queue = tuple(lines[:LINES])
    side.told_departments = None
    ringing = presence.state is PresenceState.RINGING
    wrapping = presence.state in WRAPPING
    in_call = wrapping or presence.state is PresenceState.TALKING
    bells = await staff.bells(turn, side.user)
    task = None
    if record and wrapping:
        task = views.wrap_up_task(
            record, turn.board, turn.content, user=user, since=presence.since, until=presence.until
        )
    return DeskSnapshot(
        me=views.me(side.user, turn.content),
        presence=presence.state,
        presence_since=presence.since,
        waiting=side.told_queue,
        ring=await ring_card(turn, record) if record and ringing else None,
        call=await desk_call(turn, record, user) if record and in_call else None,
        wrap_up=task,
        presence_reason=presence.reason,
        away_reasons=turn.settings.reasons,
        wanted=supervisors.wanted(turn, side.user),
        bells=bells,
        staff=(*await staff.beside(turn, record), *await staff.rings(turn, bells)),
        callbacks=await callbacks.of(turn, side.user),
        monitoring=await _monitoring(turn, user),
        presence_until=presence.until,
    )


async def _monitoring(turn: Turn, user: str) -> Monitoring | None:
    """How this supervisor takes part in a call."""
    one = turn.monitor_by(user)
    return None if one is None else monitors.shown(turn, await turn.call(one.call), one)
