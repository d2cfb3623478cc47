"""Hears from PulseAudio or PipeWire that devices came, went or changed, by `pactl`.

The server moves a stream whose device was pulled out to any other device without a word. A terminal must not
listen with a camera's microphone from then on: so whoever holds a stream looks again at each change.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

AGAIN_S: Final = 1.0  # until a server that went away is asked again
_ANSWER_S: Final = 5.0
_TELLING: Final = (b" on sink #", b" on source #", b" on card #")


class ServerWatch:
    """Calls `on_change` at each change, one call after another; where there is no `pactl`, never."""

    def __init__(self, server: str, on_change: Callable[[], Awaitable[None]]) -> None:
        """`server` as in PULSE_SERVER, empty for the user's own."""
        self._server = server
        self._on_change = on_change
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.stop()
        if shutil.which("pactl") is not None:
            self._task = asyncio.create_task(self._watch(), name="watch-audio-server")

    async def stop(self) -> None:
        """Returns when no process of it is left."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                await self._follow()
            await asyncio.sleep(AGAIN_S)

    async def _follow(self) -> None:
        """Until the server goes away."""
        process = await asyncio.create_subprocess_exec("pactl", "subscribe", **_plain(self._server))
        try:
            assert process.stdout is not None
            await self._on_change()  # what happened before somebody listened
            async for line in process.stdout:
                if any(word in line for word in _TELLING):
                    await self._on_change()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def sinks(server: str) -> Sequence[Mapping[str, Any]] | None:
    """All sinks with their ports; None where no server answers, or `pactl` is not installed."""
    try:
        process = await asyncio.create_subprocess_exec(
            *("pactl", "--format=json", "list", "sinks"), **_plain(server)
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(_ANSWER_S):
            told, _ = await process.communicate()
        listed = json.loads(told)
    except (TimeoutError, ValueError):
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return listed if isinstance(listed, list) else None


def _plain(server: str) -> dict[str, Any]:
    nothing = asyncio.subprocess.DEVNULL
    environment = {**os.environ, **({"PULSE_SERVER": server} if server else {})}
    return {"stdin": nothing, "stdout": asyncio.subprocess.PIPE, "stderr": nothing, "env": environment}
