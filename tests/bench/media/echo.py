"""Echo on real sound: what the operator would hear of himself, and what is left of the resident.

A private PulseAudio carries everything at 48 kHz in real time. What the terminal's speaker plays goes through
a room (walls, a delay that wanders from 20 to 200 ms) into the terminal's microphone; PulseAudio's own delays
come on top. One run, three receivers of the same microphone: our processing, PulseAudio's echo-cancel node,
and nothing (the control). For a minute: the operator alone, the resident alone, both, the operator alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hardware.audio import SoundDeviceAudio
from hardware.audio_server import KIOSK_MIC, KIOSK_SPEAKER, PrivateAudioServer
from hardware.ports import Samples
from hardware.speech import best_correlation, speech_like
from kiosk.media.apm import WebRtcAudio
from provisioning.demo.sound import Recorder, first
from tests.bench.calm import calm
from tests.bench.report import Goal, Row
from tests.fakes.room import RATE, Room, hiss, level_db, there_and_back

BLOCK = RATE // 50
NODE_MIC, NODE_SPEAKER = "node_mic", "node_speaker"
PARTS = {"operator": (0, 22), "resident": (24, 33), "both": (35, 47), "operator again": (49, 62)}
"""Seconds since the operator's first word."""

WORDS_S = 9  # of the resident, the same alone and together
SETTLE_S = 3.0
GUARD_S = 1.0  # at each end of a part: sound takes its time through the server
END_S = 63


def rows() -> list[Row]:
    """The run, on a calm machine."""
    found = calm(run)
    if found is None:
        return [Row("echo", "dB", None, goal=Goal.at_least(30), note="the machine never was calm")]
    ours, node, off = (found.figures(name) for name in ("ours", "node", "off"))
    peers = lambda what: {"PulseAudio's node": node.get(what), "off": off.get(what)}  # noqa: E731
    lag = f"resident {found.ratio_db:+.1f} dB beside the echo; {found.note}"
    return [
        Row("echo less after 3 s, delay 20 to 200 ms", "dB", ours["echo"], peers("echo"), Goal.at_least(30)),
        Row("the same in the worst second", "dB", ours["worst"], peers("worst")),
        Row("the same with the canceller off (control)", "dB", off["echo"], goal=Goal.at_most(3)),
        Row(
            "resident's voice less while both speak", "dB", ours["lost"], peers("lost"), Goal.at_most(6), lag
        ),
        Row(
            "resident recognised while both speak", "0..1", ours["heard"], peers("heard"), Goal.at_least(0.4)
        ),
        Row("processing of 20 ms, one core", "ms", found.cpu_ms, goal=Goal.at_most(1.0)),
    ]


@dataclass
class Take:
    """Recordings by name, each with the wall clock of its first sample; `began` the operator's first one."""

    began: float
    sounds: Mapping[str, tuple[Samples, float]]
    resident: Samples
    cpu_ms: float
    note: str
    _off: Samples = field(init=False)

    def part(self, name: str, start: float, end: float) -> Samples:
        samples, at = self.sounds[name]
        first = round((self.began + start - at) * RATE)
        return samples[max(0, first) : max(0, first + round((end - start) * RATE))]

    @property
    def ratio_db(self) -> float:
        """The resident's level at the microphone to the echo's."""
        return self._level("off", "resident") - self._level("off", "operator")

    def _level(self, name: str, part: str) -> float:
        start, end = PARTS[part]
        return level_db(self.part(name, start + GUARD_S, end - GUARD_S))

    def figures(self, name: str) -> dict[str, float]:
        """dB of echo taken away, of the resident lost while both speak, and how surely he is recognised."""
        if name not in self.sounds:
            return {}
        seconds = [
            float(second)
            for part in ("operator", "operator again")
            for second in np.arange(PARTS[part][0] + SETTLE_S, PARTS[part][1] - GUARD_S - 1)
        ]
        heard = np.concatenate([self.part("off", at, at + 1) for at in seconds])
        left = np.concatenate([self.part(name, at, at + 1) for at in seconds])
        each = [
            level_db(self.part("off", at, at + 1)) - level_db(self.part(name, at, at + 1)) for at in seconds
        ]
        start = PARTS["both"][0]
        both = self.part(name, start, start + WORDS_S)
        return {
            "echo": level_db(heard) - level_db(left),
            "worst": min(each),
            "lost": self._level(name, "resident") - self._level(name, "both"),
            "heard": best_correlation(both, self.resident[: len(both)], RATE)[0],
        }


def run() -> Take:
    """About 70 s."""
    with tempfile.TemporaryDirectory() as place, PrivateAudioServer(Path(place, "pa")) as server:
        env = {**os.environ, **server.environment()}
        node = _node(env)
        return asyncio.run(_take(server, env, node))


async def _take(server: PrivateAudioServer, env: dict[str, str], node: bool) -> Take:
    resident = speech_like(9, WORDS_S) // 2
    with RoomLoop(env, resident) as room:
        terminal = Terminal(room)
        recorder = Recorder(NODE_MIC, env) if node else None
        audio = SoundDeviceAudio(
            f"{KIOSK_MIC}.monitor", NODE_SPEAKER if node else KIOSK_SPEAKER, server.address
        )
        audio.set_volume(5)
        await audio.open(terminal.hear, terminal.say)
        await asyncio.sleep(END_S + 2)
        fault = audio.fault
        await audio.close()
        sounds = {
            "ours": (np.concatenate(terminal.sent), terminal.heard_at),
            "off": (np.concatenate(terminal.heard), terminal.heard_at),
        }
        if recorder is not None:
            sounds["node"] = (recorder.stop(), recorder.started_at)
    assert not fault, fault
    assert room.began, "nothing was heard in the room"
    note = "" if node else "PulseAudio has no module-echo-cancel with webrtc here"
    return Take(room.began, sounds, resident, terminal.cpu_ms, note)


