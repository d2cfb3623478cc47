"""Opens the database, brings it to the newest migration, and hands out transactions.

async with database.write(POOL) as tx:          # one writer at a time, durable
    await calls.insert(tx, record)
async with database.read(["minami"]) as tx: ...  # rows of other municipalities are not there

For which municipalities a transaction acts is said at its beginning: `hub.store.fences`.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hub.store import fences
from hub.store.dialect import (
    READS,
    SESSION,
    TOWNS,
    UnreachableError,
    Where,
    connect_to,
    open_engine,
    refused_by_machine,
)
from hub.store.fences import POOL, Towns
from protocol.errors import LocalError

log = logging.getLogger(__name__)

Tx = AsyncConnection
"""An open transaction."""

CONNECTIONS = 4

NO_RIGHT = "42501"
"""PostgreSQL's SQLSTATE for what a role may not do."""

MIGRATIONS = Path(__file__).parent / "migrations"


class StaleWriteError(Exception):
    """A compare-and-set found another version than it had read: somebody else was first."""


class NotWrittenError(LocalError):
    """The disk, or whoever holds the database, refused: nothing of the transaction is written."""


class _Later:
    """A transaction that begins with its first statement."""

    def __init__(self, begin: Callable[[], Awaitable[Tx]]) -> None:
        self._begin = begin
        self._tx: Tx | None = None

    async def execute(self, *statement: Any) -> Any:
        """As the transaction's own."""
        if self._tx is None:
            self._tx = await self._begin()
        return await self._tx.execute(*statement)


