"""A database with the cast in it, on the store that the test is run for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.store import people, places
from hub.store.database import Database, open_database
from hub.store.dialect import Where
from hub.store.fences import POOL
from hub.store.people import User
from hub.store.places import Kiosk
from protocol.values import Membership, Role
from tests.fakes.hub_program import settings_in
from tests.fakes.postgres import server


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Two municipalities, two terminals, one operator."""
    database = await open_database(settings_in(tmp_path).store)
    async with database.write(POOL) as tx:
        await places.know(tx, [("minami", "honcho"), ("kitamidai", "yakuba")])
        for device in ("t1", "t2"):
            kiosk = Kiosk(
                id=device, municipality="minami", site="honcho", terminal=device, public_key=b"k" * 32
            )
            await places.add_kiosk(tx, kiosk)
        user = User(
            id="hana", login_name="hana", name="花", password_hash="x",
            memberships=(Membership(municipality="minami", role=Role.OPERATOR),),
        )  # fmt: skip
        await people.add_user(tx, user)
    yield database
    await database.close()


@pytest.fixture
def unmigrated(tmp_path: Path, store: str) -> Where:
    """A place for a database in which no table exists yet."""
    if store == "sqlite":
        return tmp_path / "old.db"
    return server().url(server().clone("template0"))
