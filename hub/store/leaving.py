"""Statements about a municipality that leaves: every row of it out, then every row of it gone.

They follow the tables: whichever has a column `municipality` is written out and emptied, so that none can be
forgotten. Three stay: the municipality's bare word, the audit trail, and the row that says it is leaving.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Column, Table, delete, func, insert, or_, select, update

from hub.core.offboarding import leaves
from hub.store import people
from hub.store.database import Tx
from hub.store.fences import fenced, lifted
from hub.store.tables import (
    call,
    capture_key,
    done,
    endpoint,
    kiosk,
    membership,
    metadata,
    offboarding,
    presence,
    user,
)

STAY = frozenset({"audit", "offboarding"})

PIECE = 2000
"""Rows that go in one transaction: nobody's turn waits long for it."""

LOCKED = "!"
"""In place of a password's hash: nothing fits it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A municipality on its way out. `counts` of what was there, `people` who served nobody else."""

    municipality: str
    manifest: str
    begun_at: datetime
    begun_by: str
    counts: Mapping[str, int] = field(default_factory=dict)
    people: tuple[str, ...] = ()


def its_tables() -> list[Table]:
    """Those that are written out and emptied; whoever refers to another comes after it."""
    return [one for one in fenced() if one.name not in STAY]


async def rows(tx: Tx, table: Table, municipality: str) -> AsyncIterator[bytes]:
    """A table's rows as lines of JSON, in the order of its key, without what opens something."""
    columns = [one for one in table.c if leaves(one.name)]
    order = list(table.primary_key)
    found = await tx.stream(select(*columns).where(table.c.municipality == municipality).order_by(*order))
    async for row in found.mappings():
        yield msgspec.json.encode({key: _plain(value) for key, value in row.items()}) + b"\n"


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


async def counts(tx: Tx, municipality: str) -> dict[str, int]:
    """How many rows each table holds of it."""
    found = {}
    for table in its_tables():
        query = select(func.count()).select_from(table).where(table.c.municipality == municipality)
        found[table.name] = int((await tx.execute(query)).scalar_one())
    return found


async def wrapping_up(tx: Tx, municipality: str) -> list[str]:
    """Names of those who have yet to finish a call of it."""
    query = (
        select(user.c.name)
        .join(presence, presence.c.user == user.c.id)
        .join(call, call.c.id == presence.c.call)
        .where(call.c.municipality == municipality)
    )
    return list((await tx.execute(query)).scalars())


async def begun(tx: Tx, municipality: str) -> Leaving | None:
    """Whether it is on its way out."""
    row = (
        (await tx.execute(select(offboarding).where(offboarding.c.municipality == municipality)))
        .mappings()
        .one_or_none()
    )
    if row is None:
        return None
    return Leaving(
        municipality=row["municipality"], manifest=row["manifest"], begun_at=row["begun_at"],
        begun_by=row["begun_by"], counts=row["counts"], people=tuple(row["leaving"]),
    )  # fmt: skip


async def close_doors(tx: Tx, one: Leaving) -> None:
    """Its terminals may not connect, its people have no role there and are logged out; who served nobody
    else may not log in at all. From now on its history may go."""
    await tx.execute(
        insert(offboarding).values(
            municipality=one.municipality, manifest=one.manifest, begun_at=one.begun_at,
            begun_by=one.begun_by, counts=dict(one.counts), leaving=list(one.people),
        )
    )  # fmt: skip
    mine = kiosk.c.municipality == one.municipality, kiosk.c.revoked_at.is_(None)
    await tx.execute(update(kiosk).where(*mine).values(revoked_at=one.begun_at))
    for who in await members(tx, one.municipality):
        await people.end_logins_of(tx, who, one.begun_at)
    await tx.execute(delete(membership).where(membership.c.municipality == one.municipality))
    for who in one.people:
        await people.set_disabled(tx, who, one.begun_at)


