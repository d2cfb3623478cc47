"""A CSI camera of a Raspberry Pi through picamera2, which Debian and Raspberry Pi OS ship and PyPI cannot.

One configuration serves the whole call: `main` at the still size, `lores` at the stream's size, so that no
still needs a mode switch (switching fragments the contiguous memory until it fails). Calls block for as long
as the sensor does; the agent ends a child that gives no frames.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any, Final

import numpy as np

from hardware.cameras.focus import FocusHold, Lens
from hardware.errors import DeviceBusy, DeviceMissing, DeviceRefused
from hardware.ports import AUTO_FOCUS, EXPOSURE, FOCUS_STEP, Bytes, CameraInfo, Frame, Profile

_BUFFERS: Final = 4
_MANUAL, _CONTINUOUS = 0, 2  # libcamera's AfMode


class Picamera2Source:
    """`info.path` is libcamera's Id of the camera: it names the connector, so it survives a restart."""

    def __init__(self, info: CameraInfo) -> None:
        self._info = info
        self._camera: Any = None
        self._mapped: Any = None  # picamera2.MappedArray
        self._profile = Profile(640, 480, 15.0)
        self._sequence = 0
        self._focus: FocusHold | None = None  # None: the lens does not move
        self._lens_at = 0.0  # dioptres, of the newest picture

    def info(self) -> CameraInfo:
        return self._info

    def start(self, profile: Profile) -> None:
        still = (self._info.still_width, self._info.still_height)
        if profile.width > still[0] or profile.height > still[1]:
            text = (
                f"the stream {profile.width}x{profile.height} is larger than the still {still[0]}x{still[1]}"
            )
            raise DeviceRefused(self._info.path, f"{text}: raise 'still' in the settings")
        self._profile = profile
        self._sequence = 0
        self._open(still)
        self._learn_controls()

    def read(self, timeout: float) -> Frame | None:
        if self._focus is not None:
            self._focus.tick(time.monotonic())
        request = self._running().capture_request()
        return self._picture(request, "lores", self._profile.width, self._profile.height)

    def still(self) -> Frame:
        # flush: a frame that was exposed before the question does not count
        request = self._running().capture_request(flush=True)
        return self._picture(request, "main", self._info.still_width, self._info.still_height)

    def control(self, name: str, value: float) -> None:
        now = time.monotonic()
        if name == AUTO_FOCUS and self._focus is not None:
            self._focus.hold(not value, now)
        elif name == FOCUS_STEP and self._focus is not None:
            self._focus.step(round(value), now)
        elif name == EXPOSURE and "exposure" in self._info.can:
            self._running().set_controls({"ExposureValue": value / 2})

    def stop(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            camera.stop()
            camera.close()

    def _running(self) -> Any:
        if self._camera is None:
            raise DeviceMissing(self._info.path, "not started")
        return self._camera

    def _learn_controls(self) -> None:
        """What this camera can do. A lens that moves begins with autofocus, which libcamera leaves off."""
        known = self._running().camera_controls
        can = []
        if "AfMode" in known and "LensPosition" in known:
            low, high = known["LensPosition"][:2]
            self._focus = FocusHold(Lens(low, high, lambda: self._lens_at, self._automatic, self._move))
            self._focus.started(time.monotonic())
            self._automatic()
            can.append("focus")
        if "ExposureValue" in known:
            can.append("exposure")
        self._info = replace(self._info, can=tuple(can))

    def _automatic(self) -> None:
        self._running().set_controls({"AfMode": _CONTINUOUS})

    def _move(self, dioptres: float) -> None:
        self._running().set_controls({"AfMode": _MANUAL, "LensPosition": dioptres})

    def _open(self, still: tuple[int, int]) -> None:
        try:
            from picamera2 import MappedArray, Picamera2
        except ImportError as error:
            text = f"python3-picamera2 is not installed or does not load ({error}): install Debian's package"
            raise DeviceRefused(self._info.path, text) from error
        self._mapped = MappedArray
        number = _number_of(self._info.path, Picamera2.global_camera_info())
        try:
            self._camera = camera = Picamera2(number)
            config = camera.create_video_configuration(
                main={"size": still, "format": "YUV420"},
                lores={"size": (self._profile.width, self._profile.height), "format": "YUV420"},
                controls={"FrameRate": self._profile.fps},
                buffer_count=_BUFFERS,
            )
            camera.configure(config)
            camera.start()
        except (RuntimeError, OSError) as error:
            text = f"the camera does not start ({error}): another program may hold it"
            raise DeviceBusy(self._info.path, text) from error

    def _picture(self, request: Any, stream: str, width: int, height: int) -> Frame:
        try:
            metadata = request.get_metadata()
            captured = _captured(metadata)
            self._lens_at = float(metadata.get("LensPosition", self._lens_at))
            with self._mapped(request, stream, write=False) as mapped:
                data = crop_strides(mapped.array, width, height)
        finally:
            request.release()
        self._sequence += 1
        return Frame(data, width, height, captured, self._sequence)


def _number_of(camera_id: str, present: list[dict[str, Any]]) -> int:
    """libcamera's number of today for a lasting Id."""
    for number, camera in enumerate(present):
        if camera.get("Id") == camera_id:
            return int(camera.get("Num", number))
    found = ", ".join(str(camera.get("Id")) for camera in present) or "none"
    raise DeviceMissing(
        camera_id, f"no such camera (found: {found}): check the ribbon cable, then the settings"
    )


def _captured(metadata: dict[str, Any]) -> float:
    """CLOCK_MONOTONIC of the exposure; the sensor counts on CLOCK_BOOTTIME (runs while suspended)."""
    stamp = metadata.get("SensorTimestamp")
    if stamp is None:
        return time.monotonic()
    suspended = time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    return float(stamp) / 1e9 - suspended


def crop_strides(array: Bytes, width: int, height: int) -> Bytes:
    """Contiguous I420 of `width` from picamera2's YUV420, whose rows are padded to a stride.

    `array` is (height * 3 // 2, stride); a chroma row is half a stride long, so two of them share a row.
    """
    stride = array.shape[1]
    flat = array.reshape(-1)
    luma, half = height * stride, (height // 2) * (stride // 2)
    out = np.empty(width * height * 3 // 2, np.uint8)
    out[: width * height].reshape(height, width)[...] = flat[:luma].reshape(height, stride)[:, :width]
    chroma = flat[luma : luma + 2 * half].reshape(height, stride // 2)[:, : width // 2]
    out[width * height :].reshape(height, width // 2)[...] = chroma
    return out.reshape(height * 3 // 2, width)
