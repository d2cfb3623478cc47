"""Statements about municipalities, sites and terminals. Their names and hours stay in config files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from hub.store.database import Tx
from hub.store.tables import kiosk, municipality, site


@dataclass(frozen=True, slots=True, kw_only=True)
class Kiosk:
    """A terminal that may connect. `public_key` is raw Ed25519, 32 bytes."""

    id: str
    municipality: str
    site: str
    terminal: str  # its word in the municipality's file
    public_key: bytes
    revoked: bool = False


async def know(tx: Tx, sites: Iterable[tuple[str, str]]) -> None:
    """Make sure that these (municipality, site) exist; nothing is ever taken away."""
    known = set((await tx.execute(select(municipality.c.id))).scalars())
    known_sites = {(row[0], row[1]) for row in await tx.execute(select(site.c.municipality, site.c.id))}
    for in_municipality, id in sites:
        if in_municipality not in known:
            await tx.execute(insert(municipality).values(id=in_municipality))
            known.add(in_municipality)
        if (in_municipality, id) not in known_sites:
            await tx.execute(insert(site).values(municipality=in_municipality, id=id))


async def add_kiosk(tx: Tx, new: Kiosk) -> None:
    """Register a terminal, or give a registered one a new key and place within its municipality."""
    values = {"site": new.site, "terminal": new.terminal, "public_key": new.public_key, "revoked_at": None}
    result = await tx.execute(
        update(kiosk).where(kiosk.c.id == new.id, kiosk.c.municipality == new.municipality).values(**values)
    )
    if result.rowcount == 0:
        await tx.execute(insert(kiosk).values(id=new.id, municipality=new.municipality, **values))


async def find_kiosk(tx: Tx, id: str) -> Kiosk | None:
    """A terminal that may connect; None when it is unknown or revoked."""
    return (await find_kiosks(tx, [id])).get(id)


async def find_kiosks(tx: Tx, ids: Collection[str]) -> dict[str, Kiosk]:
    """Those of these terminals that may connect."""
    found = await tx.execute(select(kiosk).where(kiosk.c.id.in_(ids), kiosk.c.revoked_at.is_(None)))
    return {row["id"]: _kiosk(row) for row in found.mappings()}


async def anyone(tx: Tx, id: str) -> Kiosk | None:
    """The terminal with this id, revoked or not."""
    row = (await tx.execute(select(kiosk).where(kiosk.c.id == id))).mappings().one_or_none()
    return None if row is None else _kiosk(row)


async def kiosks(tx: Tx) -> list[Kiosk]:
    """All terminals by id, revoked ones too: a call may still name them."""
    result = await tx.execute(select(kiosk).order_by(kiosk.c.id))
    return [_kiosk(row) for row in result.mappings()]


def _kiosk(row: object) -> Kiosk:
    return Kiosk(
        id=row["id"], municipality=row["municipality"], site=row["site"], terminal=row["terminal"],  # type: ignore[index]
        public_key=row["public_key"], revoked=row["revoked_at"] is not None,  # type: ignore[index]
    )  # fmt: skip


async def revoke(tx: Tx, device: Kiosk, at: datetime) -> None:
    """It may not connect any more until it is registered again."""
    await tx.execute(
        update(kiosk)
        .where(kiosk.c.id == device.id, kiosk.c.municipality == device.municipality)
        .values(revoked_at=at)
    )


async def good_keys(tx: Tx, ids: Collection[str]) -> dict[str, bytes]:
    """The keys that open a link now, of those of these terminals that may connect."""
    result = await tx.execute(
        select(kiosk.c.id, kiosk.c.public_key).where(kiosk.c.id.in_(ids), kiosk.c.revoked_at.is_(None))
    )
    return {row[0]: row[1] for row in result}


@dataclass(frozen=True, slots=True)
class Seen:
    """When a terminal was last heard, and what it runs."""

    id: str
    municipality: str
    at: datetime
    software: str

    def row(self) -> dict[str, object]:
        """As `seen` binds it."""
        return {"whose": self.id, "town": self.municipality, "at": self.at, "runs": self.software}


async def seen(tx: Tx, terminals: Collection[Seen]) -> None:
    """Telemetry, of many terminals at once."""
    change = (
        update(kiosk)
        .where(kiosk.c.id == bindparam("whose"), kiosk.c.municipality == bindparam("town"))
        .values(seen_at=bindparam("at"), software=bindparam("runs"))
    )
    await tx.execute(change, [one.row() for one in terminals])
