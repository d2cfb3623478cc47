"""Notifications of a PostgreSQL database, on a connection of their own that listens and sends.

The statements of the `relay` table stand here because they run outside of every turn's transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg

from hub.store.dialect import SESSION, UnreachableError, connect_to

CHANNEL = "madoguchi"

KEEP_S = 60
"""A laid-down text is read within milliseconds, or by nobody."""

TIDY_EVERY = 500
"""Texts laid down before old ones are taken away."""


NOTIFY = f"SELECT pg_notify('{CHANNEL}', one) FROM unnest($1::text[]) WITH ORDINALITY AS t(one, n) ORDER BY n"  # noqa: S608


class GoneError(Exception):
    """The connection is not there now."""


class Signals:
    """`connect()` again when `lost` is set."""

    def __init__(self, url: str) -> None:
        self.lost = asyncio.Event()
        self._url = url
        self._connection: asyncpg.Connection[Any] | None = None
        self._laid = 0
        self._lock = asyncio.Lock()  # a connection does one thing at a time

    async def connect(self, heard: Callable[[str], None]) -> None:
        """Listen. GoneError."""
        settings = SESSION | {"application_name": "madoguchi-hub bus"}
        try:
            connection = await connect_to(self._url, settings)
        except UnreachableError as error:
            raise GoneError(f"{self._url}: {error.message}") from None

        def take(_: object, __: int, ___: str, payload: str) -> None:
            heard(payload)

        connection.add_termination_listener(lambda _: self.lost.set())
        self._connection = connection
        self.lost.clear()
        with self._gone():
            await connection.add_listener(CHANNEL, take)

    @contextlib.contextmanager
    def _gone(self) -> Any:
        try:
            yield
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise GoneError(str(error) or type(error).__name__) from error

    def _open(self) -> asyncpg.Connection[Any]:
        if self._connection is None or self._connection.is_closed():
            self.lost.set()
            raise GoneError("the connection to the database is gone")
        return self._connection

    async def send(self, texts: Sequence[str]) -> None:
        """One statement, in order; each text differs, because equal ones would be told once. GoneError."""
        async with self._lock:
            with self._gone():
                await self._open().execute(NOTIFY, list(texts))

    async def lay_down(self, text: str) -> int:
        """A row for what is too long; its number. GoneError."""
        async with self._lock:
            with self._gone():
                connection = self._open()
                self._laid += 1
                if self._laid % TIDY_EVERY == 1:
                    await connection.execute(
                        "DELETE FROM relay WHERE at < now() - make_interval(secs => $1)", KEEP_S
                    )
                number: int = await connection.fetchval(
                    "INSERT INTO relay (at, body) VALUES (now(), $1) RETURNING id", text
                )
                return number

    async def fetch(self, number: int) -> str | None:
        """A laid-down text; None when it is gone. GoneError."""
        async with self._lock:
            with self._gone():
                found: str | None = await self._open().fetchval(
                    "SELECT body FROM relay WHERE id = $1", number
                )
                return found

    async def close(self) -> None:
        """Hang up."""
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=1)
