"""Statements about the audit trail: append, and read for a check of its chain."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, Select, and_, func, insert, or_, select

from hub.core.audit import GENESIS, Action, Entry, digest
from hub.store.database import Tx
from hub.store.dialect import NewestDigest
from hub.store.tables import audit, membership


async def append(tx: Tx, entry: Entry) -> str:
    """One more entry; the write lock of the transaction keeps the chain single. Gives its digest."""
    before = (await tx.execute(select(NewestDigest()))).scalar()
    made = digest(before or GENESIS, entry)
    await tx.execute(
        insert(audit)
        .inline()  # its number is not asked for: who writes it need not be one who may read it
        .values(
            at=entry.at, municipality=entry.municipality, actor=entry.actor, action=str(entry.action),
            subject=entry.subject, detail=dict(entry.detail), digest=made,
        )
    )  # fmt: skip
    return made


async def newest(tx: Tx, actions: Collection[Action]) -> dict[str, Entry]:
    """By subject, the newest entry with one of these actions."""
    last = select(func.max(audit.c.id)).where(audit.c.action.in_(actions)).group_by(audit.c.subject)
    result = await tx.execute(select(audit).where(audit.c.id.in_(last)))
    return {row["subject"]: _entry(row) for row in result.mappings()}


async def last_number(tx: Tx, municipality: str) -> int:
    """Number of its newest entry: it differs as soon as something has been done there."""
    found: int | None = (
        await tx.execute(select(func.max(audit.c.id)).where(audit.c.municipality == municipality))
    ).scalar()
    return found or 0


async def last_of(tx: Tx, action: Action, subject: str) -> tuple[Entry, str] | None:
    """The newest entry of this action about this subject, with its digest."""
    where = audit.c.action == str(action), audit.c.subject == subject
    result = await tx.execute(select(audit).where(*where).order_by(audit.c.id.desc()).limit(1))
    row = result.mappings().one_or_none()
    return None if row is None else (_entry(row), row["digest"])


async def entries(tx: Tx) -> list[tuple[Entry, str]]:
    """The whole trail with its stated digests, oldest first."""
    result = await tx.execute(select(audit).order_by(audit.c.id))
    return [(_entry(row), row["digest"]) for row in result.mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries somebody reads; what is None does not matter.

    Of one municipality: its own entries, and those of no municipality (logins, say) that its people left or
    that are about them.
    """

    municipality: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    actor: str | None = None
    before: int | None = None


async def read(tx: Tx, wanted: Wanted, limit: int) -> list[tuple[int, Entry]]:
    """Newest first, with their numbers."""
    where = []
    if wanted.municipality is not None:
        ids = list((await tx.execute(_members(wanted.municipality))).scalars())
        theirs = or_(audit.c.actor.in_([f"user:{id}" for id in ids]), audit.c.subject.in_(ids))
        nobodys = and_(audit.c.municipality.is_(None), theirs)
        where.append(or_(audit.c.municipality == wanted.municipality, nobodys))
    if wanted.since is not None:
        where.append(audit.c.at >= wanted.since)
    if wanted.until is not None:
        where.append(audit.c.at < wanted.until)
    if wanted.actor is not None:
        where.append(audit.c.actor == wanted.actor)
    if wanted.before is not None:
        where.append(audit.c.id < wanted.before)
    result = await tx.execute(select(audit).where(*where).order_by(audit.c.id.desc()).limit(limit))
    return [(row["id"], _entry(row)) for row in result.mappings()]


def _members(municipality: str) -> Select[tuple[str]]:
    return select(membership.c.user).where(membership.c.municipality == municipality).distinct()


def _entry(row: RowMapping) -> Entry:
    return Entry(
        at=row["at"], municipality=row["municipality"], actor=row["actor"], action=Action(row["action"]),
        subject=row["subject"], detail=row["detail"],
    )  # fmt: skip
