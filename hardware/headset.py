"""Sees whether a headset is plugged, and gives sound one output alone: the headset, else the speaker.

A headset is named in the settings. It is either a sink of its own, which comes and goes with the plug (USB,
Bluetooth, bone conduction), or a port of the speaker's sink (a jack), whose availability changes; there the
audio server moves the sound itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from hardware.audio_watch import sinks
from hardware.ports import Health

log = logging.getLogger(__name__)


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
    async def look(self) -> None: ...
    async def open(self) -> None: ...
    async def close(self) -> None: ...


def plugged(name: str, listed: Sequence[Mapping[str, Any]]) -> bool:
    """`listed` as `pactl --format=json list sinks` tells them; unknown availability counts as there."""
    for sink in listed:
        ports = sink.get("ports") or []
        if sink.get("name") == name:
            return not ports or any(port.get("availability") != "not available" for port in ports)
        for port in ports:
            if port.get("name") == name and port.get("availability") != "not available":
                return True
    return False


def has_sink(name: str, listed: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the headset is a sink of its own, and not a port of another."""
    return any(sink.get("name") == name for sink in listed)


class Outputs:
    """Speaker and headset as one output: while a headset is plugged nothing goes to the speaker."""

    def __init__(self, speaker: Output, headset: Output, name: str, server: str) -> None:
        """`name` of the headset; empty: there is none, and `headset` is never opened."""
        self._speaker, self._headset = speaker, headset
        self._current = self._wanted = speaker
        self._name, self._server = name, server
        self._turn = asyncio.Lock()  # one opening, switch or closing at a time
        self.on_headset = False

    @property
    def health(self) -> Health:
        return self._current.health

    @property
    def busy(self) -> bool:
        return self._speaker.busy or self._headset.busy

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
        async with self._turn:
            await self._find()
            self._current = self._wanted
            await self._current.open()

    async def look(self) -> None:
        """The audio server has changed: perhaps a headset came or went. Returns when sound has moved."""
        async with self._turn:
            if not self._current.busy:
                return
            await self._find()
            if self._current is not self._wanted:
                await self._current.close()
                self._current = self._wanted
                await self._current.open()
            await self._current.look()

    async def close(self) -> None:
        async with self._turn:
            await self._current.close()
        self.on_headset, self._wanted = False, self._speaker

    async def _find(self) -> None:
        listed = await sinks(self._server) if self._name else None
        if listed is None:
            return  # no server answers: supervision of the output says so, and it is looked at again
        there = plugged(self._name, listed)
        if there != self.on_headset:
            log.info("headset", extra={"plugged": there})
        self.on_headset = there
        self._wanted = self._headset if there and has_sink(self._name, listed) else self._speaker
