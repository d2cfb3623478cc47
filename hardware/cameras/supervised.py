"""A camera as the agent sees it: a child process that is watched, restarted and gone when closed.

Drives `supervision` with real processes and the event loop's clock. One instance per camera; every method
belongs to the event loop's thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Final

from hardware.cameras import Description, describe
from hardware.cameras.childprocess import ChildProcess
from hardware.cameras.messages import (
    Control,
    Failed,
    FromChild,
    Open,
    Opened,
    StillFailed,
    StillTaken,
    TakeStill,
)
from hardware.cameras.supervision import Effect, Event, Supervision
from hardware.errors import DeviceBusy, DeviceError, DeviceHung, DeviceMissing, DeviceRefused
from hardware.frames import Announcement, Buffers, FrameReader, FramesError, close_all, still_from_fd
from hardware.ports import CameraInfo, Frame, Health, Profile

log = logging.getLogger(__name__)

ONCE: Final = "once."  # controls of this prefix are for the present child only
_END_S: Final = 3.0
_ERRORS: Final = {kind.code: kind for kind in (DeviceMissing, DeviceBusy, DeviceHung, DeviceRefused)}


class SupervisedCamera:
    """Stands behind `ports.Camera`. DeviceRefused at once when the description is wrong.

    `on_health`, if set, is called on the loop with each change of `health`.
    """

    def __init__(self, description: Description) -> None:
        self._description = dict(description)
        self._info = describe(description)
        self._machine = Supervision(self._info.path)
        self._profile = Profile(640, 480, 15.0)
        self._controls: dict[str, float] = {}  # what a restarted child is told again
        self._fault = ""
        self._child: ChildProcess | None = None
        self._ending: set[asyncio.Task[None]] = (
            set()
        )  # children on their way out; they may still hold the device
        self._start_wanted = False  # a child is to start as soon as `_ending` is empty
        self._timer: asyncio.TimerHandle | None = None
        self._reader: FrameReader | None = None
        self._newest: Announcement | None = None
        self._base = 0  # added to a child's numbers, so that ours rise over restarts
        self._arrived = asyncio.Event()  # replaced by each frame: whoever waits holds the old one
        self._stills: dict[int, asyncio.Future[Frame]] = {}
        self._still_id = 0
        self.on_health: Callable[[Health], None] | None = None

    @property
    def info(self) -> CameraInfo:
        return self._info

    @property
    def health(self) -> Health:
        return self._machine.state

    @property
    def fault(self) -> str:
        return self._fault

    @property
    def pid(self) -> int | None:
        """The child's process id, for tests and for the technician; None without a child."""
        return self._child.pid if self._child is not None else None

    async def open(self, profile: Profile) -> None:
        """Returns at once; `next_frame` waits for the picture. A second call changes the profile."""
        if self.health not in (Health.CLOSED, Health.LOST) and profile == self._profile:
            return
        self._profile = profile
        self._machine.expect(profile.fps)
        self._handle(Event.OPEN)

    async def close(self) -> None:
        """Returns when no child process is left; no frame can be had afterwards."""
        self._handle(Event.CLOSE)
        self._start_wanted = False
        self._fault = ""
        self._controls.clear()
        if self._ending:
            _, stuck = await asyncio.wait(set(self._ending), timeout=_END_S)
            if stuck:  # only the kernel can hold a killed process: a driver that never returns
                log.error("camera child does not die", extra={"camera": self._info.path})

    def plugged(self) -> None:
        """Hotplug saw the device come: try now instead of at the end of the delay."""
        self._handle(Event.PLUGGED)

    def latest(self) -> Frame | None:
        if self.health not in (Health.LIVE, Health.STALE) or self._reader is None or self._newest is None:
            return None
        frame = self._reader.read(self._newest)
        if frame is not None:
            frame.meta["number"] += self._base
        return frame

    async def next_frame(self, after: int, timeout: float) -> Frame | None:
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        while True:
            arrived = self._arrived
            if self._newest is not None and self._newest.number + self._base > after:
                frame = self.latest()
                if frame is not None:
                    return frame
            left = until - loop.time()
            if left <= 0:
                return None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):  # wait_for of Python 3.11 swallows a cancellation
                    await arrived.wait()

    async def still(self, timeout: float) -> Frame:
        child = self._child
        if child is None:
            raise DeviceMissing(self._info.path, self._fault or "the camera is closed: open it first")
        self._still_id += 1
        key = self._still_id
        answer = self._stills[key] = asyncio.get_running_loop().create_future()
        self._machine.pause(self._now() + timeout)
        self._arm()
        try:
            child.send(TakeStill(key))
            async with asyncio.timeout(timeout):
                frame: Frame = await answer
                return frame
        except TimeoutError:
            raise DeviceHung(self._info.path, f"no still within {timeout:g} s: check the camera") from None
        finally:
            self._stills.pop(key, None)
            if not self._stills:
                self._machine.pause(0.0)
                self._arm()

    async def control(self, name: str, value: float) -> None:
        if not name.startswith(ONCE):
            self._controls[name] = value
        if self._child is not None:
            self._child.send(Control(name, value))

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _handle(self, event: Event) -> None:
        before = self.health
        for effect in self._machine.handle(event, self._now()):
            self._obey(effect)
        if self.health is Health.LIVE:
            self._fault = ""
        elif event is Event.TIME and self.health is Health.LOST:
            self._fault = self._fault or "device_hung: it stopped giving pictures and is started again"
        self._arm()
        if self.health is not before and self.on_health is not None:
            self.on_health(self.health)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._machine.deadline()
        if deadline is not None:
            self._timer = asyncio.get_running_loop().call_at(deadline, self._handle, Event.TIME)

    def _obey(self, effect: Effect) -> None:
        match effect:
            case Effect.START_CHILD:
                self._start()
            case Effect.STOP_CHILD:
                self._leave(polite=True)
            case Effect.KILL_CHILD:
                self._leave(polite=False)

    def _start(self) -> None:
        if self._ending:  # one holder of the device at a time
            self._start_wanted = True
            return
        profile = self._profile
        child = ChildProcess(self._from_child, self._child_ended)
        self._child = child
        child.send(Open(self._description, profile.width, profile.height, profile.fps, dict(self._controls)))
        log.info("camera child started", extra={"camera": self._info.path, "pid": child.pid})

    def _leave(self, polite: bool) -> None:
        self._start_wanted = False
        child, self._child = self._child, None
        self._forget_pictures()
        if child is None:
            return
        task = asyncio.get_running_loop().create_task(child.end(polite))
        self._ending.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        if self._start_wanted and not self._ending:
            self._start_wanted = False
            self._start()

    def _forget_pictures(self) -> None:
        if self._newest is not None:
            self._base += self._newest.number
        self._newest = None
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        for answer in self._stills.values():
            if not answer.done():
                answer.set_exception(DeviceMissing(self._info.path, "the camera went away during the still"))

    def _child_ended(self, child: ChildProcess, why: str) -> None:
        if child is not self._child:
            return
        self._fault = self._fault or f"device_missing: {why}"
        log.warning("camera child ended", extra={"camera": self._info.path, "fault": self._fault})
        self._leave(polite=False)
        self._handle(Event.CHILD_ENDED)

    def _from_child(self, child: ChildProcess, message: FromChild, fds: list[int]) -> None:
        if child is not self._child:
            close_all(fds)
            return
        match message:
            case Announcement():
                self._frame(message)
            case Buffers():
                self._new_buffers(fds)
            case StillTaken(id):
                self._still_taken(id, fds)
            case StillFailed(id, code, text):
                self._still_failed(id, code, text)
            case Opened(path, name, kind, simulated, width, height, can):
                self._info = CameraInfo(path, name, kind, simulated, width, height, can)
            case Failed(code, text):
                self._fault = f"{code}: {text}"

    def _frame(self, announcement: Announcement) -> None:
        self._newest = announcement
        arrived, self._arrived = self._arrived, asyncio.Event()
        self._handle(Event.FRAME)
        arrived.set()

    def _new_buffers(self, fds: list[int]) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = FrameReader(fds.pop())
        close_all(fds)

    def _still_taken(self, id: int, fds: list[int]) -> None:
        answer = self._stills.get(id)
        if answer is None or answer.done():
            close_all(fds)
            return
        try:
            answer.set_result(still_from_fd(fds.pop()))
        except FramesError as error:
            answer.set_exception(DeviceHung(self._info.path, str(error)))

    def _still_failed(self, id: int, code: str, text: str) -> None:
        answer = self._stills.get(id)
        if answer is not None and not answer.done():
            answer.set_exception(_ERRORS.get(code, DeviceError)(self._info.path, text))
