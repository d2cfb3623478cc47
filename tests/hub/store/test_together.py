"""Questions that come at once are answered by one look, and none by a look that began before it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping

import pytest

from hub.store.together import MOST, Together


class Shelf:
    """Something to look at, slowly."""

    def __init__(self) -> None:
        self.things = {"a": 1, "b": 2}
        self.looks: list[set[str]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def look(self, keys: Collection[str]) -> Mapping[str, int]:
        """What is there when the look begins."""
        self.looks.append(set(keys))
        found = {key: self.things[key] for key in keys if key in self.things}
        await self.open.wait()
        return found


async def test_a_thousand_questions_are_few_looks() -> None:
    """Each gets its own answer; what is not there is None."""
    shelf = Shelf()
    asked = Together(shelf.look)
    answers = await asyncio.gather(*(asked.ask(key) for key in ["a", "b", "c"] * MOST))
    assert answers == [1, 2, None] * MOST
    assert len(shelf.looks) == 3, "a look answers a bounded number of questions"


async def test_a_question_is_never_answered_by_an_older_look() -> None:
    """A terminal that is revoked while others are looked up is not let in by that look."""
    shelf = Shelf()
    asked = Together(shelf.look)
    shelf.open.clear()
    before = asyncio.create_task(asked.ask("a"))
    while not shelf.looks:
        await asyncio.sleep(0)
    del shelf.things["a"]
    after = asyncio.create_task(asked.ask("a"))
    await asyncio.sleep(0)
    shelf.open.set()
    assert (await before, await after) == (1, None)


async def test_a_look_that_fails_fails_for_those_who_asked() -> None:
    """And the next question is looked up anew."""
    shelf = Shelf()
    broken = True

    async def look(keys: Collection[str]) -> Mapping[str, int]:
        if broken:
            raise OSError("no disk")
        return await shelf.look(keys)

    asked = Together(look)
    found = await asyncio.gather(asked.ask("a"), asked.ask("b"), return_exceptions=True)
    assert [type(one) for one in found] == [OSError, OSError]
    broken = False
    assert await asked.ask("a") == 1


async def test_whoever_leaves_before_the_answer_takes_nobody_along() -> None:
    """A link that ends while its terminal is looked up."""
    shelf = Shelf()
    asked = Together(shelf.look)
    shelf.open.clear()
    leaves, stays = asyncio.create_task(asked.ask("a")), asyncio.create_task(asked.ask("b"))
    while not shelf.looks:
        await asyncio.sleep(0)
    leaves.cancel()
    shelf.open.set()
    assert await stays == 2
    with pytest.raises(asyncio.CancelledError):
        await leaves
