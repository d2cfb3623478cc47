"""Real sound through a real audio server: what goes in is what is heard, both ways, and it comes back."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from hardware.audio import RATE, SoundDeviceAudio
from hardware.audio_server import KIOSK_MIC, KIOSK_SPEAKER, PrivateAudioServer
from hardware.ports import Health, Samples
from hardware.simulated import best_correlation, speech_like

pytestmark = pytest.mark.system
RAW = ["--rate=48000", "--channels=1", "--format=s16le", "--latency-msec=20"]
SECONDS = 6


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateAudioServer]:
    for program in ("pulseaudio", "pacat"):
        assert shutil.which(program), (
            f"{program} is not installed: apt-get install pulseaudio pulseaudio-utils"
        )
    with PrivateAudioServer(tmp_path_factory.mktemp("pa")) as server:
        yield server


class Ends:
    """What the agent's audio path would be: collects what is heard, says what it was given."""

    def __init__(self, words: Samples) -> None:
        self.heard: list[Samples] = []
        self._words, self._at = words, 0

    def hear(self, block: Samples, captured: float) -> None:
        self.heard.append(block)

    def say(self, count: int) -> Samples:
        words = self._words[self._at : self._at + count]
        self._at += count
        return words


def launch(*command: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=env)


async def until(true: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.05)


