"""Decides in which order received audio packets are decoded, and when a missing one is given up.

Never holds more than three packets, so that a loss costs 60 ms of waiting and no lasting delay.
"""

from __future__ import annotations

from dataclasses import dataclass

WINDOW = 3  # packets that may wait behind a gap
RESTART = 300  # a jump of this many packets (6 s) is a new stream, not a gap


@dataclass(frozen=True, slots=True)
class AudioPacket:
    """One Opus packet; `timestamp` is the unwrapped 48 kHz time of its first sample."""

    timestamp: int
    data: bytes


class AudioReorder:
    """Sorts by 16-bit sequence number and unwraps the 32-bit timestamp."""

    def __init__(self) -> None:
        self._next: int | None = None  # extended sequence number that shall leave next
        self._waiting: dict[int, AudioPacket] = {}
        self._timestamp: int | None = None  # newest unwrapped
        self.lost = 0
        self.late = 0

    def add(self, sequence: int, timestamp: int, data: bytes) -> list[AudioPacket]:
        """Takes one packet; returns those that shall be decoded now, in order."""
        if self._next is None:
            self._next = sequence + 0x10000
        number = self._extend(sequence)
        if abs(number - self._next) > RESTART:
            self._waiting.clear()
            self._next = number
        if number < self._next:
            self.late += 1
            return []
        self._waiting[number] = AudioPacket(self._unwrap(timestamp), data)
        ready = self._ready()
        while len(self._waiting) >= WINDOW:
            self.lost += min(self._waiting) - self._next
            self._next = min(self._waiting)
            ready += self._ready()
        return ready

    def _ready(self) -> list[AudioPacket]:
        assert self._next is not None
        ready = []
        while (packet := self._waiting.pop(self._next, None)) is not None:
            ready.append(packet)
            self._next += 1
        return ready

    def _extend(self, sequence: int) -> int:
        assert self._next is not None
        step = (sequence - self._next) & 0xFFFF
        return self._next + (step if step < 0x8000 else step - 0x10000)

    def _unwrap(self, timestamp: int) -> int:
        if self._timestamp is None:
            self._timestamp = timestamp
            return timestamp
        step = (timestamp - self._timestamp) & 0xFFFFFFFF
        value = self._timestamp + (step if step < 0x80000000 else step - 0x100000000)
        self._timestamp = max(self._timestamp, value)
        return value
