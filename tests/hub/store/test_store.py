"""What the tables hold even where a program errs: real SQLite, real migrations."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from hub.core.audit import Action, Entry, first_break
from hub.core.call import CallRecord
from hub.core.presence import PresenceRecord
from hub.store import calls, people, places, tables, trail
from hub.store.database import Database, NotWrittenError, StaleWriteError, open_database, upgrade
from hub.store.people import User
from hub.store.places import Kiosk
from protocol.errors import LocalError
from protocol.values import CallState, Focus, Membership, PresenceState, Presentation, Role

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Two municipalities, two terminals, one operator."""
    database = await open_database(tmp_path / "hub.db")
    async with database.write() as tx:
        await places.know(tx, [("minami", "honcho"), ("kitamidai", "yakuba")])
        for device in ("t1", "t2"):
            kiosk = Kiosk(
                id=device, municipality="minami", site="honcho", terminal=device, public_key=b"k" * 32
            )
            await places.add_kiosk(tx, kiosk)
        user = User(
            id="hana", login_name="hana", name="花", password_hash="x",
            memberships=(Membership(municipality="minami", role=Role.OPERATOR),),
        )  # fmt: skip
        await people.add_user(tx, user)
    yield database
    await database.close()


def a_call(id: str = "c1", kiosk: str = "t1", **changes: object) -> CallRecord:
    """A waiting call."""
    record = CallRecord(
        id=id, municipality="minami", site="honcho", kiosk=kiosk, request_id=f"r-{id}", topic="",
        language="ja", simulated=False, state=CallState.WAITING, queued_at=NOW,
        presentation=Presentation(revision=3, focus=Focus.PAPER, caption="はい"),
    )  # fmt: skip
    return replace(record, **changes)  # type: ignore[arg-type]


async def test_what_the_disk_refuses_is_told_apart_from_mistakes_of_ours(database: Database) -> None:
    """SQLite's own limit of pages: nothing of the transaction is written, and with room the next one is."""

    async def fill(pages: int) -> None:
        async with database.write() as tx:
            await tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
            for number in range(60):
                await calls.rows.insert(tx, a_call(f"c{number}", state=CallState.ENDED, topic="x" * 400))

    with pytest.raises(NotWrittenError, match=r"hub\.db: cannot be written: database or disk is full"):
        await fill(1)  # as many as there are
    async with database.read() as tx:
        assert (await tx.execute(select(tables.call))).first() is None
        assert (await tx.exec_driver_sql("PRAGMA integrity_check")).scalar_one() == "ok"
    await fill(100_000)
    with pytest.raises(IntegrityError):
        await fill(100_000)
    with pytest.raises(DBAPIError, match="no such table"):
        async with database.write() as tx:
            await tx.exec_driver_sql("INSERT INTO nowhere VALUES (1)")


async def test_the_migrations_make_what_the_program_expects(database: Database) -> None:
    """Nobody changes a table without a migration."""

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), tables.metadata))

    async with database.read() as tx:
        assert await tx.run_sync(differences) == []


async def test_a_second_start_migrates_nothing_and_keeps_everything(database: Database) -> None:
    """Opening again is harmless."""
    async with database.write() as tx:
        await calls.rows.insert(tx, a_call())
    again = await open_database(database.path)
    async with again.read() as tx:
        assert await calls.get(tx, "c1", ["minami"]) == a_call()
    await again.close()


async def test_what_is_acknowledged_is_on_the_disk(database: Database) -> None:
    """WAL and FULL where it matters, NORMAL for telemetry alone."""
    for opened, level in ((database.write, 2), (database.telemetry, 1)):
        async with opened() as tx:
            assert (await tx.execute(text("PRAGMA journal_mode"))).scalar() == "wal"
            assert (await tx.execute(text("PRAGMA synchronous"))).scalar() == level
            assert (await tx.execute(text("PRAGMA foreign_keys"))).scalar() == 1


async def test_of_two_writers_the_second_is_told(database: Database) -> None:
    """Compare-and-set: a record that was read before somebody else wrote it is not written."""
    async with database.write() as tx:
        await calls.rows.insert(tx, a_call())
    async with database.write() as tx:
        first = await calls.get(tx, "c1", ["minami"])
        assert first is not None
        saved = await calls.rows.save(tx, replace(first, epoch=1))
    assert saved.version == 2
    with pytest.raises(StaleWriteError):
        async with database.write() as tx:
            await calls.rows.save(tx, replace(first, epoch=7))
    async with database.read() as tx:
        stored = await calls.get(tx, "c1", ["minami"])
    assert stored == saved


async def test_writers_queue_up_instead_of_failing(database: Database) -> None:
    """Twenty read-change-write rounds at once: none lost, none locked out."""
    async with database.write() as tx:
        await calls.rows.insert(tx, a_call())

    async def one_more() -> None:
        async with database.write() as tx:
            record = await calls.get(tx, "c1", ["minami"])
            assert record is not None
            await calls.rows.save(tx, replace(record, epoch=record.epoch + 1))

    await asyncio.gather(*(one_more() for _ in range(20)))
    async with database.read() as tx:
        record = await calls.get(tx, "c1", ["minami"])
    assert record is not None
    assert record.epoch == 20


async def test_a_terminal_has_one_live_call(database: Database) -> None:
    """The index holds it, and lets the next call in once the first is over."""
    async with database.write() as tx:
        await calls.rows.insert(tx, a_call())
    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await calls.rows.insert(tx, a_call("c2"))
    async with database.write() as tx:
        await calls.rows.save(tx, a_call(state=CallState.ENDED, ended_at=NOW))
        await calls.rows.insert(tx, a_call("c2"))


