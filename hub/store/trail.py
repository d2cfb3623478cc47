"""Statements about the audit trail: append, and read for a check of its chain."""

from __future__ import annotations

from sqlalchemy import insert, select

from hub.core.audit import GENESIS, Action, Entry, digest
from hub.store.database import Tx
from hub.store.tables import audit


async def append(tx: Tx, entry: Entry) -> None:
    """One more entry; the write lock of the transaction keeps the chain single."""
    before = (await tx.execute(select(audit.c.digest).order_by(audit.c.id.desc()).limit(1))).scalar()
    await tx.execute(
        insert(audit).values(
            at=entry.at, municipality=entry.municipality, actor=entry.actor, action=str(entry.action),
            subject=entry.subject, detail=dict(entry.detail), digest=digest(before or GENESIS, entry),
        )
    )  # fmt: skip


async def entries(tx: Tx) -> list[tuple[Entry, str]]:
    """The whole trail with its stated digests, oldest first."""
    result = await tx.execute(select(audit).order_by(audit.c.id))
    return [
        (
            Entry(
                at=row["at"], municipality=row["municipality"], actor=row["actor"],
                action=Action(row["action"]), subject=row["subject"], detail=row["detail"],
            ),
            row["digest"],
        )
        for row in result.mappings()
    ]  # fmt: skip
