"""A wrapper that makes any source fail on demand, for tests and for drills on a real terminal.

Controls (others go to the wrapped source):

    once.freeze    seconds for which nothing answers, not even stop; a restarted child is healthy again
    fault.unplug   CLOCK_MONOTONIC until which the device is absent, also for restarted children
    fault.drop     fraction 0 to 1 of frames that get lost
    fault.slow     seconds added before each frame
"""

from __future__ import annotations

import random
import time
from typing import Final

from hardware.errors import DeviceMissing
from hardware.ports import CameraInfo, CameraSource, Frame, Profile

FREEZE: Final = "once.freeze"
UNPLUG: Final = "fault.unplug"
DROP: Final = "fault.drop"
SLOW: Final = "fault.slow"


class FaultSource:
    """Behaves as `inner` until a fault is asked for."""

    def __init__(self, inner: CameraSource) -> None:
        self._inner = inner
        self._drop = 0.0
        self._slow = 0.0
        self._absent_until = 0.0
        self._random = random.Random(0)

    def info(self) -> CameraInfo:
        return self._inner.info()

    def start(self, profile: Profile) -> None:
        self._inner.start(profile)

    def read(self, timeout: float) -> Frame | None:
        self._check_plug()
        if self._slow:
            time.sleep(self._slow)
        frame = self._inner.read(timeout)
        return None if self._random.random() < self._drop else frame

    def still(self) -> Frame:
        self._check_plug()
        return self._inner.still()

    def control(self, name: str, value: float) -> None:
        match name:
            case "once.freeze":
                time.sleep(value)
            case "fault.unplug":
                self._absent_until = value
            case "fault.drop":
                self._drop = value
            case "fault.slow":
                self._slow = value
            case _:
                self._inner.control(name, value)

    def stop(self) -> None:
        self._inner.stop()

    def _check_plug(self) -> None:
        if time.monotonic() < self._absent_until:
            raise DeviceMissing(self._inner.info().path, "unplugged (a simulated fault)")