class Terminal:
    """What the agent does with sound, between the real devices and the record."""

    def __init__(self, room: RoomLoop) -> None:
        self.heard: list[Samples] = []
        self.sent: list[Samples] = []
        self.heard_at = 0.0  # wall clock of the first sample
        self._processing = WebRtcAudio()
        self._said = _operator()
        self._at = 0
        self._spent: list[float] = []

    @property
    def cpu_ms(self) -> float:
        """Of both directions, for each block."""
        return 1000 * sum(self._spent) / max(1, len(self.heard))

    def say(self, count: int) -> Samples:
        block = self._said[self._at : self._at + count]
        self._at += count
        before = time.thread_time()
        self._processing.far(block)
        self._spent.append(time.thread_time() - before)
        return block

    def hear(self, block: Samples, captured: float) -> None:
        if not self.heard:
            self.heard_at = time.time() - (time.monotonic() - captured)
        self.heard.append(block)
        before = time.thread_time()
        self.sent.append(self._processing.near(block, captured))
        self._spent.append(time.thread_time() - before)


def _operator() -> Samples:
    """What the operator says in the whole run: silent in the resident's part, and at the end."""
    said = speech_like(5, END_S + 5)
    start, end = PARTS["resident"]
    said[(start - 2) * RATE : (end + 2) * RATE] = 0
    said[(PARTS["both"][1]) * RATE : PARTS["operator again"][0] * RATE] = 0
    return said


class RoomLoop:
    """Plays into the microphone what the speaker's monitor gives, as a room would, and the resident's words.

    Time counts from the first sound: `began` is its wall clock.
    """

    def __init__(self, env: dict[str, str], resident: Samples) -> None:
        raw = ["--rate=48000", "--channels=1", "--format=s16le", "--raw"]
        heard = ["parec", f"--device={KIOSK_SPEAKER}.monitor", *raw, "--latency-msec=20"]
        played = ["pacat", "--playback", f"--device={KIOSK_MIC}", *raw, "--latency-msec=60"]
        self._from = subprocess.Popen(first(heard), stdout=subprocess.PIPE, env=env)
        self._to = subprocess.Popen(first(played), stdin=subprocess.PIPE, env=env)
        self.began = 0.0
        self._resident = resident
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> RoomLoop:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        for process in (self._from, self._to):
            process.terminate()
            process.wait()
        self._thread.join()

    def _work(self) -> None:
        room, count = Walls(Room(3)), END_S * 2 * RATE
        delay, noise = there_and_back(count, half_s=float(END_S)), hiss(count)
        at = 0  # samples since the first sound
        assert self._from.stdout is not None
        assert self._to.stdin is not None
        with contextlib.suppress(BrokenPipeError, ValueError):
            while len(data := self._from.stdout.read(2 * BLOCK)) == 2 * BLOCK:
                said = np.frombuffer(data, np.int16)
                if not self.began and not said.any():
                    continue  # a player that is still starting would keep all of it waiting, to the end
                self.began = self.began or time.time()
                heard = room.hear(said, delay[at : at + BLOCK]) + noise[at : at + BLOCK]
                heard[:] += self._words(at)
                at += BLOCK
                self._to.stdin.write(np.clip(np.rint(heard), -32768, 32767).astype(np.int16).tobytes())
                self._to.stdin.flush()

    def _words(self, at: int) -> Samples:
        for part in ("resident", "both"):
            start = at - PARTS[part][0] * RATE
            if 0 <= start <= len(self._resident) - BLOCK:
                return self._resident[start : start + BLOCK]
        return np.zeros(BLOCK, np.int16)


class Walls:
    """A room's answer and delay, block by block."""

    KEPT = RATE

    def __init__(self, room: Room) -> None:
        self._size = 1 << (len(room.response) + BLOCK).bit_length()
        self._spectrum = np.fft.rfft(room.response, self._size)
        self._tail = np.zeros(self._size)
        self._past = np.zeros(self.KEPT)

    def hear(self, said: Samples, delay: np.ndarray) -> np.ndarray:
        """`delay` in seconds for each sample."""
        self._tail[:-BLOCK] = self._tail[BLOCK:]
        self._tail[-BLOCK:] = 0
        self._tail += np.fft.irfft(
            np.fft.rfft(said.astype(np.float64), self._size) * self._spectrum, self._size
        )
        self._past = np.concatenate((self._past[BLOCK:], self._tail[:BLOCK]))
        places = np.arange(self.KEPT - BLOCK, self.KEPT) - delay * RATE
        return np.interp(places, np.arange(self.KEPT), self._past)


def _node(env: dict[str, str]) -> bool:
    """Makes PulseAudio's echo-cancel node between the same devices; False where it cannot."""
    done = subprocess.run(
        [
            *("pactl", "load-module", "module-echo-cancel", "aec_method=webrtc", "rate=48000"),
            *(f"source_master={KIOSK_MIC}.monitor", f"source_name={NODE_MIC}"),
            *(f"sink_master={KIOSK_SPEAKER}", f"sink_name={NODE_SPEAKER}"),
            'aec_args="analog_gain_control=0 digital_gain_control=0"',
        ],
        env=env,
        capture_output=True,
        text=True,
    )
    return done.returncode == 0
