"""Statements about rings for a branch's staff, and about who listens for them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, insert, select

from hub.core.staff import OPEN, StaffRecord
from hub.store.database import Tx
from hub.store.rows import Rows
from hub.store.tables import bell, staff_ring
from protocol.values import StaffReason, StaffState

rows = Rows(
    table=staff_ring,
    record=StaffRecord,
    key="id",
    words={"state": StaffState, "reason": StaffReason},
    packed={},
)
_OPEN = sorted(OPEN)
SHOWN = 20
"""Rings that a branch page is told."""


async def get(tx: Tx, id: str, municipalities: Collection[str]) -> StaffRecord | None:
    """A ring, if it belongs to one of these municipalities."""
    return await rows.one(tx, staff_ring.c.id == id, staff_ring.c.municipality.in_(municipalities))


async def open_of(tx: Tx, kiosk: str, municipality: str) -> StaffRecord | None:
    """The one open ring of a terminal."""
    return await rows.one(
        tx, staff_ring.c.kiosk == kiosk, staff_ring.c.municipality == municipality,
        staff_ring.c.state.in_(_OPEN),
    )  # fmt: skip


async def open_ones(tx: Tx) -> dict[str, StaffRecord]:
    """All open rings by id: what the board knows of this table."""
    found = await rows.all(tx, staff_ring.c.state.in_(_OPEN), order_by=staff_ring.c.rung_at)
    return {one.id: one for one in found}


async def newest_of_call(tx: Tx, call: str, municipality: str) -> StaffRecord | None:
    """The last ring beside a video call."""
    found = await rows.all(
        tx, staff_ring.c.call == call, staff_ring.c.municipality == municipality,
        order_by=staff_ring.c.rung_at.desc(),
    )  # fmt: skip
    return found[0] if found else None


async def of_sites(tx: Tx, places: Collection[tuple[str, str]]) -> list[StaffRecord]:
    """The newest rings of these (municipality, site), open ones and those nobody answered."""
    shown = [*_OPEN, StaffState.UNANSWERED]
    found = await rows.all(
        tx, staff_ring.c.municipality.in_({town for town, _ in places}),
        staff_ring.c.site.in_({site for _, site in places}), staff_ring.c.state.in_(shown),
        order_by=staff_ring.c.rung_at.desc(),
    )  # fmt: skip
    return [one for one in found if (one.municipality, one.site) in places][:SHOWN]


async def bells_of(tx: Tx, user: str) -> frozenset[tuple[str, str]]:
    """Where this user's page listens: (municipality, site)."""
    found = await tx.execute(select(bell.c.municipality, bell.c.site).where(bell.c.user == user))
    return frozenset((town, site) for town, site in found)


async def listeners(tx: Tx, municipality: str, site: str) -> list[str]:
    """Users who chose to listen there."""
    found = await tx.execute(
        select(bell.c.user)
        .where(bell.c.municipality == municipality, bell.c.site == site)
        .order_by(bell.c.user)
    )
    return list(found.scalars())


async def set_bells(tx: Tx, user: str, municipality: str, sites: Collection[str]) -> None:
    """Listen for these sites of a municipality and for no others of it."""
    await tx.execute(delete(bell).where(bell.c.user == user, bell.c.municipality == municipality))
    for site in sorted(set(sites)):
        await tx.execute(insert(bell).values(user=user, municipality=municipality, site=site))
