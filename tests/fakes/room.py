"""A room between a speaker and a microphone: walls that answer, and a delay that wanders.

room = Room(seed=3)
heard = late(room.answer(said), delay)           # delay: seconds, one for each sample
level(heard), level_db(part)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

RATE = 48_000
Wave = npt.NDArray[np.float64]

REVERBERATION_S = 0.25
"""Until an impulse has fallen by 60 dB: a furnished room of an office's size."""

LOSS = 0.18  # of the direct way: a voice at half the speaker's level is 2 dB louder than its echo
WALLS = 0.06  # of the first answers of the walls, to the direct sound


class Room:
    """The direct sound, then a dense tail that dies away."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        length = int(REVERBERATION_S * RATE)
        decay = 10 ** (-3 * np.arange(length) / length)
        self.response: Wave = LOSS * WALLS * random.standard_normal(length) * decay
        self.response[0] = LOSS

    def answer(self, said: npt.NDArray[np.int16]) -> Wave:
        """What arrives at the microphone, without any delay; as long as `said`."""
        size = 1 << (len(said) + len(self.response)).bit_length()
        spectrum = np.fft.rfft(said.astype(np.float64), size) * np.fft.rfft(self.response, size)
        heard: Wave = np.fft.irfft(spectrum, size)[: len(said)]
        return heard


def late(sound: Wave, delay: Wave) -> Wave:
    """`sound`, each sample by its own delay in seconds."""
    places = np.arange(len(sound)) - delay * RATE
    found: Wave = np.interp(places, np.arange(len(sound)), sound, left=0.0)
    return found


def there_and_back(count: int, low: float = 0.02, high: float = 0.2, half_s: float = 60.0) -> Wave:
    """Seconds for each of `count` samples: from `low` to `high` in `half_s`, and back."""
    time = np.arange(count) / RATE
    share: Wave = np.abs((time / half_s + 1) % 2 - 1)
    return low + (high - low) * share


def hiss(count: int, rms: float = 10.0) -> Wave:
    """The microphone's own noise, in int16 steps."""
    noise: Wave = np.random.default_rng(1).standard_normal(count) * rms
    return noise


def level_db(sound: npt.NDArray[np.generic]) -> float:
    """dB below full scale of int16."""
    power = float(np.mean(np.square(sound.astype(np.float64) / 32768.0)))
    return 10 * float(np.log10(power + 1e-12))
