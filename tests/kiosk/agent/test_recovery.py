"""A camera that hangs, is pulled out or renumbered comes back by itself, and never costs a block of sound.

Real camera processes and the real sound clock. How fast they are back is proved in
tests/hardware/test_supervision.py, where time is jumped; here each state is waited for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from hardware.audio import SilentAudio
from hardware.cameras.fault_source import FREEZE, UNPLUG
from hardware.cameras.supervised import SupervisedCamera
from hardware.hotplug import UdevWatcher
from hardware.ports import Frame, Health, Profile, Samples
from kiosk.agent.camera_bank import CameraPart
from kiosk.agent.devices import Devices
from protocol.values import CameraRole
from tests.fakes.devices import FakeCamera
from tests.fakes.fake_pyudev import FakePyudev, device
from tests.kiosk.agent.test_devices import FakeAudio, silence

STREAM = Profile(160, 120, 15.0)
FACE, PAPER = CameraRole.FACE, CameraRole.DOCUMENT
EVENTUALLY_S = 30  # for a machine that is busy with something else: a failure, never a measure


class Terminal:
    """Two real camera processes, the paper's with faults on demand, and sound that runs in real time."""

    def __init__(self) -> None:
        source = {"kind": "synthetic", "scene": "document"}
        self.paper = SupervisedCamera({"kind": "fault", "source": source})
        self.face = SupervisedCamera({"kind": "synthetic", "scene": "face"})
        self.heard = 0
        self.spoken = 0
        self.frames = {FACE: 0, PAPER: 0}
        self.passed: list[
            tuple[Health, int, int, int]
        ] = []  # state of the paper; heard, spoken, faces so far
        parts = (CameraPart("face", self.face, STREAM), CameraPart("document", self.paper, STREAM))
        self.devices = Devices(parts, SilentAudio(), self._frame, lambda *_: None)

    async def open(self) -> None:
        await self.devices.open(self._hear, self._speak)
        await self.until(lambda: bool(self.frames[FACE] and self.frames[PAPER]))
        self.paper.on_health = self._turned

    def _turned(self, health: Health) -> None:
        self.passed.append((health, self.heard, self.spoken, self.frames[FACE]))

    def _frame(self, role: CameraRole, frame: Frame) -> None:
        self.frames[role] += 1

    def _hear(self, block: Samples, captured: float) -> None:
        self.heard += 1

    def _speak(self, count: int) -> Samples:
        self.spoken += 1
        return silence(count)

    async def until(self, ready: Callable[[], bool]) -> None:
        async with asyncio.timeout(EVENTUALLY_S):
            while not ready():
                await asyncio.sleep(0.01)

    async def back(self) -> list[Health]:
        """Waits until the paper moves again; gives the states that it went through."""
        await self.until(lambda: bool(self.passed) and self.passed[-1][0] is Health.LIVE)
        before = self.frames[PAPER]
        await self.until(lambda: self.frames[PAPER] > before)
        return [state for state, *_ in self.passed]

    def went_on(self) -> bool:
        """Whether sound, both ways, and the other camera passed on during every state of the trouble."""
        return all(
            all(later > earlier for earlier, later in zip(before[1:], after[1:], strict=True))
            for before, after in zip(self.passed, self.passed[1:], strict=False)
            if before[0] in (Health.STALE, Health.STARTING)  # long enough for a block and a frame
        )


@pytest.fixture
async def terminal() -> AsyncIterator[Terminal]:
    terminal = Terminal()
    await terminal.open()
    yield terminal
    await terminal.devices.close()


async def test_a_camera_that_hangs_comes_back_and_costs_no_sound(terminal: Terminal) -> None:
    """A driver that never returns is replaced; meanwhile both speak, and the other picture moves."""
    await terminal.paper.control(FREEZE, 600.0)
    assert await terminal.back() == [Health.STALE, Health.LOST, Health.STARTING, Health.LIVE]
    assert terminal.went_on()


async def test_a_camera_that_was_pulled_out_comes_back_and_costs_no_sound(terminal: Terminal) -> None:
    """Absent for as long as it is pulled, then there again, without anybody doing anything."""
    await terminal.paper.control(UNPLUG, time.monotonic() + 0.4)
    states = await terminal.back()
    assert states[0] is Health.LOST
    assert states[-2:] == [Health.STARTING, Health.LIVE]
    assert terminal.went_on()


async def test_a_hanging_camera_is_opened_again_on_request_without_waiting(terminal: Terminal) -> None:
    """The operator's key does not wait until the trouble is recognised, and works on a hung driver."""
    await terminal.paper.control(FREEZE, 600.0)
    await terminal.devices.restart("document")
    assert Health.STALE not in await terminal.back()
    assert terminal.went_on()


BY_PATH = "/dev/v4l/by-path/platform-xhci-usb-0:1.2:1.0-video-index0"


class ByPath(FakeCamera):
    """A camera that the settings name by its socket."""

    def __init__(self, path: str) -> None:
        super().__init__("document")
        self.info: Any = self.info.__class__(path, "document", "v4l2", False, 192, 108)


async def test_a_renumbered_camera_is_found_in_its_socket() -> None:
    """udev says that video4 is where video2 was: that camera is tried at once, and no other."""
    camera, other = ByPath(BY_PATH), FakeCamera("face")
    parts = (CameraPart("face", other, STREAM), CameraPart("document", camera, STREAM))
    devices = Devices(parts, FakeAudio(), lambda *_: None, lambda *_: None)
    udev = FakePyudev()
    watcher = UdevWatcher(udev)
    watcher.start(devices.device_event)
    udev.happen(device("video4linux", "/dev/video2", links=[BY_PATH], action="remove"))
    udev.happen(device("video4linux", "/dev/video4", links=[BY_PATH], action="add"))
    async with asyncio.timeout(EVENTUALLY_S):
        while camera.plugs == 0:
            await asyncio.sleep(0)
    assert (camera.plugs, other.plugs) == (1, 0)
    watcher.stop()


async def test_a_file_camera_that_moved_to_another_node_is_opened_there(tmp_path: Path) -> None:
    """The link of the socket is followed anew at every opening, in the real camera process."""
    first, second, link = tmp_path / "video2.png", tmp_path / "video4.png", tmp_path / "by-path.png"
    _write(first, 60)
    _write(second, 200)
    link.symlink_to(first)
    camera = SupervisedCamera({"kind": "file", "path": str(link)})
    await camera.open(STREAM)
    frame = await camera.next_frame(0, EVENTUALLY_S)
    assert frame is not None
    assert abs(int(frame.data[0, 0]) - 60) < 12
    link.unlink()
    link.symlink_to(second)
    await camera.close()
    await camera.open(STREAM)
    after = await camera.next_frame(frame.meta["number"], EVENTUALLY_S)
    assert after is not None
    assert abs(int(after.data[0, 0]) - 200) < 20
    await camera.close()


def _write(path: Path, grey: int) -> None:

    cv2.imwrite(str(path), np.full((120, 160, 3), grey, np.uint8))
