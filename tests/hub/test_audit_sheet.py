"""The record on the command line: an admin without a browser reads it, and a changed entry shows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub import audit_sheet
from hub.core.audit import Action, Entry
from hub.settings import HubSettings
from hub.store import trail
from hub.store.fences import POOL
from protocol.errors import LocalError
from tests.fakes.hub_program import content, running

MORNING = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # half past eight of the 24th in Japan


async def _hub_with_entries(root: Path) -> HubSettings:
    async with running(root) as hub:
        async with hub.house.database.write(POOL) as tx:
            for number, town in enumerate(("minami", "kitamidai", "minami")):
                at = MORNING.replace(minute=30 + number)
                entry = Entry(
                    at=at, municipality=town, actor="command", action=Action.KIOSK_ADDED, subject=f"k{number}"
                )
                await trail.append(tx, entry)
        return hub.house.settings


async def test_the_newest_entries_are_read_in_order_and_within_what_was_asked_for(tmp_path: Path) -> None:
    """Japanese time, words for actions; another municipality and another day stay away."""
    settings = await _hub_with_entries(tmp_path)
    rows = (await audit_sheet.read(settings, content(), "minami", "2026-11-24", 100)).splitlines()
    assert [row.rsplit("  ", 1)[1] for row in rows] == ["k0", "k2"]
    assert rows[0].startswith("2026-11-24 08:30:00  コマンド  端末")
    assert (await audit_sheet.read(settings, content(), "minami", None, 1)).endswith("k2")
    assert await audit_sheet.read(settings, content(), None, "2026-11-23", 100) == audit_sheet.NOTHING


@pytest.mark.parametrize(
    ("town", "day", "most", "word"),
    [("nowhere", None, 1, "nowhere"), (None, "2026-13-01", 1, "2026-13-01"), (None, None, 0, "--most")],
)
async def test_what_cannot_be_asked_for_is_named(
    tmp_path: Path, town: str | None, day: str | None, most: int, word: str
) -> None:
    """No empty answer that looks like an empty record."""
    settings = await _hub_with_entries(tmp_path)
    with pytest.raises(LocalError, match=word):
        await audit_sheet.read(settings, content(), town, day, most)


async def test_a_changed_entry_is_found_by_its_number(tmp_path: Path) -> None:
    """A whole record says so; whoever edits the file behind the hub's back is seen."""
    settings = await _hub_with_entries(tmp_path)
    assert "each follows" in await audit_sheet.check(settings, content())
    with closing(sqlite3.connect(settings.database_path)) as database, database:
        (last,) = database.execute("select max(id) from audit").fetchone()
        for (name,) in database.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            database.execute(f"drop trigger {name}")
        database.execute("update audit set subject = 'other' where id = ?", (last - 1,))
    with pytest.raises(LocalError, match=rf"entry {last - 1} of {last}"):
        await audit_sheet.check(settings, content())
