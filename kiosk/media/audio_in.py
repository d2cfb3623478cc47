"""The operator's voice: packets of one epoch, decoded in order, into the store that the speaker empties."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from hardware.ports import Samples
from kiosk.media.audio_reorder import AudioReorder
from kiosk.media.opus import OpusDecoder
from kiosk.media.playout import PlayoutBuffer, PlayoutCounters

log = logging.getLogger(__name__)


class Speaker:
    """The playout buffer, shared by the event loop (push) and the sound device's thread (pull)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buffer = PlayoutBuffer()

    def push(self, timestamp: int, samples: Samples) -> None:
        with self._lock:
            self._buffer.push(timestamp, samples, time.monotonic())

    def pull(self, count: int) -> Samples:
        with self._lock:
            return self._buffer.pull(count)

    def reset(self) -> None:
        """Forgets all sound: another epoch's follows, or the call is over."""
        with self._lock:
            self._buffer.reset()

    @property
    def delay_s(self) -> float:
        """Sound in store."""
        return self._buffer.depth / 48_000

    @property
    def counters(self) -> PlayoutCounters:
        return self._buffer.counters


class AudioIn:
    """One epoch's reception, on the event loop's thread."""

    def __init__(self, on_sound: Callable[[int, Samples], None]) -> None:
        self._on_sound: Callable[[int, Samples], None] | None = on_sound
        self._reorder = AudioReorder()
        self._decoder = OpusDecoder()
        self.packets = 0

    @property
    def lost(self) -> int:
        """Packets that were given up."""
        return self._reorder.lost

    def take(self, sequence: int, timestamp: int, data: bytes) -> None:
        """One received packet; an empty one is padding."""
        if self._on_sound is None:
            return
        self.packets += 1
        for packet in self._reorder.add(sequence, timestamp, data):
            if not packet.data:
                continue
            try:
                samples = self._decoder.decode(packet.data)
            except ValueError:
                log.warning("audio packet was dropped", extra={"size": len(packet.data)})
                continue
            self._on_sound(packet.timestamp, samples)

    def close(self) -> None:
        """Takes no more."""
        self._on_sound = None
