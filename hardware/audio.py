"""Microphone and speaker of a terminal through PulseAudio or PipeWire, each addressed by its lasting name.

sounddevice reaches the server through ALSA's `pulse` device; PULSE_SOURCE and PULSE_SINK name what it opens:
a sound card that comes up under another number is still the right one. The two directions live apart, so a
missing microphone leaves the operator's voice audible.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np

from hardware.audio_supervision import AudioSupervision, Effect, Event
from hardware.audio_watch import ServerWatch
from hardware.errors import DeviceError, DeviceMissing, DeviceRefused
from hardware.headset import Outputs
from hardware.ports import Health, Samples

log = logging.getLogger(__name__)

RATE: Final = 48000
BLOCK: Final = 960  # samples of 20 ms
_LATENCY_S: Final = 0.04
_LIST_S: Final = 5.0
_DB: Final = {1: -20.0, 2: -14.0, 3: -8.0, 4: -4.0, 5: 0.0}
_OPENING: Final = threading.Lock()  # the names travel in the environment: one opening at a time

OnInput = Callable[[Samples, float], None]
PullOutput = Callable[[int], Samples]


def gain_of(level: int) -> float:
    """Factor for the volume 1 (quiet) to 5 (loud); 20 dB apart in all."""
    return float(10 ** (_DB[min(5, max(1, level))] / 20))


def fitted(block: Samples, count: int, gain: float) -> Samples:
    """`count` samples at the volume, silence where the block is short: the speaker never waits."""
    out = np.zeros(count, np.int16)
    given = min(count, len(block))
    if gain >= 1.0:
        out[:given] = block[:given]
    else:
        out[:given] = block[:given] * np.float32(gain)
    return out


class SoundDeviceAudio:
    """Stands behind `ports.AudioPort`. Empty names mean the server's defaults, no server the user's own.

    `source`, `sink` and `headset` are names as `pactl list short sources` shows them; `headset` may be the
    name of a port of the sink, and empty: then there is none.
    """

    def __init__(
        self, source: str, sink: str, server: str = "", simulated: bool = False, headset: str = ""
    ) -> None:
        self._simulated = simulated
        self._gain = gain_of(3)
        self._on_input: OnInput = lambda block, captured: None
        self._pull_output: PullOutput = lambda count: np.zeros(count, np.int16)
        wanted = {"PULSE_SERVER": server}
        self._input = Direction("microphone", source, {**wanted, "PULSE_SOURCE": source}, self._hear)
        speaker = Direction("speaker", sink, {**wanted, "PULSE_SINK": sink}, self._speak)
        other = Direction("headset", headset, {**wanted, "PULSE_SINK": headset}, self._speak)
        self._output = Outputs(speaker, other, headset, server)
        self._watch = ServerWatch(server, self._look)

    @property
    def health(self) -> Health:
        """The worse of both directions."""
        order = (Health.CLOSED, Health.LOST, Health.STARTING, Health.STALE, Health.LIVE)
        return min(self._input.health, self._output.health, key=order.index)

    @property
    def fault(self) -> str:
        return "; ".join(filter(None, (self._input.fault, self._output.fault)))

    @property
    def simulated(self) -> bool:
        return self._simulated

    @property
    def headset(self) -> bool:
        return self._output.on_headset

    @property
    def streams(self) -> int:
        return sum(direction.busy for direction in (self._input, self._output))

    async def open(self, on_input: OnInput, pull_output: PullOutput) -> None:
        """Returns when both directions were tried once; what failed is tried again every second."""
        self._on_input, self._pull_output = on_input, pull_output
        await asyncio.gather(self._input.open(), self._output.open())
        await self._watch.start()

    async def _look(self) -> None:
        await asyncio.gather(self._input.look(), self._output.look())

    def absent(self) -> str:
        faults = []
        for direction in (self._input, self._output):
            try:
                direction.check()
            except DeviceError as error:
                faults.append(f"{error.code}: {error}")
        return "; ".join(faults)

    def set_volume(self, level: int) -> None:
        self._gain = gain_of(level)

    async def close(self) -> None:
        """Returns when both devices are free."""
        await self._watch.stop()
        await asyncio.gather(self._input.close(), self._output.close())

    def _hear(self, data: Any, count: int, at: Any, status: Any) -> None:
        self._input.passed()
        delay = at.currentTime - at.inputBufferAdcTime
        age = delay if 0.0 < delay < 1.0 else count / RATE
        self._on_input(np.frombuffer(data, np.int16).copy(), time.monotonic() - age)

    def _speak(self, data: Any, count: int, at: Any, status: Any) -> None:
        self._output.passed()
        data[:] = fitted(self._pull_output(count), count, self._gain).tobytes()


class Direction:
    """One direction's stream and its supervision. Only `passed` may be called from another thread."""

    def __init__(
        self, kind: str, name: str, environment: dict[str, str], callback: Callable[..., None]
    ) -> None:
        self._kind = kind
        self._wanted = name  # '' is the server's default
        self._name = name or f"default {kind}"
        self._environment = environment
        self._callback = callback
        self._machine = AudioSupervision(kind)
        self._stream: Any = None
        self._timer: asyncio.TimerHandle | None = None
        self._work: asyncio.Task[None] | None = None  # the opening or closing under way
        self._newest = 0.0
        self.fault = ""

    @property
    def health(self) -> Health:
        return self._machine.state

    @property
    def busy(self) -> bool:
        """A stream is open, being opened or wanted again."""
        return self._stream is not None or self._machine.state is not Health.CLOSED

    def check(self) -> None:
        """DeviceMissing when the server does not list the device; opens nothing, may block for seconds."""
        check_present(self._kind, self._wanted, present_names(self._kind, self._environment))

    def passed(self) -> None:
        """The audio thread moved a block."""
        self._newest = time.monotonic()

    async def look(self) -> None:
        """The server's devices changed: gives a stream up whose own device is not among them any more."""
        if self._machine.state is not Health.LIVE:
            return
        try:
            await asyncio.to_thread(self.check)
        except DeviceError as error:
            if self._machine.state is Health.LIVE:
                self.fault = f"{error.code}: {error}"
                log.warning("audio device went", extra={"direction": self._kind, "cause": str(error)})
                self._handle(Event.GONE)

    async def open(self) -> None:
        """Returns after the first attempt."""
        await self._settle()
        self._handle(Event.OPEN)
        await self._settle()

    async def close(self) -> None:
        """Returns when the device is free, also when an opening was under way."""
        self._handle(Event.CLOSE)
        await self._settle()
        self.fault = ""

    async def _settle(self) -> None:
        while self._work is not None and not self._work.done():
            await asyncio.wait([self._work])

    def _handle(self, event: Event) -> None:
        self._machine.passed(self._newest)
        for effect in self._machine.handle(event, time.monotonic()):
            work = self._start() if effect is Effect.START else self._stop()
            self._work = asyncio.get_running_loop().create_task(self._after(self._work, work))
        if self._machine.state is Health.LOST and not self.fault:
            self.fault = f"device_hung: {self._name}: no sound passes; it is opened again"
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._machine.deadline()
        if deadline is not None:
            wait = max(0.0, deadline - time.monotonic())
            self._timer = asyncio.get_running_loop().call_later(wait, self._handle, Event.TIME)

    async def _after(self, earlier: asyncio.Task[None] | None, work: Any) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        await work

    async def _start(self) -> None:
        try:
            self._stream = await asyncio.to_thread(self._open_stream)
        except DeviceError as error:
            if f"{error.code}: {error}" != self.fault:  # once, not every second
                log.warning("audio device failed", extra={"direction": self._kind, "cause": str(error)})
            self.fault = f"{error.code}: {error}"
            self._handle(Event.FAILED)
            return
        self.fault = ""
        self._newest = time.monotonic()
        self._handle(Event.STARTED)

    async def _stop(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await asyncio.to_thread(_close_stream, stream)

    def _open_stream(self) -> Any:
        sounddevice = _library()
        with _OPENING, _named(self._environment):
            check_present(self._kind, self._wanted, present_names(self._kind, self._environment))
            try:
                return self._open_on(sounddevice, _pulse_index(sounddevice))
            except sounddevice.PortAudioError as error:
                text = f"cannot be opened ({error}): check its cable, then `pactl list short`"
                raise DeviceMissing(self._name, text) from error

    def _open_on(self, sounddevice: Any, index: int) -> Any:
        make = sounddevice.RawInputStream if self._kind == "microphone" else sounddevice.RawOutputStream
        stream = make(
            samplerate=RATE,
            blocksize=BLOCK,
            device=index,
            channels=1,
            dtype="int16",
            latency=_LATENCY_S,
            callback=self._callback,
        )
        try:
            stream.start()
        except BaseException:
            stream.close()
            raise
        return stream


def present_names(kind: str, environment: Mapping[str, str]) -> list[str] | None:
    """Names of the server's sources or sinks; None where `pactl` is not installed.

    PortAudio would try too, but each of its failures prints a dozen lines, and we try every second.
    """
    program = shutil.which("pactl")
    if program is None:
        return None
    what = "sources" if kind == "microphone" else "sinks"
    command = [program, "list", "short", what]
    environment = {**os.environ, **{name: value for name, value in environment.items() if value}}
    try:
        listed = subprocess.run(  # noqa: S603 - the program of the system, our own arguments
            command, capture_output=True, timeout=_LIST_S, check=True, text=True, env=environment
        )
    except (subprocess.SubprocessError, OSError):
        text = "no PulseAudio or PipeWire answers: check the audio server and PULSE_SERVER"
        raise DeviceMissing("audio server", text) from None
    return [line.split("\t")[1] for line in listed.stdout.splitlines() if "\t" in line]


def check_present(kind: str, wanted: str, present: list[str] | None) -> None:
    """DeviceMissing, naming what there is instead, when `wanted` is not among `present`."""
    if present is None or not wanted or wanted in present:
        return
    found = ", ".join(present) or "none"
    raise DeviceMissing(
        wanted, f"no such {kind} (present: {found}): check its cable, then the name in the settings"
    )


class SilentAudio:
    """The port on a machine without any sound: hears silence, swallows what is said, in real time."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    @property
    def health(self) -> Health:
        return Health.CLOSED if self._task is None else Health.LIVE

    @property
    def fault(self) -> str:
        return ""

    @property
    def headset(self) -> bool:
        return False

    @property
    def simulated(self) -> bool:
        return True

    @property
    def streams(self) -> int:
        return 0 if self._task is None else 2

    def absent(self) -> str:
        return ""

    async def open(self, on_input: OnInput, pull_output: PullOutput) -> None:
        await self.close()
        self._task = asyncio.get_running_loop().create_task(_silence(on_input, pull_output))

    def set_volume(self, level: int) -> None:
        """There is nothing to hear."""

    async def close(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])


async def _silence(on_input: OnInput, pull_output: PullOutput) -> None:
    due = time.monotonic()
    while True:
        due = max(due + BLOCK / RATE, time.monotonic() - 0.2)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        on_input(np.zeros(BLOCK, np.int16), time.monotonic() - BLOCK / RATE)
        pull_output(BLOCK)


def _library() -> Any:
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        text = f"sounddevice does not load ({error}): apt-get install libportaudio2"
        raise DeviceRefused("audio", text) from error
    return sounddevice


def _pulse_index(sounddevice: Any) -> int:
    """PortAudio's number for ALSA's `pulse`. It looks at devices once; a late server needs a new look."""
    for attempt in range(2):
        for index, device in enumerate(sounddevice.query_devices()):
            if device["name"] == "pulse":
                return index
        if attempt == 0:
            _look_again(sounddevice)
    text = (
        "no PulseAudio or PipeWire answers: check the audio server, and that libasound2-plugins is installed"
    )
    raise DeviceMissing("audio server", text)


def _look_again(sounddevice: Any) -> None:
    with contextlib.suppress(sounddevice.PortAudioError):
        sounddevice._terminate()
        sounddevice._initialize()


def _close_stream(stream: Any) -> None:
    with contextlib.suppress(Exception):  # a stream whose server died fails to close; it is gone all the same
        stream.abort()
    with contextlib.suppress(Exception):
        stream.close()


@contextlib.contextmanager
def _named(environment: dict[str, str]) -> Iterator[None]:
    """The variables are set while a stream is opened, and as before afterwards."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update({name: value for name, value in environment.items() if value})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
