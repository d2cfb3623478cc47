"""File, V4L2, synthetic and fault sources: what a camera child opens."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from hardware.cameras import open_source
from hardware.cameras.fault_source import DROP, SLOW, UNPLUG
from hardware.cameras.i420 import planes
from hardware.errors import DeviceBusy, DeviceMissing, DeviceRefused
from hardware.ports import Profile
from hardware.simulated import decode_counter, desk_clip

FAST = Profile(320, 240, 200.0)
RUN = "89ABCDEF"


def test_a_picture_file_is_a_camera(tmp_path: Path) -> None:
    """Scaled to the stream and, on its own, to the still size; called simulated."""
    path = tmp_path / "page.png"
    cv2.imwrite(str(path), np.full((300, 400, 3), 200, np.uint8))
    source = open_source({"kind": "file", "path": str(path), "still": [800, 600]})
    source.start(FAST)
    frame = source.read(1.0)
    assert frame is not None
    assert (frame.width, frame.height, frame.data.shape) == (320, 240, (360, 320))
    still = source.still()
    assert (still.width, still.height) == (800, 600)
    assert abs(int(planes(still.data)[0].mean()) - 188) <= 2  # 200 in video range
    assert source.info().simulated


def test_a_clip_repeats(tmp_path: Path) -> None:
    """After the last frame comes the first."""
    path = tmp_path / "operator.mjpeg"
    desk_clip(path, RUN, seconds=0.25, fps=20)
    source = open_source({"kind": "file", "path": str(path)})
    source.start(Profile(640, 480, 200.0))
    seen = []
    for _ in range(8):
        frame = source.read(1.0)
        assert frame is not None
        counter = decode_counter(planes(frame.data)[0])
        assert counter is not None
        seen.append(counter[2])
    assert {1, 2, 3, 4, 5} == set(seen)
    assert seen != sorted(seen)
    source.stop()


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    """The error names the file and what was wrong with it."""
    path = tmp_path / "notes.txt"
    path.write_text("hello")
    with pytest.raises(DeviceRefused, match=r"notes.txt.*neither a picture nor a clip"):
        open_source({"kind": "file", "path": str(path)}).start(FAST)


def test_a_synthetic_stream_is_paced(tmp_path: Path) -> None:
    """Frames come at the rate asked for, not as fast as the machine can draw."""
    source = open_source({"kind": "synthetic", "scene": "document", "run": RUN})
    source.start(Profile(320, 240, 50.0))
    began = time.monotonic()
    frames = [source.read(1.0) for _ in range(11)]
    assert 0.17 < time.monotonic() - began < 0.6
    assert all(frames)
    source.stop()


def test_a_wrong_run_number_is_told_before_the_first_frame() -> None:
    """It would otherwise be read back as nothing at the far end."""
    with pytest.raises(ValueError, match="eight hex digits"):
        open_source({"kind": "synthetic", "scene": "face", "run": "xyz"})


def test_faults_are_what_they_say() -> None:
    """Dropped frames are missing, slow ones late, an unplugged camera is missing until it is back."""
    source = open_source({"kind": "fault", "source": {"kind": "synthetic", "scene": "document", "run": RUN}})
    source.start(FAST)
    source.control(DROP, 1.0)
    assert [source.read(1.0) for _ in range(5)] == [None] * 5
    source.control(DROP, 0.0)
    source.control(SLOW, 0.05)
    began = time.monotonic()
    assert source.read(1.0) is not None
    assert time.monotonic() - began >= 0.05
    source.control(SLOW, 0.0)
    source.control(UNPLUG, time.monotonic() + 0.05)
    with pytest.raises(DeviceMissing, match="unplugged"):
        source.read(1.0)
    with pytest.raises(DeviceMissing, match="unplugged"):
        source.still()
    time.sleep(0.06)
    assert source.read(1.0) is not None


class FakeCapture:
    """cv2.VideoCapture of a camera that has one stream and takes the size it is given."""

    opened = True
    open_now = 0
    answers = True

    def __init__(self, path: str, api: int) -> None:
        assert api == cv2.CAP_V4L2
        self.path = path
        self.settings: dict[int, float] = {}
        FakeCapture.open_now += 1
        assert FakeCapture.open_now == 1, "the old handle was still open"

    def isOpened(self) -> bool:
        return self.opened

    def set(self, key: int, value: float) -> bool:
        self.settings[key] = value
        return True

    def read(self) -> tuple[bool, Any]:
        if not self.answers:
            return False, None
        size = (
            int(self.settings[cv2.CAP_PROP_FRAME_HEIGHT]),
            int(self.settings[cv2.CAP_PROP_FRAME_WIDTH]),
            3,
        )
        return True, np.full(size, 90, np.uint8)

    def release(self) -> None:
        FakeCapture.open_now -= 1


@pytest.fixture
def camera_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A by-path link to a node, as udev makes it."""
    node = tmp_path / "video2"
    node.touch()
    link = tmp_path / "usb-0:1.2:1.0-video-index0"
    link.symlink_to(node)
    for name, value in (("opened", True), ("open_now", 0), ("answers", True)):
        monkeypatch.setattr(FakeCapture, name, value)
    monkeypatch.setattr(cv2, "VideoCapture", FakeCapture)
    return link


def test_a_usb_camera_gives_frames_and_stills(camera_link: Path) -> None:
    """The still has its own size; before each opening the old handle is closed; the stream goes on."""
    source = open_source({"kind": "v4l2", "path": str(camera_link), "still": [1280, 720]})
    source.start(Profile(640, 480, 15.0))
    frame, still, after = source.read(1.0), source.still(), source.read(1.0)
    assert frame is not None
    assert after is not None
    assert (frame.width, frame.height) == (after.width, after.height) == (640, 480)
    assert (still.width, still.height, still.data.shape) == (1280, 720, (1080, 1280))
    assert after.sequence > still.sequence > frame.sequence
    source.stop()
    assert FakeCapture.open_now == 0


def test_a_pulled_usb_camera_is_missing(camera_link: Path) -> None:
    """Its link disappears: the fault is told at once, with what to check."""
    source = open_source({"kind": "v4l2", "path": str(camera_link)})
    source.start(Profile(640, 480, 15.0))
    FakeCapture.answers = False
    assert source.read(1.0) is None  # one miss may happen
    camera_link.unlink()
    with pytest.raises(DeviceMissing, match="check its cable"):
        source.read(1.0)
    source.stop()
    with pytest.raises(DeviceMissing, match="no camera here"):
        source.start(Profile(640, 480, 15.0))


def test_a_usb_camera_that_another_program_holds(camera_link: Path) -> None:
    """Busy is not missing."""
    FakeCapture.opened = False
    with pytest.raises(DeviceBusy, match="another program"):
        open_source({"kind": "v4l2", "path": str(camera_link)}).start(FAST)


def test_a_wrong_pixel_format_is_refused() -> None:
    """The error says what is allowed."""
    with pytest.raises(DeviceRefused, match="choose MJPG or YUYV"):
        open_source({"kind": "v4l2", "path": "/dev/v4l/by-path/x", "format": "H264"})
