"""Devices open and close together, in any order, and say how they are in words that help."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import numpy as np
import pytest

from hardware.cameras.supervised import SupervisedCamera
from hardware.errors import DeviceBusy, DeviceError
from hardware.frames import Announcement
from hardware.ports import DeviceEvent, Frame, Health, Profile, Samples
from kiosk.agent import devices as module
from kiosk.agent.camera_bank import CameraPart
from kiosk.agent.devices import Devices
from protocol.values import AttachedCamera, CameraRole, DeviceState
from tests.fakes.devices import FakeCamera

STREAM = Profile(64, 48, 15.0)
OnInput = Callable[[Samples, float], None]
PullOutput = Callable[[int], Samples]


class FakeAudio:
    """Stands behind `ports.AudioPort`; nothing is heard."""

    def __init__(self) -> None:
        self.health = Health.CLOSED
        self.fault = ""
        self.simulated = False
        self.volume = 0
        self.missing = ""
        self.headset = False
        self.opened = 0  # how often

    @property
    def streams(self) -> int:
        return 0 if self.health is Health.CLOSED else 2

    def absent(self) -> str:
        return self.missing

    async def open(self, on_input: OnInput, pull_output: PullOutput) -> None:
        await asyncio.sleep(0)
        self.opened += 1
        self.health = Health.LIVE

    def set_volume(self, level: int) -> None:
        self.volume = level

    async def close(self) -> None:
        await asyncio.sleep(0)
        self.health = Health.CLOSED


class Rig:
    """Two cameras and sound, with everything that was reported."""

    def __init__(self, face: FakeCamera | SupervisedCamera | None = None) -> None:
        self.face = FakeCamera("face")
        self.document = FakeCamera("document")
        self.audio = FakeAudio()
        self.frames: list[tuple[CameraRole, Frame]] = []
        self.changes: list[tuple[DeviceState, ...]] = []
        parts = (
            CameraPart(CameraRole.FACE, face or self.face, STREAM),
            CameraPart(CameraRole.DOCUMENT, self.document, STREAM),
        )
        self.devices = Devices(parts, self.audio, self._frame, self._changed)

    def _changed(self, states: tuple[DeviceState, ...], attached: tuple[AttachedCamera, ...]) -> None:
        self.changes.append(states)

    def _frame(self, role: CameraRole, frame: Frame) -> None:
        self.frames.append((role, frame))

    async def open(self) -> None:
        await self.devices.open(lambda block, captured: None, silence)

    async def until(self, ready: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not ready():
                await asyncio.sleep(0.001)

    def state(self, name: str) -> DeviceState:
        return next(state for state in self.devices.states() if state.name == name)


def silence(count: int) -> Samples:
    return np.zeros(count, np.int16)


async def returns(work: object) -> None:
    """Within a time that no busy machine needs, else a failure instead of a hanging suite."""
    done, _ = await asyncio.wait({asyncio.ensure_future(work)}, timeout=5)  # type: ignore[call-overload]
    assert done, "it hangs"


async def test_frames_of_both_cameras_arrive_with_their_role() -> None:
    """The gate knows which camera a frame is of."""
    rig = Rig()
    await rig.open()
    rig.face.give(10)
    rig.document.give(20)
    await rig.until(lambda: len(rig.frames) == 2)
    assert {(role, int(frame.data[0, 0])) for role, frame in rig.frames} == {
        (CameraRole.FACE, 10),
        (CameraRole.DOCUMENT, 20),
    }
    await rig.devices.close()


async def test_nothing_comes_after_closing() -> None:
    """`close` returns when everything is closed, and no frame is handed on afterwards."""
    rig = Rig()
    await rig.open()
    rig.face.give(10)
    await rig.until(lambda: bool(rig.frames))
    await rig.devices.close()
    assert {rig.face.health, rig.document.health, rig.audio.health} == {Health.CLOSED}
    seen = len(rig.frames)
    rig.face.give(11)
    await asyncio.sleep(0)
    assert len(rig.frames) == seen
    assert not rig.devices.opened


@pytest.mark.parametrize("seed", range(20))
async def test_the_last_wish_wins_whatever_came_before(seed: int) -> None:
    """Opening and closing may overlap in any order; afterwards all is as it was wanted last."""
    rig, chance = Rig(), random.Random(seed)
    wishes = [chance.choice((True, False)) for _ in range(12)]
    work = []
    for wish in wishes:
        work.append(asyncio.ensure_future(rig.open() if wish else rig.devices.close()))
        for _ in range(chance.randrange(4)):
            await asyncio.sleep(0)
        if chance.random() < 0.5 and rig.devices.opened:
            rig.face.give(1)
    await returns(asyncio.gather(*work))
    assert rig.devices.opened is wishes[-1]
    expected = {Health.CLOSED} if not wishes[-1] else {Health.STARTING, Health.LIVE}
    assert {rig.face.health, rig.document.health, rig.audio.health} <= expected
    await returns(rig.devices.close())
    assert [task for task in asyncio.all_tasks() if (task.get_name() or "").startswith("pump-")] == []


class Childless(SupervisedCamera):
    """The real waiting for frames, which a test announces by hand; no process."""

    async def open(self, profile: Profile) -> None:
        return None

    async def close(self) -> None:
        return None

    def announce(self, number: int) -> None:
        self._frame(Announcement("face", number, 0, 64, 48, 0.0))


@pytest.mark.parametrize("steps", range(6))
async def test_closing_at_the_very_moment_of_a_frame_returns(steps: int) -> None:
    """A frame that arrives with the cancellation does not swallow it: the call would never be wiped."""
    camera = Childless({"kind": "synthetic", "scene": "face"})
    rig = Rig(camera)
    await rig.open()
    for _ in range(5):
        await asyncio.sleep(0)  # everybody waits now
    camera.announce(1)
    for _ in range(steps):
        await asyncio.sleep(0)
    await returns(rig.devices.close())


async def test_closing_while_frames_pour_in_returns() -> None:
    """Two busy cameras do not keep a call open."""
    rig = Rig()
    await rig.open()
    for n in range(200):
        rig.face.give(n)
        rig.document.give(n)
        if n % 3 == 0:
            await asyncio.sleep(0)
    closing = asyncio.ensure_future(rig.devices.close())
    while not closing.done():
        rig.face.give(1)
        rig.document.give(1)
        await asyncio.sleep(0)
    await returns(closing)


async def test_a_lost_camera_is_told_with_its_cause_and_only_when_it_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The operator reads which cable to look at; the hub is not told the same twice."""
    monkeypatch.setattr(module, "WATCH_S", 0.001)
    rig = Rig()
    await rig.open()
    rig.document.fail("device_missing: /dev/v4l/by-path/x: no camera here")
    await rig.until(lambda: rig.state("document") in rig.changes[-1])
    lost = rig.state("document")
    assert (lost.state, lost.code) == ("lost", "device_missing")
    assert "ケーブル" in lost.cause
    told = len(rig.changes)
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert len(rig.changes) == told
    rig.document.give(1)
    await rig.until(lambda: rig.changes[-1] == rig.devices.states())
    assert (rig.state("document").state, rig.state("document").cause) == ("live", "")
    await rig.devices.close()


