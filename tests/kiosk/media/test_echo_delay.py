"""The delay of an echo is found, followed, given up and found again, and never invented."""

from __future__ import annotations

import numpy as np
import pytest

from hardware.ports import Samples
from hardware.speech import speech_like
from kiosk.media.echo_delay import DelayTracker
from kiosk.media.far_reference import EARLY, FarReference
from kiosk.media.history import Decimator, History
from tests.fakes.room import RATE, Room, hiss, late

BLOCK = 960
SAID = speech_like(5, 12)


def heard(delay: np.ndarray, loudness: float = 1.0, noise: float = 10.0) -> Samples:
    sound = loudness * late(Room(3).answer(SAID), delay) + hiss(len(SAID), noise)
    return np.rint(sound).astype(np.int16)


def feed(tracker: DelayTracker, near: Samples, said: Samples = SAID) -> list[float | None]:
    """The lag in ms after each block."""
    found = []
    for start in range(0, len(near), BLOCK):
        tracker.far(said[start : start + BLOCK].astype(np.float32))
        tracker.near(near[start : start + BLOCK].astype(np.float32))
        lag = tracker.lag()
        found.append(None if lag is None else lag / RATE * 1000)
    return found


@pytest.mark.parametrize("slope_ms", [0.0, 0.2, -1.0, 3.0, -6.0])
def test_a_delay_that_changes_is_followed_to_a_tenth_of_a_millisecond(slope_ms: float) -> None:
    """Known within 1.5 s of speech, after 4 s never farther off, up to 6 ms a second."""
    delay = 0.1 + slope_ms / 1000 * np.arange(len(SAID)) / RATE
    found = feed(DelayTracker(RATE), heard(delay))
    for number, lag in enumerate(found):
        if number >= 4 * 50:
            assert lag == pytest.approx(1000 * delay[min(len(delay) - 1, (number + 1) * BLOCK)], abs=0.1)
    assert next(number for number, lag in enumerate(found) if lag is not None) <= 75


def test_an_echo_below_the_noise_is_found() -> None:
    """10 dB below: it takes a little longer."""
    found = feed(DelayTracker(RATE), heard(np.full(len(SAID), 0.1), loudness=0.06, noise=100.0))
    assert found[-1] == pytest.approx(100, abs=0.2)


@pytest.mark.parametrize("seed", range(6))
def test_another_voice_is_never_taken_for_an_echo(seed: int) -> None:
    """Two people who talk at once share no sound."""
    tracker = DelayTracker(RATE)
    assert set(feed(tracker, speech_like(50 + seed, 12), speech_like(seed, 12))) == {None}
    assert tracker.missed > 50


def test_what_is_known_holds_while_the_operator_is_silent() -> None:
    """A pause of the operator forgets nothing."""
    tracker = DelayTracker(RATE)
    known = feed(tracker, heard(np.full(len(SAID), 0.08)))[-1]
    silence = np.zeros(10 * RATE, np.int16)
    assert feed(tracker, silence, silence)[-1] == pytest.approx(known, abs=0.2)
    assert tracker.locked


def test_streams_that_began_apart_are_paired_all_the_same() -> None:
    """The speaker ran for 3 s before the microphone: counts differ, the reference is right."""
    reference = FarReference()
    near = heard(np.full(len(SAID), 0.1))
    late_by = 3 * RATE
    taken = []
    for start in range(0, len(near), BLOCK):
        reference.push(SAID[start : start + BLOCK])
        if start >= late_by:
            taken.append(reference.take(near[start : start + BLOCK]))
    assert reference.locked
    out = np.concatenate(taken)[-2 * RATE :]
    ahead = 0.1 * RATE - EARLY
    wanted = late(SAID.astype(np.float64), np.full(len(SAID), ahead / RATE))[-2 * RATE :]
    assert np.corrcoef(out, wanted)[0, 1] > 0.95


def test_a_history_reads_silence_where_nothing_is() -> None:
    """Before the oldest sample and after the newest; in between each sample stands at its number."""
    history = History(100)
    for start in range(0, 350, 7):
        history.push(np.arange(start, start + 7, dtype=np.float32))
    assert history.end == 350
    assert history.window(300, 3).tolist() == [300, 301, 302]
    assert history.window(249, 3).tolist() == [0, 250, 251]
    assert history.window(348, 4).tolist() == [348, 349, 0, 0]
    assert history.at(np.array([300.25, 301.5])).tolist() == pytest.approx([300.25, 301.5])


def test_a_decimator_does_not_care_how_its_input_is_cut() -> None:
    """Blocks of any length give the same samples."""
    sound = SAID[: RATE // 2].astype(np.float32)
    whole, pieces, cut = Decimator(6)(sound), [], Decimator(6)
    random = np.random.default_rng(3)
    at = 0
    while at < len(sound):
        length = int(random.integers(0, 40))
        pieces.append(cut(sound[at : at + length]))
        at += length
    assert np.allclose(np.concatenate(pieces), whole, atol=1e-3)
