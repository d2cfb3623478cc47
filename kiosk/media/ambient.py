"""How loud the place is while nobody speaks, from the microphone's own blocks.

Speech has pauses, noise has none: what is exceeded most of the time is the place. Pure: no lock, no clock;
loudness in dB below the microphone's full scale (dBFS), because what that is in the air only a sound level
meter knows.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from hardware.ports import Samples

_STEP: Final = 2880  # samples of 60 ms: shorter than a pause between two words
_KEPT: Final = 100  # steps: 6 s
_ENOUGH: Final = 33  # steps before anything is said
_SHARE: Final = 0.05  # of the time that may be quieter than the answer: the pauses between words
_FAINTEST_DBFS: Final = -96.0


class AmbientLevel:
    """`hear` every block before it is processed; `dbfs` at any time."""

    def __init__(self) -> None:
        self._levels: deque[float] = deque(maxlen=_KEPT)
        self._power, self._count = 0.0, 0  # of the step under way

    def hear(self, block: Samples) -> None:
        """Any length; a device that gives nothing but zeros is not heard: it is muted, not quiet."""
        self._power += float(np.sum(np.square(block.astype(np.float64))))
        self._count += len(block)
        if self._count < _STEP:
            return
        if self._power > 0:
            mean = self._power / self._count / 32768.0**2
            self._levels.append(max(_FAINTEST_DBFS, 10 * float(np.log10(mean))))
        self._power, self._count = 0.0, 0

    @property
    def dbfs(self) -> float | None:
        """None until 2 s have been heard."""
        levels = tuple(self._levels)  # the sound device's thread may append meanwhile
        return float(np.quantile(levels, _SHARE)) if len(levels) >= _ENOUGH else None
