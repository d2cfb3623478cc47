"""The one switch between databases: what SQLite and PostgreSQL say differently stands here.

SQLite: WAL with synchronous=FULL, so that what is acknowledged survives a power cut; NORMAL for telemetry
alone. Every write begins with BEGIN IMMEDIATE: two writers queue up instead of failing in the middle.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

READS = "madoguchi_reads"
"""Execution option of a connection that only reads: it takes no write lock."""

BUSY_MS = 5000


def open_engine(url: str, *, durable: bool, connections: int) -> AsyncEngine:
    """An engine whose transactions are durable (or, for telemetry, merely whole)."""
    engine = create_async_engine(url, pool_size=connections, max_overflow=0)
    if engine.dialect.name == "sqlite":
        _sqlite(engine.sync_engine, durable=durable)
    return engine


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


MACHINE = (
    "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_BUSY", "SQLITE_CANTOPEN", "SQLITE_CORRUPT",
    "SQLITE_NOTADB", "SQLITE_NOMEM",
)  # fmt: skip
"""Beginnings of the names of errors that no statement of ours can be blamed for."""


def refused_by_machine(error: DBAPIError) -> bool:
    """Whether the disk is full or broken, or another program holds the database, rather than we erred."""
    return getattr(error.orig, "sqlite_errorname", "").startswith(MACHINE)


def append_only(connection: Connection, table: str) -> None:
    """Refuse changes to rows of `table` in the database itself."""
    if connection.dialect.name != "sqlite":
        return  # elsewhere the role that runs the hub is granted INSERT and SELECT only
    for verb in ("UPDATE", "DELETE"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
