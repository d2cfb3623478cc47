"""Statements about second factors: one sealed secret and some recovery codes for each user."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from hub.store.database import Tx
from hub.store.tables import login, passkey, recovery_code, second_factor


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """`sealed` opens with the hub's key for people only. Not confirmed: the first code has yet to come."""

    user: str
    sealed: bytes
    confirmed: bool
    last_step: int


async def get(tx: Tx, user: str) -> Factor | None:
    """None for somebody who has none yet."""
    found = await tx.execute(select(second_factor).where(second_factor.c.user == user))
    row = found.mappings().one_or_none()
    if row is None:
        return None
    confirmed = row["confirmed_at"] is not None
    return Factor(user=user, sealed=row["sealed"], confirmed=confirmed, last_step=row["last_step"])


async def any_sealed(tx: Tx) -> tuple[str, bytes] | None:
    """Somebody's sealed secret, which the hub's key must open; None while nobody has one."""
    row = (await tx.execute(select(second_factor.c.user, second_factor.c.sealed).limit(1))).one_or_none()
    return None if row is None else (row[0], row[1])


async def begin(tx: Tx, user: str, sealed: bytes) -> None:
    """A new secret, not yet confirmed; an earlier one that never was is forgotten."""
    await forget(tx, user)
    await tx.execute(insert(second_factor).values(user=user, sealed=sealed, last_step=0))


async def confirm(tx: Tx, user: str, step: int, now: datetime, recovery: Collection[str]) -> bool:
    """The first code was right: from now on it is asked for. False when it is confirmed already."""
    unconfirmed = (second_factor.c.user == user, second_factor.c.confirmed_at.is_(None))
    done = await tx.execute(
        update(second_factor).where(*unconfirmed).values(confirmed_at=now, last_step=step)
    )
    if done.rowcount != 1:
        return False
    await tx.execute(insert(recovery_code), [{"user": user, "digest": digest} for digest in recovery])
    return True


async def take_step(tx: Tx, user: str, step: int) -> bool:
    """A code of this step has been used; False when one as late was used meanwhile."""
    earlier = (second_factor.c.user == user, second_factor.c.last_step < step)
    return (await tx.execute(update(second_factor).where(*earlier).values(last_step=step))).rowcount == 1


async def take_recovery(tx: Tx, user: str, digest: str, now: datetime) -> bool:
    """Use up a recovery code; False when it is none, or is used up."""
    good = (
        recovery_code.c.user == user, recovery_code.c.digest == digest, recovery_code.c.used_at.is_(None)
    )  # fmt: skip
    return (await tx.execute(update(recovery_code).where(*good).values(used_at=now))).rowcount == 1


async def forget(tx: Tx, user: str) -> bool:
    """Secret, recovery codes and passkeys go; the next login sets up new ones. Whether there was anything."""
    await tx.execute(delete(passkey).where(passkey.c.user == user))
    await tx.execute(delete(recovery_code).where(recovery_code.c.user == user))
    return (await tx.execute(delete(second_factor).where(second_factor.c.user == user))).rowcount == 1


async def prove(tx: Tx, token_hash: str, now: datetime) -> None:
    """A second factor was given in this login."""
    await tx.execute(update(login).where(login.c.token_hash == token_hash).values(proved_at=now))
