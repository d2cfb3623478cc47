"""Statements about passkeys, and about the challenges that are still to be answered: one a login."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, delete, insert, select, update

from hub.core.passkeys import LASTS, Passkey, Purpose
from hub.store.database import Tx
from hub.store.tables import passkey, passkey_challenge


async def of_user(tx: Tx, user: str) -> list[Passkey]:
    """Oldest first."""
    found = await tx.execute(select(passkey).where(passkey.c.user == user).order_by(passkey.c.made_at))
    return [_passkey(row) for row in found.mappings()]


def _passkey(row: RowMapping) -> Passkey:
    return Passkey(
        id=row["id"], user=row["user"], name=row["name"], credential=row["credential"],
        sign_count=row["sign_count"], made_at=row["made_at"], used_at=row["used_at"],
    )  # fmt: skip


async def add(tx: Tx, new: Passkey) -> None:
    """IntegrityError when a device has given the same id before."""
    await tx.execute(
        insert(passkey).values(
            id=new.id, user=new.user, name=new.name, credential=new.credential, sign_count=new.sign_count,
            made_at=new.made_at,
        )
    )  # fmt: skip


async def count(tx: Tx, one: Passkey, sign_count: int, now: datetime) -> bool:
    """It has been used; False when another use was written since it was read."""
    same = passkey.c.id == one.id, passkey.c.sign_count == one.sign_count
    done = await tx.execute(update(passkey).where(*same).values(sign_count=sign_count, used_at=now))
    return done.rowcount == 1


async def remove(tx: Tx, user: str, id: str) -> bool:
    """Whether she had it."""
    found = await tx.execute(delete(passkey).where(passkey.c.user == user, passkey.c.id == id))
    return found.rowcount == 1


async def ask(tx: Tx, login: str, user: str, purpose: Purpose, challenge: bytes, now: datetime) -> None:
    """One challenge a login: a new one takes the place of the one before. What nobody answered goes."""
    old = (passkey_challenge.c.login == login) | (passkey_challenge.c.until < now)
    await tx.execute(delete(passkey_challenge).where(old))
    await tx.execute(
        insert(passkey_challenge).values(
            login=login, user=user, purpose=str(purpose), challenge=challenge, until=now + LASTS
        )
    )


async def take(tx: Tx, login: str, purpose: Purpose, now: datetime) -> bytes | None:
    """The challenge of this login, used up by this; None when there is none, or it is too late."""
    mine = passkey_challenge.c.login == login
    row = (await tx.execute(select(passkey_challenge).where(mine))).mappings().one_or_none()
    await tx.execute(delete(passkey_challenge).where(mine))
    if row is None or row["purpose"] != purpose or row["until"] <= now:
        return None
    challenge: bytes = row["challenge"]
    return challenge
