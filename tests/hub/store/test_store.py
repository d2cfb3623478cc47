"""What the tables hold even where a program errs: real SQLite, real PostgreSQL, real migrations."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from hub.core.audit import Action, Entry, first_break
from hub.core.presence import PresenceRecord
from hub.store import calls, people, tables, trail
from hub.store.database import Database, StaleWriteError, open_database
from hub.store.fences import POOL
from protocol.values import CallState, PresenceState
from tests.hub.store.cast import NOW, a_call


async def test_the_migrations_make_what_the_program_expects(database: Database) -> None:
    """Nobody changes a table without a migration."""

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), tables.metadata))

    async with database.read(POOL) as tx:
        assert await tx.run_sync(differences) == []


async def test_a_second_start_migrates_nothing_and_keeps_everything(database: Database) -> None:
    """Opening again is harmless."""
    async with database.write(POOL) as tx:
        await calls.rows.insert(tx, a_call())
    again = await open_database(database.where)
    async with again.read(POOL) as tx:
        assert await calls.get(tx, "c1", ["minami"]) == a_call()
    await again.close()


async def test_of_two_writers_the_second_is_told(database: Database) -> None:
    """Compare-and-set: a record that was read before somebody else wrote it is not written."""
    async with database.write(POOL) as tx:
        await calls.rows.insert(tx, a_call())
    async with database.write(POOL) as tx:
        first = await calls.get(tx, "c1", ["minami"])
        assert first is not None
        saved = await calls.rows.save(tx, replace(first, epoch=1))
    assert saved.version == 2
    with pytest.raises(StaleWriteError):
        async with database.write(POOL) as tx:
            await calls.rows.save(tx, replace(first, epoch=7))
    async with database.read(POOL) as tx:
        stored = await calls.get(tx, "c1", ["minami"])
    assert stored == saved


async def test_writers_queue_up_instead_of_failing(database: Database) -> None:
    """Twenty read-change-write rounds at once: none lost, none locked out."""
    async with database.write(POOL) as tx:
        await calls.rows.insert(tx, a_call())

    async def one_more() -> None:
        async with database.write(POOL) as tx:
            record = await calls.get(tx, "c1", ["minami"])
            assert record is not None
            await calls.rows.save(tx, replace(record, epoch=record.epoch + 1))

    await asyncio.gather(*(one_more() for _ in range(20)))
    async with database.read(POOL) as tx:
        record = await calls.get(tx, "c1", ["minami"])
    assert record is not None
    assert record.epoch == 20


async def test_a_terminal_has_one_live_call(database: Database) -> None:
    """The index holds it, and lets the next call in once the first is over."""
    async with database.write(POOL) as tx:
        await calls.rows.insert(tx, a_call())
    with pytest.raises(IntegrityError):
        async with database.write(POOL) as tx:
            await calls.rows.insert(tx, a_call("c2"))
    async with database.write(POOL) as tx:
        await calls.rows.save(tx, a_call(state=CallState.ENDED, ended_at=NOW))
        await calls.rows.insert(tx, a_call("c2"))


async def test_an_operator_has_one_live_call(database: Database) -> None:
    """Two calls cannot both be rung or talked by the same person; waiting ones name nobody."""
    async with database.write(POOL) as tx:
        await calls.rows.insert(tx, a_call(state=CallState.TALKING, operator="hana"))
        await calls.rows.insert(tx, a_call("c2", "t2"))
    with pytest.raises(IntegrityError):
        async with database.write(POOL) as tx:
            await calls.rows.save(tx, a_call("c2", "t2", state=CallState.RINGING, operator="hana"))


async def test_a_touch_makes_one_call_for_ever(database: Database) -> None:
    """The same request of the same terminal is refused even after its call is over."""
    async with database.write(POOL) as tx:
        await calls.rows.insert(tx, a_call(state=CallState.ENDED, ended_at=NOW))
    with pytest.raises(IntegrityError):
        async with database.write(POOL) as tx:
            await calls.rows.insert(tx, a_call("c2", request_id="r-c1"))


async def test_a_foreign_municipality_finds_nothing(database: Database) -> None:
    """A call is not found by its id alone, and not written under another municipality."""
    async with database.write(POOL) as tx:
        await calls.rows.insert(tx, a_call())
        assert await calls.get(tx, "c1", ["kitamidai"]) is None
        assert await calls.live(tx, ["kitamidai"]) == []
        with pytest.raises(StaleWriteError):
            await calls.rows.save(tx, a_call(municipality="kitamidai"))


@pytest.mark.parametrize("table", ["audit", "call_event"])
@pytest.mark.parametrize("change", ["UPDATE {} SET at = at", "DELETE FROM {}"])
async def test_history_cannot_be_changed(database: Database, table: str, change: str) -> None:
    """Audit and call events are append-only in the database itself."""
    async with database.write(POOL) as tx:
        await calls.rows.insert(tx, a_call())
        await calls.add_event(tx, a_call(), "Requested", NOW)
        await trail.append(tx, Entry(at=NOW, municipality="minami", actor="hub", action=Action.LOGIN))
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.write(POOL) as tx:
            await tx.execute(text(change.format(table)))


async def test_the_audit_trail_is_one_chain(database: Database) -> None:
    """Entries of several transactions follow one another."""
    for number in range(5):
        async with database.write(POOL) as tx:
            entry = Entry(
                at=NOW + timedelta(microseconds=number), municipality="minami", actor="hub",
                action=Action.CALL_ENDED, subject=str(number), detail={"n": number},
            )  # fmt: skip
            await trail.append(tx, entry)
    async with database.read(POOL) as tx:
        entries = await trail.entries(tx)
    assert len(entries) == 5
    assert first_break(entries) is None


async def test_times_are_utc_whatever_zone_they_came_in(database: Database) -> None:
    """Stored as the moment that they are, read back in UTC with the zone."""
    tokyo = timezone(timedelta(hours=9))
    async with database.write(POOL) as tx:
        await calls.rows.insert(tx, a_call(queued_at=datetime(2026, 11, 24, 10, 0, tzinfo=tokyo)))
    async with database.read(POOL) as tx:
        stored = (await tx.execute(select(tables.call.c.queued_at))).scalar_one()
    assert stored == NOW
    assert stored.tzinfo is UTC


async def test_presence_is_kept_by_compare_and_set_as_well(database: Database) -> None:
    """Like every record."""
    record = PresenceRecord(user="hana", state=PresenceState.AWAY, since=NOW, idle_since=NOW)
    async with database.write(POOL) as tx:
        await people.presences.insert(tx, record)
        await people.presences.save(tx, record)
    with pytest.raises(StaleWriteError):
        async with database.write(POOL) as tx:
            await people.presences.save(tx, record)


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    """All or nothing."""

    async def fail_in_the_middle() -> None:
        async with database.write(POOL) as tx:
            await calls.rows.insert(tx, a_call())
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await fail_in_the_middle()
    async with database.read(POOL) as tx:
        assert await calls.get(tx, "c1", ["minami"]) is None


async def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    """It sees what was written last, all of it at one moment."""
    async with database.write(POOL) as tx:
        await calls.rows.insert(tx, a_call())
        async with asyncio.timeout(2), database.read(POOL) as other:
            assert await calls.get(other, "c1", ["minami"]) is None
            async with database.telemetry(POOL) if database.url else nullcontext():
                pass  # nor does, on a server, telemetry
    async with database.read(POOL) as before:
        assert await calls.get(before, "c1", ["minami"]) == a_call()
        async with database.write(POOL) as tx:
            await calls.rows.save(tx, a_call(epoch=4))
        assert await calls.get(before, "c1", ["minami"]) == a_call()
