"""What is looked at while nobody is served: is there sound for the next call, and is really nothing open?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from kiosk.agent import open_devices
from kiosk.agent.devices import Devices
from kiosk.core.effects import Event, LookedAt

LOOK_S = 20.0


class IdleLook:
    """`run` looks every 20 s for as long as it runs; `at_devices` once, when a call has just been closed."""

    def __init__(self, devices: Devices, on_event: Callable[[Event], None]) -> None:
        self._devices = devices
        self._on_event = on_event

    async def run(self) -> None:
        while True:
            if not self._devices.opened:
                await self._devices.look()
                await self.at_devices()
            await asyncio.sleep(LOOK_S)

    async def at_devices(self) -> None:
        """Tells what was found, unless devices were opened meanwhile: then it is no proof of anything."""
        if self._devices.opened:
            return
        cameras, files = await asyncio.to_thread(open_devices.found)
        if not self._devices.opened:
            self._on_event(LookedAt(cameras, self._devices.streams, files))
