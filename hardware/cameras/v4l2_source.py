"""A USB camera through V4L2, opened by its stable path so that a replugged camera is found again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import cv2

from hardware.cameras import v4l2_controls as cid
from hardware.cameras.focus import FocusHold, Lens
from hardware.cameras.i420 import from_bgr
from hardware.cameras.v4l2_controls import V4l2Controls
from hardware.errors import DeviceBusy, DeviceMissing, DeviceRefused
from hardware.ports import AUTO_FOCUS, EXPOSURE, FOCUS_STEP, CameraInfo, Frame, Profile

log = logging.getLogger(__name__)

_FORMATS: Final = ("MJPG", "YUYV")
_SETTLE_FRAMES: Final = 3  # after a change of size the first frames are dark or old
_MAX_MISSES: Final = 5
_HALF_STOPS: Final = 4  # from the default to the end of the range


class V4l2Source:
    """`format` is MJPG (two cameras fit one USB 2 bus) or YUYV."""

    def __init__(
        self,
        info: CameraInfo,
        format: str = "MJPG",
        controls_of: Callable[[str], V4l2Controls] = V4l2Controls,
    ) -> None:
        if format not in _FORMATS:
            raise DeviceRefused(info.path, f"no format '{format}': choose MJPG or YUYV")
        cv2.setNumThreads(1)
        self._info = info
        self._format = format
        self._profile = Profile(640, 480, 15.0)
        self._capture: cv2.VideoCapture | None = None
        self._sequence = 0
        self._misses = 0
        self._controls_of = controls_of
        self._controls: V4l2Controls | None = None  # open as long as the source is started
        self._focus: FocusHold | None = None  # None: the camera cannot hold its focus
        self._light: int | None = None  # the control that makes the picture lighter

    def info(self) -> CameraInfo:
        return self._info

    def start(self, profile: Profile) -> None:
        self._profile = profile
        self._sequence = 0
        self._open(profile.width, profile.height, profile.fps)
        self._learn_controls()

    def read(self, timeout: float) -> Frame | None:
        # OpenCV waits by itself; a driver that never returns is ended from outside
        if self._focus is not None:
            self._told(lambda focus: focus.tick(time.monotonic()))
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
        now = time.monotonic()
        match name:
            case _ if name == AUTO_FOCUS:
                self._told(lambda focus: focus.hold(not value, now))
            case _ if name == FOCUS_STEP:
                self._told(lambda focus: focus.step(round(value), now))
            case _ if name == EXPOSURE:
                self._lighten(value)

    def stop(self) -> None:
        self._release()
        if self._controls is not None:
            self._controls.close()
            self._controls = self._focus = self._light = None

    def _release(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _learn_controls(self) -> None:
        try:
            controls = self._controls = self._controls_of(str(Path(self._info.path).resolve()))
        except OSError as error:
            log.warning("camera has no controls", extra={"camera": self._info.path, "cause": str(error)})
            return
        lens = controls.range(cid.FOCUS_ABSOLUTE)
        if lens is not None and controls.range(cid.FOCUS_AUTO) is not None:
            self._focus = FocusHold(_lens(controls, lens.low, lens.high))
            self._focus.started(time.monotonic())
        lights = (cid.EXPOSURE_BIAS, cid.BRIGHTNESS)
        self._light = next((one for one in lights if controls.range(one) is not None), None)
        self._as_new(controls)
        can = (*(["focus"] if self._focus else []), *(["exposure"] if self._light is not None else []))
        self._info = replace(self._info, can=can)

    def _as_new(self, controls: V4l2Controls) -> None:
        """A webcam keeps what it was told when it is closed: the next resident must not find it so."""
        try:
            if self._focus is not None:
                controls.set(cid.FOCUS_AUTO, 1)
            self._lighten(0)
        except OSError as error:
            log.warning("controls not set back", extra={"camera": self._info.path, "cause": str(error)})

    def _told(self, word: Callable[[FocusHold], None]) -> None:
        """A lens that refuses costs its control, never the picture."""
        if self._focus is None:
            return
        try:
            word(self._focus)
        except OSError as error:
            log.warning("focus refused", extra={"camera": self._info.path, "cause": str(error)})

    def _lighten(self, half_stops: float) -> None:
        """Bias of the automatic exposure; where a camera has none, its brightness."""
        if self._controls is None or self._light is None:
            return
        known = self._controls.range(self._light)
        if known is None:
            return
        room = known.high - known.default if half_stops > 0 else known.default - known.low
        try:
            self._controls.set(self._light, known.default + half_stops * room / _HALF_STOPS)
        except OSError as error:
            log.warning("exposure refused", extra={"camera": self._info.path, "cause": str(error)})

    def _open(self, width: int, height: int, fps: float) -> None:
        self._release()
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


def _lens(controls: V4l2Controls, low: int, high: int) -> Lens:
    def move(position: float) -> None:
        controls.set(cid.FOCUS_AUTO, 0)
        controls.set(cid.FOCUS_ABSOLUTE, position)

    return Lens(
        low=low,
        high=high,
        position=lambda: controls.get(cid.FOCUS_ABSOLUTE),
        automatic=lambda: controls.set(cid.FOCUS_AUTO, 1),
        move=move,
    )
