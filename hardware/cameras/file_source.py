"""A still picture or a clip as a camera, in a loop: for demonstrations and for repeating a field problem."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import cv2

from hardware.cameras.i420 import from_bgr, resized
from hardware.cameras.pace import Pace
from hardware.errors import DeviceMissing, DeviceRefused
from hardware.ports import Bytes, CameraInfo, Frame, Profile

# by name: joined JPEGs (.mjpeg) would pass for a picture
_PICTURES: Final = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")


class FileSource:
    """Anything that OpenCV reads. Frames are scaled to the stream's size, stills to the still size."""

    def __init__(self, info: CameraInfo) -> None:
        self._info = info
        self._capture: cv2.VideoCapture | None = None
        self._picture: Bytes | None = None  # a still picture, or the newest frame of a clip, BGR
        self._profile = Profile(640, 480, 15.0)
        self._pace = Pace(1.0)
        self._sequence = 0

    def info(self) -> CameraInfo:
        return self._info

    def start(self, profile: Profile) -> None:
        if not Path(self._info.path).is_file():
            raise DeviceMissing(self._info.path, "no such file: correct the camera's path in the settings")
        self._profile = profile
        self._pace = Pace(profile.fps)
        self._sequence = 0
        if Path(self._info.path).suffix.lower() in _PICTURES:
            self._picture = cv2.imread(self._info.path, cv2.IMREAD_COLOR)
        if self._picture is None:
            self._capture = cv2.VideoCapture(self._info.path)
            self._next_of_clip()

    def read(self, timeout: float) -> Frame | None:
        if not self._pace.wait(timeout):
            return None
        if self._capture is not None:
            self._next_of_clip()
        self._sequence += 1
        return self._frame(self._profile.width & ~1, self._profile.height & ~1)

    def still(self) -> Frame:
        if self._capture is not None:
            self._next_of_clip()
        return self._frame(self._info.still_width, self._info.still_height)

    def control(self, name: str, value: float) -> None:
        """A file has nothing to adjust."""

    def stop(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None
        self._picture = None

    def _next_of_clip(self) -> None:
        """The next frame; after the last one the first again."""
        assert self._capture is not None
        for _ in range(2):
            good, picture = self._capture.read()
            if good:
                self._picture = picture
                return
            self._capture.open(self._info.path)
        raise DeviceRefused(self._info.path, "neither a picture nor a clip that can be read")

    def _frame(self, width: int, height: int) -> Frame:
        if self._picture is None:
            raise DeviceMissing(self._info.path, "not started")
        data = resized(from_bgr(self._picture), width, height)
        return Frame(data, width, height, time.monotonic(), self._sequence)
