"""SQLite at one trip to its thread for each statement.

A connection of aiosqlite has a thread of its own. SQLAlchemy's adapter goes there four times for one
statement: for a cursor, its execution, its rows, its end. Each trip costs more than most of our statements,
and while the program is busy each may wait for the interpreter's lock. Here they are one.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)


@dataclass(slots=True)
class _Done:
    """What is left of a cursor once its rows are here."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    arraysize: int = 1

    def close(self) -> None:
        """It is closed."""


Trip = Callable[[sqlite3.Connection, str, Any], sqlite3.Cursor]


def _execute(connection: sqlite3.Connection, statement: str, parameters: Any) -> sqlite3.Cursor:
    return connection.execute(statement, parameters or ())


def _execute_many(connection: sqlite3.Connection, statement: str, parameters: Any) -> sqlite3.Cursor:
    return connection.executemany(statement, parameters)


def _go(trip: Trip, connection: sqlite3.Connection, *what: Any) -> tuple[_Done, Iterable[Any]]:
    """On the connection's thread."""
    cursor = trip(connection, *what)
    rows = cursor.fetchall() if cursor.description else ()
    done = _Done(cursor.description, cursor.rowcount, cursor.lastrowid)
    cursor.close()
    return done, rows


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """`_cursor` is what the last trip has brought."""

    __slots__ = ()
    _awaitable_cursor_close = False

    def _make_new_cursor(self, connection: Any) -> Any:
        return _Done()

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor

    async def _execute_async(self, operation: Any, parameters: Any) -> Any:
        await self._travel(_execute, operation, parameters)

    async def _executemany_async(self, operation: Any, seq_of_parameters: Any) -> Any:
        await self._travel(_execute_many, operation, seq_of_parameters)

    async def _travel(self, trip: Trip, *what: Any) -> None:
        connection: Any = self._connection
        async with self._adapt_connection._execute_mutex:
            self._cursor, rows = await connection._execute(_go, trip, connection._conn, *what)
        self._rows = deque(rows)


class _Connection(AsyncAdapt_aiosqlite_connection):
    __slots__ = ()
    _cursor_cls = _Cursor


class OneTrip(AsyncAdapt_aiosqlite_dbapi):
    """The driver module for `create_async_engine(..., module=OneTrip())`."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arg: Any, **kw: Any) -> AsyncAdapt_aiosqlite_connection:
        """As the adapter does, with cursors of ours."""
        return _Connection(self, super().connect(*arg, **kw)._connection)
