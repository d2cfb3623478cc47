"""Looks at what this program and its children really hold open: the proof that nothing can see or hear.

Asks the kernel (/proc), not our own records. What it cannot see: the sound server is a program of the
system, and holds the sound card as it likes; our streams at it are counted by the audio port.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

DEVICES: Final = ("/dev/video", "/dev/media", "/dev/v4l-subdev", "/dev/snd/")
CHILD: Final = b"hardware.cameras.child"


def found(proc: Path = Path("/proc"), pid: int | None = None) -> tuple[int, int]:
    """(camera processes, open files of cameras and sound cards) of process `pid` and all below it."""
    family = [str(pid or os.getpid()), *_below(proc, str(pid or os.getpid()))]
    cameras = sum(CHILD in _read(proc / one / "cmdline") for one in family[1:])
    files = sum(target.startswith(DEVICES) for one in family for target in _targets(proc / one / "fd"))
    return cameras, files


def _below(proc: Path, pid: str) -> Iterator[str]:
    for task in _entries(proc / pid / "task"):
        for child in _read(task / "children").decode().split():
            yield child
            yield from _below(proc, child)


def _targets(directory: Path) -> Iterator[str]:
    for entry in _entries(directory):
        with contextlib.suppress(OSError):  # closed meanwhile
            yield str(entry.readlink())


def _entries(directory: Path) -> list[Path]:
    try:
        return list(directory.iterdir())
    except OSError:
        return []  # the process ended meanwhile


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
