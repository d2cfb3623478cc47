"""A camera without hardware: drawn scenes, marked as simulated, with a counter that proves live frames."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import cv2

from hardware.cameras.counter import encode_counter
from hardware.cameras.face_scene import FaceScene
from hardware.cameras.i420 import planes
from hardware.cameras.pace import Pace
from hardware.cameras.paper_scene import PaperScene
from hardware.errors import DeviceMissing
from hardware.ports import AUTO_FOCUS, EXPOSURE, FOCUS_STEP, Bytes, CameraInfo, Frame, Profile

Scene = FaceScene | PaperScene
_BLUR: Final = 600.0  # a step of the lens blurs by so small a part of the height
_DIM: Final = 4.0  # gentler than a sensor: the drawing has no more light than white
_SCENES: Final[dict[str, tuple[str, Callable[[int, int], Scene]]]] = {
    "face": ("F", FaceScene),
    "document": ("D", PaperScene),
}


class SyntheticSource:
    """`scene` is face or document; `run` eight hex digits, random when empty."""

    def __init__(self, info: CameraInfo, scene: str, run: str) -> None:
        cv2.setNumThreads(1)
        self._info = replace(info, can=("focus", "exposure"))
        self._letter, self._draw = _SCENES[scene]
        self._run = run or secrets.token_hex(4)
        encode_counter(self._run, self._letter, 0)  # a wrong run number is told before the first frame
        self._scene: Scene | None = None
        self._pace = Pace(1.0)
        self._count = 0
        self._began = 0.0
        self._controls: dict[str, float] = {}  # as a lens and a sensor would show them

    def info(self) -> CameraInfo:
        return self._info

    def start(self, profile: Profile) -> None:
        self._scene = self._draw(profile.width & ~1, profile.height & ~1)
        self._pace = Pace(profile.fps)
        self._count = 0
        self._began = time.monotonic()

    def read(self, timeout: float) -> Frame | None:
        if self._scene is None:
            raise DeviceMissing(self._info.path, "not started")
        if not self._pace.wait(timeout):
            return None
        return self._picture(self._scene)

    def still(self) -> Frame:
        return self._picture(self._draw(self._info.still_width, self._info.still_height))

    def control(self, name: str, value: float) -> None:
        self._controls[name] = value

    def stop(self) -> None:
        self._scene = None

    def _picture(self, scene: Scene) -> Frame:
        now = time.monotonic()
        self._count += 1
        data = scene.render(now - self._began, encode_counter(self._run, self._letter, self._count))
        self._as_set(data)
        return Frame(data, data.shape[1], data.shape[0] * 2 // 3, now, self._count)

    def _as_set(self, data: Bytes) -> None:
        """A held focus that was moved blurs the drawing; exposure makes it lighter or darker."""
        luma = planes(data)[0]
        steps = 0.0 if self._controls.get(AUTO_FOCUS, 1) else abs(self._controls.get(FOCUS_STEP, 0))
        if steps:
            cv2.GaussianBlur(luma, (0, 0), steps * luma.shape[0] / _BLUR, dst=luma)
        half_stops = self._controls.get(EXPOSURE, 0)
        if half_stops:
            cv2.convertScaleAbs(luma, dst=luma, alpha=2 ** (half_stops / _DIM))
