"""A hub with a fault, to see that the harness sees it: `python -m tests.kill.mutant NAME`.

unchecked   writers do not follow one another and compare no version; the day drops the unique indexes too
forgetful   a hub does not look at what the others have written before it decides

The faults live here and nowhere in the product.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine, event, text, update
from sqlalchemy.engine import Connection

from hub import __main__ as program
from hub.counter.node import Node
from hub.store import dialect
from hub.store.database import Database, Tx
from hub.store.fences import POOL
from hub.store.rows import Rows
from tests.fakes.postgres import as_owner

INDEXES = (
    "one_live_call_per_kiosk", "one_live_call_per_operator", "one_open_leg_per_call",
    "one_open_transfer_per_call", "one_open_transfer_per_specialist",
)  # fmt: skip


async def drop_indexes(url: str) -> None:
    """What may exist only once may now exist twice."""
    owner = Database(as_owner(url))
    async with owner.write(POOL) as tx:
        for name in INDEXES:
            await tx.execute(text(f"DROP INDEX IF EXISTS {name}"))
    await owner.close()


def unchecked() -> None:
    """No lock, no compare-and-set."""

    def postgresql(engine: Engine, *, durable: bool) -> None:
        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:
            options = connection.get_execution_options()
            if options.get(dialect.READS, False):
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            towns = ",".join(options.get(dialect.TOWNS, ()))
            connection.exec_driver_sql(f"SELECT set_config('{dialect.FENCE}', $1, true)", (towns,))

    async def save(self: Rows[Any], tx: Tx, record: Any) -> Any:
        written = replace(record, version=record.version + 1)
        where = self.table.c[self.key] == getattr(record, self.key)
        await tx.execute(update(self.table).where(where).values(self.values(written)))
        return written

    dialect._postgresql = postgresql
    Rows.save = save  # type: ignore[method-assign]


def forgetful() -> None:
    """The board knows its own words alone."""

    async def catch_up(self: Node, *_: Any) -> list[Any]:
        return []

    Node.catch_up = catch_up  # type: ignore[assignment,method-assign]


MUTANTS: dict[str, Callable[[], None]] = {"unchecked": unchecked, "forgetful": forgetful}

if __name__ == "__main__":
    MUTANTS[sys.argv[1]]()
    sys.exit(program.main(sys.argv[2:]))
