"""Makes a stretch of speech a little shorter or longer without a click or a change of pitch.

One period is cut out or repeated where the waveform matches itself best, with a cross-fade. Pure arithmetic.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hardware.ports import Samples

SHORTEST = 120  # 2.5 ms at 48 kHz: the highest voice
LONGEST = 480  # 10 ms: the lowest
FADE = 120  # samples of cross-fade
NEEDS = LONGEST + FADE  # samples that must be there


def best_period(samples: Samples) -> int:
    """The shift between SHORTEST and LONGEST at which the beginning resembles itself most."""
    head = samples[:FADE].astype(np.float64)
    tail = samples[SHORTEST:NEEDS].astype(np.float64)
    likeness = np.correlate(tail, head, mode="valid")
    energy = np.convolve(tail**2, np.ones(FADE), mode="valid")
    return SHORTEST + int(np.argmax(likeness / np.sqrt(energy + 1.0)))


def shorten(samples: Samples) -> Samples:
    """Without one period; `samples` must hold at least NEEDS."""
    period = best_period(samples)
    joined = _cross_fade(samples[:FADE], samples[period : period + FADE])
    return np.concatenate((joined, samples[period + FADE :]))


def lengthen(samples: Samples) -> Samples:
    """With one period twice; `samples` must hold at least NEEDS."""
    period = best_period(samples)
    joined = _cross_fade(samples[period : period + FADE], samples[:FADE])
    return np.concatenate((samples[:period], joined, samples[FADE:]))


def fade_out(samples: Samples) -> Samples:
    """Falls to silence in a straight line over its whole length."""
    return _scaled(samples, np.linspace(1.0, 0.0, len(samples), endpoint=False))


def fade_in(samples: Samples) -> Samples:
    """Rises from silence over at most 5 ms."""
    length = min(240, len(samples))
    ramp = np.ones(len(samples))
    ramp[:length] = np.linspace(0.0, 1.0, length, endpoint=False)
    return _scaled(samples, ramp)


def _cross_fade(before: Samples, after: Samples) -> Samples:
    ramp = np.linspace(0.0, 1.0, len(before))
    return (before * (1.0 - ramp) + after * ramp).astype(np.int16)


def _scaled(samples: Samples, ramp: npt.NDArray[np.float64]) -> Samples:
    return (samples * ramp).astype(np.int16)
