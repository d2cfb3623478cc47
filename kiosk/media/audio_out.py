"""The microphone's way to the wire: blocks from the sound device's thread, Opus, outlet. Lives as long as
the call.

Sound is sent steadily: while the microphone is missing or muted it is silence, because the desk's lip-sync
and its judgement of the line hang on it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque

import numpy as np

from hardware.ports import Samples
from kiosk.media.opus import BLOCK, RATE, OpusEncoder
from kiosk.media.outlet import Encoded, Outlet
from kiosk.media.pace import Pace

log = logging.getLogger(__name__)

WAITING_BLOCKS = 10  # 0.2 s between the two threads; older blocks are dropped
MISSING_S = 0.06  # without a block for so long, silence is sent instead
STEP = BLOCK / RATE
SILENCE = np.zeros(BLOCK, np.int16)


class AudioOut:
    """`on_input` may be called from any thread; all else on the event loop's."""

    def __init__(self, bps: int) -> None:
        self.outlet = Outlet(self._readers_changed, lambda: None)
        self.muted = False
        self._bps = bps
        self._encoder: OpusEncoder | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # set while somebody reads
        self._lock = threading.Lock()  # guards _waiting and _woken
        self._waiting: deque[Samples] = deque(maxlen=WAITING_BLOCKS)
        self._woken = False
        self._rest: Samples = SILENCE[:0]  # an incomplete block of a device with blocks of its own
        self._timestamp = 0  # of the next block, 48 kHz
        self._last_input = float("-inf")
        self._pace = Pace(STEP)
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def on_input(self, block: Samples) -> None:
        """Takes a block of any length; copies it and returns at once. Nothing is kept while nobody reads."""
        loop = self._loop
        if loop is None:
            return
        with self._lock:
            self._waiting.append(block.copy())
            wake = not self._woken
            self._woken = True
        if wake:
            try:
                loop.call_soon_threadsafe(self._take)
            except RuntimeError:  # the loop has been closed meanwhile
                self._loop = None

    @property
    def last_input(self) -> float:
        """When the microphone last gave a block (monotonic s); minus infinity while nobody reads."""
        return self._last_input

    async def close(self) -> None:
        """Ends sending and keeps nothing."""
        self._closed = True
        self._stop()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def _readers_changed(self) -> None:
        if self.outlet.reading and not self._closed:
            if self._loop is None:
                self._encoder = OpusEncoder(self._bps)
                self._loop = asyncio.get_running_loop()
            if self._task is None:
                self._task = asyncio.create_task(self._fill_holes(), name="media-audio")
        elif self._loop is not None:
            self._stop()

    def _stop(self) -> None:
        self._loop, self._encoder = None, None
        self._rest = SILENCE[:0]
        with self._lock:
            self._waiting.clear()

    def _take(self) -> None:
        with self._lock:
            blocks = list(self._waiting)
            self._waiting.clear()
            self._woken = False
        if not blocks or self._loop is None:
            return
        now = self._last_input = time.monotonic()
        samples = np.concatenate((self._rest, *blocks))
        whole = len(samples) // BLOCK * BLOCK
        self._rest = samples[whole:]
        late = whole // BLOCK - self._pace.allowed(whole // BLOCK, now)
        for start in range(late * BLOCK, whole, BLOCK):
            self._send(samples[start : start + BLOCK])

    def _send(self, block: Samples) -> None:
        if self._encoder is None:
            return
        data = self._encoder.encode(SILENCE if self.muted else block)
        self._timestamp += BLOCK
        if data:
            self.outlet.deliver(Encoded(data, self._timestamp - BLOCK, True))

    async def _fill_holes(self) -> None:
        """Sends silence at the microphone's pace while it gives nothing."""
        due = time.monotonic()
        while self.outlet.reading and not self._closed:
            now = time.monotonic()
            if now - self._last_input < MISSING_S:
                due = now
            while due <= now - STEP and now - self._last_input >= MISSING_S:
                due = max(due + STEP, now - 5 * STEP)
                self._pace.stood_in(now, self._last_input)
                self._send(SILENCE)
            await asyncio.sleep(STEP)
        self._task = None
