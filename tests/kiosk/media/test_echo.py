"""Nobody hears oneself: the real processing, in a simulated room whose delay wanders while people talk."""

from __future__ import annotations

import numpy as np
import pytest

from hardware.ports import Samples
from hardware.speech import best_correlation, speech_like
from kiosk.media.apm import WebRtcAudio
from kiosk.media.audio_processing import AudioProcessing, PlainAudio
from tests.fakes.room import RATE, Room, hiss, late, level_db, there_and_back

BLOCK = 960
SETTLED = 3 * RATE  # "after 3 s"
OPERATOR = speech_like(5, 16)
RESIDENT = speech_like(9, 16) // 2


def through(processing: AudioProcessing, far: Samples, near: Samples) -> Samples:
    """What would be sent, block by block as the devices give and take."""
    out = []
    for start in range(0, len(near), BLOCK):
        processing.far(far[start : start + BLOCK])
        out.append(processing.near(near[start : start + BLOCK], 0.0))
    return np.concatenate(out)


def microphone(echo: np.ndarray, resident: Samples | None = None) -> Samples:
    """Echo, somebody who speaks, and the microphone's own noise."""
    heard = echo + hiss(len(echo)) + (0 if resident is None else resident)
    return np.clip(np.rint(heard), -32768, 32767).astype(np.int16)


def echo(delay: np.ndarray) -> np.ndarray:
    return late(Room(3).answer(OPERATOR), delay)


DELAYS = {
    "constant": np.full(len(OPERATOR), 0.06),
    "two clocks, 200 ppm apart": 0.06 + 2e-4 * np.arange(len(OPERATOR)) / RATE,
    "from 20 to 200 ms and back": there_and_back(len(OPERATOR), half_s=30.0),
    "from 200 to 20 ms": there_and_back(len(OPERATOR), low=0.2, high=0.02, half_s=60.0),
}


@pytest.mark.parametrize("name", DELAYS)
def test_the_operator_does_not_hear_his_own_voice(name: str) -> None:
    """At least 20 dB less after 3 s, in every second, however the delay wanders; untouched it stays."""
    heard = microphone(echo(DELAYS[name]))
    sent = through(WebRtcAudio(), OPERATOR, heard)
    for start in range(SETTLED, len(sent) - RATE, RATE):
        part = slice(start, start + RATE)
        assert level_db(heard[part]) - level_db(sent[part]) >= 20, f"second {start // RATE}"
    plain = through(PlainAudio(), OPERATOR, heard)
    assert level_db(heard[SETTLED:]) - level_db(plain[SETTLED:]) < 3


def test_two_who_speak_at_once_are_both_heard() -> None:
    """The resident's voice stays within 6 dB of what it is when the operator is silent."""
    delay = there_and_back(len(OPERATOR))
    both, alone = WebRtcAudio(), WebRtcAudio()
    resident = RESIDENT.copy()
    resident[: 6 * RATE] = 0
    sent_both = through(both, OPERATOR, microphone(echo(delay), resident))
    sent_alone = through(alone, np.zeros_like(OPERATOR), microphone(np.zeros(len(OPERATOR)), resident))
    talk = slice(7 * RATE, 15 * RATE)
    assert abs(level_db(sent_both[talk]) - level_db(sent_alone[talk])) <= 6
    assert best_correlation(sent_both[talk], resident[talk], RATE)[0] >= 0.45
    assert best_correlation(sent_both[talk], OPERATOR[talk], RATE)[0] < 0.15


def test_a_stream_that_was_opened_again_is_found_again() -> None:
    """The delay jumps by 100 ms: two seconds later the echo is gone again."""
    time = np.arange(len(OPERATOR)) / RATE
    heard = microphone(echo(np.where(time < 7, 0.05, 0.15)))
    sent = through(WebRtcAudio(), OPERATOR, heard)
    assert level_db(heard[9 * RATE :]) - level_db(sent[9 * RATE :]) >= 20


def test_with_a_headset_the_resident_is_not_taken_for_an_echo() -> None:
    """No echo, both speak: the voice passes as loud as when the operator is silent."""
    processing, alone = WebRtcAudio(), WebRtcAudio()
    heard = microphone(np.zeros(len(OPERATOR)), RESIDENT)
    talk = slice(6 * RATE, 15 * RATE)
    sent = through(processing, OPERATOR, heard)[talk]
    without = through(alone, np.zeros_like(OPERATOR), heard)[talk]
    assert not processing.echo_found
    assert abs(level_db(sent) - level_db(without)) <= 1
    assert best_correlation(sent, RESIDENT[talk], RATE)[0] >= 0.6


def test_a_soft_voice_is_made_louder_and_a_loud_one_not_distorted() -> None:
    """By at most 9 dB, and never beyond full scale."""
    silent = np.zeros_like(OPERATOR)
    soft = microphone(np.zeros(len(silent)), RESIDENT // 8)
    loud = microphone(np.zeros(len(silent)), speech_like(9, 16))
    raised = level_db(through(WebRtcAudio(), silent, soft)[SETTLED:]) - level_db(soft[SETTLED:])
    assert 3 <= raised <= 9.5
    sent = through(WebRtcAudio(), silent, loud)[SETTLED:]
    assert best_correlation(sent, loud[SETTLED:], RATE)[0] >= 0.6
    assert np.mean(np.abs(sent.astype(int)) >= 32767) < 1e-4


def test_blocks_of_any_length_are_taken_and_none_is_lost() -> None:
    """A device with blocks of its own: what goes in comes out, up to one frame that waits for its rest."""
    processing, given, got = WebRtcAudio(), 0, 0
    for length in (100, 1, 960, 479, 0, 2000, 333):
        processing.far(np.zeros(length, np.int16))
        given += length
        got += len(processing.near(np.zeros(length, np.int16), 0.0))
        assert 0 <= given - got < 480
