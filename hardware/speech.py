"""A signal shaped like speech, one for every seed, and a measure of whether it was heard at the far end.

The signal has the syllables (3 to 5 a second), formants, hisses and pauses that codecs, noise suppression and
jitter buffers treat as speech. The measure compares how the spectrum changes over time, not waveforms, so it
survives a codec, lost packets and a clock that runs a little differently, and it tells seed from seed.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from hardware.ports import Samples

Floats = npt.NDArray[np.float64]

_STEP_S: Final = 0.01
_WINDOW_S: Final = 0.032
_BANDS: Final = 28
_LOW_HZ, _HIGH_HZ = 160.0, 6000.0
_FLOOR: Final = 1e-4  # of the loudest band energy: what is fainter counts as silence
_LOCAL_STEPS: Final = 21  # running mean that is removed: slow changes prove little
_BLOCK_S: Final = 2.0  # the lag may move from block to block, as clocks and jitter buffers make it
_MOVE_STEPS: Final = 2


def speech_like(seed: int, seconds: float, rate: int = 48000) -> Samples:
    """Mono int16 of a peak near 0.6, `seconds` long; the same seed gives the same samples."""
    random = np.random.default_rng(seed)
    total = int(seconds * rate)
    out = np.zeros(total + rate)
    at, left_in_phrase = int(0.05 * rate), int(random.integers(4, 9))
    while at < total:
        length = int(rate * random.uniform(0.17, 0.29))  # 3.4 to 5.9 a second; with pauses 3 to 5
        for part, share, start in _syllable(random, length, rate):
            out[at + start : at + start + len(part)] += share * part
        at += length
        left_in_phrase -= 1
        if left_in_phrase == 0:
            at += int(rate * random.uniform(0.18, 0.40))
            left_in_phrase = int(random.integers(4, 9))
    out = out[:total]
    out *= 0.6 / max(1e-9, float(np.abs(out).max()))
    samples: Samples = np.rint(out * 32767).astype(np.int16)
    return samples


def _syllable(random: np.random.Generator, length: int, rate: int) -> list[tuple[Floats, float, int]]:
    """A consonant and a vowel that glides into another: (samples, loudness, offset)."""
    onset = int(length * random.uniform(0.18, 0.38))
    centre = random.uniform(900, 5200)
    hiss = _shaped(random.standard_normal(onset), rate, [(centre, random.uniform(300, 1400), 1.0)])
    parts = [(hiss * _hump(onset, 0.25), random.uniform(0.25, 0.7), 0)]
    voiced, pitch = length - onset, random.uniform(105, 230)
    bend = random.uniform(-0.18, 0.18)
    halves = 2 if random.random() < 0.6 else 1
    size = voiced // halves
    for half in range(halves):
        extra = size // 4 if half + 1 < halves else 0
        pulses = _pulses(size + extra, rate, pitch * (1 + bend * half), bend)
        vowel = _shaped(pulses, rate, _formants(random))
        parts.append((vowel * _hump(size + extra, 0.22), random.uniform(0.6, 1.0), onset + half * size))
    return parts


def _formants(random: np.random.Generator) -> list[tuple[float, float, float]]:
    """(centre, width, gain) in Hz of a random vowel."""
    return [
        (random.uniform(260, 850), 90.0, 1.0),
        (random.uniform(850, 2400), 130.0, random.uniform(0.3, 0.9)),
        (random.uniform(2400, 3400), 200.0, random.uniform(0.10, 0.4)),
        (random.uniform(3400, 4800), 320.0, random.uniform(0.04, 0.2)),
    ]


def _pulses(length: int, rate: int, pitch: float, bend: float) -> Floats:
    """Voice: a train of pulses whose pitch bends, with a little breath."""
    steps = np.arange(length) / max(1, length)
    phase = np.cumsum(pitch * (1 + bend * steps) / rate)
    train = np.diff(np.floor(phase), prepend=0.0)
    voice: Floats = train + 0.004 * np.sin(np.arange(length) * 1.7)
    return voice


def _shaped(source: Floats, rate: int, peaks: list[tuple[float, float, float]]) -> Floats:
    """`source` through resonances, normalised to a level of 1."""
    spectrum = np.fft.rfft(source)
    hertz = np.fft.rfftfreq(len(source), 1 / rate)
    gain = np.full(len(hertz), 1e-3)
    for centre, width, height in peaks:
        gain += height / (1 + ((hertz - centre) / width) ** 2)
    out: Floats = np.fft.irfft(spectrum * gain, len(source))
    return out / max(1e-9, float(np.sqrt(np.mean(out**2))))


def _hump(length: int, edge: float) -> Floats:
    """Fades in and out over `edge` of the length."""
    ramp = np.clip(np.arange(length) / max(1.0, edge * length), 0, 1)
    fade: Floats = np.sin(np.minimum(ramp, ramp[::-1]) * np.pi / 2) ** 2
    return fade


def best_correlation(heard: Samples, sent: Samples, rate: int, within: float = 0.5) -> tuple[float, float]:
    """How surely `heard` contains `sent`: (-1 to 1, lag in s; positive when it was heard later).

    Give at least 4 s; the lag is looked for within +-`within` seconds. Silence on either side gives 0.
    """
    a, b = _features(heard, rate), _features(sent, rate)
    steps = min(len(a), len(b))
    if steps < int(_BLOCK_S / _STEP_S) or not a.any() or not b.any():
        return 0.0, 0.0
    reach = round(within / _STEP_S)
    block = max(1, round(_BLOCK_S / _STEP_S))
    starts = range(0, steps - block // 2, block)
    tables = [_products(a, b, start, min(start + block, len(b)), reach) for start in starts]
    corr, lag = _best_path(tables)
    return corr, lag * _STEP_S


def _products(a: Floats, b: Floats, start: int, end: int, reach: int) -> Floats:
    """(lags, 3): dot product and both energies of b[start:end] with `a` at each lag."""
    out = np.zeros((2 * reach + 1, 3))
    for row, lag in enumerate(range(-reach, reach + 1)):
        low, high = max(start, -lag), min(end, len(a) - lag)
        if high > low:
            x, y = a[low + lag : high + lag], b[low:high]
            out[row] = (np.vdot(x, y), np.vdot(x, x), np.vdot(y, y))
    return out


def _best_path(tables: list[Floats]) -> tuple[float, int]:
    """The best correlation over paths whose lag moves a little from block to block, and its mean lag."""
    reach = len(tables[0]) // 2
    best = (0.0, 0)
    for first in range(-reach, reach + 1):
        sums, at = np.zeros(3), first
        lags: list[int] = []
        for table in tables:
            near = range(max(-reach, at - _MOVE_STEPS), min(reach, at + _MOVE_STEPS) + 1)
            at = max(near, key=lambda lag: table[lag + reach, 0]) if lags else first
            sums += table[at + reach]
            lags.append(at)
        corr = float(sums[0] / np.sqrt(sums[1] * sums[2])) if sums[1] > 0 and sums[2] > 0 else 0.0
        if corr > best[0]:
            best = (corr, round(sum(lags) / len(lags)))
    return best


def _features(samples: Samples, rate: int) -> Floats:
    """(steps, bands): changes of the spectrum's shape, each band without its slow part."""
    energies = _band_energies(samples, rate)
    if not len(energies) or energies.max() < 1.0:
        return np.zeros((len(energies), _BANDS - 2))
    shape = np.log(energies / energies.max() + _FLOOR)
    kernel = np.ones(_LOCAL_STEPS) / _LOCAL_STEPS
    slow = np.apply_along_axis(lambda band: np.convolve(band, kernel, mode="same"), 0, shape)
    fast = shape - slow
    contrast = fast[:, 2:] - fast[:, :-2]  # what all bands do together says little: speech is loud or quiet
    out: Floats = contrast - contrast.mean(axis=0)
    return out


def _band_energies(samples: Samples, rate: int) -> Floats:
    window, step = round(_WINDOW_S * rate), round(_STEP_S * rate)
    count = (len(samples) - window) // step + 1
    if count < 1:
        return np.zeros((0, _BANDS))
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float64), window)[::step][:count]
    power = np.abs(np.fft.rfft(frames * np.hanning(window), axis=1)) ** 2 / window
    edges = _mel_edges(_BANDS + 1)
    hertz = np.fft.rfftfreq(window, 1 / rate)
    limits = np.searchsorted(hertz, edges)
    sums: Floats = np.add.reduceat(power, limits, axis=1)[:, :-1]
    return sums


def _mel_edges(count: int) -> Floats:
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (_LOW_HZ, _HIGH_HZ))
    edges: Floats = 700 * (10 ** (np.linspace(low, high, count) / 2595) - 1)
    return edges