async def test_sound_crosses_both_ways(server: PrivateAudioServer, tmp_path: Path) -> None:
    """The microphone hears what is played to it, the speaker plays what is said, neither mixes them."""
    to_mic, to_speaker = speech_like(11, SECONDS), speech_like(22, SECONDS + 2)
    played, recorded = tmp_path / "played.raw", tmp_path / "recorded.raw"
    played.write_bytes(to_mic.tobytes())
    env = {**os.environ, **server.environment()}
    ends = Ends(to_speaker)
    audio = SoundDeviceAudio(f"{KIOSK_MIC}.monitor", KIOSK_SPEAKER, server.address)
    audio.set_volume(5)
    recorder = launch("parec", "-d", f"{KIOSK_SPEAKER}.monitor", *RAW, str(recorded), env=env)
    await audio.open(ends.hear, ends.say)
    assert (audio.health, audio.fault) == (Health.LIVE, "")
    player = launch("pacat", "-d", KIOSK_MIC, *RAW, str(played), env=env)
    await until(lambda: sum(map(len, ends.heard)) >= SECONDS * RATE, SECONDS + 10)
    await audio.close()
    for process in (player, recorder):
        process.terminate()
        process.wait()
    assert audio.health is Health.CLOSED
    heard = np.concatenate(ends.heard)
    assert best_correlation(heard, to_mic, RATE)[0] >= 0.6
    assert best_correlation(heard, to_speaker, RATE)[0] < 0.15
    spoken = np.frombuffer(recorded.read_bytes(), np.int16)
    start = max(0, int(np.flatnonzero(np.abs(spoken) > 200)[0]) - RATE // 10)
    assert best_correlation(spoken[start:], to_speaker, RATE)[0] >= 0.6


async def test_a_missing_microphone_leaves_the_speaker(server: PrivateAudioServer) -> None:
    """The call goes on one way; the fault names the device and what there is; nothing listens afterwards."""
    ends = Ends(speech_like(1, 2))
    audio = SoundDeviceAudio("usb_headset", KIOSK_SPEAKER, server.address)
    await audio.open(ends.hear, ends.say)
    assert audio.health is Health.LOST
    assert "usb_headset: no such microphone" in audio.fault
    assert "kiosk_mic.monitor" in audio.fault
    await until(lambda: ends._at > RATE // 2, 5)
    await audio.close()


async def test_a_server_that_dies_is_found_again(server: PrivateAudioServer) -> None:
    """The audio server is restarted under a call: sound is back without anybody's help."""
    ends = Ends(speech_like(1, 60))
    audio = SoundDeviceAudio(f"{KIOSK_MIC}.monitor", KIOSK_SPEAKER, server.address)
    await audio.open(ends.hear, ends.say)
    await until(lambda: len(ends.heard) > 10, 5)
    server.stop()
    await until(lambda: audio.health is Health.LOST, 5)
    assert audio.fault
    server.start()
    await until(lambda: audio.health is Health.LIVE, 10)
    count = len(ends.heard)
    await until(lambda: len(ends.heard) > count + 25, 5)
    assert audio.fault == ""
    await audio.close()


async def test_a_headset_takes_the_sound_and_gives_it_back(server: PrivateAudioServer) -> None:
    """Plugged in a call, it alone is heard; pulled out, the speaker is; the microphone goes on throughout."""
    env = {**os.environ, **server.environment()}
    ends = Ends(speech_like(1, 60))
    audio = SoundDeviceAudio(f"{KIOSK_MIC}.monitor", KIOSK_SPEAKER, server.address, headset="usb_headset")
    await audio.open(ends.hear, ends.say)
    assert (audio.headset, await plays(env)) == (False, {KIOSK_SPEAKER})
    module = await asyncio.to_thread(
        pactl, env, "load-module", "module-null-sink", "sink_name=usb_headset", "norewinds=1"
    )
    await until(lambda: audio.headset and audio.health is Health.LIVE, 5)
    heard, said = len(ends.heard), ends._at
    assert await plays(env) == {"usb_headset"}
    await until(lambda: len(ends.heard) > heard + 10 and ends._at > said + RATE // 4, 5)
    await asyncio.to_thread(pactl, env, "unload-module", module.strip())
    await until(lambda: not audio.headset and audio.health is Health.LIVE, 5)
    assert await plays(env) == {KIOSK_SPEAKER}
    heard, said = len(ends.heard), ends._at
    await until(lambda: len(ends.heard) > heard + 10 and ends._at > said + RATE // 4, 5)
    await audio.close()
    assert (audio.headset, audio.streams, await plays(env)) == (False, 0, set())
    mine = ["pgrep", "-P", str(os.getpid()), "pactl"]
    await until(lambda: subprocess.run(mine, capture_output=True).returncode != 0, 5)  # nobody listens on


async def test_a_headset_that_is_already_there_is_used_at_once(server: PrivateAudioServer) -> None:
    """Not one block goes to the speaker first."""
    env = {**os.environ, **server.environment()}
    await asyncio.to_thread(pactl, env, "load-module", "module-null-sink", "sink_name=usb_headset")
    ends = Ends(speech_like(1, 10))
    audio = SoundDeviceAudio(f"{KIOSK_MIC}.monitor", KIOSK_SPEAKER, server.address, headset="usb_headset")
    await audio.open(ends.hear, ends.say)
    assert (audio.headset, await plays(env)) == (True, {"usb_headset"})
    await audio.close()


async def test_the_microphone_is_lost_and_comes_back_while_the_operator_is_heard(
    server: PrivateAudioServer,
) -> None:
    """One device of two is unplugged in a call and plugged again: neither direction waits for the other."""
    env = {**os.environ, **server.environment()}
    made = ("load-module", "module-null-sink", "sink_name=usb_mic", "norewinds=1")
    module = await asyncio.to_thread(pactl, env, *made)
    ends = Ends(speech_like(1, 60))
    audio = SoundDeviceAudio("usb_mic.monitor", KIOSK_SPEAKER, server.address)
    await audio.open(ends.hear, ends.say)
    await until(lambda: len(ends.heard) > 10, 5)
    await asyncio.to_thread(pactl, env, "unload-module", module.strip())
    await until(lambda: audio.health is Health.LOST, 5)
    assert "usb_mic.monitor" in audio.fault
    said = ends._at
    await until(lambda: ends._at > said + RATE, 5)
    await asyncio.to_thread(pactl, env, *made)
    await until(lambda: audio.health is Health.LIVE, 5)
    heard = len(ends.heard)
    await until(lambda: len(ends.heard) > heard + 25, 5)
    await audio.close()


def pactl(env: dict[str, str], *words: str) -> str:
    return subprocess.run(["pactl", *words], env=env, check=True, capture_output=True, text=True).stdout


async def plays(env: dict[str, str]) -> set[str]:
    """Sinks into which something plays right now."""
    told = await asyncio.to_thread(pactl, env, "list", "short", "sinks")
    names = {line.split("\t")[0]: line.split("\t")[1] for line in told.splitlines()}
    inputs = await asyncio.to_thread(pactl, env, "list", "short", "sink-inputs")
    return {names[line.split("\t")[1]] for line in inputs.splitlines()}
