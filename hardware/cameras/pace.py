"""Even spacing of frames for sources that have no sensor: sleeps, so only a camera child may use it."""

from __future__ import annotations

import time


class Pace:
    """`wait()` returns at the next frame time, without drifting; after a long pause it starts anew."""

    def __init__(self, fps: float) -> None:
        self._interval = 1.0 / fps
        self._due = time.monotonic()

    def wait(self, timeout: float) -> bool:
        """True when a frame is due; False after `timeout` seconds without one."""
        now = time.monotonic()
        if self._due - now > timeout:
            time.sleep(timeout)
            return False
        if self._due > now:
            time.sleep(self._due - now)
        elif now - self._due > 4 * self._interval:
            self._due = now
        self._due += self._interval
        return True
