"""Statements about transfers. The hub's board holds the open ones exactly as they are written."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update

from hub.core.transfer import TransferRecord
from hub.store.database import Tx
from hub.store.rows import Rows
from hub.store.tables import transfer
from protocol.values import TransferKind, TransferState

rows = Rows(
    table=transfer,
    record=TransferRecord,
    key="id",
    words={"kind": TransferKind, "state": TransferState},
    packed={"tried": tuple[str, ...]},
)


async def open_ones(tx: Tx, municipalities: Collection[str]) -> list[TransferRecord]:
    """All that may still lead anywhere, oldest first."""
    return await rows.all(
        tx,
        transfer.c.municipality.in_(municipalities),
        transfer.c.ended_at.is_(None),
        order_by=transfer.c.asked_at,
    )


async def open_of(tx: Tx, call: str, municipalities: Collection[str]) -> TransferRecord | None:
    """The transfer of a call that may still lead anywhere."""
    return await rows.one(
        tx,
        transfer.c.call == call,
        transfer.c.municipality.in_(municipalities),
        transfer.c.ended_at.is_(None),
    )


async def of_call(tx: Tx, call: str, municipality: str) -> list[TransferRecord]:
    """Every transfer of a call, oldest first."""
    return await rows.all(
        tx,
        transfer.c.call == call,
        transfer.c.municipality == municipality,
        order_by=transfer.c.asked_at,
    )


async def write_outcome(
    tx: Tx, record: TransferRecord, *, outcome: str, procedure: str, reason: str, note: str
) -> bool:
    """Store what the origin says of her part, once; False when it is stored already."""
    where = (transfer.c.id == record.id, transfer.c.municipality == record.municipality)
    values = {
        "outcome": outcome, "outcome_procedure": procedure, "outcome_reason": reason, "outcome_note": note,
    }  # fmt: skip
    result = await tx.execute(update(transfer).where(*where, transfer.c.outcome == "").values(**values))
    return result.rowcount == 1
