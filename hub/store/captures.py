"""Statements about captures and their keys. The sealed pictures themselves lie in the vault."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import insert, select, update

from hub.core.captures import FINAL, CaptureRecord
from hub.store.database import StaleWriteError, Tx
from hub.store.rows import Rows
from hub.store.tables import capture, capture_key
from protocol.values import CaptureKind, CaptureStage

rows = Rows(
    table=capture,
    record=CaptureRecord,
    key="id",
    words={"kind": CaptureKind, "stage": CaptureStage},
    packed={"checks": tuple[tuple[str, str, str], ...]},
)

_OPEN = sorted(set(CaptureStage) - FINAL)


async def get(tx: Tx, id: str, municipalities: Collection[str]) -> CaptureRecord | None:
    """A capture, if it belongs to one of these municipalities."""
    return await rows.one(tx, capture.c.id == id, capture.c.municipality.in_(municipalities))


async def by_upload(tx: Tx, id: str) -> CaptureRecord | None:
    """For an upload, whose token is checked next: nothing else may read without a municipality."""
    return await rows.one(tx, capture.c.id == id)


async def of_request(tx: Tx, call: str, municipality: str, request_id: str) -> CaptureRecord | None:
    """The capture that a message has made already."""
    return await rows.one(
        tx,
        capture.c.call == call,
        capture.c.municipality == municipality,
        capture.c.request_id == request_id,
    )


async def of_call(tx: Tx, call: str, municipality: str) -> list[CaptureRecord]:
    """All stills of a call, in order."""
    return await rows.all(
        tx, capture.c.call == call, capture.c.municipality == municipality, order_by=capture.c.requested_at
    )


async def open_ones(tx: Tx, municipalities: Collection[str]) -> list[CaptureRecord]:
    """Captures that are neither stored nor given up."""
    return await rows.all(
        tx,
        capture.c.municipality.in_(municipalities),
        capture.c.stage.in_(_OPEN),
        order_by=capture.c.requested_at,
    )


async def add_key(tx: Tx, record: CaptureRecord, wrapped: bytes) -> None:
    """The wrapped data key; a second one for the same capture is refused by the table."""
    await tx.execute(
        insert(capture_key).values(capture=record.id, municipality=record.municipality, wrapped=wrapped)
    )


async def key(tx: Tx, record: CaptureRecord) -> bytes | None:
    """The wrapped data key, None once destroyed."""
    found: bytes | None = (
        await tx.execute(
            select(capture_key.c.wrapped).where(
                capture_key.c.capture == record.id, capture_key.c.municipality == record.municipality
            )
        )
    ).scalar_one_or_none()
    return found


async def newest_keys(tx: Tx, municipalities: Collection[str]) -> dict[str, tuple[str, bytes]]:
    """Of each municipality that has a readable still: the newest one's id and wrapped key."""
    found: dict[str, tuple[str, bytes]] = {}
    for record in await readable(tx, municipalities):
        found[record.municipality] = (record.id, await key(tx, record) or b"")
    return found


async def readable(tx: Tx, municipalities: Collection[str]) -> list[CaptureRecord]:
    """Stored captures whose key still exists, oldest first."""
    has_key = select(capture_key.c.capture).where(
        capture_key.c.municipality.in_(municipalities), capture_key.c.wrapped.is_not(None)
    )
    return await rows.all(
        tx,
        capture.c.municipality.in_(municipalities),
        capture.c.id.in_(has_key),
        order_by=capture.c.delete_after,
    )


async def due(tx: Tx, municipalities: Collection[str], now: datetime) -> list[CaptureRecord]:
    """Readable captures whose time is over."""
    found = await readable(tx, municipalities)
    return [one for one in found if one.delete_after is not None and one.delete_after <= now]


async def destroy_key(tx: Tx, record: CaptureRecord, now: datetime) -> None:
    """Destroying the key is the deletion. StaleWriteError when it is destroyed already."""
    result = await tx.execute(
        update(capture_key)
        .where(
            capture_key.c.capture == record.id,
            capture_key.c.municipality == record.municipality,
            capture_key.c.wrapped.is_not(None),
        )
        .values(wrapped=None, destroyed_at=now)
    )
    if result.rowcount != 1:
        raise StaleWriteError(f"capture {record.id} has no key to destroy")
