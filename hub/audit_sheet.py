"""`python -m hub audit`: who did what, as an admin reads it, and whether the trail is whole."""

from __future__ import annotations

from collections.abc import Iterator

from hub.commands import open_all
from hub.core import audit
from hub.core.audit_reading import line
from hub.core.content import Content
from hub.core.opening import JAPAN
from hub.settings import HubSettings
from hub.store import people, trail
from hub.store.fences import POOL
from hub.store.trail import Wanted
from protocol.errors import LocalError
from protocol.rest import AuditLine

NOTHING = "この条件に当てはまる記録はありません。"


async def read(
    settings: HubSettings, content: Content, municipality: str | None, day: str | None, most: int
) -> str:
    """The newest `most` entries, oldest first. LocalError for an unknown municipality or an odd day."""
    if municipality is not None:
        content.town(municipality)
    try:
        since, until = audit.day(day) if day else (None, None)
    except ValueError:
        raise LocalError("day", f"--on: {day} is no day; write it like 2026-12-05") from None
    if most < 1:
        raise LocalError("most", f"--most: {most}; give 1 or more")
    database = await open_all(settings, content)
    try:
        async with database.read(POOL if municipality is None else [municipality]) as tx:
            wanted = Wanted(municipality=municipality, since=since, until=until)
            found = await trail.read(tx, wanted, most)
            names = {one.id: one.name for one in await people.users(tx)}
    finally:
        await database.close()
    return "\n".join(_row(line(id, entry, names)) for id, entry in reversed(found)) or NOTHING


async def check(settings: HubSettings, content: Content) -> str:
    """Whether every entry follows from the one before. LocalError names the first that does not."""
    database = await open_all(settings, content)
    try:
        async with database.read(POOL) as tx:
            entries = await trail.entries(tx)
    finally:
        await database.close()
    broken = audit.first_break(entries)
    if broken is not None:
        entry, _ = entries[broken]
        raise LocalError(
            "audit",
            f"the audit trail does not hold at entry {broken + 1} of {len(entries)} "
            f"({entry.action}, {entry.at:%Y-%m-%d %H:%M:%S} UTC): it or one before was changed or taken out; "
            "keep the database as it is and compare with the newest backup",
        )
    return f"audit trail: {len(entries)} entries, each follows from the one before"


def _row(one: AuditLine) -> str:
    return "  ".join(_parts(one))


def _parts(one: AuditLine) -> Iterator[str]:
    yield f"{one.at.astimezone(JAPAN):%Y-%m-%d %H:%M:%S}"
    yield one.actor
    yield one.words
    if one.subject:
        yield one.subject
    if one.detail:
        yield "(" + ", ".join(f"{key}={value}" for key, value in one.detail) + ")"
