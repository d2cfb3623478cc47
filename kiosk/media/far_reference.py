"""Finds for every block of the microphone the sound of the speaker that is heard in it.

The two ends come from streams of their own, which start, stop and drift apart as they like; what is handed
out is always about `EARLY` ahead of its echo, so that a canceller sees a delay that never changes. Until the
delay has been found, what the speaker was given at the same time is handed out. Where no echo is found at
all (a headset, a device that cancels by itself), silence is: a canceller that waits for an echo which never
comes takes the resident's voice for it. Pure: no lock, no clock.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from hardware.ports import Samples
from kiosk.media.echo_delay import DelayTracker
from kiosk.media.history import History

RATE: Final = 48_000
EARLY: Final = RATE * 8 // 1000
"""A reference must come before its echo: the delay is only known to within a few samples."""

_JUMP: Final = RATE * 2 // 1000  # a new delay farther off is taken at once, a nearer one within the block
_NO_ECHO: Final = 20  # looks: 2 s of sound without an echo of it
_KEPT_S: Final = 2
_PAIRINGS: Final = 50


class FarReference:
    """`push` what goes to the speaker, `take` what belongs to a block of the microphone."""

    def __init__(self) -> None:
        self._far = History(_KEPT_S * RATE)
        self._tracker = DelayTracker(RATE)
        self._heard = 0  # samples of the microphone so far
        self._leads: deque[int] = deque(maxlen=_PAIRINGS)  # how far they are ahead of the speaker's
        self._lag: float | None = None  # what was handed out last ended here

    @property
    def locked(self) -> bool:
        """Whether the delay is known and followed."""
        return self._tracker.locked

    def push(self, block: Samples) -> None:
        """Any length up to a second."""
        wave = block.astype(np.float32)
        self._far.push(wave)
        self._tracker.far(wave)

    def take(self, near: Samples) -> Samples:
        """As many samples as `near` has; call once for each block, in order."""
        self._heard += len(near)
        self._tracker.near(near.astype(np.float32))
        self._leads.append(self._heard - self._far.end)
        found = self._tracker.lag()
        lag = float(max(self._leads)) if found is None else found - EARLY
        before = lag if self._lag is None or abs(lag - self._lag) > _JUMP else self._lag
        self._lag = lag
        if self._tracker.missed >= _NO_ECHO:
            return np.zeros(len(near), np.int16)
        start = self._heard - len(near)
        places = np.arange(start, self._heard) - np.linspace(before, lag, len(near), endpoint=False)
        out: Samples = np.clip(np.rint(self._far.at(places)), -32768, 32767).astype(np.int16)
        return out
