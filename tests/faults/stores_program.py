"""Writes rows to a store and says of each that it stays; `tests.faults.power` traces it.

    python -m tests.faults.stores_program KIND DIRECTORY COUNT

KIND: `sqlite` is the hub's own database and statements, `file` the vault's own durable write. Beside them
stands what others do: `sqlite-off` (synchronous=OFF), `file-in-place`, `file-no-sync` (a rename, no fsync).
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

from hub.core.audit import Action, Entry
from hub.store import done, trail
from hub.store.database import Database
from hub.store.fences import POOL
from hub.vault import durable

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
SIZE = 4_200  # characters of a row: some pages, so that the log is also checkpointed
PLACES = 5  # files that are written in turn


def say(number: int) -> None:
    """In one call: whoever reads it was promised that this row stays."""
    os.write(1, b"ack %d\n" % number)


def text(number: int) -> str:
    """What row `number` holds; a torn one would show."""
    return f"{number:06d}" * (SIZE // 6)


def place(directory: Path, number: int) -> Path:
    """The file of row `number`."""
    return directory / f"{number % PLACES}.bin"


async def sqlite(directory: Path, count: int) -> None:
    """A word's id with its answer, and an entry of the audit trail, as a turn of the hub writes them."""
    database = Database(directory / "hub.db")
    for number in range(1, count + 1):
        async with database.write(POOL) as tx:
            await done.keep(tx, "desk:u1", f"w{number}", NOW, [{"text": text(number)}])
            entry = Entry(at=NOW, municipality=None, actor="hub", action=Action.LOGIN, subject=str(number))
            await trail.append(tx, entry)
        say(number)
    await database.close()


def sqlite_off(directory: Path, count: int) -> None:
    """A fast log that nobody syncs."""
    with sqlite3.connect(directory / "hub.db", isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        for number in range(1, count + 1):
            connection.execute(
                "INSERT INTO done VALUES ('desk:u1', ?, '', ?)",
                (f"w{number}", f'[{{"text": "{text(number)}"}}]'),
            )
            say(number)


def files(directory: Path, count: int, kind: str) -> None:
    """The same five files again and again."""
    for number in range(1, count + 1):
        path, data = place(directory, number), text(number).encode()
        if kind == "file":
            durable.write(path, data)
        elif kind == "file-in-place":
            path.write_bytes(data)
        else:
            path.with_suffix(".tmp").write_bytes(data)
            path.with_suffix(".tmp").replace(path)
        say(number)


if __name__ == "__main__":
    kind, where, rows = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if kind == "sqlite":
        asyncio.run(sqlite(where, rows))
    elif kind == "sqlite-off":
        sqlite_off(where, rows)
    else:
        files(where, rows, kind)
