"""The resident hears the shutter over the operator's voice, and never a burst."""

from __future__ import annotations

import numpy as np

from kiosk.agent.sounds import RATE, WAVES, Mixer, no_voice


def test_without_a_sound_the_voice_passes_untouched() -> None:
    """The mixer costs nothing while nothing is played."""
    voice = np.arange(960, dtype=np.int16)
    assert np.array_equal(Mixer(lambda n: voice[:n]).pull(960), voice)


def test_a_sound_is_heard_once_and_whole() -> None:
    """All of its energy comes out, then silence."""
    mixer = Mixer(no_voice)
    mixer.play("chime")
    wave = WAVES["chime"]
    blocks = [mixer.pull(960) for _ in range(wave.size // 960 + 2)]
    heard = np.concatenate(blocks).astype(np.float64) / 32767
    assert abs(float(np.sum(heard**2)) / float(np.sum(wave.astype(np.float64) ** 2)) - 1) < 0.01
    assert not mixer.pull(960).any()


def test_loud_voice_and_sound_together_are_clipped_not_wrapped() -> None:
    """Two loud sources never turn into a crack."""
    mixer = Mixer(lambda n: np.full(n, 32000, np.int16))
    mixer.play("chime")
    assert mixer.pull(960).min() > 0


def test_silence_forgets_what_was_not_played() -> None:
    """The next resident does not hear the last one's shutter."""
    mixer = Mixer(no_voice)
    mixer.play("shutter")
    mixer.silence()
    assert not mixer.pull(960).any()


def test_the_canceller_is_told_of_everything_that_is_heard() -> None:
    """The chime comes back through the microphone like the operator's voice."""
    mixer, told = Mixer(lambda n: np.full(n, 1000, np.int16)), []
    mixer.played = told.append
    mixer.play("chime")
    block = mixer.pull(960)
    assert len(told) == 1
    assert np.array_equal(told[0], block)
    assert not np.array_equal(block, np.full(960, 1000, np.int16))


def test_sounds_are_short_and_not_too_loud() -> None:
    """A counter is a quiet place."""
    for name, wave in WAVES.items():
        assert wave.size / RATE < 1.0, name
        assert float(np.abs(wave).max()) <= 0.9, name
