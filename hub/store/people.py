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
from protocol.values import Membership, PresenceState, Role

presences = Rows(table=presence, record=PresenceRecord, key="user", words={"state": PresenceState}, packed={})


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who may log in unless `disabled`. Memberships by municipality and role."""

    id: str
    login_name: str
    name: str
    password_hash: str
    memberships: tuple[Membership, ...]
    disabled: bool = False

    @property
    def municipalities(self) -> tuple[str, ...]:
        """Where this person is anything at all, sorted."""
        return tuple(sorted({one.municipality for one in self.memberships}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A server-side login; the cookie holds the token, the table its hash.

    `pending`: the password was right, the second factor is to come; such a login opens nothing else.
    """

    token_hash: str
    user: str
    csrf: str
    created_at: datetime
    expires_at: datetime
    pending: bool = False
    proved_at: datetime | None = None


async def add_user(tx: Tx, who: User) -> None:
    """A new user with memberships; an existing login name raises IntegrityError."""
    await tx.execute(
        insert(user).values(
            id=who.id,
            login_name=who.login_name,
            name=who.name,
            password_hash=who.password_hash,
        )
    )
    await add_memberships(tx, who.id, who.memberships)


async def add_memberships(tx: Tx, who: str, new: Collection[Membership]) -> None:
    """More roles; one that is held already raises IntegrityError."""
    rows = [
        {"user": who, "municipality": one.municipality, "role": str(one.role), "department": one.department}
        for one in new
    ]
    if rows:
        await tx.execute(insert(membership), rows)


async def user_named(tx: Tx, login_name: str) -> User | None:
    """The user with this login name who may log in."""
    return _may_log_in(await anyone_named(tx, login_name))


async def anyone_named(tx: Tx, login_name: str) -> User | None:
    """The user with this login name, disabled or not."""
    return await _user(tx, login_name=login_name)


async def user_with(tx: Tx, id: str) -> User | None:
    """The user with this id who may log in."""
    return _may_log_in(await anyone_with(tx, id))


async def anyone_with(tx: Tx, id: str) -> User | None:
    """The user with this id, disabled or not: a call may still name her."""
    return await _user(tx, id=id)


def _may_log_in(found: User | None) -> User | None:
    return None if found is None or found.disabled else found


async def _user(tx: Tx, **by: str) -> User | None:
    where = [user.c[column] == value for column, value in by.items()]
    row = (await tx.execute(select(user).where(*where))).mappings().one_or_none()
    if row is None:
        return None
    return User(
        id=row["id"], login_name=row["login_name"], name=row["name"], password_hash=row["password_hash"],
        memberships=await memberships_of(tx, row["id"]), disabled=row["disabled_at"] is not None,
    )  # fmt: skip


async def memberships_of(tx: Tx, who: str) -> tuple[Membership, ...]:
    """A user's roles, by municipality and role."""
    result = await tx.execute(
        select(membership.c.municipality, membership.c.role, membership.c.department)
        .where(membership.c.user == who)
        .order_by(membership.c.municipality, membership.c.role)
    )
    return tuple(
        Membership(municipality=municipality, role=Role(role), department=department)
        for municipality, role, department in result
    )


async def users(tx: Tx) -> list[User]:
    """Everybody by login name, disabled ones too."""
    names = await tx.execute(select(user.c.login_name).order_by(user.c.login_name))
    found = [await anyone_named(tx, name) for name in names.scalars()]
    return [one for one in found if one is not None]


async def set_password(tx: Tx, who: str, password_hash: str) -> None:
    """From now on this one; logins that exist are another matter."""
    await tx.execute(update(user).where(user.c.id == who).values(password_hash=password_hash))


async def set_disabled(tx: Tx, who: str, at: datetime | None) -> None:
    """No login from `at` on; None allows them again."""
    await tx.execute(update(user).where(user.c.id == who).values(disabled_at=at))


async def serving(
    tx: Tx, ids: Collection[str], roles: Collection[Role] = tuple(Role)
) -> frozenset[tuple[str, str]]:
    """Of these users, who may log in: (user, municipality) for each in which she holds one of the roles."""
    found = await tx.execute(
        select(membership.c.user, membership.c.municipality)
        .join(user, user.c.id == membership.c.user)
        .where(membership.c.user.in_(ids), membership.c.role.in_(sorted(roles)), user.c.disabled_at.is_(None))
    )
    return frozenset((who, municipality) for who, municipality in found)


async def add_login(tx: Tx, new: Login) -> None:
    """Store a login before its cookie is given out."""
    await tx.execute(
        insert(login).values(
            token_hash=new.token_hash, user=new.user, csrf=new.csrf, created_at=new.created_at,
            expires_at=new.expires_at, pending=new.pending, proved_at=new.proved_at,
        )
    )  # fmt: skip


async def find_login(tx: Tx, token_hash: str, now: datetime, *, pending: bool = False) -> Login | None:
    """The login behind a cookie, unless it has ended or expired; `pending` ones are found only as such."""
    row = (
        (
            await tx.execute(
                select(login).where(
                    login.c.token_hash == token_hash,
                    login.c.ended_at.is_(None),
                    login.c.expires_at > now,
                    login.c.pending.is_(pending),
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
        expires_at=row["expires_at"], pending=row["pending"], proved_at=row["proved_at"],
    )  # fmt: skip


async def end_login(tx: Tx, token_hash: str, now: datetime) -> None:
    """Logout; ending twice is harmless."""
    await tx.execute(
        update(login).where(login.c.token_hash == token_hash, login.c.ended_at.is_(None)).values(ended_at=now)
    )


async def end_logins_of(tx: Tx, who: str, now: datetime) -> int:
    """Log a user out everywhere; gives how many logins were good until now."""
    good = (login.c.user == who, login.c.ended_at.is_(None), login.c.expires_at > now)
    return (await tx.execute(update(login).where(*good).values(ended_at=now))).rowcount


async def good_logins(tx: Tx, token_hashes: Collection[str], now: datetime) -> frozenset[str]:
    """Those of these logins that have neither ended nor expired, of users who may log in."""
    result = await tx.execute(
        select(login.c.token_hash)
        .join(user, user.c.id == login.c.user)
        .where(
            login.c.token_hash.in_(token_hashes), login.c.ended_at.is_(None), login.c.expires_at > now,
            login.c.pending.is_(False), user.c.disabled_at.is_(None),
        )
    )  # fmt: skip
    return frozenset(result.scalars())


async def presence_of(tx: Tx, who: str) -> PresenceRecord | None:
    """None before the first desk of a user."""
    return await presences.one(tx, presence.c.user == who)


async def all_presences(tx: Tx) -> list[PresenceRecord]:
    """Everybody who has ever opened a desk."""
    return await presences.all(tx, order_by=presence.c.user)


async def wrap_ups(tx: Tx) -> dict[str, datetime]:
    """When the wrap-up of each user who is in one has lasted too long: what the board knows of this table."""
    found = await tx.execute(select(presence.c.user, presence.c.until).where(presence.c.until.is_not(None)))
    return {row[0]: row[1] for row in found}
