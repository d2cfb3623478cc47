"""Statements about the disaster switch: which municipality shows which page now. Its history is the audit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from hub.store.database import Tx
from hub.store.tables import disaster


async def load(tx: Tx) -> dict[str, str]:
    """Municipality to page, for those whose switch is on."""
    result = await tx.execute(select(disaster.c.municipality, disaster.c.page))
    return {row[0]: row[1] for row in result}


async def switch_on(tx: Tx, municipality: str, page: str, at: datetime, by: str) -> None:
    """Show this page from now on, in place of any other."""
    await switch_off(tx, municipality)
    await tx.execute(insert(disaster).values(municipality=municipality, page=page, since=at, switched_by=by))


async def switch_off(tx: Tx, municipality: str) -> bool:
    """Whether it was on."""
    result = await tx.execute(delete(disaster).where(disaster.c.municipality == municipality))
    return result.rowcount > 0