async def test_an_operator_has_one_live_call(database: Database) -> None:
    """Two calls cannot both be rung or talked by the same person; waiting ones name nobody."""
    async with database.write() as tx:
        await calls.rows.insert(tx, a_call(state=CallState.TALKING, operator="hana"))
        await calls.rows.insert(tx, a_call("c2", "t2"))
    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await calls.rows.save(tx, a_call("c2", "t2", state=CallState.RINGING, operator="hana"))


async def test_a_touch_makes_one_call_for_ever(database: Database) -> None:
    """The same request of the same terminal is refused even after its call is over."""
    async with database.write() as tx:
        await calls.rows.insert(tx, a_call(state=CallState.ENDED, ended_at=NOW))
    with pytest.raises(IntegrityError):
        async with database.write() as tx:
            await calls.rows.insert(tx, a_call("c2", request_id="r-c1"))


async def test_a_foreign_municipality_finds_nothing(database: Database) -> None:
    """A call is not found by its id alone, and not written under another municipality."""
    async with database.write() as tx:
        await calls.rows.insert(tx, a_call())
        assert await calls.get(tx, "c1", ["kitamidai"]) is None
        assert await calls.queue(tx, ["kitamidai"]) == []
        with pytest.raises(StaleWriteError):
            await calls.rows.save(tx, a_call(municipality="kitamidai"))


@pytest.mark.parametrize("table", ["audit", "call_event"])
@pytest.mark.parametrize("change", ["UPDATE {} SET at = at", "DELETE FROM {}"])
async def test_history_cannot_be_changed(database: Database, table: str, change: str) -> None:
    """Audit and call events are append-only in the database itself."""
    async with database.write() as tx:
        await calls.rows.insert(tx, a_call())
        await calls.add_event(tx, a_call(), "Requested", NOW)
        await trail.append(tx, Entry(at=NOW, municipality="minami", actor="hub", action=Action.LOGIN))
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.write() as tx:
            await tx.execute(text(change.format(table)))


async def test_the_audit_trail_is_one_chain(database: Database) -> None:
    """Entries of several transactions follow one another."""
    for number in range(5):
        async with database.write() as tx:
            entry = Entry(
                at=NOW + timedelta(microseconds=number), municipality="minami", actor="hub",
                action=Action.CALL_ENDED, subject=str(number), detail={"n": number},
            )  # fmt: skip
            await trail.append(tx, entry)
    async with database.read() as tx:
        entries = await trail.entries(tx)
    assert len(entries) == 5
    assert first_break(entries) is None


async def test_times_are_utc_whatever_zone_they_came_in(database: Database) -> None:
    """Stored in UTC, read back with the zone."""
    tokyo = timezone(timedelta(hours=9))
    async with database.write() as tx:
        await calls.rows.insert(tx, a_call(queued_at=datetime(2026, 11, 24, 10, 0, tzinfo=tokyo)))
    async with database.read() as tx:
        stored = (await tx.execute(select(tables.call.c.queued_at))).scalar_one()
        raw = (await tx.execute(text("SELECT queued_at FROM call"))).scalar_one()
    assert stored == NOW
    assert stored.tzinfo is UTC
    assert raw.startswith("2026-11-24 01:00:00")


async def test_presence_is_kept_by_compare_and_set_as_well(database: Database) -> None:
    """Like every record."""
    record = PresenceRecord(user="hana", state=PresenceState.AWAY, since=NOW, idle_since=NOW)
    async with database.write() as tx:
        await people.presences.insert(tx, record)
        await people.presences.save(tx, record)
    with pytest.raises(StaleWriteError):
        async with database.write() as tx:
            await people.presences.save(tx, record)


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    """All or nothing."""

    async def fail_in_the_middle() -> None:
        async with database.write() as tx:
            await calls.rows.insert(tx, a_call())
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        await fail_in_the_middle()
    async with database.read() as tx:
        assert await calls.get(tx, "c1", ["minami"]) is None


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


async def test_the_roles_of_those_who_were_there_before_are_kept(tmp_path: Path) -> None:
    """An operator stays one, an admin stays admin and may take calls as before; logins stay hers."""
    database = Database(tmp_path / "old.db")
    async with database.write() as tx:
        await tx.run_sync(upgrade, "0001")
        await places.know(tx, [("minami", "honcho"), ("kitamidai", "yakuba")])
        for who, role, towns in (
            ("hana", "operator", ["minami"]), ("sato", "admin", ["minami", "kitamidai"])
        ):  # fmt: skip
            values = {"id": who, "role": role}
            await tx.execute(text("INSERT INTO \"user\" VALUES (:id, :id, :id, :role, 'x', NULL)"), values)
            for town in towns:
                await tx.execute(
                    text("INSERT INTO membership VALUES (:id, :town)"), {"id": who, "town": town}
                )
        new = people.Login(token_hash="t", user="sato", csrf="c", created_at=NOW, expires_at=NOW)
        await people.add_login(tx, new)
    await database.migrate()
    async with database.read() as tx:
        hana, sato = await people.anyone_with(tx, "hana"), await people.anyone_with(tx, "sato")
        assert (await tx.exec_driver_sql("PRAGMA foreign_key_check")).all() == []
    await database.close()
    assert hana is not None
    assert hana.memberships == (Membership(municipality="minami", role=Role.OPERATOR),)
    assert sato is not None
    assert [(one.municipality, one.role) for one in sato.memberships] == [
        (town, role) for town in ("kitamidai", "minami") for role in (Role.ADMIN, Role.OPERATOR)
    ]
