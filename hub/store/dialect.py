"""The one switch between databases: what SQLite and PostgreSQL say differently stands here.

Both have one writer at a time, so that a turn reads what it decides on and nobody writes in between: SQLite
by BEGIN IMMEDIATE, PostgreSQL by a lock that every writing transaction takes first and that the server gives
back with the transaction, however it ends. Both sync before they acknowledge; telemetry alone does not wait.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Engine, String, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from hub.store.trips import OneTrip
from protocol.errors import LocalError

Where = Path | str
"""A SQLite file, or the URL of a PostgreSQL database."""

READS = "madoguchi_reads"
"""Execution option of a connection that only reads: it takes no write lock."""

TOWNS = "madoguchi_towns"
"""Execution option: the municipalities that a transaction acts for, as `hub.store.fences` reads them."""

BUSY_MS = 5000
"""How long a writer waits for the one before it."""

CONNECT_S = 5.0

WRITERS = 0x6D61646F  # "mado"
"""Number of PostgreSQL's lock under which writers follow one another."""

FENCE = "madoguchi.municipalities"
"""PostgreSQL's setting with the same, for one transaction: its row-level security goes by it."""

SESSION = {
    "application_name": "madoguchi-hub",
    "timezone": "UTC",
    "lock_timeout": f"{BUSY_MS}ms",
    # a hub that stands still in a transaction, or whose machine is gone, must not hold the others up
    "idle_in_transaction_session_timeout": f"{BUSY_MS}ms",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}


class UnreachableError(LocalError):
    """No connection to the database can be made."""


def open_engine(where: Where, *, durable: bool, connections: int) -> AsyncEngine:
    """An engine whose transactions are durable (or, for telemetry, merely whole)."""
    if isinstance(where, Path):
        engine = create_async_engine(
            f"sqlite+aiosqlite:///{where}", module=OneTrip(), pool_size=connections, max_overflow=0
        )
        _sqlite(engine.sync_engine, durable=durable)
        return engine
    url = where

    async def connect() -> asyncpg.Connection[Any]:
        settings = SESSION | {"synchronous_commit": "on" if durable else "off"}
        return await connect_to(url, settings)

    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=connect, pool_size=connections, max_overflow=0
    )
    _postgresql(engine.sync_engine, durable=durable)
    return engine


async def connect_to(url: str, settings: dict[str, str]) -> asyncpg.Connection[Any]:
    """One connection to PostgreSQL. UnreachableError says why there is none."""
    try:
        return await asyncpg.connect(url, server_settings=settings, timeout=CONNECT_S)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        why = str(error) or type(error).__name__
        raise UnreachableError("unreachable", f"no connection: {why}") from error


def _sqlite(engine: Engine, *, durable: bool) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_MS}",
            "journal_mode=WAL",
            f"synchronous={'FULL' if durable else 'NORMAL'}",
            "foreign_keys=ON",
            "secure_delete=ON",  # a destroyed key leaves no bytes behind
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(READS, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _postgresql(engine: Engine, *, durable: bool) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        lock = ""
        if options.get(READS, False):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        elif durable:
            lock = f"pg_advisory_xact_lock({WRITERS}), "
        towns = ",".join(options.get(TOWNS, ()))
        connection.exec_driver_sql(f"SELECT {lock}set_config('{FENCE}', $1, true)", (towns,))


MACHINE = (
    "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_CORRUPT",
    "SQLITE_NOTADB", "SQLITE_NOMEM",
)  # fmt: skip
"""Beginnings of the names of errors that no statement of ours can be blamed for."""

MACHINE_STATES = (
    "08",  # the connection is gone
    "25006",  # a server that only follows another
    "25P03",  # we stood still in a transaction for too long
    "53",  # disk, memory, connections are used up
    "55P03",  # another writer took too long
    "57",  # the server is going down or coming up
    "58",  # its disk fails
    "XX",  # its files are damaged
)
"""The same for PostgreSQL: beginnings of SQLSTATEs."""


def refused_by_machine(error: DBAPIError) -> bool:
    """Whether the disk is full or broken, or another program holds the database, rather than we erred."""
    if error.connection_invalidated:
        return True
    if getattr(error.orig, "sqlite_errorname", "").startswith(MACHINE):
        return True
    return (getattr(error.orig, "sqlstate", None) or "").startswith(MACHINE_STATES)


def not_logged(connection: Connection, table: str) -> None:
    """Rows of `table` need not survive a crash of the server, and cost it less; no matter for a file."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"ALTER TABLE {table} SET UNLOGGED")


def fences(connection: Connection | AsyncConnection) -> bool:
    """Whether this database keeps rows of municipalities apart by itself: a file does not."""
    return connection.dialect.name == "postgresql"


class NewestDigest(FunctionElement[str]):
    """Of the audit trail, whatever the transaction sees of it: its chain runs through all municipalities."""

    inherit_cache = True
    type = String()


@compiles(NewestDigest)
def _newest_digest(_: NewestDigest, __: SQLCompiler, **___: Any) -> str:
    return "(SELECT digest FROM audit ORDER BY id DESC LIMIT 1)"


@compiles(NewestDigest, "postgresql")
def _newest_digest_behind_the_fence(_: NewestDigest, __: SQLCompiler, **___: Any) -> str:
    return "newest_digest()"


NEWEST_DIGEST = """
CREATE OR REPLACE FUNCTION newest_digest() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    towns text := current_setting(':fence', true);
    found text;
BEGIN
    PERFORM set_config(':fence', '*', true);
    SELECT digest INTO found FROM audit ORDER BY id DESC LIMIT 1;
    PERFORM set_config(':fence', coalesce(towns, ''), true);
    RETURN found;
END $$
""".replace(":fence", FENCE)
"""Made with the fences."""


def append_only(connection: Connection, table: str) -> None:
    """Refuse changes to rows of `table` in the database itself."""
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    connection.exec_driver_sql(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    connection.exec_driver_sql(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


LEAVES = "EXISTS (SELECT 1 FROM offboarding WHERE municipality = OLD.municipality)"


def append_only_until_leaving(connection: Connection, table: str) -> None:
    """As `append_only`, which stood before; but rows of a municipality in table `offboarding` may go."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TRIGGER {table}_no_delete")
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT {LEAVES} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
        return
    connection.exec_driver_sql(f"DROP TRIGGER {table}_append_only ON {table}")
    connection.exec_driver_sql(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    connection.exec_driver_sql(
        "CREATE OR REPLACE FUNCTION refuse_unless_leaving() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {LEAVES} THEN RETURN OLD; END IF; "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    connection.exec_driver_sql(
        f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_unless_leaving()"
    )
