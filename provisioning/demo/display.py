"""A virtual display whose memory is a file: screenshots cost a copy, touches go through the X server."""

from __future__ import annotations

import contextlib
import mmap
import re
import struct
import subprocess
import time
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from protocol.errors import LocalError
from provisioning.demo.programs import Program, Programs, wait_for

Picture = npt.NDArray[np.uint8]
"""Height x width x 3, BGR."""

_HEAD = struct.Struct(">25I")  # the fixed part of an XWD file


class VirtualDisplay:
    """Xvfb of one size. `shot` is the present content, `tap` a finger as the mouse pointer."""

    def __init__(self, programs: Programs, directory: Path, width: int, height: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._file = directory / "Xvfb_screen0"
        with contextlib.suppress(FileNotFoundError):
            self._file.unlink()
        self.size = (width, height)
        number = directory / "display-number"
        number.write_bytes(b"")
        shell = 'exec Xvfb ":$4" -displayfd 3 -screen 0 "$1" -nolisten tcp -fbdir "$2" 3>"$3"'
        size = f"{width}x{height}x24"
        command = ["sh", "-c", shell, "sh", size, str(directory), str(number), str(free_display())]
        program = programs.start("xvfb", command)
        wait_for(lambda: number.read_bytes().endswith(b"\n"), 15, "the virtual display", program)
        self.name = f":{number.read_text().strip()}"
        self._map = self._open()

    def _open(self) -> mmap.mmap:
        with self._file.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def shot(self) -> Picture:
        """What the display shows now."""
        head = _HEAD.unpack_from(self._map, 0)
        size, width, height, line, colours = head[0], head[4], head[5], head[12], head[19]
        if head[11] != 32:
            raise LocalError("display", f"the virtual display has {head[11]} bits a pixel; 32 are read")
        start = size + colours * 12
        raw = np.frombuffer(self._map, np.uint8, line * height, start).reshape(height, line)
        return raw[:, : width * 4].reshape(height, width, 4)[:, :, :3].copy()

    def save(self, path: Path) -> None:
        """A screenshot as PNG."""
        cv2.imwrite(str(path), self.shot())

    def tap(self, x: int, y: int) -> float:
        """A touch; returns the wall clock in ms at which the button went down."""
        self._xdotool("mousemove", str(x), str(y))
        down = time.time() * 1000
        self._xdotool("mousedown", "1")
        self._xdotool("mouseup", "1")
        self._xdotool("mousemove", str(self.size[0] - 1), str(self.size[1] - 1))
        return down

    def _xdotool(self, *words: str) -> None:
        try:
            subprocess.run(
                ["xdotool", *words], check=True, env={"DISPLAY": self.name, "PATH": "/usr/bin:/bin"}
            )
        except FileNotFoundError:
            raise LocalError("missing", "xdotool: not on this machine; run `make setup`") from None


def free_display(listing: Path = Path("/proc/net/unix")) -> int:
    """A display number that nobody listens on, other root directories of this machine included.

    Xvfb looks only below its own /tmp, but clients come by an abstract socket, which knows no directories.
    """
    names = listing.read_text("utf-8", "replace") if listing.exists() else ""
    taken = {int(number) for number in re.findall(r"@?/tmp/\.X11-unix/X(\d+)", names)}
    return next(number for number in range(60, 1000) if number not in taken)


def largest_area(picture: Picture, colour: str, within: int = 12) -> tuple[int, int, int] | None:
    """Centre (x, y) and pixels of the largest area of a colour '#RRGGBB'; None when there is none.

    The next touch is the largest thing in the municipality's colour, so this finds what a resident would.
    """
    wanted = np.array([int(colour[i : i + 2], 16) for i in (5, 3, 1)], np.int16)
    mask = (np.abs(picture.astype(np.int16) - wanted).max(axis=2) <= within).astype(np.uint8)
    count, _, stats, _centres = cv2.connectedComponentsWithStats(mask, connectivity=4)
    if count < 2:
        return None
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    left, top, width, height, area = (int(value) for value in stats[largest])
    if area < 1500:
        return None
    return left + width // 2, top + height // 2, area


def find_area(display: VirtualDisplay, colour: str, what: str, program: Program | None) -> tuple[int, int]:
    """Centre of the largest area of a colour, once it is large and stands still. LocalError: it never did."""
    found: list[tuple[int, int, int]] = []

    def there() -> bool:
        area = largest_area(display.shot(), colour)
        if area is not None and area[2] > 8000:
            found.append(area)
        return len(found) > 1 and found[-1][:2] == found[-2][:2]

    wait_for(there, 20, what, program)
    return found[-1][0], found[-1][1]
