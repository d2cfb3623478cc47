"""Which camera serves whom, how fine, and what it was told; a choice or a restart touches nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hardware.ports import AUTO_FOCUS, EXPOSURE, FOCUS_STEP, CameraInfo, Health, Profile
from kiosk.agent import devices as module
from kiosk.agent.camera_bank import CameraBank, CameraPart
from kiosk.agent.devices import Devices
from kiosk.agent.gate import Shape
from protocol.values import CameraRole, Cameras, CameraSetting, Region
from tests.fakes.devices import FakeCamera
from tests.kiosk.agent.test_devices import FakeAudio, Rig, silence

FACE, PAPER = CameraRole.FACE, CameraRole.DOCUMENT
STREAM = Profile(640, 480, 15.0)
SWAPPED = Cameras(face=CameraSetting(source="document"), document=CameraSetting(source="face"))


class Attached:
    """Three cameras, the third to spare."""

    def __init__(self) -> None:
        self.face, self.paper, self.spare = (
            FakeCamera(name, (2592, 1944)) for name in ("face", "document", "spare")
        )
        self.bank = CameraBank(
            (
                CameraPart("face", self.face, STREAM),
                CameraPart("document", self.paper, STREAM, rotation=180),
                CameraPart("spare-1", self.spare, STREAM, rotation=90, name="机の横"),
            )
        )

    @property
    def open(self) -> set[str]:
        cameras = {"face": self.face, "document": self.paper, "spare-1": self.spare}
        return {name for name, camera in cameras.items() if camera.health is not Health.CLOSED}


async def test_only_cameras_that_serve_are_open() -> None:
    """A spare camera sees nobody until it is chosen, and the one that it replaces is closed."""
    attached = Attached()
    await attached.bank.open()
    assert attached.open == {"face", "document"}
    await attached.bank.set(Cameras(document=CameraSetting(source="spare-1")), opened=True)
    assert attached.open == {"face", "spare-1"}
    assert attached.bank.part(PAPER).camera is attached.spare  # type: ignore[union-attr]
    await attached.bank.close()
    assert attached.open == set()


async def test_cameras_that_change_places_stay_open() -> None:
    """Both sides see the other picture without waiting for a camera."""
    attached = Attached()
    await attached.bank.open()
    await attached.bank.set(SWAPPED, opened=True)
    assert attached.bank.part(FACE).camera is attached.paper  # type: ignore[union-attr]
    assert (len(attached.face.profiles), len(attached.paper.profiles)) == (1, 1)


def test_a_camera_hangs_as_it_hangs_whatever_it_serves() -> None:
    """The turn of the settings belongs to the device, the operator's turn comes on top."""
    bank = Attached().bank
    assert bank.shape(PAPER, CameraSetting()) == Shape(180, Region(), 640, 480)
    assert bank.shape(PAPER, CameraSetting(turned=270)).turn == 90
    assert bank.shape(FACE, CameraSetting(source="document")).turn == 180
    assert bank.shape(PAPER, CameraSetting(source="spare-1")).turn == 90
    assert [one.name for one in bank.attached] == ["顔カメラ", "書画カメラ", "机の横"]


async def test_a_region_brings_more_pixels_of_the_paper() -> None:
    """The camera is opened finer while a part is shown, and as before when the whole is."""
    attached = Attached()
    await attached.bank.open()
    closer = Cameras(document=CameraSetting(region=Region(side=0.5)))
    await attached.bank.set(closer, opened=True)
    moved = Cameras(document=CameraSetting(region=Region(left=0.3, side=0.5)))
    await attached.bank.set(moved, opened=True)
    await attached.bank.set(Cameras(), opened=True)
    assert attached.paper.profiles == [STREAM, Profile(1280, 960, 15.0), STREAM], "moving opens nothing"
    assert attached.face.profiles == [STREAM]


