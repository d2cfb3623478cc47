"""A statement that forgot its municipality finds nothing: PostgreSQL itself keeps rows apart.

Everything here runs as the hubs' own role on a real server; on a file there is no fence to test.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from hub.__main__ import main
from hub.core.audit import Action, Entry, first_break
from hub.store import calls, captures, keeping, people, places, tables, trail
from hub.store import staff as rings
from hub.store.database import Database, open_database
from hub.store.fences import NOBODY, POOL, Towns, fenced
from hub.store.people import User
from hub.store.places import Kiosk
from hub.store.trail import Wanted
from protocol.errors import LocalError
from protocol.values import Membership, Role
from tests.fakes.hub_program import CONTENT
from tests.fakes.postgres import as_owner, new_database, server
from tests.hub.store.cast import NOW, a_call

TOWNS = ("minami", "kitamidai")


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    """Each municipality with a terminal, an operator, a call with an event, a bell and an audit entry."""
    database = await open_database(new_database())
    async with database.write(POOL) as tx:
        await places.know(tx, [(town, "yakuba") for town in TOWNS])
        for town in TOWNS:
            key = Kiosk(id=f"t-{town}", municipality=town, site="yakuba", terminal="t", public_key=b"k" * 32)
            await places.add_kiosk(tx, key)
            role = Membership(municipality=town, role=Role.BRANCH)
            await people.add_user(
                tx, User(id=f"u-{town}", login_name=town, name=town, password_hash="x", memberships=(role,))
            )
            record = a_call(f"c-{town}", f"t-{town}", municipality=town)
            await calls.rows.insert(tx, record)
            await calls.add_event(tx, record, "Requested", NOW)
            await rings.set_bells(tx, f"u-{town}", town, ["yakuba"])
            await trail.append(tx, _entry(town, f"user:u-{town}"))
            await trail.append(tx, _entry(None, f"user:u-{town}"))
    yield database
    await database.close()


def _entry(town: str | None, actor: str, number: int = 0) -> Entry:
    at = NOW + timedelta(seconds=number)
    return Entry(at=at, municipality=town, actor=actor, action=Action.LOGIN, subject=str(number))


FILLED = ("site", "kiosk", "membership", "call", "call_event", "bell", "audit")


async def _found(database: Database, towns: Towns, table: str) -> set[str | None]:
    """Of which municipalities a statement without any WHERE finds rows."""
    column = tables.metadata.tables[table].c.municipality
    async with database.read(towns) as tx:
        return set((await tx.execute(select(column))).scalars())


async def test_every_table_with_a_municipality_is_fenced(database: Database) -> None:
    """Whoever adds one need not think of it; and its owner is not let past."""
    query = text(
        "SELECT relname FROM pg_class c WHERE relrowsecurity AND relforcerowsecurity "
        "AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid)"
    )
    async with database.read(NOBODY) as tx:
        found = set((await tx.execute(query)).scalars())
    assert found == {one.name for one in fenced()}
    assert {"site", "call", "capture_key", "audit", "membership"} <= found


@pytest.mark.parametrize("table", FILLED)
async def test_a_forgetful_statement_finds_its_own_town_alone(database: Database, table: str) -> None:
    """And nothing at all where nobody has said for whom; a turn of the pool finds everything."""
    assert await _found(database, NOBODY, table) == set()
    whole = set(TOWNS) | ({None} if table == "audit" else set())
    assert await _found(database, POOL, table) == whole
    if table != "membership":
        own = {"minami"} | ({None} if table == "audit" else set())
        assert await _found(database, ["minami"], table) == own


async def test_nothing_of_a_transaction_is_left_on_its_connection(database: Database) -> None:
    """Connections go from hand to hand."""
    for _ in range(6):
        assert await _found(database, POOL, "call") == set(TOWNS)
        assert await _found(database, NOBODY, "call") == set()
    async with database.read(NOBODY) as tx:
        await tx.execute(text("SELECT set_config('madoguchi.municipalities', '', false)"))
        assert (await tx.execute(select(func.count()).select_from(tables.call))).scalar() == 0


async def test_a_foreign_row_is_neither_written_nor_changed_nor_taken_away(database: Database) -> None:
    """An insert is refused, the others find nothing; a row cannot be moved out either."""
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.write(["minami"]) as tx:
            await places.know(tx, [("kitamidai", "annex")])
    async with database.write(["minami"]) as tx:
        for table in (tables.kiosk, tables.bell, tables.membership):
            theirs = table.c.municipality == "kitamidai"
            assert (await tx.execute(delete(table).where(theirs))).rowcount == 0
        anywhere = update(tables.kiosk).values(terminal="other")
        assert (await tx.execute(anywhere)).rowcount == 1
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.write(["minami"]) as tx:
            await tx.execute(update(tables.kiosk).values(municipality="kitamidai"))


async def test_what_somebody_is_elsewhere_is_seen_and_left_alone(database: Database) -> None:
    """Whom an admin may look after depends on it; giving roles elsewhere is refused by the database."""
    both = [Membership(municipality=town, role=Role.OPERATOR) for town in TOWNS]
    async with database.write(POOL) as tx:
        await people.add_memberships(tx, "u-minami", both)
    async with database.read(["minami"]) as tx:
        found = await keeping.members(tx, "minami")
    assert [one.municipalities for one in found] == [("kitamidai", "minami")]
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.write(["minami"]) as tx:
            await tx.execute(
                insert(tables.membership).values(user="u-minami", municipality="kitamidai", role="admin")
            )


async def test_the_audit_is_one_chain_whoever_writes(database: Database) -> None:
    """Each entry follows from the newest of all, also where its writer may not see that one."""
    for number, towns in enumerate((["minami"], ["kitamidai"], NOBODY, POOL, ["minami"]), 1):
        async with database.write(towns) as tx:
            town = towns[0] if towns and towns != POOL else None
            await trail.append(tx, _entry(town, "hub", number))
            seen = (await tx.execute(select(func.count()).select_from(tables.call))).scalar()
            assert seen == {"minami": 1, "kitamidai": 1, None: 2 if towns == POOL else 0}[town]
    async with database.read(POOL) as tx:
        entries = await trail.entries(tx)
    assert len(entries) == 9
    assert first_break(entries) is None


async def test_a_town_reads_its_own_audit_and_that_of_its_people(database: Database) -> None:
    """A login belongs to no municipality; it is there for those whose person it was."""
    async with database.read(["minami"]) as tx:
        found = await trail.read(tx, Wanted(), 100)
    assert [(entry.municipality, entry.actor) for _, entry in reversed(found)] == [
        ("minami", "user:u-minami"), (None, "user:u-minami"),
    ]  # fmt: skip
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.write(["minami"]) as tx:
            await trail.append(tx, _entry("kitamidai", "hub"))


async def test_the_keys_of_stills_are_behind_the_fence(database: Database) -> None:
    """A still is found by its id in its own town alone."""
    async with database.read(["kitamidai"]) as tx:
        assert await captures.readable(tx, TOWNS) == []
        assert await captures.by_upload(tx, "any") is None


async def test_the_role_of_the_hub_changes_no_table(database: Database) -> None:
    """Nor takes a fence away."""
    for change in (
        "ALTER TABLE call DISABLE ROW LEVEL SECURITY",
        "DROP TABLE bell",
        "CREATE TABLE x (y int)",
    ):
        with pytest.raises(DBAPIError, match=r"must be owner|permission denied"):
            async with database.write(POOL) as tx:
                await tx.execute(text(change))


async def test_a_role_that_no_fence_holds_for_is_named() -> None:
    """Where two roles are wanted such a hub does not start; with one it runs, and a check says so."""
    url = new_database()
    superuser, owner = url.replace("madoguchi_app@", "madoguchi@"), as_owner(url)
    for role, why in ((superuser, "is a superuser"), (owner, "owns the tables")):
        with pytest.raises(LocalError, match=f"{why}.*database.owner_url"):
            await open_database(role, owner)
        await (await open_database(role)).close()
    server().sql("CREATE ROLE madoguchi_bypass LOGIN BYPASSRLS")
    with pytest.raises(LocalError, match="has BYPASSRLS"):
        await open_database(url.replace("madoguchi_app@", "madoguchi_bypass@"), owner)


def test_a_check_says_which_role_is_too_mighty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is started."""
    path = tmp_path / "hub.yaml"
    url = new_database()
    rest = (
        f"content: {CONTENT}\nkeys: {{directory: {tmp_path}/keys}}\ncaptures: {{directory: {tmp_path}/c}}\n"
    )
    path.write_text(f"{rest}database: {{url: '{as_owner(url)}'}}\n")
    assert main(["--config", str(path), "--check"]) == 0
    assert "owns the tables" in capsys.readouterr().out
    path.write_text(f"{rest}database: {{url: '{as_owner(url)}', owner_url: '{as_owner(url)}'}}\n")
    assert main(["--config", str(path), "--check"]) == 1
    assert "name another role than database.owner_url" in capsys.readouterr().err
    path.write_text(f"{rest}database: {{owner_url: '{as_owner(url)}'}}\n")
    assert main(["--config", str(path), "--check"]) == 2
    assert "set database.url too" in capsys.readouterr().err


def test_a_hub_that_may_not_migrate_says_who_can(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What to do stands in the message, it is a command, and afterwards the hub is let in."""
    one = server()
    name = one.clone("template0")
    one.sql(f"ALTER DATABASE {name} OWNER TO madoguchi_owner")
    url = one.url(name, "madoguchi_app")
    alone, both = tmp_path / "hub.yaml", tmp_path / "owner.yaml"
    alone.write_text(f"content: {CONTENT}\ndatabase: {{url: '{url}'}}\n")
    both.write_text(f"content: {CONTENT}\ndatabase: {{url: '{url}', owner_url: '{as_owner(url)}'}}\n")
    assert main(["--config", str(alone), "list"]) == 1
    assert "python -m hub migrate" in capsys.readouterr().err
    assert main(["--config", str(both), "migrate"]) == 0
    assert "tables of version" in capsys.readouterr().out
    assert main(["--config", str(alone), "list"]) == 0
    assert "nobody yet" in capsys.readouterr().out
