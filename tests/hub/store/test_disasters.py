"""The disaster switch in the tables, and what wrap-ups are counted for, on both stores."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hub.store import calls, disasters
from hub.store.database import Database
from hub.store.fences import POOL
from tests.hub.store.cast import NOW, a_call


async def test_a_switch_is_one_row_of_one_municipality(database: Database) -> None:
    """On twice is on with the newer page; off is off, and says whether it was on."""
    async with database.write(POOL) as tx:
        await disasters.switch_on(tx, "minami", "quake", NOW, "command")
        await disasters.switch_on(tx, "minami", "flood", NOW, "user:u1")
    async with database.write(POOL) as tx:
        assert await disasters.load(tx) == {"minami": "flood"}
        assert not await disasters.switch_off(tx, "kitamidai")
        assert await disasters.switch_off(tx, "minami")
        assert await disasters.load(tx) == {}


async def test_wrap_ups_are_counted_by_their_words(database: Database) -> None:
    """Of one municipality, from a moment on; what is not wrapped up is not counted."""
    async with database.write(POOL) as tx:
        for number, reason in enumerate(("a", "a", "b", "old")):
            kiosk = "t1" if number % 2 else "t2"
            record = replace(a_call(f"c{number}", kiosk), state="ended", request_id=f"r{number}")
            await calls.rows.insert(tx, record)
            at = NOW - timedelta(days=1) if reason == "old" else NOW
            await calls.write_outcome(
                tx, record, at=at, outcome="transferred", procedure="care", reason=reason, note=""
            )
        await calls.rows.insert(tx, a_call("c9"))
    async with database.read(POOL) as tx:
        found = await calls.outcomes(tx, "minami", NOW - timedelta(hours=1))
        assert found == [("care", "transferred", "a", 2), ("care", "transferred", "b", 1)]
        assert await calls.outcomes(tx, "kitamidai", NOW - timedelta(days=9)) == []
