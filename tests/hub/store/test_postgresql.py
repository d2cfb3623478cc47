"""What holds for a PostgreSQL server alone: its errors, its locks, its going and coming."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from hub.__main__ import main
from hub.settings import load
from hub.store import calls
from hub.store.database import Database, NotWrittenError, open_database
from hub.store.dialect import WRITERS
from hub.store.fences import POOL
from protocol.errors import ConfigError, LocalError
from tests.fakes.hub_program import CONTENT
from tests.fakes.postgres import Server, new_database, server


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    """Migrated and empty."""
    database = await open_database(new_database())
    yield database
    await database.close()


async def test_what_is_acknowledged_is_on_the_disk(database: Database) -> None:
    """A commit waits for the server's disk; telemetry alone does not."""
    for opened, level in ((database.write, "on"), (database.telemetry, "off")):
        async with opened(POOL) as tx:
            assert (await tx.execute(text("SHOW synchronous_commit"))).scalar() == level


async def _wait_for_the_writer(database: Database) -> None:
    async with database.read(POOL) as tx:
        await tx.execute(text("SET LOCAL lock_timeout = '50ms'"))
        await tx.execute(text(f"SELECT pg_advisory_xact_lock({WRITERS})"))


async def test_a_writer_that_waits_too_long_is_told_so(database: Database) -> None:
    """As with a file that another program holds: nothing is written, and it may be tried again."""
    async with database.write(POOL):
        with pytest.raises(NotWrittenError, match="lock timeout"):
            await _wait_for_the_writer(database)
    await _wait_for_the_writer(database)


async def _stand_still(database: Database) -> None:
    async with database.write(POOL) as tx:
        await tx.execute(text("SET LOCAL idle_in_transaction_session_timeout = '50ms'"))
        async with database.telemetry(POOL) as other:
            await other.execute(text("SELECT pg_sleep(0.2)"))
        await tx.execute(text("SELECT 1"))


async def test_a_writer_that_stands_still_loses_its_transaction(database: Database) -> None:
    """A hub that was stopped in a turn holds the others up for a bounded time, and has written nothing."""
    with pytest.raises(NotWrittenError):
        await _stand_still(database)
    async with database.write(POOL):
        pass


async def _write(database: Database) -> None:
    async with database.write(POOL) as tx:
        await tx.execute(text("SELECT 1"))


async def _read(database: Database, sql: str = "SELECT 1") -> None:
    async with database.read(POOL) as tx:
        await tx.execute(text(sql))


async def test_a_reader_cannot_write(database: Database) -> None:
    """A change that forgot the write lock is a mistake that shows."""
    with pytest.raises(NotWrittenError, match="read-only"):
        await _read(database, "DELETE FROM site")


async def test_a_server_that_goes_and_comes_back_is_used_again() -> None:
    """What it could not take was not written and is said so; later all works without a restart of the hub."""
    own = Server()
    try:
        own.start()
        database = await open_database(own.url("postgres"))
        own.halt()
        for use in (_write, _read, _write):
            with pytest.raises(NotWrittenError, match="postgresql://"):
                await use(database)
        own.start()
        await _write(database)
        await _read(database)
        await database.close()
    finally:
        own.stop()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda url: url.replace("/hub_", "/nothing_"), "does not exist"),
        (lambda url: url.replace("madoguchi_app@", "nobody@"), "nobody"),
        (lambda url: url.replace("host=", "host=/nowhere"), "no connection"),
        (lambda url: "postgresql://madoguchi@127.0.0.1:1/madoguchi", "no connection"),
    ],
)
async def test_a_database_that_cannot_be_used_is_named(change: Callable[[str], str], message: str) -> None:
    """What, where, what to do."""
    url = change(new_database())
    with pytest.raises(LocalError, match=message) as refused:
        await open_database(url)
    assert url in refused.value.message
    assert "database.url" in refused.value.message


async def test_two_hubs_may_start_at_once() -> None:
    """One migrates, the other finds it done."""
    one = server()
    name = one.clone("template0")
    opened = await asyncio.gather(*(open_database(one.url(name)) for _ in range(3)))
    async with opened[0].read(POOL) as tx:
        assert await calls.live(tx, ["minami"]) == []
    for each in opened:
        await each.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://u@h/d", "'mysql' is no database that is known"),
        ("var/hub.db", "'var/hub.db' is no database that is known"),
        ("postgresql://u@h", "names no database"),
        ("postgresql://u:secret@h/d", "holds a password; put it into a file"),
        ("postgresql://u@h/d?password=secret", "holds a password"),
        ("postgresql://[u@h/d", "no address"),
    ],
)
def test_an_address_that_is_none_is_refused_with_file_and_line(
    tmp_path: Path, url: str, message: str
) -> None:
    """And no password stands where everybody reads it, nor in the message."""
    path = tmp_path / "hub.yaml"
    path.write_text(f"name: hub\ndatabase:\n  url: '{url}'\n")
    with pytest.raises(ConfigError, match=r"hub\.yaml:3: database\.url: ") as refused:
        load(path)
    assert message in refused.value.message
    assert "secret" not in refused.value.message


def test_a_check_asks_the_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is started: is it there, does it let us in."""
    path = tmp_path / "hub.yaml"
    places = (
        f"content: {CONTENT}\nkeys: {{directory: {tmp_path}/keys}}\ncaptures: {{directory: {tmp_path}/c}}\n"
    )
    path.write_text(places + f"database: {{url: '{new_database()}'}}\n")
    assert main(["--config", str(path), "--check"]) == 0
    assert "may be running" in capsys.readouterr().out
    path.write_text(places + f"database: {{url: 'postgresql://u@/d?host={tmp_path}'}}\n")
    assert main(["--config", str(path), "--check"]) == 1
    assert "cannot be used: no connection" in capsys.readouterr().err
