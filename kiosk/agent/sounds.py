"""The three sounds of a terminal and the mixer that lays them over the operator's voice."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from hardware.ports import Samples

RATE = 48_000
Wave = npt.NDArray[np.float32]


def _tone(frequency: float, seconds: float, level: float) -> Wave:
    time = np.arange(int(RATE * seconds), dtype=np.float32) / RATE
    fade = np.minimum(1.0, np.minimum(time, seconds - time) / 0.01).astype(np.float32)
    decay = np.exp(-3.0 * time / seconds).astype(np.float32)
    wave: Wave = (level * np.sin(2 * np.pi * frequency * time) * fade * decay).astype(np.float32)
    return wave


def _shutter() -> Wave:
    noise = np.random.default_rng(7).standard_normal(int(RATE * 0.16)).astype(np.float32)
    time = np.arange(noise.size, dtype=np.float32) / RATE
    two_clicks: Wave = np.exp(-time * 180) + 0.8 * np.exp(-np.abs(time - 0.09) * 160) * (time > 0.088)
    wave: Wave = (0.35 * noise * two_clicks).astype(np.float32)
    return wave


WAVES: dict[str, Wave] = {
    "chime": np.concatenate([_tone(784.0, 0.28, 0.35), _tone(1046.5, 0.5, 0.35)]),
    "tick": _tone(660.0, 0.12, 0.3),
    "shutter": _shutter(),
}


class Mixer:
    """`play` on the loop's thread, `pull` on the audio thread."""

    def __init__(self, voice: Callable[[int], Samples]) -> None:
        self.voice = voice  # where the operator's samples come from; may be replaced at any time
        self.played: Callable[[Samples], None] = not_noted  # is told of every block, as it goes out
        self._lock = threading.Lock()
        self._playing: list[tuple[Wave, int]] = []  # wave and how far it has been played

    def play(self, name: str) -> None:
        """Starts a sound over whatever is heard."""
        with self._lock:
            self._playing.append((WAVES[name], 0))

    def silence(self) -> None:
        """Forgets sounds that have not been played."""
        with self._lock:
            self._playing.clear()

    def pull(self, count: int) -> Samples:
        """The next `count` samples, int16."""
        block = self._mixed(self.voice(count))
        self.played(block)
        return block

    def _mixed(self, voice: Samples) -> Samples:
        count = len(voice)
        with self._lock:
            if not self._playing:
                return voice
            mixed = voice.astype(np.float32) / 32768.0
            left: list[tuple[Wave, int]] = []
            for wave, at in self._playing:
                part = wave[at : at + count]
                mixed[: part.size] += part
                if at + count < wave.size:
                    left.append((wave, at + count))
            self._playing = left
        samples: Samples = (np.clip(mixed, -1.0, 1.0) * 32767.0).astype(np.int16)
        return samples


def no_voice(count: int) -> Samples:
    """Silence, before and after a call."""
    return np.zeros(count, np.int16)


def not_noted(block: Samples) -> None:
    """Nobody wants to know what was played."""