async def members(tx: Tx, municipality: str) -> list[str]:
    """Everybody with a role there."""
    query = select(membership.c.user).where(membership.c.municipality == municipality).distinct()
    return sorted((await tx.execute(query)).scalars())


async def serving_nobody_else(tx: Tx, municipality: str) -> list[str]:
    """Those of them who have no role anywhere else."""
    elsewhere = select(membership.c.user).where(membership.c.municipality != municipality)
    others = set((await tx.execute(elsewhere)).scalars())
    return [one for one in await members(tx, municipality) if one not in others]


async def destroy_keys(tx: Tx, municipality: str, now: datetime) -> list[str]:
    """No still of it can be opened any more; gives the ids of those that could until now."""
    mine = capture_key.c.municipality == municipality, capture_key.c.wrapped.is_not(None)
    ids = sorted((await tx.execute(select(capture_key.c.capture).where(*mine))).scalars())
    await tx.execute(update(capture_key).where(*mine).values(wrapped=None, destroyed_at=now))
    return ids


async def loosen(tx: Tx, municipality: str) -> None:
    """What other tables hold of its terminals and calls goes first."""
    devices = await tx.execute(select(kiosk.c.id).where(kiosk.c.municipality == municipality))
    await _forget_topics(tx, [f"kiosk:{id}" for id in devices.scalars()])
    its = its_tables()
    for table in metadata.sorted_tables:
        for column, target in _references(table):
            if table not in its and target.table in its:
                gone = select(target).where(target.table.c.municipality == municipality)
                await tx.execute(update(table).where(column.in_(gone)).values({column: None}))


async def take_some(tx: Tx, table: Table, municipality: str) -> bool:
    """A piece of a table's rows goes; whether more may be left. The last of `its_tables` goes first."""
    mine = table.c.municipality == municipality
    keys = list(table.primary_key)
    if len(keys) > 1:
        await tx.execute(delete(table).where(mine))
        return False
    piece = select(keys[0]).where(mine).limit(PIECE)
    return (await tx.execute(delete(table).where(keys[0].in_(piece), mine))).rowcount == PIECE


async def end(tx: Tx, municipality: str) -> None:
    """All of it is gone; its word may come back as a new municipality."""
    await tx.execute(delete(offboarding).where(offboarding.c.municipality == municipality))


async def remove_people(tx: Tx, who: Collection[str]) -> int:
    """They go with everything of their own; gives how many stay as a name that other records need."""
    tables = reversed(metadata.sorted_tables)
    own = [one for one in tables if "user" in one.c and "municipality" not in one.c]
    kept = 0
    await _forget_topics(tx, [f"desk:{one}" for one in who])
    for one in who:
        for table in own:
            await tx.execute(delete(table).where(table.c.user == one))
        if await _is_named(tx, one, own):
            locked = {"password_hash": LOCKED, "login_name": f"gone:{one}"}
            await tx.execute(update(user).where(user.c.id == one).values(**locked))
            kept += 1
        else:
            await tx.execute(delete(user).where(user.c.id == one))
    return kept


async def _is_named(tx: Tx, who: str, own: Collection[Table]) -> bool:
    """Whether a record of any municipality names this user."""
    async with lifted(tx):
        for table in metadata.sorted_tables:
            names = [
                column for column, target in _references(table) if target is user.c.id and table not in own
            ]
            if names:
                query = select(names[0]).where(or_(*[one == who for one in names])).limit(1)
                if (await tx.execute(query)).first() is not None:
                    return True
    return False


def _references(table: Table) -> list[tuple[Column[Any], Column[Any]]]:
    """(column, what it refers to) of a table."""
    return [(column, key.column) for column in table.c for key in column.foreign_keys]


async def _forget_topics(tx: Tx, topics: Collection[str]) -> None:
    """Where these sides were linked, and which of their words were done."""
    await tx.execute(delete(endpoint).where(endpoint.c.topic.in_(topics)))
    await tx.execute(delete(done).where(done.c.sender.in_(topics)))
