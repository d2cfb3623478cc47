"""Statements about promises to call back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from hub.core.callbacks import CallbackRecord
from hub.store.database import Tx
from hub.store.rows import Rows
from hub.store.tables import callback

rows = Rows(table=callback, record=CallbackRecord, key="id", words={}, packed={})


async def get(tx: Tx, id: str, municipalities: Collection[str]) -> CallbackRecord | None:
    """A promise within these municipalities."""
    return await rows.one(tx, callback.c.id == id, callback.c.municipality.in_(municipalities))


async def open_ones(tx: Tx, municipalities: Collection[str]) -> list[CallbackRecord]:
    """Promises that are not kept yet, oldest first."""
    return await rows.all(
        tx,
        callback.c.municipality.in_(municipalities),
        callback.c.settled_at.is_(None),
        order_by=callback.c.created_at,
    )


async def older(tx: Tx, municipalities: Collection[str], than: datetime) -> list[CallbackRecord]:
    """Promises from before `than` that are not kept yet, oldest first."""
    return await rows.all(
        tx,
        callback.c.municipality.in_(municipalities),
        callback.c.settled_at.is_(None),
        callback.c.created_at < than,
        order_by=callback.c.created_at,
    )


async def open_of(tx: Tx, municipality: str, call: str) -> list[CallbackRecord]:
    """What was promised in a call and is not kept yet."""
    return await rows.all(
        tx,
        callback.c.municipality == municipality,
        callback.c.call == call,
        callback.c.settled_at.is_(None),
        order_by=callback.c.created_at,
    )