async def test_one_device_that_fails_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A camera that cannot even be opened or closed costs its picture, not the call."""
    rig = Rig()

    async def fails(*_: object) -> None:
        raise DeviceBusy("face", "held by another program")

    monkeypatch.setattr(rig.face, "open", fails)
    monkeypatch.setattr(rig.face, "close", fails)
    await rig.open()
    rig.document.give(5)
    await rig.until(lambda: bool(rig.frames))
    assert rig.audio.health is Health.LIVE
    await rig.devices.close()
    assert {rig.document.health, rig.audio.health} == {Health.CLOSED}


async def test_a_still_of_a_camera_that_is_not_there_is_an_error_with_words() -> None:
    """The operator is told, nobody waits."""
    devices = Devices((), FakeAudio(), lambda role, frame: None, lambda *_: None)
    with pytest.raises(DeviceError, match="カメラがありません"):
        await devices.still(CameraRole.FACE, 1.0)


async def test_one_simulated_device_makes_the_terminal_simulated() -> None:
    """What is simulated is called so wherever it shows."""
    assert Rig().devices.simulated, "fake cameras are simulated"
    assert not Devices((), FakeAudio(), lambda role, frame: None, lambda *_: None).simulated


async def test_a_replugged_camera_is_tried_at_once_under_its_stable_path() -> None:
    """A camera that comes back under another number is found by its place, and only that one."""
    rig = Rig()
    face, document = rig.face, rig.document
    rig.devices.device_event(DeviceEvent("add", "video4linux", face.info.path, "/dev/video7"))
    rig.devices.device_event(DeviceEvent("remove", "video4linux", document.info.path, "/dev/video2"))
    rig.devices.device_event(DeviceEvent("add", "video4linux", "/dev/v4l/by-path/elsewhere", "/dev/video3"))
    assert (face.plugs, document.plugs) == (1, 0)


async def test_missing_sound_is_known_before_anybody_touches() -> None:
    """A terminal that cannot hear says so while nothing is open, and takes it back when sound is there."""
    rig = Rig()
    rig.audio.missing = "device_missing: no such microphone"
    await rig.devices.look()
    assert (rig.state("audio").state, rig.state("audio").code) == ("lost", "device_missing")
    rig.audio.missing = ""
    await rig.devices.look()
    assert rig.state("audio").state == "closed"


async def test_an_open_device_speaks_for_itself() -> None:
    """What was missing while idle is not held against a call that has sound."""
    rig = Rig()
    rig.audio.missing = "device_missing: no such microphone"
    await rig.devices.look()
    await rig.open()
    assert rig.state("audio").state == "live"
    await rig.devices.close()
