"""A desk without a browser, for quick tests: aiortc with the terminal's own reception, which mends losses.

    {"do": "take", "epoch": 1, "sdp": ..., "mids": {"1": "face"}} -> {"say": "answer", "epoch": 1, "sdp": ...}
    {"do": "report", "since": 171234}                             -> {"say": "report", "seen": [...]}
    {"do": "end"}

A new epoch replaces the old connection once it has shown a picture.
"""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcconfiguration import RTCBundlePolicy

from hardware.ports import Frame
from kiosk.media import ice, inbound
from kiosk.media.video_in import VideoIn
from tests.bench.media.peers.drawn import DrawnCamera
from tests.bench.media.peers.lines import Lines, Seen, run_peer
from tests.bench.media.peers.stock import Film, Voice


class Desk:
    """At most two connections: the one that is seen and the newer one."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._seen = Seen()
        self._executor = ThreadPoolExecutor(1)
        self._peers: dict[int, tuple[RTCPeerConnection, VideoIn]] = {}
        self._shown = 0
        self._closing: set[asyncio.Task[None]] = set()

    async def obey(self, order: dict[str, Any]) -> None:
        """One line of the test."""
        match order["do"]:
            case "take":
                sdp = await self._answer(order["epoch"], order["sdp"], order["mids"])
                self._lines.say("answer", epoch=order["epoch"], sdp=sdp)
            case "report":
                self._lines.say("report", seen=self._seen.since(order["since"]))

    async def close(self) -> None:
        for epoch in list(self._peers):
            await self._close(epoch)
        await asyncio.gather(*self._closing)
        self._executor.shutdown()

    async def _answer(self, epoch: int, sdp: str, mids: dict[str, str]) -> str:
        pc = RTCPeerConnection(RTCConfiguration([], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        video = VideoIn(self._executor, lambda frame: self._picture(epoch, frame))
        self._peers[epoch] = (pc, video)
        await pc.setRemoteDescription(RTCSessionDescription(ice.strip_candidates(sdp), "offer"))
        for transceiver in pc.getTransceivers():
            role = mids[transceiver.mid]
            if role == "document":
                continue
            track = Voice() if role == "audio" else Film(DrawnCamera(640, 480, 20))
            transceiver.sender.replaceTrack(track)
            transceiver.direction = "sendrecv"
            if role == "face":
                take = lambda packet, now: video.take(inbound.video_packet(packet), now)  # noqa: E731
                inbound.attach_video_receiver(transceiver.receiver, take, 400_000)
        await pc.setLocalDescription(await pc.createAnswer())
        return str(pc.localDescription.sdp)

    def _picture(self, epoch: int, frame: Frame) -> None:
        if epoch < self._shown:
            return
        if epoch > self._shown:
            old, self._shown = self._shown, epoch
            task = asyncio.create_task(self._close(old))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
        self._seen.add(frame.data[: frame.height])

    async def _close(self, epoch: int) -> None:
        pc, video = self._peers.pop(epoch, (None, None))
        if pc is not None and video is not None:
            await video.close()
            await pc.close()


if __name__ == "__main__":
    sys.exit(run_peer(Desk))
