"""Statements about the audit trail: append, and read for a check of its chain."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import RowMapping, func, insert, select

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


async def newest(tx: Tx, actions: Collection[Action]) -> dict[str, Entry]:
    """By subject, the newest entry with one of these actions."""
    last = select(func.max(audit.c.id)).where(audit.c.action.in_(actions)).group_by(audit.c.subject)
    result = await tx.execute(select(audit).where(audit.c.id.in_(last)))
    return {row["subject"]: _entry(row) for row in result.mappings()}


async def entries(tx: Tx) -> list[tuple[Entry, str]]:
    """The whole trail with its stated digests, oldest first."""
    result = await tx.execute(select(audit).order_by(audit.c.id))
    return [(_entry(row), row["digest"]) for row in result.mappings()]


def _entry(row: RowMapping) -> Entry:
    return Entry(
        at=row["at"], municipality=row["municipality"], actor=row["actor"], action=Action(row["action"]),
        subject=row["subject"], detail=row["detail"],
    )  # fmt: skip
