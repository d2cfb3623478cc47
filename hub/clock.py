"""What time it is: the one place of the hub that asks the machine."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Two clocks: the calendar's for records, a steady one for limits and heartbeats."""

    def now(self) -> datetime:
        """UTC, with its zone."""

    def steady(self) -> float:
        """Seconds of a clock that is never set."""


class SystemClock:
    """The machine's own."""

    def now(self) -> datetime:
        """UTC."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Since an arbitrary moment."""
        return time.monotonic()
