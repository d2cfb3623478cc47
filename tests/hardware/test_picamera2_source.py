"""The CSI adapter against a stub of picamera2: sizes, strides, stills, and errors that help a technician."""

from __future__ import annotations

import sys
import time

import pytest

from hardware.cameras import open_source
from hardware.cameras.i420 import planes
from hardware.errors import DeviceBusy, DeviceMissing, DeviceRefused
from hardware.ports import CameraSource, Profile
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


def test_controls_speak_libcameras_language(stub: FakePicamera2Module) -> None:
    """Known names are translated with their types; unknown ones are left alone."""
    camera = source()
    camera.start(STREAM)
    camera.control("exposure", 10000.0)
    camera.control("auto_focus", 1.0)
    camera.control("sparkle", 1.0)
    assert stub.opened[0].controls == {"ExposureTime": 10000, "AfMode": 2}


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
