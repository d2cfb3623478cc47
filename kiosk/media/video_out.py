"""One camera's way to the wire: newest frame, grant, encoder, outlet. Lives as long as the call."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

from hardware.ports import Frame
from kiosk.media.allocator import Grant, StreamPlan
from kiosk.media.feed import FrameFeed
from kiosk.media.outlet import Encoded, Outlet
from kiosk.media.vp8 import EncodedFrame, Vp8Encoder
from protocol.values import MediaRole

log = logging.getLogger(__name__)

KEY_PAUSE_S = 0.3  # requests for key frames are merged over this time
QUIET_S = 0.3  # without a new frame for so long, the last one answers a request for a key frame
IDLE_S = 2.0  # a camera without a new frame for so long leaves its share to the other
EARLY = 0.9  # a frame may come this much of an interval after the one before


class VideoOut:
    """Encodes while somebody reads. Frames that come too soon for the granted rate are left out."""

    def __init__(
        self,
        role: MediaRole,
        plan: StreamPlan,
        grant: Callable[[], Grant],
        executor: Executor,
    ) -> None:
        self.role = role
        self.feed = FrameFeed()
        self.outlet = Outlet(self._readers_changed, self._key_requested)
        self._grant = grant
        self._executor = executor
        self._encoder = Vp8Encoder(plan.max_bps, plan.fps)
        self._task: asyncio.Task[None] | None = None
        self._key_wanted = True
        self._last_key = float("-inf")  # monotonic
        self._last_captured = float("-inf")  # of the frame that was encoded last
        self._closed = False
        self.keys = 0  # key frames made

    @property
    def flowing(self) -> bool:
        """Somebody reads and the camera gives pictures: this stream needs its share of the line."""
        return self.outlet.reading and time.monotonic() - self.feed.pushed_at < IDLE_S

    async def close(self) -> None:
        """Ends encoding, waits for a frame in work, keeps nothing."""
        self._closed = True
        self.feed.close()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._encoder.close()

    def _readers_changed(self) -> None:
        if self.outlet.reading and self._task is None and not self._closed:
            self._task = asyncio.create_task(self._run(), name=f"media-{self.role.value}")
            self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._task is task:
            self._task = None
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("video encoding stopped", extra={"role": self.role.value}, exc_info=error)
        self._readers_changed()

    def _key_requested(self) -> None:
        self._key_wanted = True

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self.outlet.reading and not self._closed:
            frame = await self._next()
            if frame is None:
                continue
            grant = self._grant()
            if not self._suits(frame, grant):
                continue
            key = self._take_key_request() or grant.still
            self._last_captured = frame.captured
            encoded = await loop.run_in_executor(
                self._executor, self._encoder.encode, frame, grant.bps, grant.divide, key
            )
            if not self._closed:
                self._deliver(encoded, key)

    async def _next(self) -> Frame | None:
        frame = await self.feed.next(QUIET_S)
        if frame is None and self._key_due() and (last := self.feed.last) is not None:
            return replace(last, captured=max(time.monotonic(), self._last_captured))
        return frame

    def _suits(self, frame: Frame, grant: Grant) -> bool:
        if grant.paused:
            return False
        if grant.still:  # no request brings one earlier: on such a line there are many
            return frame.captured - self._last_captured >= EARLY / grant.fps
        return frame.captured - self._last_captured >= EARLY / grant.fps or self._key_due()

    def _key_due(self) -> bool:
        return self._key_wanted and time.monotonic() - self._last_key >= KEY_PAUSE_S

    def _take_key_request(self) -> bool:
        if not self._key_due():
            return False
        self._key_wanted = False
        self._last_key = time.monotonic()
        return True

    def _deliver(self, encoded: EncodedFrame | None, key: bool) -> None:
        if encoded is None:
            self._key_wanted = self._key_wanted or key
            return
        self.keys += encoded.key
        self.outlet.deliver(Encoded(encoded.data, encoded.timestamp, encoded.key))
