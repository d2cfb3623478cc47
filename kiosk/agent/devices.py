"""Opens and closes the terminal's devices together and says how each of them is.

Nothing is open while idle: `close` returns when no process holds a camera and no stream of sound is left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from hardware import roles
from hardware.errors import DeviceError
from hardware.ports import AudioPort, Camera, DeviceEvent, Frame, Health, Profile, Samples
from protocol.values import CameraRole, DeviceState

log = logging.getLogger(__name__)

WATCH_S = 0.5
FRAME_S = 1.0

CAUSES = {
    "device_missing": "機器が見つかりません。ケーブルを確かめてください",
    "device_busy": "ほかのプログラムが機器を使っています",
    "device_hung": "機器が応答しません。自動で開き直しています",
    "device_refused": "機器が設定どおりに動きません。設定を確かめてください",
}


@dataclass(frozen=True, slots=True)
class CameraPart:
    """A camera with its role and the stream that is wanted of it."""

    role: CameraRole
    camera: Camera
    profile: Profile


class Devices:
    """`open` and `close` may be called at any time and in any order; the last one wins."""

    def __init__(
        self,
        cameras: tuple[CameraPart, ...],
        audio: AudioPort,
        on_frame: Callable[[CameraRole, Frame], None],
        on_change: Callable[[tuple[DeviceState, ...]], None],
    ) -> None:
        self._parts = {part.role: part for part in cameras}
        self._audio = audio
        self._on_frame = on_frame
        self._on_change = on_change
        self._tasks: list[asyncio.Task[None]] = []
        self._turn = asyncio.Lock()  # one opening or closing at a time
        self._last: tuple[DeviceState, ...] = ()
        self._absent = ""  # code and cause of missing sound, looked for while nothing is open
        self.opened = False

    async def open(
        self, on_input: Callable[[Samples, float], None], pull_output: Callable[[int], Samples]
    ) -> None:
        """All devices. A missing one is tried again by its driver and reported, never an error here."""
        async with self._turn:
            if self.opened:
                return
            self.opened, self._absent = True, ""
            for part in self._parts.values():
                self._tasks.append(asyncio.create_task(self._pump(part), name=f"pump-{part.role}"))
            self._tasks.append(asyncio.create_task(self._watch(), name="watch-devices"))
            opened = [part.camera.open(part.profile) for part in self._parts.values()]
            results = await asyncio.gather(
                *opened, self._audio.open(on_input, pull_output), return_exceptions=True
            )
            for result in results:
                if isinstance(result, BaseException):
                    log.error("a device did not open: %s", result)
            self.report()

    async def close(self) -> None:
        """Returns when everything is closed."""
        async with self._turn:
            if not self.opened:
                return
            self.opened = False
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._tasks.clear()
            closing = [part.camera.close() for part in self._parts.values()]
            for result in await asyncio.gather(*closing, self._audio.close(), return_exceptions=True):
                if isinstance(result, BaseException):
                    log.error("a device did not close: %s", result)
            self.report()

    async def still(self, role: CameraRole, timeout: float) -> Frame:
        """A full-size frame exposed after the call. DeviceError with the reason."""
        part = self._parts.get(role)
        if part is None:
            raise DeviceError(role.value, "この端末にはこのカメラがありません")
        return await part.camera.still(timeout)

    async def look(self) -> None:
        """Whether there is sound at all, without opening anything: nobody is invited to a mute terminal."""
        absent = await asyncio.to_thread(self._audio.absent)
        self._absent = "" if self.opened else absent
        self.report()

    def device_event(self, event: DeviceEvent) -> None:
        """A device came or went: the camera that belongs to its place is tried at once."""
        places = {role.value: part.camera.info.path for role, part in self._parts.items()}
        for role in roles.assign(places, (event,)):
            log.info("camera plugged", extra={"role": role, "node": event.node})
            self._parts[CameraRole(role)].camera.plugged()

    def set_volume(self, level: int) -> None:
        self._audio.set_volume(level)

    @property
    def simulated(self) -> bool:
        """Any of the devices is not what it stands for."""
        return self._audio.simulated or any(part.camera.info.simulated for part in self._parts.values())

    def states(self) -> tuple[DeviceState, ...]:
        """How each device is, cameras first."""
        cameras = tuple(
            _state(role.value, part.camera.health, part.camera.fault, part.camera.info.simulated)
            for role, part in self._parts.items()
        )
        health, fault = self._audio.health, self._audio.fault
        if self._absent:
            health, fault = Health.LOST, self._absent
        return (*cameras, _state("audio", health, fault, self._audio.simulated))

    def report(self) -> None:
        """Tells `on_change` when something changed."""
        states = self.states()
        if states != self._last:
            self._last = states
            self._on_change(states)

    async def _watch(self) -> None:
        while True:
            self.report()
            await asyncio.sleep(WATCH_S)

    async def _pump(self, part: CameraPart) -> None:
        number = 0
        while True:
            frame = await part.camera.next_frame(number, FRAME_S)
            if frame is None:
                continue
            number = int(frame.meta["number"])
            self._on_frame(part.role, frame)


def _state(name: str, health: Health, fault: str, simulated: bool) -> DeviceState:
    code = fault.split(":", 1)[0].strip() if fault else ""
    cause = CAUSES.get(code, fault)
    return DeviceState(name=name, state=health.value, code=code[:40], cause=cause, simulated=simulated)
