"""Decides how loud a call begins: louder where the place is loud, within a bound, and never softer than set.

The rule is that of public terminals: at least 65 dB, and 20 dB above the surroundings where these exceed
45 dB. The technician sets the amplifier so that the usual volume gives 65 dB at the resident's chair; from
there each step's own dB count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

STEPS_DB: Final = {1: -20.0, 2: -14.0, 3: -8.0, 4: -4.0, 5: 0.0}
"""The five volumes, relative to the loudest; the sound device's own."""

QUIET_DB: Final = 45.0  # up to here 65 dB are 20 dB more


@dataclass(frozen=True, slots=True)
class Loudness:
    """What is known of this terminal's sound. `full_scale_db`: dB SPL that the microphone reads as 0 dBFS."""

    full_scale_db: float = 100.0
    bound: int = 2  # steps by which the volume may be raised at most; 0 never raises it

    def begins_at(self, usual: int, ambient_dbfs: float) -> int:
        """The volume, 1 to 5, for surroundings as loud as this."""
        wanted = self.full_scale_db + ambient_dbfs - QUIET_DB
        highest = min(max(STEPS_DB), usual + self.bound)
        for level in range(usual, highest):
            if STEPS_DB[level] - STEPS_DB[usual] >= wanted:
                return level
        return highest
