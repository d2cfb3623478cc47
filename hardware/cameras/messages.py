"""What the agent and a camera child say to each other: one msgpack message a packet."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from hardware.frames import Announcement, Buffers


class Open(msgspec.Struct, frozen=True, tag="open"):
    """First message to a child: which camera, which stream, and the controls that survive a restart."""

    description: dict[str, Any]
    width: int
    height: int
    fps: float
    controls: dict[str, float]


class TakeStill(msgspec.Struct, frozen=True, tag="take_still"):
    id: int


class Control(msgspec.Struct, frozen=True, tag="control"):
    name: str
    value: float


class Stop(msgspec.Struct, frozen=True, tag="stop"):
    """Close the device and exit with 0."""


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """The device answers; what it says of itself replaces what the settings said."""

    path: str
    name: str
    kind: str
    simulated: bool
    still_width: int
    still_height: int
    can: tuple[str, ...]


class StillTaken(msgspec.Struct, frozen=True, tag="still_taken"):
    """Answer to `TakeStill`; the memfd comes with it."""

    id: int


class StillFailed(msgspec.Struct, frozen=True, tag="still_failed"):
    id: int
    code: str
    message: str


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """Last words of a child: it exits after this."""

    code: str
    message: str


ToChild = Open | TakeStill | Control | Stop
FromChild = Opened | Buffers | Announcement | StillTaken | StillFailed | Failed

to_child: Final = msgspec.msgpack.Decoder(ToChild)
from_child: Final = msgspec.msgpack.Decoder(FromChild)