async def test_a_stream_is_never_finer_than_the_camera() -> None:
    """A camera whose stills are no larger gives what it has."""
    small = FakeCamera("document", (640, 480))
    bank = CameraBank((CameraPart("document", small, STREAM),))
    await bank.set(Cameras(document=CameraSetting(region=Region(side=0.5))), opened=True)
    assert small.profiles == [STREAM]


async def test_a_camera_is_told_what_changed_and_forgets_it_with_the_call() -> None:
    """Restarted, it is told again; the next resident's camera focuses by itself."""
    attached = Attached()
    await attached.bank.open()
    assert attached.paper.controls == {}
    setting = CameraSetting(focus_held=True, focus_step=2, exposure=-1)
    await attached.bank.set(Cameras(document=setting), opened=True)
    wanted = {AUTO_FOCUS: 0, FOCUS_STEP: 2, EXPOSURE: -1}
    assert attached.paper.controls == wanted
    await attached.bank.restart(PAPER)
    assert attached.paper.controls == wanted
    await attached.bank.close()
    await attached.bank.set(Cameras(), opened=False)
    await attached.bank.open()
    assert attached.paper.controls == {}


async def test_settings_made_while_nothing_is_open_hold_for_the_opening() -> None:
    """An agent that was started again in a call hears them before its devices are open."""
    attached = Attached()
    setting = CameraSetting(source="spare-1", exposure=1)
    await attached.bank.set(Cameras(document=setting), opened=False)
    assert attached.open == set()
    await attached.bank.open()
    assert attached.open == {"face", "spare-1"}
    assert attached.spare.controls == {EXPOSURE: 1}


@pytest.fixture
async def rig(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rig]:
    monkeypatch.setattr(module, "FRAME_S", 0.01)
    rig = Rig()
    await rig.open()
    yield rig
    await rig.devices.close()


async def test_pictures_follow_the_choice(rig: Rig) -> None:
    """Each role gets the pictures of the camera that serves it, from the first picture after the change."""
    rig.face.give(10)
    await rig.until(lambda: bool(rig.frames))
    await rig.devices.set_cameras(SWAPPED)
    rig.frames.clear()
    rig.face.give(11)
    rig.document.give(21)
    await rig.until(lambda: len(rig.frames) >= 2)
    assert {(role, int(frame.data[0, 0])) for role, frame in rig.frames} == {(PAPER, 11), (FACE, 21)}


async def test_a_restart_touches_one_device(rig: Rig) -> None:
    """The others go on; sound is handed on as before."""
    rig.face.give(10)
    rig.document.give(20)
    await rig.devices.restart("document")
    assert (len(rig.face.profiles), len(rig.document.profiles)) == (1, 2)
    assert rig.face.health is Health.LIVE
    opened = rig.audio.opened
    await rig.devices.restart("audio")
    assert rig.audio.opened == opened + 1
    assert rig.audio.health is Health.LIVE
    assert rig.devices.opened


async def test_a_restart_after_the_end_opens_nothing() -> None:
    """The word came while the call was ending."""
    rig = Rig()
    for device in ("face", "document", "audio"):
        await rig.devices.restart(device)
    assert {rig.face.health, rig.document.health, rig.audio.health} == {Health.CLOSED}


async def test_a_restart_that_fails_costs_that_device_alone(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """A sound card that does not come back is tried on by its driver; the pictures go on."""

    async def fails(*_: Any) -> None:
        raise OSError("no sound")

    monkeypatch.setattr(rig.audio, "open", fails)
    await rig.devices.restart("audio")
    rig.face.give(10)
    await rig.until(lambda: bool(rig.frames))


async def test_a_report_says_what_can_be_set() -> None:
    """The desk offers no key for what a camera cannot do."""
    able = FakeCamera("document")
    able.info = CameraInfo("fake:document", "document", "v4l2", False, 192, 108, ("focus",))
    devices = Devices((CameraPart("document", able, STREAM),), FakeAudio(), lambda *_: None, lambda *_: None)
    await devices.open(lambda block, captured: None, silence)
    assert devices.states()[0].can == ("focus",)
    await devices.close()
