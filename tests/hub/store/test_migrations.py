"""What migrations make of the records that were there before, on both stores."""

from __future__ import annotations

from sqlalchemy import text

from hub.store import people, places
from hub.store.database import Database, upgrade
from hub.store.dialect import Where
from hub.store.fences import POOL
from protocol.values import Membership, Role
from tests.hub.store.cast import NOW


async def test_the_roles_of_those_who_were_there_before_are_kept(unmigrated: Where) -> None:
    """An operator stays one, an admin stays admin and may take calls as before; logins stay hers."""
    database = Database(unmigrated)
    async with database.write(POOL) as tx:
        await tx.run_sync(upgrade, "0001")
        await places.know(tx, [("minami", "honcho"), ("kitamidai", "yakuba")])
        for who, role, towns in (
            ("hana", "operator", ["minami"]), ("sato", "admin", ["minami", "kitamidai"])
        ):  # fmt: skip
            values = {"id": who, "role": role}
            await tx.execute(text("INSERT INTO \"user\" VALUES (:id, :id, :id, :role, 'x', NULL)"), values)
            for town in towns:
                await tx.execute(
                    text("INSERT INTO membership VALUES (:id, :town)"), {"id": who, "town": town}
                )
        await tx.execute(
            text("INSERT INTO login VALUES ('t', 'sato', 'c', :now, :now, NULL)"),
            {"now": NOW.replace(tzinfo=None)},
        )
    await database.migrate()
    async with database.read(POOL) as tx:
        hana, sato = await people.anyone_with(tx, "hana"), await people.anyone_with(tx, "sato")
        if database.url is None:
            assert (await tx.exec_driver_sql("PRAGMA foreign_key_check")).all() == []
    await database.close()
    assert hana is not None
    assert hana.memberships == (Membership(municipality="minami", role=Role.OPERATOR),)
    assert sato is not None
    assert [(one.municipality, one.role) for one in sato.memberships] == [
        (town, role) for town in ("kitamidai", "minami") for role in (Role.ADMIN, Role.OPERATOR)
    ]
