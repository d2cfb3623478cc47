"""Statements of those who look after people: who belongs to a municipality, and the roles there."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select

from hub.store import people
from hub.store.database import Tx
from hub.store.people import User
from hub.store.tables import membership, second_factor, user
from protocol.values import Membership


async def members(tx: Tx, municipality: str) -> list[User]:
    """Everybody with a role there, by login name, disabled ones too; with all their memberships."""
    ids = await tx.execute(
        select(user.c.id)
        .where(user.c.id.in_(select(membership.c.user).where(membership.c.municipality == municipality)))
        .order_by(user.c.login_name)
    )
    found = [await people.anyone_with(tx, id) for id in ids.scalars()]
    return [one for one in found if one is not None]


async def member(tx: Tx, municipality: str, who: str) -> User | None:
    """Somebody with a role there."""
    found = await people.anyone_with(tx, who)
    return found if found is not None and municipality in found.municipalities else None


async def set_roles(tx: Tx, who: str, municipality: str, roles: Collection[Membership]) -> None:
    """From now on these and no others in this municipality; logins that exist are another matter."""
    await tx.execute(
        delete(membership).where(membership.c.user == who, membership.c.municipality == municipality)
    )
    await people.add_memberships(tx, who, roles)


async def with_factor(tx: Tx, ids: Collection[str]) -> frozenset[str]:
    """Those of these users who have set up a second factor."""
    found = await tx.execute(
        select(second_factor.c.user).where(
            second_factor.c.user.in_(ids), second_factor.c.confirmed_at.is_not(None)
        )
    )
    return frozenset(found.scalars())
