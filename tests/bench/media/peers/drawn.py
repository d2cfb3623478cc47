"""Pictures that carry the moment at which they were drawn, for measuring freezes and delay.

    camera = DrawnCamera(640, 480, fps=20)
    frame = await camera.next()                        # I420, at the camera's pace
    sent_ms = read_stamp(luma)                         # at the other end; None where no stamp can be read

The stamp is a row of black and white bars over the top of the picture: the wall clock in milliseconds, modulo
2^24 (4.6 hours), and eight bars of checksum.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import numpy as np

from hardware.cameras.counter import encode_counter
from hardware.cameras.office_scene import OfficeScene
from hardware.ports import Frame

BITS = 24
CHECKS = 8
BARS = BITS + CHECKS
WRAP = 1 << BITS
VOICE_S = 4  # seconds of speech that all peers say again and again
LAP = 20  # different drawings; what moves in them begins again after so many

Luma = np.ndarray[Any, np.dtype[np.uint8]]


def wall_ms() -> int:
    """The clock that all peers of one machine share."""
    return int(time.time() * 1000)


def check_of(value: int) -> int:
    """Folds the three bytes of a stamp and turns them over: black alone is no stamp."""
    return (value & 0xFF ^ value >> 8 & 0xFF ^ value >> 16) ^ 0xA5


def stamp(luma: Luma, ms: int) -> None:
    """Writes the bars into a Y plane."""
    value = ms % WRAP
    bits = value | check_of(value) << BITS
    width = luma.shape[1]
    bars = np.array([235 if bits >> bar & 1 else 16 for bar in range(BARS)], np.uint8)
    luma[: width // BARS] = bars[np.arange(width) * BARS // width]


def read_stamp(luma: Luma) -> int | None:
    """The moment in a Y plane of any size."""
    width = luma.shape[1]
    centres = (np.arange(BARS) * 2 + 1) * width // (2 * BARS)
    bits = sum(1 << bar for bar, light in enumerate(luma[width // BARS // 2, centres] > 125) if light)
    value, check = bits % WRAP, bits >> BITS
    return value if check == check_of(value) else None


def age_ms(sent_ms: int, now_ms: int) -> int:
    """How old a stamp is."""
    return (now_ms - sent_ms) % WRAP


class DrawnCamera:
    """A person in an office, at a camera's pace. All drawings are made beforehand."""

    def __init__(self, width: int, height: int, fps: float, still: float = 1.0) -> None:
        """`still` slows the movement down: a paper on a table moves little."""
        scene = OfficeScene(width, height)
        self._drawings = [
            scene.render(n / fps / still, encode_counter("0BE7C400", "F", n)) for n in range(LAP)
        ]
        self._width, self._height, self.fps = width, height, fps
        self._number = 0
        self._began: float | None = None

    async def next(self) -> Frame:
        """Waits for the moment of the next picture and draws it."""
        if self._began is None:
            self._began = time.monotonic()
        self._number = max(self._number + 1, int((time.monotonic() - self._began) * self.fps))
        await asyncio.sleep(max(0.0, self._began + self._number / self.fps - time.monotonic()))
        data = self._drawings[self._number % LAP].copy()
        stamp(data[: self._height], wall_ms())
        return Frame(data, self._width, self._height, time.monotonic(), self._number)
