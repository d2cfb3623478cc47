"""Focus and light of a camera: held, stepped, within the ranges that the device tells."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from hardware.cameras import focus, open_source
from hardware.cameras import v4l2_controls as cid
from hardware.cameras.focus import SETTLE_S, STEPS, FocusHold, Lens
from hardware.cameras.i420 import planes
from hardware.cameras.v4l2_controls import GET_CONTROL, QUERY_CONTROL, SET_CONTROL, Range, V4l2Controls
from hardware.cameras.v4l2_source import V4l2Source
from hardware.ports import AUTO_FOCUS, EXPOSURE, FOCUS_STEP, CameraInfo, Profile
from tests.hardware.test_sources import FakeCapture


class FakeLens:
    """A lens of way 0 to 40, so that one step is one unit."""

    def __init__(self) -> None:
        self.at = 12.0
        self.automatic = True
        self.lens = Lens(0.0, float(STEPS), lambda: self.at, self._automatic, self._move)

    def _automatic(self) -> None:
        self.automatic = True

    def _move(self, position: float) -> None:
        self.at, self.automatic = position, False


def test_focus_is_held_where_it_stands_and_stepped_from_there() -> None:
    """Steps count from the place that autofocus had found, and stop at the end of the lens's way."""
    fake = FakeLens()
    hold = FocusHold(fake.lens)
    hold.started(0.0)
    hold.hold(True, 10.0)
    assert (fake.at, fake.automatic) == (12.0, False)
    for step, place in ((3, 15.0), (-2, 10.0), (-10, 2.0), (0, 12.0)):
        hold.step(step, 11.0)
        assert fake.at == place
    fake.at = 39.0
    hold.hold(False, 12.0)
    assert fake.automatic
    hold.step(10, 13.0)
    assert fake.automatic, "nothing is held"
    hold.hold(True, 14.0)
    assert fake.at == 40.0, "held anew where it stood, and no further than the lens goes"


def test_a_camera_that_has_just_started_finds_its_focus_before_it_is_held() -> None:
    """A child that came back is held again, but not at the place where a cold lens happens to stand."""
    fake = FakeLens()
    hold = FocusHold(fake.lens)
    hold.started(100.0)
    hold.hold(True, 100.1)
    hold.step(2, 100.1)
    assert fake.automatic
    fake.at = 20.0  # autofocus has found it
    hold.tick(100.0 + SETTLE_S)
    assert (fake.at, fake.automatic) == (22.0, False)


class FakeDriver:
    """V4L2 controls behind ioctl: id -> [low, high, step, default, value]."""

    def __init__(self, **known: list[int]) -> None:
        self.known = {getattr(cid, name): values for name, values in known.items()}
        self.set: list[tuple[int, int]] = []

    def ioctl(self, fd: int, request: int, data: bytearray) -> int:
        number = struct.unpack_from("I", data)[0]
        if number not in self.known:
            raise OSError(22, "Invalid argument")
        values = self.known[number]
        if request == QUERY_CONTROL:
            data[:] = struct.pack("II32siiiiI8x", number, 1, b"name", *values[:4], 0)
        elif request == GET_CONTROL:
            data[:] = struct.pack("Ii", number, values[4])
        else:
            assert request == SET_CONTROL
            values[4] = struct.unpack("Ii", data)[1]
            assert values[0] <= values[4] <= values[1], "the driver would refuse it"
            self.set.append((number, values[4]))
        return 0


def controls(driver: FakeDriver) -> V4l2Controls:
    return V4l2Controls("/dev/null", driver.ioctl)


def test_the_numbers_are_those_of_linux() -> None:
    """Sizes and directions of the three requests, as linux/videodev2.h makes them on every machine."""
    assert (QUERY_CONTROL, GET_CONTROL, SET_CONTROL) == (0xC044_5624, 0xC008_561B, 0xC008_561C)
    assert (cid.FOCUS_ABSOLUTE, cid.FOCUS_AUTO) == (0x009A_090A, 0x009A_090C)


def test_values_are_fitted_into_the_cameras_range() -> None:
    """The nearest step within the ends; a control that is not there has no range."""
    driver = FakeDriver(FOCUS_ABSOLUTE=[0, 250, 5, 0, 0])
    found = controls(driver)
    assert found.range(cid.FOCUS_ABSOLUTE) == Range(0, 250, 5, 0)
    assert found.range(cid.BRIGHTNESS) is None
    for wanted, value in ((12.0, 10), (13.0, 15), (900.0, 250), (-3.0, 0)):
        found.set(cid.FOCUS_ABSOLUTE, wanted)
        assert driver.set[-1][1] == value


