"""The seams of a terminal: what the agent may ask of a camera, of sound, of hotplug and of the board.

Real devices and simulated ones stand behind the same ports; only a `__main__` names a concrete one.
Frames are I420 from the sensor to the encoder: BGR exists only inside vision.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture. `data` is I420: shape (height * 3 // 2, width), uint8, contiguous, Y then U then V.

    `captured` is CLOCK_MONOTONIC in seconds at exposure (comparable between processes of one machine);
    `sequence` rises by one a frame and starts anew when the device is opened again.
    """

    data: Bytes
    width: int
    height: int
    captured: float
    sequence: int
    meta: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a stream is asked for: pixels and frames a second."""

    width: int
    height: int
    fps: float


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """What a camera is. `path` is the stable path (by-path or libcamera Id), never a number."""

    path: str
    name: str
    kind: str  # picamera2, v4l2, file, synthetic
    simulated: bool
    still_width: int
    still_height: int
    can: tuple[str, ...] = ()  # "focus", "exposure": what `control` changes; known once it has been opened


AUTO_FOCUS = "auto_focus"
"""Control: 1 lets the camera focus by itself, 0 holds the focus where it stands."""
FOCUS_STEP = "focus_step"
"""Control: so many steps nearer (negative: farther) than where the focus was held."""
EXPOSURE = "exposure"
"""Control: half stops lighter (negative: darker) than the camera would expose by itself."""


class Health(StrEnum):
    """State of a supervised device."""

    CLOSED = "closed"  # not open: nothing can be seen
    STARTING = "starting"
    LIVE = "live"
    STALE = "stale"  # open, but the newest frame is old
    LOST = "lost"  # gone or failed; being tried again


class CameraSource(Protocol):
    """A camera inside its own child process; blocking calls are allowed here and only here.

    Every method may raise DeviceError. After `stop` the device is closed and may be started again.
    """

    def info(self) -> CameraInfo: ...
    def start(self, profile: Profile) -> None: ...
    def read(self, timeout: float) -> Frame | None:
        """The next frame, or None after `timeout` seconds without one."""
        ...

    def still(self) -> Frame:
        """A frame exposed after the call, at the still size of `info`, whatever the stream's size."""
        ...

    def control(self, name: str, value: float) -> None:
        """AUTO_FOCUS, FOCUS_STEP or EXPOSURE; what the camera cannot do, and other names, change nothing."""
        ...

    def stop(self) -> None: ...


class Camera(Protocol):
    """A camera as the agent sees it: a supervised child that comes back by itself.

    `open` and `close` may be called at any time; between `close` and `open` no process holds the device.
    """

    @property
    def info(self) -> CameraInfo: ...
    @property
    def health(self) -> Health: ...
    @property
    def fault(self) -> str:
        """Code and cause of the last fault, '' while live."""
        ...

    async def open(self, profile: Profile) -> None: ...
    def latest(self) -> Frame | None:
        """The newest frame, or None. The array is the caller's own copy."""
        ...

    async def next_frame(self, after: int, timeout: float) -> Frame | None:
        """The newest frame whose running number (not `sequence`) is beyond `after`; None after `timeout` s.

        The running number is `Frame.meta['number']`; it rises over restarts of the device.
        """
        ...

    async def still(self, timeout: float) -> Frame:
        """A full-size frame exposed after the call. DeviceError when the camera cannot within `timeout` s."""
        ...

    async def control(self, name: str, value: float) -> None:
        """As for the source. It holds until `close`, for a camera that came back by itself as well."""
        ...

    def plugged(self) -> None:
        """Hotplug saw the device come: try now instead of at the end of a delay."""
        ...

    async def close(self) -> None: ...


class AudioPort(Protocol):
    """Microphone and speaker, addressed by name. 48 kHz, mono, int16, blocks of 20 ms (960 samples)."""

    @property
    def health(self) -> Health: ...
    @property
    def fault(self) -> str: ...
    @property
    def simulated(self) -> bool: ...
    @property
    def streams(self) -> int:
        """Directions that hold a device open or are about to; 0 after `close`."""
        ...

    async def open(
        self, on_input: Callable[[Samples, float], None], pull_output: Callable[[int], Samples]
    ) -> None:
        """Starts both directions. The callbacks run on the audio thread and must not block.

        `on_input(block, captured)` gets microphone blocks, `pull_output(n)` must return n samples.
        A device that is missing is tried again every second; the call goes on without it.
        """
        ...

    @property
    def headset(self) -> bool:
        """Sound goes to a headset, and the speaker is silent."""
        ...

    def absent(self) -> str:
        """Code and cause when microphone or speaker are not there, '' when both are; opens nothing.

        Blocks for some seconds at the most: call it from a thread.
        """
        ...

    def set_volume(self, level: int) -> None:
        """1 (quiet) to 5 (loud); applies at once."""
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """A device came or went. `path` is stable (by-path), `node` is what to open (/dev/video2)."""

    action: str  # add, remove
    subsystem: str  # video4linux, sound, input
    path: str
    node: str


class DeviceWatcher(Protocol):
    """Hotplug. `on_event` is called on the event loop's thread."""

    def start(self, on_event: Callable[[DeviceEvent], None]) -> None: ...
    def stop(self) -> None: ...
    def current(self) -> tuple[DeviceEvent, ...]:
        """What is there now, as 'add' events."""
        ...


class Display(Protocol):
    """The panel: its working size and light. Never switches the signal off (panels do not wake)."""

    @property
    def size(self) -> tuple[int, int]: ...
    @property
    def rotation(self) -> int: ...
    async def dim(self, level: float) -> None:
        """0 dark to 1 full."""
        ...


class Board(Protocol):
    """The computer itself: serial, temperature, faults of supply."""

    @property
    def serial(self) -> str: ...
    @property
    def model(self) -> str: ...
    def health(self) -> dict[str, float | bool | str]:
        """temperature_c, throttled, under_voltage and what else the board can tell."""
        ...


Opener = Callable[[], Awaitable[None]]
