"""Sees whether a headset is plugged, and gives sound one output alone: the headset, else the speaker.

A headset is named in the settings. It is either a sink of its own, which comes and goes with the plug (USB,
Bluetooth, bone conduction), or a port of the speaker's sink (a jack), whose availability changes; there the
audio server moves the sound itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from hardware.ports import Health

log = logging.getLogger(__name__)

AGAIN_S: Final = 1.0  # until an audio server that went away is asked again
_ANSWER_S: Final = 5.0


class Output(Protocol):
    """What `hardware.audio.Direction` gives."""

    @property
    def health(self) -> Health: ...
    @property
    def busy(self) -> bool: ...
    @property
    def fault(self) -> str: ...
    def check(self) -> None: ...
    def passed(self) -> None: ...
    async def open(self) -> None: ...
    async def close(self) -> None: ...


def plugged(name: str, sinks: Sequence[Mapping[str, Any]]) -> bool:
    """`sinks` as `pactl --format=json list sinks` tells them; unknown availability counts as there."""
    for sink in sinks:
        ports = sink.get("ports") or []
        if sink.get("name") == name:
            return not ports or any(port.get("availability") != "not available" for port in ports)
        for port in ports:
            if port.get("name") == name and port.get("availability") != "not available":
                return True
    return False


def has_sink(name: str, sinks: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the headset is a sink of its own, and not a port of another."""
    return any(sink.get("name") == name for sink in sinks)


class HeadsetWatch:
    """Tells `on_change` (plugged, has a sink of its own) at the beginning and at each change."""

    def __init__(self, name: str, server: str, on_change: Callable[[bool, bool], None]) -> None:
        self._name = name
        self._environment = {**os.environ, **({"PULSE_SERVER": server} if server else {})}
        self._on_change = on_change
        self._last: tuple[bool, bool] | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when it has looked once. Without `pactl` no headset is ever seen."""
        await self.stop()
        self._last = None
        if not self._name or shutil.which("pactl") is None:
            return
        await self._look()
        self._task = asyncio.create_task(self._watch(), name="watch-headset")

    async def stop(self) -> None:
        """Returns when no process is left."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                await self._follow()
            await asyncio.sleep(AGAIN_S)
            await self._look()

    async def _follow(self) -> None:
        """Until the audio server goes away."""
        process = await asyncio.create_subprocess_exec(
            *("pactl", "subscribe"), **self._quiet(), stdout=asyncio.subprocess.PIPE
        )
        try:
            assert process.stdout is not None
            await self._look()  # what changed before somebody listened
            async for line in process.stdout:
                if b" on sink #" in line or b" on card #" in line:
                    await self._look()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _look(self) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *("pactl", "--format=json", "list", "sinks"), **self._quiet(), stdout=asyncio.subprocess.PIPE
            )
        except OSError as error:
            log.warning("outputs of sound not listed", extra={"cause": str(error)})
            return
        try:
            async with asyncio.timeout(_ANSWER_S):
                told, _ = await process.communicate()
            sinks = json.loads(told)
        except (TimeoutError, ValueError):
            return  # no server answers: supervision of the devices says so, and the watch asks again
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        found = plugged(self._name, sinks), has_sink(self._name, sinks)
        if found != self._last:
            self._last = found
            self._on_change(*found)

    def _quiet(self) -> dict[str, Any]:
        nothing = asyncio.subprocess.DEVNULL
        return {"stdin": nothing, "stderr": nothing, "env": self._environment}


class Outputs:
    """Speaker and headset as one output: while a headset is plugged nothing goes to the speaker."""

    def __init__(self, speaker: Output, headset: Output | None, name: str, server: str) -> None:
        self._speaker, self._headset = speaker, headset
        self._current = speaker
        self._wanted = speaker
        self._watch = HeadsetWatch(name, server, self._changed)
        self._open = False
        self._turn = asyncio.Lock()  # one opening, switch or closing at a time
        self._switch: asyncio.Task[None] | None = None
        self.on_headset = False

    @property
    def health(self) -> Health:
        return self._current.health

    @property
    def busy(self) -> bool:
        return self._speaker.busy or (self._headset is not None and self._headset.busy)

    @property
    def fault(self) -> str:
        return self._current.fault

    def check(self) -> None:
        """Of the speaker: a terminal without its headset is whole."""
        self._speaker.check()

    def passed(self) -> None:
        self._current.passed()

    async def open(self) -> None:
        """Sound goes to where it belongs from the first block on."""
        self._open = True
        await self._watch.start()
        async with self._turn:
            self._current = self._wanted
            await self._current.open()

    async def close(self) -> None:
        self._open = False
        await self._watch.stop()
        async with self._turn:
            await self._current.close()
        self.on_headset, self._wanted = False, self._speaker

    def _changed(self, there: bool, own_sink: bool) -> None:
        log.info("headset", extra={"plugged": there})
        self.on_headset = there
        headset = self._headset if there and own_sink else None
        self._wanted = headset or self._speaker
        if self._wanted is not self._current and self._current.busy:
            self._switch = asyncio.get_running_loop().create_task(self._move(), name="switch-output")

    async def _move(self) -> None:
        async with self._turn:
            if not self._open or self._current is self._wanted:
                return
            await self._current.close()
            self._current = self._wanted
            await self._current.open()
