"""The proof that sound crossed: the right signal is recognised after a call, another is not."""

from __future__ import annotations

import av
import numpy as np
import pytest

from hardware.ports import Samples
from hardware.simulated import best_correlation, speech_like

RATE = 48000
SECONDS = 8


def call(samples: Samples, seed: int, bit_rate: int = 24000) -> Samples:
    """Gain, clock drift of 0.3 %, delay of 210 ms, noise, Opus, 2 % of its packets lost."""
    random = np.random.default_rng(seed)
    at = np.arange(int(len(samples) / 1.003)) * 1.003
    quiet = np.interp(at, np.arange(len(samples)), samples) * 0.15
    late = np.concatenate([np.zeros(int(0.21 * RATE)), quiet])
    noisy = late + random.normal(0, 150, len(late))
    return opus(np.clip(noisy, -32768, 32767).astype(np.int16), random, bit_rate)


def opus(samples: Samples, random: np.random.Generator, bit_rate: int) -> Samples:
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = RATE, "mono", "s16", bit_rate
    encoder.options = {"application": "voip"}
    decoder = av.CodecContext.create("opus", "r")
    heard = []
    for start in range(0, len(samples) - 960, 960):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + 960], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, start
        for packet in encoder.encode(frame):
            for got in decoder.decode(packet):
                block = got.to_ndarray()[0]
                if block.dtype != np.int16:
                    block = np.clip(block * 32767, -32768, 32767).astype(np.int16)
                heard.append(block if random.random() > 0.02 else np.zeros_like(block))
    return np.concatenate(heard)


@pytest.mark.parametrize("seed", range(4))
def test_the_right_signal_is_recognised_after_a_call(seed: int) -> None:
    """At least 0.6, and the delay is found to 50 ms."""
    sent = speech_like(seed, SECONDS)
    corr, lag = best_correlation(call(sent, seed), sent, RATE)
    assert corr >= 0.6
    assert lag == pytest.approx(0.21, abs=0.05)


def test_another_signal_is_not() -> None:
    """Below 0.15 for each pair of twelve seeds, clean or after a call."""
    signals = [speech_like(seed, SECONDS) for seed in range(12)]
    pairs = [(a, b) for a in range(12) for b in range(12) if a != b]
    clean = [best_correlation(signals[a], signals[b], RATE)[0] for a, b in pairs]
    heard = call(signals[0], 1)
    through = [best_correlation(heard, other, RATE)[0] for other in signals[1:]]
    assert max(clean) < 0.15
    assert max(through) < 0.15


def test_silence_and_noise_are_not_speech() -> None:
    """A muted microphone gives 0, hiss gives next to nothing."""
    sent = speech_like(1, SECONDS)
    hiss = np.random.default_rng(0).normal(0, 40, len(sent)).astype(np.int16)
    assert best_correlation(np.zeros_like(sent), sent, RATE) == (0.0, 0.0)
    assert best_correlation(hiss, sent, RATE)[0] < 0.15
    assert best_correlation(hiss[:100], sent, RATE) == (0.0, 0.0)


def test_what_comes_too_late_does_not_count() -> None:
    """Outside the given half second there is no match."""
    sent = speech_like(1, SECONDS)
    late = np.concatenate([np.zeros(int(0.9 * RATE), np.int16), sent])[: len(sent)]
    assert best_correlation(late, sent, RATE, within=0.5)[0] < 0.2
    assert best_correlation(late, sent, RATE, within=1.0)[0] > 0.9


def test_the_signal_is_like_speech() -> None:
    """3 to 5 syllables a second, pauses, most energy below 4 kHz, no clipping; the same for the same seed."""
    samples = speech_like(5, 20)
    assert samples.dtype == np.int16
    assert len(samples) == 20 * RATE
    assert 0.5 < np.abs(samples).max() / 32767 < 0.7
    assert (samples == speech_like(5, 20)).all()
    level = np.sqrt((samples.astype(float) ** 2).reshape(-1, 480).mean(axis=1))
    envelope = np.convolve(level, np.hanning(9) / 4, "same")
    spectrum = np.abs(np.fft.rfft(envelope - envelope.mean()))
    hertz = np.fft.rfftfreq(len(envelope), 0.01)
    bands = [spectrum[(hertz >= low) & (hertz < low + 2)].mean() for low in (3, 12, 20)]
    assert bands[0] > 2 * bands[1] > 0
    assert (level < 0.02 * level.max()).mean() > 0.03
    power = np.abs(np.fft.rfft(samples.astype(float))) ** 2
    voice = np.fft.rfftfreq(len(samples), 1 / RATE) < 4000
    assert power[voice].sum() > 0.7 * power.sum()
