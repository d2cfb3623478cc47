"""Statements about the hubs that share this database, and about who is linked to which of them.

A hub's lease is kept by the database's clock. A hub whose lease ran out is given up: its fence rises, so
that what it writes afterwards under the old one is refused. `changed` rises with every write of an endpoint;
because writers follow one another, whoever has read up to a number has missed none below it.

Turns are numbered over all hubs, without gaps, in the order in which they are written: each hub's row holds
the number of its newest turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from hub.store.database import Tx
from hub.store.tables import endpoint, node

FORGOTTEN = timedelta(days=1)
"""A hub that was given up so long ago leaves no trace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """`node` None: its hub is gone. `away_since` None: linked."""

    topic: str
    node: str | None
    fence: int
    here_since: datetime | None
    away_since: datetime | None
    facts: Mapping[str, Any] = field(default_factory=dict)
    changed: int = 0


_NEWEST = select(func.coalesce(func.max(endpoint.c.changed), 0) + 1).scalar_subquery()

_ALL = node.alias()
_NEXT_TURN = select(func.coalesce(func.max(_ALL.c.turns), 0) + 1).scalar_subquery()


async def join(tx: Tx, id: str, lease: timedelta) -> tuple[int, int]:
    """This hub runs from now on. Gives its fence, and the number of this turn."""
    turn = await newest_turn(tx) + 1  # before a row that may hold the newest one is forgotten
    await tx.execute(
        delete(node).where(node.c.lease_until.is_(None), node.c.started_at < func.now() - FORGOTTEN)
    )
    fence: int | None = (await tx.execute(select(node.c.fence).where(node.c.id == id))).scalar_one_or_none()
    values = {"lease_until": func.now() + lease, "turns": turn}
    if fence is None:
        await tx.execute(insert(node).values(id=id, fence=1, started_at=func.now(), **values))
        return 1, turn
    await tx.execute(update(node).where(node.c.id == id).values(fence=fence + 1, **values))
    return fence + 1, turn


async def renew(tx: Tx, id: str, fence: int, lease: timedelta) -> bool:
    """Keep the lease; False when this hub has been given up."""
    mine = (node.c.id == id, node.c.fence == fence, node.c.lease_until.is_not(None))
    result = await tx.execute(update(node).where(*mine).values(lease_until=func.now() + lease))
    return result.rowcount == 1


async def leave(tx: Tx, id: str, fence: int, now: datetime) -> int | None:
    """A planned end: nobody has to wait for the lease. Gives the number of this last turn; None as below."""
    turn = await count_turn(tx, id, fence)
    if turn is not None:
        await tx.execute(update(node).where(node.c.id == id).values(lease_until=None))
        await _away(tx, id, now)
    return turn


async def count_turn(tx: Tx, id: str, fence: int) -> int | None:
    """One more turn of this hub; its number over all hubs. None when this one has been given up."""
    mine = (node.c.id == id, node.c.fence == fence, node.c.lease_until.is_not(None))
    counted = update(node).where(*mine).values(turns=_NEXT_TURN).returning(node.c.turns)
    turn: int | None = (await tx.execute(counted)).scalar_one_or_none()
    return turn


async def newest_turn(tx: Tx) -> int:
    """The number of the last turn of any hub."""
    found: int = (await tx.execute(select(func.coalesce(func.max(node.c.turns), 0)))).scalar_one()
    return found


async def others_run(tx: Tx, id: str) -> bool:
    """Whether another hub holds a lease."""
    others = select(func.count()).where(node.c.id != id, node.c.lease_until > func.now())
    return bool((await tx.execute(others)).scalar_one())


async def expired(tx: Tx, id: str) -> list[str]:
    """Other hubs whose lease has run out and that nobody has given up yet."""
    late = select(node.c.id).where(node.c.id != id, node.c.lease_until < func.now()).order_by(node.c.id)
    return list((await tx.execute(late)).scalars())


async def give_up(tx: Tx, id: str, now: datetime) -> bool:
    """Raise the fence of a hub whose lease has run out; who was linked to it is away. False: it is back."""
    late = (node.c.id == id, node.c.lease_until < func.now())
    result = await tx.execute(update(node).where(*late).values(fence=node.c.fence + 1, lease_until=None))
    if result.rowcount != 1:
        return False
    await _away(tx, id, now)
    return True


async def _away(tx: Tx, id: str, now: datetime) -> None:
    """Whoever was linked to this hub is linked nowhere."""
    away = func.coalesce(endpoint.c.away_since, now)
    await tx.execute(
        update(endpoint).where(endpoint.c.node == id).values(node=None, away_since=away, changed=_NEWEST)
    )


async def write(tx: Tx, one: Endpoint) -> None:
    """Where a side is now; the newest writer counts."""
    values = {
        "node": one.node, "fence": one.fence, "here_since": one.here_since, "away_since": one.away_since,
        "facts": dict(one.facts), "changed": _NEWEST,
    }  # fmt: skip
    result = await tx.execute(update(endpoint).where(endpoint.c.topic == one.topic).values(**values))
    if result.rowcount == 0:
        await tx.execute(insert(endpoint).values(topic=one.topic, **values))


async def endpoints_after(tx: Tx, changed: int) -> list[Endpoint]:
    """Every side that was written since, oldest write first."""
    return await _endpoints(tx, endpoint.c.changed > changed)


async def _endpoints(tx: Tx, *where: Any) -> list[Endpoint]:
    result = await tx.execute(select(endpoint).where(*where).order_by(endpoint.c.changed))
    return [
        Endpoint(
            topic=row["topic"], node=row["node"], fence=row["fence"], here_since=row["here_since"],
            away_since=row["away_since"], facts=row["facts"], changed=row["changed"],
        )
        for row in result.mappings()
    ]  # fmt: skip
