"""One camera's way to the wire: newest frame, grant, encoder, outlet. Lives as long as the call.

The camera's frame starts the encoder, the encoder's end sends the packets: two steps of the event loop for a
picture, and nothing that waits in between.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace

from hardware.ports import Frame
from kiosk.media.allocator import Grant, StreamPlan
from kiosk.media.frame_rate import FrameRate
from kiosk.media.outlet import Encoded, Outlet
from kiosk.media.vp8 import EncodedFrame, Vp8Encoder
from kiosk.media.worker import Worker
from protocol.values import MediaRole

log = logging.getLogger(__name__)

KEY_PAUSE_S = 0.3  # requests for key frames are merged over this time
QUIET_S = 0.3  # without a new frame for so long, the last one answers a request for a key frame
IDLE_S = 2.0  # a camera without a new frame for so long leaves its share to the other


class VideoOut:
    """`push` frames; they are encoded while somebody reads. Frames that come too soon for the granted rate,
    or while the line has no room, are left out. All methods belong to the event loop's thread."""

    def __init__(self, role: MediaRole, plan: StreamPlan, grant: Callable[[], Grant]) -> None:
        self.role = role
        self.outlet = Outlet(self._readers_changed, self._key_requested)
        self.keys = 0  # key frames made
        self.skipped = 0  # frames that a newer one replaced before the encoder was free
        self._grant = grant
        self._encoder = Vp8Encoder(plan.max_bps, plan.fps)
        self._worker: Worker | None = None  # from the first reader on
        self.busy = False  # the worker has a frame
        self._newest: Frame | None = None
        self._fresh = False  # newest has not been looked at yet
        self.pushed_at = float("-inf")  # monotonic
        self._key_wanted = True
        self._key_timer: asyncio.TimerHandle | None = None
        self._last_key = float("-inf")  # monotonic
        self._rate = FrameRate()
        self._last_captured = float("-inf")  # of the frame that was encoded last
        self._closed = False

    @property
    def flowing(self) -> bool:
        """Somebody reads and the camera gives pictures: this stream needs its share of the line."""
        return self.outlet.reading and time.monotonic() - self.pushed_at < IDLE_S

    def push(self, frame: Frame) -> None:
        """Offers a frame; never blocks, ignored once closed. Its array must not be written to afterwards."""
        if self._closed:
            return
        self.skipped += self._fresh
        self._newest, self._fresh = frame, True
        self.pushed_at = time.monotonic()
        self._look()

    async def close(self) -> None:
        """Ends encoding, waits for a frame in work, keeps nothing."""
        self._closed = True
        self._newest, self._fresh = None, False
        self._cancel_key_timer()
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.close()
        self._encoder.close()

    def _look(self) -> None:
        """Encodes the newest frame, if it is wanted and the encoder is free."""
        if self.busy or not self._fresh or self._worker is None or not self.outlet.reading:
            return
        frame, self._fresh = self._newest, False
        assert frame is not None
        grant = self._grant()
        if self._suits(frame, grant):
            self._encode(frame, grant)

    def _suits(self, frame: Frame, grant: Grant) -> bool:
        if grant.paused or self.outlet.congested:
            return False
        if self._rate.wants(frame.captured, grant.fps):
            return True
        return self._key_due() and not grant.still  # where stills are sent, requests bring none earlier

    def _encode(self, frame: Frame, grant: Grant) -> None:
        assert self._worker is not None
        key = self._take_key_request() or grant.still
        self._last_captured = frame.captured
        self._rate.took(frame.captured, grant.fps)
        self.busy = True
        self._worker.do(
            lambda: self._encoder.encode(frame, grant.bps, grant.divide, key),
            lambda encoded: self._encoded(encoded, key),
        )

    def _encoded(self, encoded: EncodedFrame | None, key: bool) -> None:
        self.busy = False
        if self._closed:
            return
        if encoded is None:
            if key:
                self._key_requested()
        else:
            self.keys += encoded.key
            self.outlet.deliver(Encoded(encoded.data, encoded.timestamp, encoded.key))
        self._look()

    def _readers_changed(self) -> None:
        if self.outlet.reading and self._worker is None and not self._closed:
            self._worker = Worker(f"media-{self.role.value}")
            self._look()

    def _key_requested(self) -> None:
        self._key_wanted = True
        if self._key_timer is None and not self._closed:
            self._key_timer = asyncio.get_running_loop().call_later(QUIET_S, self._key_of_last)

    def _key_of_last(self) -> None:
        """A camera that pauses, as a frozen one does, answers with the picture that it gave last."""
        self._key_timer = None
        if not self._key_wanted or not self.outlet.reading:
            return
        quiet = time.monotonic() - self.pushed_at >= QUIET_S
        if self.busy or not quiet or not self._key_due():
            self._key_requested()
        elif self._newest is not None:
            captured = max(time.monotonic(), self._last_captured)
            grant = self._grant()
            if grant.paused or (grant.still and not self._rate.wants(captured, grant.fps)):
                self._key_requested()
                return
            self._encode(replace(self._newest, captured=captured), grant)

    def _key_due(self) -> bool:
        return self._key_wanted and time.monotonic() - self._last_key >= KEY_PAUSE_S

    def _take_key_request(self) -> bool:
        if not self._key_due():
            return False
        self._key_wanted = False
        self._last_key = time.monotonic()
        self._cancel_key_timer()
        return True

    def _cancel_key_timer(self) -> None:
        if self._key_timer is not None:
            self._key_timer.cancel()
            self._key_timer = None
