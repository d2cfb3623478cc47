"""The receiving side of the seam to aiortc: stand-ins for its jitter buffer, NACK generator and estimate.

aiortc hands each packet to them and never gets a frame back, so its own decoder threads stay idle; packets go
on to our buffers and decoders. Nothing here may raise: an exception would end the whole connection.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from kiosk.media.nack import NackScheduler
from kiosk.media.video_jitter import VideoPacket

log = logging.getLogger(__name__)

PacketTaker = Callable[[Any, float], bool]


class PacketTap:
    """Stands where aiortc keeps its jitter buffer; True from the taker sends a picture loss indication."""

    def __init__(self, take: PacketTaker) -> None:
        self._take = take

    def add(self, packet: Any) -> tuple[bool, None]:
        try:
            return self._take(packet, time.monotonic()), None
        except Exception:
            log.exception("received packet was dropped")
            return False, None


class NackTap:
    """Stands where aiortc keeps its NACK generator; `missing` is what it sends after a True."""

    def __init__(self) -> None:
        self._scheduler = NackScheduler()
        self.missing: list[int] = []

    def add(self, packet: Any) -> bool:
        self.missing = self._scheduler.received(packet.sequence_number, time.monotonic())
        return bool(self.missing)


class FloorEstimator:
    """aiortc's estimate of the incoming line, never below a floor: its clock is our event loop's, whose
    jitter it takes for congestion."""

    def __init__(self, inner: Any, floor_bps: int) -> None:
        self._inner = inner
        self._floor_bps = floor_bps

    def add(self, **packet: Any) -> tuple[int, list[int]] | None:
        estimate = self._inner.add(**packet)
        return None if estimate is None else (max(estimate[0], self._floor_bps), estimate[1])


def video_packet(packet: Any) -> VideoPacket:
    """An aiortc packet with a VP8 payload, as our buffer wants it."""
    payload, data = packet.payload, packet._data
    start = bool(data) and payload[0] & 0x10 != 0 and payload[0] & 0x07 == 0
    return VideoPacket(
        sequence=packet.sequence_number,
        timestamp=packet.timestamp,
        marker=bool(packet.marker),
        start=start,
        key=start and data[0] & 0x01 == 0,
        data=data,
    )


def attach_video_receiver(receiver: Any, take: PacketTaker, floor_bps: int) -> None:
    """Puts our parts into a receiver before its call starts."""
    receiver._RTCRtpReceiver__jitter_buffer = PacketTap(take)
    receiver._RTCRtpReceiver__nack_generator = NackTap()
    inner = receiver._RTCRtpReceiver__remote_bitrate_estimator
    receiver._RTCRtpReceiver__remote_bitrate_estimator = FloorEstimator(inner, floor_bps)


def attach_audio_receiver(receiver: Any, take: PacketTaker) -> None:
    """Likewise for sound."""
    receiver._RTCRtpReceiver__jitter_buffer = PacketTap(take)
