"""Devices without hardware, behind the real ports.

watcher = FakeWatcher([DeviceEvent("add", "video4linux", "/dev/v4l/by-path/a-video-index0", "/dev/video0")])
watcher.start(seen.append)
watcher.tell(DeviceEvent("remove", ...))

camera = FakeCamera()
await camera.open(Profile(64, 48, 15.0))
camera.give(30)                   # a grey frame of brightness 30; next_frame returns it
camera.fail("device_missing: x")  # lost until the next give
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import numpy as np

from hardware.errors import DeviceMissing
from hardware.ports import CameraInfo, DeviceEvent, Frame, Health, Profile
from hardware.roles import after


class FakeWatcher:
    """Stands behind `ports.DeviceWatcher`; `tell` makes a device come or go."""

    def __init__(self, present: Iterable[DeviceEvent] = ()) -> None:
        self._present = tuple(present)
        self._on_event: Callable[[DeviceEvent], None] | None = None

    def start(self, on_event: Callable[[DeviceEvent], None]) -> None:
        self._on_event = on_event

    def stop(self) -> None:
        self._on_event = None

    def current(self) -> tuple[DeviceEvent, ...]:
        return self._present

    def tell(self, event: DeviceEvent) -> None:
        self._present = after(self._present, event)
        if self._on_event is not None:
            self._on_event(event)


class FakeCamera:
    """Stands behind `ports.Camera`; frames come from the test alone."""

    def __init__(self, name: str = "fake", still: tuple[int, int] = (192, 108)) -> None:
        self.info = CameraInfo(f"fake:{name}", name, "synthetic", True, *still)
        self.health = Health.CLOSED
        self.fault = ""
        self.plugs = 0  # how often hotplug saw it come
        self.controls: dict[str, float] = {}
        self.profiles: list[Profile] = []  # of every opening
        self._profile = Profile(64, 48, 15.0)
        self._newest: Frame | None = None
        self._number = 0
        self._arrived = asyncio.Event()

    async def open(self, profile: Profile) -> None:
        if self.health in (Health.STARTING, Health.LIVE) and profile == self._profile:
            return
        self._profile = profile
        self.profiles.append(profile)
        self.health = Health.STARTING

    def give(self, brightness: int, captured: float = 0.0) -> None:
        self._number += 1
        self._newest = self._grey(self._profile.width, self._profile.height, brightness, captured)
        self.health, self.fault = Health.LIVE, ""
        arrived, self._arrived = self._arrived, asyncio.Event()
        arrived.set()

    def fail(self, fault: str) -> None:
        self.health, self.fault, self._newest = Health.LOST, fault, None

    def latest(self) -> Frame | None:
        return self._newest

    async def next_frame(self, after: int, timeout: float) -> Frame | None:
        try:
            async with asyncio.timeout(timeout):
                while self._newest is None or self._number <= after:
                    await self._arrived.wait()
        except TimeoutError:
            return None
        return self._newest

    async def still(self, timeout: float) -> Frame:
        if self.health is not Health.LIVE:
            raise DeviceMissing(self.info.path, self.fault or "the camera is closed: open it first")
        seen = int(self._newest.data[0, 0]) if self._newest is not None else 128
        return self._grey(self.info.still_width, self.info.still_height, seen, 0.0)

    def plugged(self) -> None:
        self.plugs += 1

    async def control(self, name: str, value: float) -> None:
        self.controls[name] = value

    async def close(self) -> None:
        self.health, self.fault, self._newest = Health.CLOSED, "", None
        self.controls.clear()

    def _grey(self, width: int, height: int, brightness: int, captured: float) -> Frame:
        data = np.full((height * 3 // 2, width), 128, np.uint8)
        data[:height] = brightness
        return Frame(data, width, height, captured, self._number, {"number": self._number})
