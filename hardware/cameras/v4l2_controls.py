"""Controls of a V4L2 camera by their numbers, with the ranges that the driver tells.

A second handle on the node is enough: V4L2 lets any handle ask and set controls while another one streams.
Source of numbers and layouts: linux/videodev2.h and linux/v4l2-controls.h.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_USER: Final = 0x0098_0900
_CAMERA: Final = 0x009A_0900
BRIGHTNESS: Final = _USER + 0
EXPOSURE_BIAS: Final = _CAMERA + 19  # V4L2_CID_AUTO_EXPOSURE_BIAS
FOCUS_ABSOLUTE: Final = _CAMERA + 10
FOCUS_AUTO: Final = _CAMERA + 12

_QUERY: Final = struct.Struct("II32siiiiI8x")  # v4l2_queryctrl
_VALUE: Final = struct.Struct("Ii")  # v4l2_control
_DISABLED: Final = 0x0001


def _both_ways(number: int, size: int) -> int:
    """_IOWR('V', number, size)"""
    return 0xC000_0000 | size << 16 | ord("V") << 8 | number


QUERY_CONTROL: Final = _both_ways(36, _QUERY.size)
GET_CONTROL: Final = _both_ways(27, _VALUE.size)
SET_CONTROL: Final = _both_ways(28, _VALUE.size)

Ioctl = Callable[[int, int, bytearray], object]


@dataclass(frozen=True, slots=True)
class Range:
    """What a control takes; `default` is where the driver begins."""

    low: int
    high: int
    step: int
    default: int


class V4l2Controls:
    """The controls of one node. OSError when the node is gone; a control that is not there has no range."""

    def __init__(self, node: str, ioctl: Ioctl = fcntl.ioctl) -> None:
        self._fd = os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._ioctl = ioctl

    def range(self, control: int) -> Range | None:
        """None when the camera does not have it, or has switched it off."""
        asked = bytearray(_QUERY.pack(control, 0, b"", 0, 0, 0, 0, 0))
        try:
            self._ioctl(self._fd, QUERY_CONTROL, asked)
        except OSError:
            return None
        _, _, _, low, high, step, default, flags = _QUERY.unpack(asked)
        if flags & _DISABLED or low >= high:
            return None
        return Range(low, high, max(1, step), default)

    def get(self, control: int) -> int:
        """Its value now. OSError when it cannot be read."""
        asked = bytearray(_VALUE.pack(control, 0))
        self._ioctl(self._fd, GET_CONTROL, asked)
        return int(_VALUE.unpack(asked)[1])

    def set(self, control: int, value: float) -> None:
        """The nearest value that the control takes. OSError when the camera does not want it now."""
        wanted = self.range(control)
        if wanted is not None:
            steps = round((min(wanted.high, max(wanted.low, value)) - wanted.low) / wanted.step)
            value = min(wanted.high, wanted.low + steps * wanted.step)
        self._ioctl(self._fd, SET_CONTROL, bytearray(_VALUE.pack(control, round(value))))

    def close(self) -> None:
        """Lets the node go; harmless when it is closed."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
