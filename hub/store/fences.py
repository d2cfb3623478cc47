"""PostgreSQL's row-level security: rows of a municipality that a transaction does not act for are not there.

    async with database.read(["minami"]) as tx: ...     # sees minami, whatever a statement forgot
    async with database.write(POOL) as tx: ...           # a turn of the counter: the pool is everybody's
    async with database.write(NOBODY) as tx: ...         # only rows that belong to no municipality

The fences follow the tables: whichever has a column `municipality` gets one after every migration. They are
forced, so that they hold for the owner of the tables too; not for a superuser or a role with BYPASSRLS, which
`problem` finds. The table `municipality` holds bare words and has none. They guard against statements that
forget, not against a program that lies about its towns.
A file has no fences; there the statements alone keep rows apart.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import Table
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.store.dialect import FENCE, NEWEST_DIGEST, TOWNS, fences
from hub.store.tables import metadata

Towns = Collection[str]
"""The municipalities that a transaction acts for."""

POOL: Towns = ("*",)
"""All of them: turns of the counter, logins before anybody knows who it is, commands about the whole hub."""

NOBODY: Towns = ()
"""None: users, logins, hubs and audit entries of no municipality are all that is there."""

_TOWNS = f"(SELECT string_to_array(current_setting('{FENCE}', true), ','))::text[]"


def _inside(column: str) -> str:
    """Whether a row is one of those that the transaction acts for; asked once a statement, not once a row."""
    return f"('*' = ANY ({_TOWNS}) OR {column} = ANY ({_TOWNS}))"


_SOMEWHERE = f"(cardinality({_TOWNS}) > 0)"

_MEMBERS = f'm."user" FROM membership m WHERE m.municipality = ANY ({_TOWNS})'

_OF_MEMBERS = (
    f"(municipality IS NULL AND (subject IN (SELECT {_MEMBERS}) OR actor IN (SELECT 'user:' || {_MEMBERS})))"
)


def fenced() -> list[Table]:
    """Every table whose rows belong to a municipality."""
    return [one for one in metadata.sorted_tables if "municipality" in one.c]


def _policies(table: str) -> Iterator[str]:
    """What may be done with rows of a table, each as the end of a CREATE POLICY.

    What somebody is in which municipality is read before anybody knows for which one she acts, and decides
    whom an admin may look after: memberships are read whole, and changed within the fence alone. An audit
    entry without a municipality (a login, say) is read by those whose people it is by or about.
    """
    inside = _inside("municipality")
    match table:
        case "membership":
            yield f"FOR SELECT USING {_SOMEWHERE}"
            yield f"FOR INSERT WITH CHECK {inside}"
            yield f"FOR UPDATE USING {inside} WITH CHECK {inside}"
            yield f"FOR DELETE USING {inside}"
        case "audit":
            yield f"FOR SELECT USING ({inside} OR {_OF_MEMBERS})"
            yield f"FOR INSERT WITH CHECK (municipality IS NULL OR {inside})"
        case _:
            yield f"FOR ALL USING {inside} WITH CHECK {inside}"


def put_up(connection: Connection) -> None:
    """Anew, around every table as it is now; within the transaction of the migration."""
    if not fences(connection):
        return
    connection.exec_driver_sql(NEWEST_DIGEST)
    for table in fenced():
        old = "SELECT policyname FROM pg_policies WHERE schemaname = current_schema() AND tablename = $1"
        for (name,) in connection.exec_driver_sql(old, (table.name,)).all():
            connection.exec_driver_sql(f'DROP POLICY "{name}" ON "{table.name}"')
        for verb in ("ENABLE", "FORCE"):
            connection.exec_driver_sql(f'ALTER TABLE "{table.name}" {verb} ROW LEVEL SECURITY')
        for number, policy in enumerate(_policies(table.name)):
            connection.exec_driver_sql(f'CREATE POLICY "towns_{number}" ON "{table.name}" {policy}')


def let_in(connection: Connection, user: str) -> None:
    """Give the hub's own role rows to read and write, and nothing that changes tables."""
    known = "SELECT has_table_privilege($1::name, '\"call\"', 'INSERT')"
    if connection.exec_driver_sql(known, (user,)).scalar_one():
        return
    role = '"' + user.replace('"', '""') + '"'
    for right in ("SELECT, INSERT, UPDATE, DELETE ON ALL TABLES", "USAGE ON ALL SEQUENCES"):
        connection.exec_driver_sql(f"GRANT {right} IN SCHEMA public TO {role}")
        connection.exec_driver_sql(
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {right.replace('ALL ', '')} TO {role}"
        )
    connection.exec_driver_sql(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}")


def revision(connection: Connection) -> str | None:
    """Up to which migration the tables are."""
    return MigrationContext.configure(connection).get_current_revision()


STANDING = """
SELECT current_user AS role, r.rolsuper AS super, r.rolbypassrls AS bypass, coalesce(bool_or(pg_has_role(
    current_user, c.relowner, 'USAGE')), false) AS owns
FROM pg_roles r LEFT JOIN pg_class c ON c.relname = 'call' AND c.relkind = 'r'
WHERE r.rolname = current_user GROUP BY 1, 2, 3
"""


def problem(row: Any) -> str:
    """What keeps the fences from holding for the role of a `STANDING` row; '' when they hold."""
    if row["super"] or row["bypass"]:
        why = "is a superuser" if row["super"] else "has BYPASSRLS"
        return f"the role {row['role']} {why}, so row-level security does not hold for it"
    if row["owns"]:
        return f"the role {row['role']} owns the tables, so it could take row-level security away"
    return ""


@asynccontextmanager
async def lifted(tx: AsyncConnection) -> AsyncIterator[None]:
    """Within the block every municipality is there: to ask whether any of them still needs something."""
    connection = tx.sync_connection
    assert connection is not None, "a transaction is open"
    towns = connection.get_execution_options().get(TOWNS, NOBODY)
    if tuple(towns) == POOL or not fences(tx):
        yield
        return
    await _set(tx, POOL)
    yield
    await _set(tx, towns)  # after an error the transaction is over anyway


async def _set(tx: AsyncConnection, towns: Towns) -> None:
    await tx.exec_driver_sql(f"SELECT set_config('{FENCE}', $1, true)", (",".join(towns),))
