"""What holds for a SQLite file alone: its disk, its pragmas, its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from hub.store import calls, tables
from hub.store.database import Database, NotWrittenError, open_database
from hub.store.fences import POOL
from protocol.errors import LocalError
from protocol.values import CallState
from tests.hub.store.cast import a_call


async def test_what_the_disk_refuses_is_told_apart_from_mistakes_of_ours(database: Database) -> None:
    """SQLite's own limit of pages: nothing of the transaction is written, and with room the next one is."""

    async def fill(pages: int) -> None:
        async with database.write(POOL) as tx:
            await tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            for number in range(60):
                await calls.rows.insert(tx, a_call(f"c{number}", state=CallState.ENDED, topic="x" * 400))

    with pytest.raises(NotWrittenError, match=r"hub\.db: cannot be written: database or disk is full"):
        await fill(1)  # as many as there are
    async with database.read(POOL) as tx:
        assert (await tx.execute(select(tables.call))).first() is None
        assert (await tx.exec_driver_sql("PRAGMA integrity_check")).scalar_one() == "ok"
    await fill(100_000)
    with pytest.raises(IntegrityError):
        await fill(100_000)
    with pytest.raises(DBAPIError, match="no such table"):
        async with database.write(POOL) as tx:
            await tx.exec_driver_sql("INSERT INTO nowhere VALUES (1)")


async def test_what_is_acknowledged_is_on_the_disk(database: Database) -> None:
    """WAL and FULL where it matters, NORMAL for telemetry alone."""
    for opened, level in ((database.write, 2), (database.telemetry, 1)):
        async with opened(POOL) as tx:
            assert (await tx.execute(text("PRAGMA journal_mode"))).scalar() == "wal"
            assert (await tx.execute(text("PRAGMA synchronous"))).scalar() == level
            assert (await tx.execute(text("PRAGMA foreign_keys"))).scalar() == 1


async def test_a_statement_is_one_trip_to_the_thread(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its rows: begin, two statements and the commit are four, and one gives the connection back."""
    trips: list[str] = []
    execute = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, fn: Any, *arguments: Any, **named: Any) -> Any:
        trips.append(fn.__name__)
        return await execute(self, fn, *arguments, **named)

    async with database.write(POOL) as tx:
        await calls.rows.insert(tx, a_call())
    monkeypatch.setattr(aiosqlite.Connection, "_execute", counted)
    async with database.write(POOL) as tx:
        found = (await tx.execute(select(tables.call.c.id, tables.call.c.kiosk))).all()
        changed = await tx.execute(update(tables.call).values(topic="moving"))
    assert ([tuple(one) for one in found], changed.rowcount) == ([("c1", "t1")], 1)
    assert trips == ["_go", "_go", "_go", "commit", "rollback"]


async def test_a_transaction_that_needs_no_statement_waits_for_no_writer(database: Database) -> None:
    """It begins with its first one, and then it is as durable and as whole as any."""
    async with database.write(POOL), database.write_if_needed(POOL):
        pass  # a second writer would wait for five seconds, then be refused
    async with database.write_if_needed(POOL) as tx:
        await calls.rows.insert(tx, a_call())
        await calls.rows.insert(tx, a_call("c2", "t2"))

    async def twice() -> None:
        async with database.write_if_needed(POOL) as tx:
            await calls.rows.insert(tx, a_call("c3", state=CallState.ENDED))
            await calls.rows.insert(tx, a_call())

    with pytest.raises(IntegrityError):
        await twice()
    async with database.read(POOL) as tx:
        assert set((await tx.execute(select(tables.call.c.id))).scalars()) == {"c1", "c2"}


async def test_times_sort_as_text(database: Database) -> None:
    """The file holds UTC without a zone."""
    async with database.write(POOL) as tx:
        await calls.rows.insert(tx, a_call())
    async with database.read(POOL) as tx:
        raw = (await tx.execute(text("SELECT queued_at FROM call"))).scalar_one()
    assert raw.startswith("2026-11-24 01:00:00")


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    """What, where, what to do."""
    path = tmp_path / "hub.db"
    path.write_bytes(b"this is no database at all, whatever its name says" * 100)
    with pytest.raises(LocalError, match=r"hub\.db.*cannot be used.*database\.path"):
        await open_database(path)


async def test_a_directory_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    """What, where, what to do."""
    (tmp_path / "hub.db").mkdir()
    with pytest.raises(LocalError, match="is a directory"):
        await open_database(tmp_path / "hub.db")