@pytest.fixture
def webcam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    node = tmp_path / "video0"
    node.touch()
    for name, value in (("opened", True), ("open_now", 0), ("answers", True)):
        monkeypatch.setattr(FakeCapture, name, value)
    monkeypatch.setattr(cv2, "VideoCapture", FakeCapture)
    monkeypatch.setattr(focus, "SETTLE_S", 0.0)
    return node


def started(node: Path, driver: FakeDriver) -> V4l2Source:
    info = CameraInfo(str(node), "webcam", "v4l2", False, 1280, 720)
    source = V4l2Source(info, controls_of=lambda path: V4l2Controls(path, driver.ioctl))
    source.start(Profile(640, 480, 15.0))
    return source


def test_a_webcam_focuses_and_lightens_through_its_driver(webcam: Path) -> None:
    """UVC's own controls: automatic off, then the place; the bias where there is one, else brightness."""
    driver = FakeDriver(
        FOCUS_AUTO=[0, 1, 1, 1, 1], FOCUS_ABSOLUTE=[0, 200, 5, 0, 60], BRIGHTNESS=[-64, 64, 1, 0, 0]
    )
    source = started(webcam, driver)
    assert source.info().can == ("focus", "exposure")
    source.control(AUTO_FOCUS, 0)
    source.control(FOCUS_STEP, 2)
    assert driver.set[-2:] == [(cid.FOCUS_AUTO, 0), (cid.FOCUS_ABSOLUTE, 70)]
    source.control(AUTO_FOCUS, 1)
    assert driver.set[-1] == (cid.FOCUS_AUTO, 1)
    source.control(EXPOSURE, 2)
    assert driver.set[-1] == (cid.BRIGHTNESS, 32)
    source.control(EXPOSURE, -4)
    assert driver.set[-1] == (cid.BRIGHTNESS, -64)
    source.stop()


def test_a_webcam_forgets_what_the_last_call_told_it(webcam: Path) -> None:
    """UVC keeps its values while closed; at the next start focus and light are as the driver begins."""
    driver = FakeDriver(
        FOCUS_AUTO=[0, 1, 1, 1, 0], FOCUS_ABSOLUTE=[0, 200, 5, 0, 60], EXPOSURE_BIAS=[-8, 8, 1, 0, -6]
    )
    started(webcam, driver).stop()
    assert driver.known[cid.FOCUS_AUTO][4] == 1
    assert driver.known[cid.EXPOSURE_BIAS][4] == 0


def test_a_webcam_says_what_it_cannot_do(webcam: Path) -> None:
    """A cheap one has neither; words to it change nothing and cost no picture."""
    source = started(webcam, FakeDriver())
    assert source.info().can == ()
    for name in (AUTO_FOCUS, FOCUS_STEP, EXPOSURE):
        source.control(name, 1)
    assert source.read(1.0) is not None
    source.stop()


def test_a_refused_control_costs_no_picture(webcam: Path) -> None:
    """A driver that is busy says no; the stream goes on."""
    driver = FakeDriver(FOCUS_AUTO=[0, 1, 1, 1, 1], FOCUS_ABSOLUTE=[0, 200, 5, 0, 60])
    source = started(webcam, driver)
    driver.known.clear()
    source.control(AUTO_FOCUS, 0)
    source.control(EXPOSURE, 1)
    assert source.read(1.0) is not None
    source.stop()


def picture(scene: str, **told: float) -> np.ndarray[Any, Any]:
    source = open_source({"kind": "synthetic", "scene": scene, "run": "0123ABCD"})
    source.start(Profile(320, 240, 50.0))
    for name, value in told.items():
        source.control(name, value)
    frame = source.read(1.0)
    source.stop()
    assert frame is not None
    return planes(frame.data)[0].astype(np.float64)


def test_a_drawn_camera_shows_what_is_done_to_it() -> None:
    """The demonstration is honest: light changes the light, a moved lens blurs, autofocus is sharp again."""
    plain = picture("document")
    assert picture("document", **{EXPOSURE: 2}).mean() > plain.mean() + 5
    assert picture("document", **{EXPOSURE: -2}).mean() < plain.mean() - 5
    detail = np.abs(np.diff(plain)).mean()
    blurred = picture("document", **{AUTO_FOCUS: 0, FOCUS_STEP: 6})
    assert np.abs(np.diff(blurred)).mean() < 0.7 * detail
    assert np.abs(np.diff(picture("document", **{AUTO_FOCUS: 1, FOCUS_STEP: 6}))).mean() > 0.9 * detail
