"""Frame counters read back from what people saw: from the desk's canvas and from the kiosk's display."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

import cv2

from hardware.simulated import decode_counters
from provisioning.demo.display import Picture, VirtualDisplay


@dataclass
class Seen:
    """Counters of one scene of one run, in the order in which they were seen."""

    run: str
    scene: str
    lap: int = 0  # counters of a clip that begins anew after so many; 0 for a camera
    numbers: list[int] = field(default_factory=list)
    first_at: float = 0.0  # wall clock, ms
    foreign: int = 0  # codes of another run: never counted

    def take(self, codes: list[tuple[str, str, int]], at: float) -> None:
        """All codes of one picture that was looked at."""
        for run, scene, number in codes:
            if run != self.run:
                self.foreign += 1
            elif scene == self.scene:
                self.first_at = self.first_at or at
                self.numbers.append(number)

    @property
    def rising(self) -> int:
        """Different counters, each higher than all before it; a clip that begins anew counts on."""
        count, highest, laps = 0, -1, 0
        for number in self.numbers:
            if self.lap and number + laps < highest - self.lap // 2:
                laps += self.lap
            value = number + laps
            late = self.lap and highest >= 0 and value > highest + self.lap // 2  # of the lap before
            if value > highest and not late:
                count, highest = count + 1, value
        return count


def look(picture: Picture) -> list[tuple[str, str, int]]:
    """The counters in a screenshot."""
    return decode_counters(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))


class DisplayWatch:
    """Takes screenshots of the kiosk's display in a thread and keeps what they show until `stop`.

    Screenshots are kept raw and read afterwards in `seen`, so that reading does not slow the looking.
    """

    def __init__(self, display: VirtualDisplay, rate: float = 15.0) -> None:
        self._display = display
        self._pause = 1.0 / rate
        self._shots: list[tuple[float, Picture]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="display-watch", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while not self._stop.wait(self._pause):
            shot = self._display.shot()
            self._shots.append((time.time() * 1000, shot))

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def seen(self, run: str, scene: str, lap: int = 0) -> Seen:
        """The counters of one scene in the screenshots, oldest first."""
        found = Seen(run, scene, lap)
        for at, shot in self._shots:
            found.take(look(shot), at)
        return found
