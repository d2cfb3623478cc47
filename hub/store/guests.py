"""Statements about guests of calls. The hub's board holds the open ones exactly as they are written."""

from __future__ import annotations

from collections.abc import Collection

from hub.core.guest import GuestRecord
from hub.store.database import Tx
from hub.store.rows import Rows
from hub.store.tables import guest
from protocol.values import GuestKind, GuestState

rows = Rows(
    table=guest,
    record=GuestRecord,
    key="id",
    words={"kind": GuestKind, "state": GuestState},
    packed={},
)


async def open_ones(tx: Tx, municipalities: Collection[str]) -> dict[str, GuestRecord]:
    """All that may still lead anywhere, by id, oldest first: what the board knows of this table."""
    found = await rows.all(
        tx, guest.c.municipality.in_(municipalities), guest.c.ended_at.is_(None), order_by=guest.c.invited_at
    )
    return {one.id: one for one in found}


async def get(tx: Tx, id: str, municipalities: Collection[str]) -> GuestRecord | None:
    """A guest, if it is of one of these municipalities."""
    return await rows.one(tx, guest.c.id == id, guest.c.municipality.in_(municipalities))


async def of_code(tx: Tx, digest: str, municipalities: Collection[str]) -> GuestRecord | None:
    """The newest invitation with this code, over or not."""
    found = await rows.all(
        tx, guest.c.code_digest == digest, guest.c.municipality.in_(municipalities),
        order_by=guest.c.invited_at.desc(),
    )  # fmt: skip
    return found[0] if found else None


async def of_secret(tx: Tx, digest: str, municipalities: Collection[str]) -> GuestRecord | None:
    """The newest guest whose page has this secret, gone or not."""
    found = await rows.all(
        tx, guest.c.secret_digest == digest, guest.c.municipality.in_(municipalities),
        order_by=guest.c.invited_at.desc(),
    )  # fmt: skip
    return found[0] if found else None
