"""Speech-shaped sound that is played at one end and recognised at the other, with its controls.

Everything runs through the private audio server's null sinks: what is 'heard' is what the kiosk's speaker or
the desk's speaker really played.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hardware.simulated import best_correlation, speech_like

RATE = 48_000
WITHIN_S = 0.5
Samples = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Heard:
    """What a recording showed. Correlations are 0..1; `lag_s` is heard minus said."""

    correlation: float
    lag_s: float
    other_seed: float
    level: float  # root mean square of the recording, 0..1

    def as_row(self) -> dict[str, float]:
        """For the report."""
        return {
            "correlation": round(self.correlation, 3),
            "lag_ms": round(self.lag_s * 1000),
            "other_seed": round(self.other_seed, 3),
            "level": round(self.level, 5),
        }


class Recorder:
    """Records one monitor of the audio server, with the wall clock of its first sample."""

    def __init__(self, source: str, env: Mapping[str, str]) -> None:
        command = [
            "parec", f"--device={source}", "--rate=48000", "--channels=1", "--format=s16le", "--raw",
            "--latency-msec=20",
        ]  # fmt: skip
        self._process = subprocess.Popen(first(command), stdout=subprocess.PIPE, env=dict(env))
        self._chunks: list[bytes] = []
        self.started_at = 0.0  # wall clock in s of the first sample
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while chunk := self._process.stdout.read(1920):
            if not self._chunks:
                self.started_at = time.time() - len(chunk) / 2 / RATE
            self._chunks.append(chunk)

    def stop(self) -> Samples:
        """All samples so far."""
        self._process.terminate()
        self._process.wait()
        self._thread.join()
        raw = b"".join(self._chunks)
        return np.frombuffer(raw[: len(raw) // 2 * 2], np.int16)


class Player:
    """Plays samples into a sink; `started_at` is the wall clock of the first one."""

    def __init__(self, sink: str, samples: Samples, env: Mapping[str, str]) -> None:
        command = [
            "pacat", "--playback", f"--device={sink}", "--rate=48000", "--channels=1", "--format=s16le",
            "--raw", "--latency-msec=200",
        ]  # fmt: skip
        self._process = subprocess.Popen(first(command), stdin=subprocess.PIPE, env=dict(env))
        self._samples = samples
        self.started_at = time.time()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def _write(self) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(self._samples.tobytes())
            self._process.stdin.close()
        except BrokenPipeError:
            return

    def wait(self) -> None:
        """Until everything has been played."""
        self._thread.join()
        self._process.wait()


def first(command: list[str]) -> list[str]:
    """Before other programs where we may: a starved player would be measured instead of the product."""
    return ["nice", "-n", "-15", *command] if os.geteuid() == 0 else command


class MachineWatch:
    """How late this machine wakes a sleeper while a take is recorded: a starved one measures itself."""

    DISTURBED_S = 0.02

    def __init__(self) -> None:
        self._late: list[float] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while not self._stop.is_set():
            before = time.monotonic()
            time.sleep(0.005)
            self._late.append(time.monotonic() - before - 0.005)

    def p99(self) -> float:
        """Seconds that 99 of 100 wake-ups were not later than; ends the watch."""
        self._stop.set()
        self._thread.join()
        return float(np.percentile(self._late, 99)) if self._late else 0.0


def write_wave(path: Path, samples: Samples) -> None:
    """A mono WAV file of 48 kHz."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def compare(heard: Samples, heard_at: float, said: Samples, said_at: float, other_seed: int) -> Heard:
    """How surely `said` (begun at `said_at`) is in `heard` (begun at `heard_at`), times in s.

    Both are cut to the time that they share, so that only lags within +-500 ms count.
    """
    start, end = max(heard_at, said_at), min(heard_at + heard.size / RATE, said_at + said.size / RATE)
    a = heard[round((start - heard_at) * RATE) : round((end - heard_at) * RATE)]
    b = said[round((start - said_at) * RATE) : round((end - said_at) * RATE)]
    size = min(a.size, b.size)
    if size < 3 * RATE:
        return Heard(0.0, 0.0, 0.0, _level(a))
    a, b = a[:size], b[:size]
    correlation, lag = best_correlation(a, b, RATE, WITHIN_S)
    other, _ = best_correlation(a, speech_like(other_seed, size / RATE, RATE)[:size], RATE, WITHIN_S)
    return Heard(correlation, lag, other, _level(a))


def phase_of(recorded: Samples, loop: Samples) -> int:
    """The sample of `loop` (played over and over) at which `recorded` begins, by circular correlation."""
    size = loop.size
    wanted = np.zeros(size, np.float64)
    wanted[: min(size, recorded.size)] = recorded[:size]
    spectrum = np.fft.rfft(loop.astype(np.float64)) * np.conj(np.fft.rfft(wanted))
    return int(np.argmax(np.fft.irfft(spectrum, size)))


def _level(samples: Samples) -> float:
    if samples.size == 0:
        return 0.0
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float64) / 32768.0))))
