"""The other end of the CPU figures: answers a sender's offer and keeps every encoded picture, undecoded.

It is the same for every sender and lives in a process of its own, so that its cost is nobody's. It tells the
sender that the line is wide (an estimate of 8 Mbit/s), so that nobody is held back.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcconfiguration import RTCBundlePolicy

from kiosk.media import inbound
from kiosk.media.video_jitter import EncodedPicture, VideoJitterBuffer

WIDE_BPS = 8_000_000


@dataclass(frozen=True, slots=True)
class Recorded:
    """One picture as it came; `at` is monotonic seconds."""

    at: float
    picture: EncodedPicture


class Recorder:
    """For one connection."""

    def __init__(self) -> None:
        self.pictures: list[Recorded] = []
        self._jitter = VideoJitterBuffer()
        self._peer: Any = RTCPeerConnection(RTCConfiguration([], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))

    async def answer(self, sdp: str, mid: str) -> str:
        """Takes the picture of line `mid` and nothing else."""
        await self._peer.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        for transceiver in self._peer.getTransceivers():
            if transceiver.mid == mid:
                inbound.attach_video_receiver(transceiver.receiver, self._take, WIDE_BPS)
                transceiver.direction = "recvonly"
            else:
                transceiver.direction = "inactive"
        await self._peer.setLocalDescription(await self._peer.createAnswer())
        return str(self._peer.localDescription.sdp)

    async def close(self) -> None:
        await self._peer.close()

    def _take(self, packet: Any, now: float) -> bool:
        result = self._jitter.add(inbound.video_packet(packet), now)
        self.pictures += [Recorded(time.monotonic(), picture) for picture in result.frames]
        return result.ask_key