class Database:
    """Close it with `close()`. One per process."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self._engine = open_engine(where, durable=True, connections=CONNECTIONS)
        self._telemetry = open_engine(where, durable=False, connections=1)

    @property
    def url(self) -> str | None:
        """Of a PostgreSQL server, which other hubs may use as well; None for a file of our own."""
        return None if isinstance(self.where, Path) else self.where

    @asynccontextmanager
    async def write(self, towns: Towns) -> AsyncIterator[Tx]:
        """A durable transaction; an exception rolls it back. NotWrittenError when the machine refuses."""
        with self._refusals():
            async with _transaction(self._engine, towns) as tx:
                yield tx

    @asynccontextmanager
    async def write_if_needed(self, towns: Towns) -> AsyncIterator[Tx]:
        """As `write`, but begun by its first statement: without one it waits for no disk and no writer."""
        async with AsyncExitStack() as stack:
            yield cast(Tx, _Later(partial(stack.enter_async_context, self.write(towns))))

    @asynccontextmanager
    async def read(self, towns: Towns) -> AsyncIterator[Tx]:
        """A consistent view without a write lock. NotWrittenError when the database cannot be used."""
        with self._refusals():
            async with _transaction(self._engine, towns, reads=True) as tx:
                yield tx

    @asynccontextmanager
    async def telemetry(self, towns: Towns) -> AsyncIterator[Tx]:
        """A transaction whose loss in a power cut would matter to nobody. NotWrittenError as for `write`."""
        with self._refusals():
            async with _transaction(self._telemetry, towns) as tx:
                yield tx

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except UnreachableError as error:
            raise NotWrittenError("not_written", f"{self.where}: {error.message}") from error
        except DBAPIError as error:
            if not refused_by_machine(error):
                raise
            place = "the server's" if self.url else "the"
            raise NotWrittenError(
                "not_written",
                f"{self.where}: cannot be written: {error.orig}; look at free space and {place} disk",
            ) from error

    async def migrate(self, owner: str = "") -> None:
        """Bring the tables to the newest version; runs at every start.

        `owner` is the URL of the role that owns the tables, where the hub's own role does not: it migrates,
        and lets the hub's role in.
        """
        if not owner:
            async with _transaction(self._engine, POOL) as tx:
                await tx.run_sync(upgrade)
            return
        async with _transaction(self._engine, fences.NOBODY, reads=True) as tx:
            user: str = (await tx.exec_driver_sql("SELECT current_user::text")).scalar_one()
        engine = open_engine(owner, durable=True, connections=1)
        try:
            async with _transaction(engine, POOL) as tx:
                await tx.run_sync(upgrade)
                await tx.run_sync(fences.let_in, user)
        finally:
            await engine.dispose()

    async def close(self) -> None:
        """Wait for what is running and close all connections."""
        await self._telemetry.dispose()
        await self._engine.dispose()


@asynccontextmanager
async def _transaction(engine: AsyncEngine, towns: Towns, *, reads: bool = False) -> AsyncIterator[Tx]:
    async with engine.connect() as connection:
        await connection.execution_options(**{TOWNS: tuple(towns), READS: reads})
        async with connection.begin():
            yield connection


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the migrations up to this revision, within the connection's transaction, and fence what is new."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    before = fences.revision(connection)
    command.upgrade(config, to)
    if to == "head" and fences.revision(connection) != before:
        fences.put_up(connection)


async def open_database(where: Where, owner: str = "") -> Database:
    """A migrated database. LocalError says what is wrong with the place, or with who is let in."""
    if isinstance(where, Path):
        _check_place(where)
    database = Database(where)
    try:
        await database.migrate(owner)
    except (DBAPIError, UnreachableError) as error:
        await database.close()
        raise LocalError("database", _cannot(where, error)) from None
    try:
        for note in await look_at(where, owner) if isinstance(where, str) else ():
            log.warning(note)
    except LocalError:
        await database.close()
        raise
    log.info("database open", extra={"place": str(where)})
    return database


async def look_at(url: str, owner: str = "") -> list[str]:
    """Whether a PostgreSQL database lets us in; gives notes. LocalError when it does not.

    Where two roles are wanted, a hub whose role is not fenced does not start; with one role it is a note.
    """
    found = ""
    for one in filter(None, (owner, url)):
        try:
            connection = await connect_to(one, SESSION)
        except UnreachableError as error:
            raise LocalError("database", _cannot(one, error)) from None
        try:
            found = fences.problem(await connection.fetchrow(fences.STANDING))
        finally:
            await connection.close()
    if found and owner:
        advice = "let database.url name another role than database.owner_url, one that owns nothing"
        raise LocalError("database", f"{url}: {found}; {advice} (docs/manual/cluster.md)")
    return [f"{url}: {found}; better: two roles, see database.owner_url"] if found else []


def _cannot(where: Where, error: DBAPIError | UnreachableError) -> str:
    why = error.orig if isinstance(error, DBAPIError) else error.message
    if isinstance(where, Path):
        advice = "check its owner, free space and that it is a database of this program, or name another "
        return f"{where}: the database cannot be used: {why}; {advice}place with database.path"
    if getattr(getattr(error, "orig", None), "sqlstate", "") == NO_RIGHT:
        return (
            f"{where}: its tables are not those of this version, and this role may not change them: {why}; "
            "set database.owner_url, or migrate once with settings that have it: python -m hub migrate"
        )
    return (
        f"{where}: the database cannot be used: {why}; check that PostgreSQL runs there, that the "
        "database exists and belongs to this user, or name another with database.url"
    )


def _check_place(path: Path) -> None:
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LocalError(
            "database", f"{folder}: cannot be created: {error.strerror}; set database.path"
        ) from None
    target = path if path.exists() else folder
    if not os.access(target, os.W_OK) or not os.access(folder, os.W_OK):
        raise LocalError(
            "database",
            f"{target}: not writable for this user; change its owner (chown) or set database.path",
        )
    if path.is_dir():
        raise LocalError("database", f"{path}: is a directory; database.path names a file")
    # the files of its log follow its mode; hashes and notes are for the hub's own user
    with contextlib.suppress(OSError):  # opening the database says what is wrong
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        with contextlib.suppress(OSError):  # somebody else's file stays theirs
            file.chmod(0o600)
