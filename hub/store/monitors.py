"""Statements about supervisors in calls. The hub's board holds the open ones exactly as they are written."""

from __future__ import annotations

from collections.abc import Collection

from hub.core.monitor import MonitorRecord
from hub.store.database import Tx
from hub.store.rows import Rows
from hub.store.tables import monitor
from protocol.values import MonitorState

rows = Rows(table=monitor, record=MonitorRecord, key="id", words={"state": MonitorState}, packed={})


async def open_ones(tx: Tx, municipalities: Collection[str]) -> list[MonitorRecord]:
    """All in which somebody still takes part, oldest first."""
    return await rows.all(
        tx,
        monitor.c.municipality.in_(municipalities),
        monitor.c.ended_at.is_(None),
        order_by=monitor.c.began_at,
    )


async def of_call(tx: Tx, call: str, municipality: str) -> list[MonitorRecord]:
    """Every part that a supervisor has taken in a call, oldest first."""
    return await rows.all(
        tx, monitor.c.call == call, monitor.c.municipality == municipality, order_by=monitor.c.began_at
    )
