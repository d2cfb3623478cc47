"""Turns of all hubs have one row of numbers: no gap, no number twice, never back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from hub.store import nodes
from hub.store.database import Database, open_database
from hub.store.fences import POOL
from hub.store.tables import node
from tests.fakes.postgres import new_database

LEASE = timedelta(seconds=30)
NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    """A server's: a file has one hub."""
    database = await open_database(new_database())
    yield database
    await database.close()


async def test_turns_of_two_hubs_are_counted_together(database: Database) -> None:
    """Joining and leaving are turns as well; what is rolled back leaves its number to the next one."""
    async with database.write(POOL) as tx:
        assert await nodes.join(tx, "a", LEASE) == (1, 1)
        assert await nodes.join(tx, "b", LEASE) == (1, 2)
        assert [await nodes.count_turn(tx, one, 1) for one in "abba"] == [3, 4, 5, 6]
    with pytest.raises(RuntimeError):
        await _fail(database)
    async with database.write(POOL) as tx:
        assert await nodes.count_turn(tx, "b", 1) == 7
        assert await nodes.leave(tx, "a", 1, NOW) == 8
        assert await nodes.newest_turn(tx) == 8


async def _fail(database: Database) -> None:
    async with database.write(POOL) as tx:
        assert await nodes.count_turn(tx, "a", 1) == 7
        raise RuntimeError


async def test_who_was_given_up_or_has_left_counts_no_more(database: Database) -> None:
    """It may join again, under a new fence and with the next number."""
    async with database.write(POOL) as tx:
        await nodes.join(tx, "a", -LEASE)
        await nodes.join(tx, "b", LEASE)
        assert await nodes.expired(tx, "b") == ["a"]
        assert await nodes.give_up(tx, "a", NOW)
        assert await nodes.count_turn(tx, "a", 1) is None
        assert await nodes.leave(tx, "a", 1, NOW) is None
        assert await nodes.join(tx, "a", LEASE) == (3, 3)


async def test_numbers_go_on_when_the_hub_that_had_the_last_one_is_forgotten(database: Database) -> None:
    """A pool that was down over night does not begin to count anew: others would take its turns for old."""
    async with database.write(POOL) as tx:
        await nodes.join(tx, "a", LEASE)
        assert await nodes.leave(tx, "a", 1, NOW) == 2
        await tx.execute(update(node).values(started_at=datetime.now(UTC) - 2 * nodes.FORGOTTEN))
        assert await nodes.join(tx, "b", LEASE) == (1, 3)
        assert (await tx.execute(select(node.c.id))).scalars().all() == ["b"]
