"""Opens and closes the terminal's devices together and says how each of them is.

Nothing is open while idle: `close` returns when no process holds a camera and no stream of sound is left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from hardware import roles
from hardware.errors import DeviceError
from hardware.ports import AudioPort, DeviceEvent, Frame, Health, Samples
from kiosk.agent.camera_bank import CameraBank, CameraPart
from protocol.values import AttachedCamera, CameraRole, Cameras, DeviceState

log = logging.getLogger(__name__)

WATCH_S = 0.5
FRAME_S = 1.0

CAUSES = {
    "device_missing": "機器が見つかりません。ケーブルを確かめてください",
    "device_busy": "ほかのプログラムが機器を使っています",
    "device_hung": "機器が応答しません。自動で開き直しています",
    "device_refused": "機器が設定どおりに動きません。設定を確かめてください",
}
ECHO_MISSING = DeviceState(
    name="echo",
    state="lost",
    code="echo_missing",
    cause="エコーを消す部品が端末で動いていません。声が響くときは音量を下げてもらってください",
)
"""The call goes on: whoever hears it knows why, and what to do."""


OnInput = Callable[[Samples, float], None]
PullOutput = Callable[[int], Samples]


class Devices:
    """`open` and `close` may be called at any time and in any order; the last one wins."""

    def __init__(
        self,
        cameras: tuple[CameraPart, ...],
        audio: AudioPort,
        on_frame: Callable[[CameraRole, Frame], None],
        on_change: Callable[[tuple[DeviceState, ...], tuple[AttachedCamera, ...]], None],
        lacking: tuple[DeviceState, ...] = (),
    ) -> None:
        """`lacking` is what this terminal does without for as long as the program runs."""
        self.bank = CameraBank(cameras)
        self._audio = audio
        self._on_frame = on_frame
        self._on_change = on_change
        self._lacking = lacking
        self._tasks: list[asyncio.Task[None]] = []
        self._turn = asyncio.Lock()  # one opening or closing at a time
        self._last: tuple[DeviceState, ...] = ()
        self._absent = ""  # code and cause of missing sound, looked for while nothing is open
        self._ways: tuple[OnInput, PullOutput] | None = None  # of the sound, while it is open
        self.opened = False

    async def open(self, on_input: OnInput, pull_output: PullOutput) -> None:
        """All devices. A missing one is tried again by its driver and reported, never an error here."""
        async with self._turn:
            if self.opened:
                return
            self.opened, self._absent = True, ""
            self._ways = (on_input, pull_output)
            for role in CameraRole:
                self._tasks.append(asyncio.create_task(self._pump(role), name=f"pump-{role}"))
            self._tasks.append(asyncio.create_task(self._watch(), name="watch-devices"))
            await asyncio.gather(self.bank.open(), self._open_sound())
            self.report()

    async def close(self) -> None:
        """Returns when everything is closed."""
        async with self._turn:
            if not self.opened:
                return
            self.opened, self._ways = False, None
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._tasks.clear()
            await asyncio.gather(self.bank.close(), self._close_sound())
            self.report()

    async def set_cameras(self, cameras: Cameras) -> None:
        """As the operator wants them in this call."""
        async with self._turn:
            await self.bank.set(cameras, opened=self.opened)
            self.report()

    async def restart(self, device: str) -> None:
        """Close one device (face, document, audio) and open it again; the others go on."""
        async with self._turn:
            if not self.opened:
                return
            log.info("device restarted on request", extra={"device": device})
            if device == "audio":
                await self._close_sound()
                await self._open_sound()
            else:
                await self.bank.restart(CameraRole(device))
            self.report()

    async def _open_sound(self) -> None:
        if self._ways is not None:
            try:
                await self._audio.open(*self._ways)
            except Exception:
                log.exception("sound did not open")

    async def _close_sound(self) -> None:
        try:
            await self._audio.close()
        except Exception:
            log.exception("sound did not close")

    async def still(self, role: CameraRole, timeout: float) -> Frame:
        """A full-size frame exposed after the call. DeviceError with the reason."""
        part = self.bank.part(role)
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
        parts = {part.id: part for part in self.bank.parts}
        places = {id: part.camera.info.path for id, part in parts.items()}
        for id in roles.assign(places, (event,)):
            log.info("camera plugged", extra={"camera": id, "node": event.node})
            parts[id].camera.plugged()

    def set_volume(self, level: int) -> None:
        self._audio.set_volume(level)

    @property
    def simulated(self) -> bool:
        """Any of the devices is not what it stands for."""
        return self._audio.simulated or any(part.camera.info.simulated for part in self.bank.parts)

    @property
    def attached(self) -> tuple[AttachedCamera, ...]:
        """All cameras that could serve a role."""
        return self.bank.attached

    @property
    def streams(self) -> int:
        """Directions of sound that are open."""
        return self._audio.streams

    def states(self) -> tuple[DeviceState, ...]:
        """How each device is, cameras first."""
        serving = ((role, self.bank.part(role)) for role in CameraRole)
        cameras = tuple(
            _state(role.value, part.camera.health, part.camera.fault, part.camera.info.simulated,
                   part.camera.info.can)
            for role, part in serving if part is not None
        )  # fmt: skip
        health, fault = self._audio.health, self._audio.fault
        if self._absent:
            health, fault = Health.LOST, self._absent
        audio = _state("audio", health, fault, self._audio.simulated)
        headset = (DeviceState(name="headset", state="live"),) if self._audio.headset else ()
        return (*cameras, audio, *headset, *self._lacking)

    def report(self) -> None:
        """Tells `on_change` when something changed."""
        states = self.states()
        if states != self._last:
            self._last = states
            self._on_change(states, self.attached)

    async def _watch(self) -> None:
        while True:
            self.report()
            await asyncio.sleep(WATCH_S)

    async def _pump(self, role: CameraRole) -> None:
        """Hands on the pictures of whichever camera serves the role at that moment."""
        numbers: dict[str, int] = {}
        while True:
            part = self.bank.part(role)
            if part is None:
                await asyncio.sleep(FRAME_S)
                continue
            frame = await part.camera.next_frame(numbers.get(part.id, 0), FRAME_S)
            if frame is not None and part is self.bank.part(role):
                numbers[part.id] = int(frame.meta["number"])
                self._on_frame(role, frame)


def _state(
    name: str, health: Health, fault: str, simulated: bool, can: tuple[str, ...] = ()
) -> DeviceState:  # fmt: skip
    code = fault.split(":", 1)[0].strip() if fault else ""
    cause = CAUSES.get(code, fault)
    return DeviceState(
        name=name, state=health.value, code=code[:40], cause=cause, simulated=simulated, can=can
    )  # fmt: skip
