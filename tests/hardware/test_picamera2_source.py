"""The CSI adapter against a stub of picamera2: sizes, strides, stills, and errors that help a technician."""

from __future__ import annotations

import sys
import time

import pytest

from hardware.cameras import focus, open_source
from hardware.cameras.i420 import planes
from hardware.errors import DeviceBusy, DeviceMissing, DeviceRefused
from hardware.ports import AUTO_FOCUS, EXPOSURE, FOCUS_STEP, CameraSource, Profile
from tests.fakes.fake_picamera2 import FakePicamera2Module, U, V, Y

ID = "/base/axi/pcie@1000120000/rp1/i2c@88000/imx708@1a"
OTHER = "/base/axi/pcie@1000120000/rp1/i2c@80000/imx708@1a"
STREAM = Profile(650, 486, 15.0)  # needs padding, and its chroma rows do not end with a row of the array


def source(**more: object) -> CameraSource:
    return open_source({"kind": "picamera2", "id": ID, "still": [1920, 1080], **more})


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> FakePicamera2Module:
    module = FakePicamera2Module([{"Id": OTHER, "Num": 0}, {"Id": ID, "Num": 1}])
    monkeypatch.setitem(sys.modules, "picamera2", module)
    return module


def test_the_camera_is_found_by_its_id(stub: FakePicamera2Module) -> None:
    """Today's number does not matter: the ribbon's place does."""
    camera = source()
    camera.start(STREAM)
    assert stub.opened[0].number == 1


def test_frames_come_without_padding(stub: FakePicamera2Module) -> None:
    """Strides are cropped in all three planes, and the time is that of the exposure."""
    camera = source()
    camera.start(STREAM)
    frame = camera.read(1.0)
    assert frame is not None
    assert frame.data.shape == (486 * 3 // 2, 650)
    assert frame.data.flags.c_contiguous
    for plane, value in zip(planes(frame.data), (Y, U, V), strict=True):
        assert (plane == value).all()
    assert 0.015 < time.monotonic() - frame.captured < 0.5


def test_a_still_is_exposed_after_the_question_without_a_switch_of_mode(stub: FakePicamera2Module) -> None:
    """One configuration holds both sizes; the still flushes, the stream does not wait for that."""
    camera = source()
    camera.start(STREAM)
    camera.read(1.0)
    still = camera.still()
    assert (still.width, still.height) == (1920, 1080)
    assert (planes(still.data)[1] == U).all()
    assert [request.flushed for request in stub.opened[0].requests] == [False, True]
    assert camera.read(1.0) is not None
    assert len(stub.opened) == 1


def test_every_request_goes_back(stub: FakePicamera2Module) -> None:
    """A request that is kept starves the camera after four frames."""
    camera = source()
    camera.start(STREAM)
    for _ in range(6):
        camera.read(1.0)
    camera.still()
    assert [request.released for request in stub.opened[0].requests] == [1] * 7


def test_controls_speak_libcameras_language(
    stub: FakePicamera2Module, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Focus is held where autofocus put the lens, steps move it from there; light is a bias in stops."""
    monkeypatch.setattr(focus, "SETTLE_S", 0.0)
    camera = source()
    camera.start(STREAM)
    assert camera.info().can == ("focus", "exposure")
    camera.read(1.0)
    camera.control(AUTO_FOCUS, 0)
    assert stub.opened[0].controls == {"AfMode": 0, "LensPosition": 2.5}
    camera.control(FOCUS_STEP, 2)
    assert stub.opened[0].controls["LensPosition"] == pytest.approx(3.0), "nearer is more dioptres"
    camera.control(EXPOSURE, -1)
    camera.control("sparkle", 1)
    assert stub.opened[0].controls["ExposureValue"] == -0.5
    camera.control(AUTO_FOCUS, 1)
    assert stub.opened[0].controls["AfMode"] == 2


def test_a_fixed_lens_offers_no_focus(stub: FakePicamera2Module) -> None:
    """The key is not offered, and a word that comes all the same moves nothing."""
    stub.known_controls = {"ExposureValue": (-8.0, 8.0, 0.0)}
    camera = source()
    camera.start(STREAM)
    assert camera.info().can == ("exposure",)
    camera.control(AUTO_FOCUS, 0)
    camera.control(FOCUS_STEP, 3)
    assert stub.opened[0].controls == {}


def test_stopping_frees_the_camera(stub: FakePicamera2Module) -> None:
    """Afterwards it can be opened again; stopping twice is harmless."""
    camera = source()
    camera.start(STREAM)
    camera.stop()
    camera.stop()
    assert stub.opened[0].closed
    with pytest.raises(DeviceMissing):
        camera.read(1.0)
    camera.start(STREAM)
    assert len(stub.opened) == 2


def test_a_missing_camera_is_named_with_those_that_are_there(stub: FakePicamera2Module) -> None:
    """A technician sees at once that the cable sits in the other socket."""
    camera = open_source({"kind": "picamera2", "id": "/base/none"})
    with pytest.raises(DeviceMissing, match=r"/base/none.*imx708"):
        camera.start(STREAM)


def test_a_busy_camera_says_so(stub: FakePicamera2Module) -> None:
    """It is not reported as missing."""
    stub.busy = True
    with pytest.raises(DeviceBusy, match="another program"):
        source().start(STREAM)


def test_without_picamera2_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings ask for a CSI camera on a machine that has no support for one."""
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(DeviceRefused, match="python3-picamera2"):
        source().start(STREAM)


def test_a_stream_larger_than_the_still_is_refused(stub: FakePicamera2Module) -> None:
    """The hardware cannot enlarge: the settings must change."""
    with pytest.raises(DeviceRefused, match="raise 'still'"):
        source(still=[320, 240]).start(STREAM)
