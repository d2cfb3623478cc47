"""Statements about words that have had their effect: written with it, so that none is ever done twice.

A row says who said which id, and with what the hub answered. It holds no content of a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from hub.store.database import Tx
from hub.store.tables import done


async def answers(tx: Tx, sender: str, id: str) -> list[dict[str, Any]] | None:
    """What a word was answered with when it was done; None for a word that is new."""
    found = await tx.execute(select(done.c.answers).where(done.c.sender == sender, done.c.id == id))
    kept: list[dict[str, Any]] | None = found.scalar_one_or_none()
    return kept


async def keep(tx: Tx, sender: str, id: str, at: datetime, answers: Sequence[dict[str, Any]]) -> None:
    """The word has its effect in this very transaction. IntegrityError when it has had it before."""
    await tx.execute(insert(done).values(sender=sender, id=id, at=at, answers=list(answers)))


async def forget(tx: Tx, before: datetime) -> int:
    """Drop what was done before this moment; gives how many."""
    result = await tx.execute(delete(done).where(done.c.at < before))
    return result.rowcount
