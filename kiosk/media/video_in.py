"""The operator's picture of one epoch: packets, frames, pixels. Only the newest picture is handed on."""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor

from hardware.ports import Bytes, Frame
from kiosk.media.video_jitter import EncodedPicture, VideoJitterBuffer, VideoPacket
from kiosk.media.vp8 import Vp8Decoder, planes

log = logging.getLogger(__name__)

BACKLOG = 12  # encoded frames (half a second) that may wait for the decoder


class VideoIn:
    """Runs on the event loop's thread; decoding in the executor, one frame at a time."""

    def __init__(self, executor: Executor, on_frame: Callable[[Frame], None]) -> None:
        self._executor = executor
        self._on_frame: Callable[[Frame], None] | None = on_frame
        self._jitter = VideoJitterBuffer()
        self._backlog: deque[EncodedPicture] = deque()
        self._decoder: Vp8Decoder | None = None
        self._task: asyncio.Task[None] | None = None
        self._sequence = itertools.count(1)
        self.frames = 0
        self.broken = 0  # frames that could not be decoded

    def take(self, packet: VideoPacket, now: float) -> bool:
        """One received packet; True when a key frame should be asked for."""
        if self._on_frame is None:
            return False
        if len(self._backlog) >= BACKLOG:
            self._backlog.clear()
            self._jitter.lose_reference()
        result = self._jitter.add(packet, now)
        self._backlog.extend(result.frames)
        if self._backlog and self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._decode(), name="media-decode")
        return result.ask_key

    async def close(self) -> None:
        """Ends decoding, waits for a frame in work, keeps nothing."""
        self._on_frame = None
        self._backlog.clear()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        self._decoder = None
        self._jitter = VideoJitterBuffer()

    async def _decode(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._backlog and self._on_frame is not None:
                batch = list(self._backlog)
                self._backlog.clear()
                picture = await loop.run_in_executor(self._executor, self._decode_batch, batch)
                if picture is not None:
                    self._hand_on(*picture)
        finally:
            self._task = None

    def _decode_batch(self, batch: list[EncodedPicture]) -> tuple[Bytes, int, int] | None:
        """Decodes all, in the executor's thread; only the last picture is copied out for showing."""
        if self._decoder is None:
            self._decoder = Vp8Decoder()
        newest = None
        for encoded in batch:
            try:
                newest = self._decoder.decode(encoded.data) or newest
                self.frames += 1
            except ValueError:
                self.broken += 1
                self._jitter.lose_reference()
        return None if newest is None else planes(newest)

    def _hand_on(self, data: Bytes, width: int, height: int) -> None:
        if self._on_frame is None:
            return
        frame = Frame(data, width, height, time.monotonic(), next(self._sequence))
        try:
            self._on_frame(frame)
        except Exception:
            log.exception("remote picture was not taken")
