"""Answers questions that come at once with one look at the store.

    kiosks = Together(look)                    # look(ids) gives what there is, by id
    kiosk = await kiosks.ask("t1")             # None when it is not there

A look begins after every question that it answers, so the answer is never older than the question. While it
goes on the next questions gather: two thousand terminals that come back at once cost a few looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST = 500
"""Questions of one look: a statement holds only so many values, and others want the processor too."""


class Together(Generic[K, V]):
    """`look` is never asked twice at once."""

    def __init__(self, look: Callable[[Collection[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._look = look
        self._open: list[tuple[K, asyncio.Future[V | None]]] = []
        self._looking: asyncio.Task[None] | None = None

    async def ask(self, key: K) -> V | None:
        """The answer; whatever `look` raises."""
        answer: asyncio.Future[V | None] = asyncio.get_running_loop().create_future()
        self._open.append((key, answer))
        if self._looking is None:
            self._looking = asyncio.create_task(self._answer())
        return await answer

    async def _answer(self) -> None:
        try:
            while self._open:
                asked, self._open = self._open[:MOST], self._open[MOST:]
                await self._answer_these([one for one in asked if not one[1].done()])
        finally:
            self._looking = None

    async def _answer_these(self, asked: Collection[tuple[K, asyncio.Future[V | None]]]) -> None:
        try:
            found = await self._look({key for key, _ in asked})
        except Exception as error:
            for _, answer in asked:
                if not answer.done():  # whoever asked may have left
                    answer.set_exception(error)
            return
        for key, answer in asked:
            if not answer.done():
                answer.set_result(found.get(key))
