"""Whether a program grows: descriptors, threads and memory, read from /proc again and again.

watched = Growth(pid)
watched.look()                       # after each call
watched.slope("rss_kb", per=100)     # kB for each hundred looks
watched.risen("threads")             # by how much the later half stands above the earlier one
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import linear_regression

WARM = 20  # looks at the beginning that say nothing: caches and the allocator fill; at most half of all


@dataclass(frozen=True, slots=True)
class Look:
    """One program at one moment."""

    descriptors: int
    threads: int
    rss_kb: int


def look_at(pid: int) -> Look:
    """FileNotFoundError when it has ended."""
    proc = Path(f"/proc/{pid}")
    status = dict(re.findall(r"^(\w+):\s+(\d+)", (proc / "status").read_text(), re.MULTILINE))
    return Look(len(list((proc / "fd").iterdir())), int(status["Threads"]), int(status["VmRSS"]))


class Growth:
    """Of one program."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.looks: list[Look] = []

    def look(self) -> None:
        """Takes one look."""
        self.looks.append(look_at(self._pid))

    def slope(self, what: str, per: float) -> float:
        """Growth for each `per` looks: the straight line through all but the first."""
        return slope(self._values(what), per)

    def risen(self, what: str) -> float:
        """The least of the later half minus the least of the earlier one, without the first: what only comes
        and goes is no growth. 0 for too few looks to tell."""
        values = self._values(what)
        half = len(values) // 2
        return min(values[half:]) - min(values[:half]) if half else 0

    def record(self) -> list[dict[str, int]]:
        """All looks, for the file."""
        return [asdict(look) for look in self.looks]

    def _values(self, what: str) -> list[int]:
        values = [int(getattr(look, what)) for look in self.looks]
        return values[min(WARM, len(values) // 2) :]


def slope(values: Sequence[float], per: float) -> float:
    """Least squares; 0 for fewer than two values."""
    if len(values) < 2:
        return 0.0
    return linear_regression(range(len(values)), values).slope * per
