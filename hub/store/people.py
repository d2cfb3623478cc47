"""Statements about users, their memberships, logins and presence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from hub.core.presence import PresenceRecord
from hub.store.database import Tx
from hub.store.rows import Rows
from hub.store.tables import login, membership, presence, user
from protocol.values import PresenceState

presences = Rows(table=presence, record=PresenceRecord, key="user", words={"state": PresenceState}, packed={})


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may log in. `municipalities` are the memberships, sorted."""

    id: str
    login_name: str
    name: str
    role: str
    password_hash: str
    municipalities: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A server-side login; the cookie holds the token, the table its hash."""

    token_hash: str
    user: str
    csrf: str
    created_at: datetime
    expires_at: datetime


async def add_user(tx: Tx, who: User) -> None:
    """A new user with memberships; an existing login name raises IntegrityError."""
    await tx.execute(
        insert(user).values(
            id=who.id,
            login_name=who.login_name,
            name=who.name,
            role=who.role,
            password_hash=who.password_hash,
        )
    )
    for municipality in who.municipalities:
        await tx.execute(insert(membership).values(user=who.id, municipality=municipality))


async def user_named(tx: Tx, login_name: str) -> User | None:
    """The user with this login name who may log in."""
    return await _user(tx, login_name=login_name)


async def user_with(tx: Tx, id: str) -> User | None:
    """The user with this id who may log in."""
    return await _user(tx, id=id)


async def _user(tx: Tx, **by: str) -> User | None:
    where = [user.c[column] == value for column, value in by.items()]
    row = (
        (await tx.execute(select(user).where(user.c.disabled_at.is_(None), *where))).mappings().one_or_none()
    )
    if row is None:
        return None
    result = await tx.execute(
        select(membership.c.municipality)
        .where(membership.c.user == row["id"])
        .order_by(membership.c.municipality)
    )
    return User(
        id=row["id"], login_name=row["login_name"], name=row["name"], role=row["role"],
        password_hash=row["password_hash"], municipalities=tuple(result.scalars()),
    )  # fmt: skip


async def users(tx: Tx) -> list[User]:
    """Everybody who may log in, by login name."""
    names = await tx.execute(
        select(user.c.login_name).where(user.c.disabled_at.is_(None)).order_by(user.c.login_name)
    )
    found = [await user_named(tx, name) for name in names.scalars()]
    return [one for one in found if one is not None]


async def add_login(tx: Tx, new: Login) -> None:
    """Store a login before its cookie is given out."""
    await tx.execute(
        insert(login).values(
            token_hash=new.token_hash, user=new.user, csrf=new.csrf, created_at=new.created_at,
            expires_at=new.expires_at,
        )
    )  # fmt: skip


async def find_login(tx: Tx, token_hash: str, now: datetime) -> Login | None:
    """The login behind a cookie, unless it has ended or expired."""
    row = (
        (
            await tx.execute(
                select(login).where(
                    login.c.token_hash == token_hash, login.c.ended_at.is_(None), login.c.expires_at > now
                )
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    return Login(
        token_hash=row["token_hash"], user=row["user"], csrf=row["csrf"], created_at=row["created_at"],
        expires_at=row["expires_at"],
    )  # fmt: skip


async def end_login(tx: Tx, token_hash: str, now: datetime) -> None:
    """Logout; ending twice is harmless."""
    await tx.execute(
        update(login).where(login.c.token_hash == token_hash, login.c.ended_at.is_(None)).values(ended_at=now)
    )


async def presence_of(tx: Tx, who: str) -> PresenceRecord | None:
    """None before the first desk of a user."""
    return await presences.one(tx, presence.c.user == who)


async def all_presences(tx: Tx) -> list[PresenceRecord]:
    """Everybody who has ever opened a desk."""
    return await presences.all(tx, order_by=presence.c.user)


async def operators(tx: Tx, states: Collection[PresenceState]) -> list[tuple[PresenceRecord, frozenset[str]]]:
    """Operators in these states with their municipalities."""
    found = await presences.all(tx, presence.c.state.in_(sorted(states)), order_by=presence.c.idle_since)
    result = await tx.execute(
        select(membership.c.user, membership.c.municipality).where(
            membership.c.user.in_([one.user for one in found])
        )
    )
    belongs: dict[str, set[str]] = {}
    for who, municipality in result:
        belongs.setdefault(who, set()).add(municipality)
    return [(one, frozenset(belongs.get(one.user, ()))) for one in found]
