"""Reading the audit trail of a municipality: by day, by person, newest first."""

from __future__ import annotations

from litestar import get
from litestar.params import FromPath, FromQuery

from hub.api.answers import RefusedError
from hub.api.who import Asked, house_of
from hub.core import audit_reading as reading
from hub.core.audit import day as day_of
from hub.store import people, trail
from hub.store.trail import Wanted
from protocol.rest import AuditPage

LINES = 100
"""Entries that are told at once."""


@get("/api/admin/municipalities/{municipality:str}/audit")
async def audit(
    request: Asked,
    municipality: FromPath[str],
    day: FromQuery[str] = "",
    actor: FromQuery[str] = "",
    before: FromQuery[int | None] = None,
) -> AuditPage:
    """Entries of a day in Japan (or of all days), of a user id (or of all). 400 bad_day."""
    since = until = None
    if day:
        try:
            since, until = day_of(day)
        except ValueError:
            raise RefusedError(400, "bad_day", "日付は 2026-11-24 の形で入れてください。") from None
    wanted = Wanted(
        municipality=municipality, since=since, until=until, actor=f"user:{actor}" if actor else None,
        before=before,
    )  # fmt: skip
    async with house_of(request).database.read([municipality]) as tx:
        found = await trail.read(tx, wanted, LINES + 1)
        names = {one.id: one.name for one in await people.users(tx)}
    lines = tuple(reading.line(id, entry, names) for id, entry in found[:LINES])
    return AuditPage(lines=lines, before=lines[-1].id if len(found) > LINES else None)
