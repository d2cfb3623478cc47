"""A USB camera through V4L2, opened by its stable path so that a replugged camera is found again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import cv2

from hardware.cameras.i420 import from_bgr
from hardware.errors import DeviceBusy, DeviceMissing, DeviceRefused
from hardware.ports import CameraInfo, Frame, Profile

_FORMATS: Final = ("MJPG", "YUYV")
_CONTROLS: Final = {
    "exposure": "CAP_PROP_EXPOSURE",
    "auto_exposure": "CAP_PROP_AUTO_EXPOSURE",
    "focus": "CAP_PROP_FOCUS",
    "auto_focus": "CAP_PROP_AUTOFOCUS",
    "white_balance": "CAP_PROP_WB_TEMPERATURE",
    "auto_white_balance": "CAP_PROP_AUTO_WB",
    "brightness": "CAP_PROP_BRIGHTNESS",
    "zoom": "CAP_PROP_ZOOM",
}
_SETTLE_FRAMES: Final = 3  # after a change of size the first frames are dark or old
_MAX_MISSES: Final = 5


class V4l2Source:
    """`format` is MJPG (two cameras fit one USB 2 bus) or YUYV."""

    def __init__(self, info: CameraInfo, format: str = "MJPG") -> None:
        if format not in _FORMATS:
            raise DeviceRefused(info.path, f"no format '{format}': choose MJPG or YUYV")
        cv2.setNumThreads(1)
        self._info = info
        self._format = format
        self._profile = Profile(640, 480, 15.0)
        self._capture: cv2.VideoCapture | None = None
        self._sequence = 0
        self._misses = 0

    def info(self) -> CameraInfo:
        return self._info

    def start(self, profile: Profile) -> None:
        self._profile = profile
        self._sequence = 0
        self._open(profile.width, profile.height, profile.fps)

    def read(self, timeout: float) -> Frame | None:
        # OpenCV waits by itself; a driver that never returns is ended from outside
        frame = self._grab()
        if frame is None:
            self._misses += 1
            if self._misses >= _MAX_MISSES or not Path(self._info.path).exists():
                raise DeviceMissing(self._info.path, "the camera stopped answering: check its cable")
            return None
        self._misses = 0
        return frame

    def still(self) -> Frame:
        """Leaves the stream for one frame at the still size: a webcam has a single stream."""
        wanted = (self._info.still_width, self._info.still_height)
        self._open(*wanted, self._profile.fps)
        try:
            for _ in range(_SETTLE_FRAMES):
                self._grab()
            frame = self._grab()
        finally:
            self._open(self._profile.width, self._profile.height, self._profile.fps)
        if frame is None:
            raise DeviceRefused(self._info.path, f"no still at {wanted[0]}x{wanted[1]}: choose another size")
        return frame

    def control(self, name: str, value: float) -> None:
        if name not in _CONTROLS or self._capture is None:
            return
        self._capture.set(getattr(cv2, _CONTROLS[name]), value)

    def stop(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _open(self, width: int, height: int, fps: float) -> None:
        self.stop()
        path = Path(self._info.path)
        if not path.exists():
            raise DeviceMissing(
                self._info.path, "no camera here: check its cable, then the path in the settings"
            )
        capture = cv2.VideoCapture(str(path.resolve()), cv2.CAP_V4L2)
        if not capture.isOpened():
            raise DeviceBusy(self._info.path, "it cannot be opened: another program may hold it")
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*self._format))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        capture.set(cv2.CAP_PROP_FPS, fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)
        self._capture = capture

    def _grab(self) -> Frame | None:
        if self._capture is None:
            raise DeviceMissing(self._info.path, "not started")
        good, picture = self._capture.read()
        if not good or picture is None:
            return None
        data = from_bgr(picture)
        self._sequence += 1
        return Frame(data, data.shape[1], data.shape[0] * 2 // 3, time.monotonic(), self._sequence)
