"""How loud the place is, whoever speaks in it."""

from __future__ import annotations

import numpy as np
import pytest

from hardware.speech import speech_like
from kiosk.media.ambient import AmbientLevel

RATE, BLOCK = 48_000, 960


def fed(sound: np.ndarray) -> float | None:
    level = AmbientLevel()
    for start in range(0, len(sound) - BLOCK + 1, BLOCK):
        level.hear(sound[start : start + BLOCK])
    return level.dbfs


def noise(seconds: float, dbfs: float) -> np.ndarray:
    random = np.random.default_rng(2)
    return np.rint(random.standard_normal(int(seconds * RATE)) * 32768 * 10 ** (dbfs / 20)).astype(np.int16)


@pytest.mark.parametrize("dbfs", [-70.0, -50.0, -30.0])
def test_noise_is_measured_to_a_decibel(dbfs: float) -> None:
    """Two seconds suffice, and nothing is said before."""
    assert fed(noise(1.9, dbfs)) is None
    assert fed(noise(2.1, dbfs)) == pytest.approx(dbfs, abs=1)


def test_a_voice_is_not_the_place() -> None:
    """Somebody who speaks beside the terminal moves the answer by less than 6 dB."""
    voice = speech_like(4, 8)
    assert fed(voice + noise(8, -55.0)) == pytest.approx(-55, abs=6)


def test_a_place_that_grew_quiet_is_quiet_again() -> None:
    """What is longer ago than 6 s is forgotten."""
    assert fed(np.concatenate((noise(8, -30.0), noise(6.5, -60.0)))) == pytest.approx(-60, abs=1)


def test_a_muted_microphone_says_nothing() -> None:
    """Digital silence is no quiet room."""
    assert fed(np.zeros(5 * RATE, np.int16)) is None
