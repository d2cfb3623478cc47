"""aiortc as it comes, with the same pictures and sound: the peer that ours is measured beside.

The same lines as ours.py. It has no epochs: what is lost stays lost until its own means bring it back.
"""

from __future__ import annotations

import asyncio
import fractions
import sys
from typing import Any

import av
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy

from hardware.simulated import speech_like
from tests.bench.media.peers.drawn import VOICE_S, DrawnCamera
from tests.bench.media.peers.lines import Lines, Seen, run_peer

CLOCK = fractions.Fraction(1, 90_000)


class Film(MediaStreamTrack):
    kind = "video"

    def __init__(self, camera: DrawnCamera) -> None:
        super().__init__()
        self._camera = camera

    async def recv(self) -> av.VideoFrame:
        drawn = await self._camera.next()
        frame = av.VideoFrame.from_numpy_buffer(drawn.data, "yuv420p")
        frame.pts, frame.time_base = int(drawn.captured * 90_000), CLOCK
        return frame


class Voice(MediaStreamTrack):
    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._voice = speech_like(3, VOICE_S)[None]
        self._block = 0
        self._began = asyncio.get_running_loop().time()

    async def recv(self) -> av.AudioFrame:
        at = self._block * 960 % (VOICE_S * 48_000)
        frame = av.AudioFrame.from_ndarray(self._voice[:, at : at + 960], format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, self._block * 960
        frame.time_base = fractions.Fraction(1, 48_000)
        self._block += 1
        due = self._began + self._block * 0.02
        await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
        return frame


class Stock:
    """One connection that offers what ours offers."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._seen = Seen()
        self._pc = RTCPeerConnection(RTCConfiguration([], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._drains: list[asyncio.Task[None]] = []
        self._pc.on("track", lambda track: self._drains.append(asyncio.create_task(self._drain(track))))

    async def obey(self, order: dict[str, Any]) -> None:
        """One line of the bench."""
        match order["do"]:
            case "start":
                await self._offer()
            case "answer":
                await self._pc.setRemoteDescription(RTCSessionDescription(order["sdp"], "answer"))
            case "report":
                self._lines.say("report", seen=self._seen.since(order["since"]))

    async def close(self) -> None:
        await self._pc.close()
        for drain in self._drains:
            drain.cancel()
        await asyncio.gather(*self._drains, return_exceptions=True)

    async def _offer(self) -> None:
        tracks = (Voice(), Film(DrawnCamera(640, 480, 20)), Film(DrawnCamera(1280, 720, 10, still=8)))
        for track, direction in zip(tracks, ("sendrecv", "sendrecv", "sendonly"), strict=True):
            self._pc.addTransceiver(track, direction=direction)
        await self._pc.setLocalDescription(await self._pc.createOffer())
        roles = ("audio", "face", "document")
        mids = {t.mid: role for t, role in zip(self._pc.getTransceivers(), roles, strict=True)}
        self._lines.say("offer", epoch=1, sdp=self._pc.localDescription.sdp, mids=mids)

    async def _drain(self, track: MediaStreamTrack) -> None:
        try:
            while True:
                frame = await track.recv()
                if track.kind == "video":
                    self._seen.add(frame.to_ndarray(format="gray8"))
        except MediaStreamError:
            return


if __name__ == "__main__":
    sys.exit(run_peer(Stock))
