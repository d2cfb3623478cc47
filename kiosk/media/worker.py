"""One thread that works for the event loop: a codec's frame takes milliseconds, which the loop does not have.

Leaner than an executor, whose futures and wake-ups cost a small computer a tenth of the frame.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

log = logging.getLogger(__name__)

Job = tuple[Callable[[], Any], Callable[[Any], None]]


class Worker:
    """`do` from the event loop's thread; results come back on it, in order. End it with `close`."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def do(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """`done` gets what `work` gave, None when it raised (the log says what)."""
        self._jobs.put((work, done))

    async def close(self) -> None:
        """Waits for the work under way; nothing may be given to do afterwards."""
        self._jobs.put(None)
        await self._ended
        self._thread.join()  # its last line is done

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            work, done = job
            try:
                result = work()
            except Exception:
                log.exception("work for the media failed")
                result = None
            self._loop.call_soon_threadsafe(done, result)
            del job, work, done, result  # a picture must not live on in an idle thread
        self._loop.call_soon_threadsafe(self._ended.set_result, None)
