"""aiortc as it comes: its own encoder with its own settings."""

from __future__ import annotations

import asyncio
import contextlib
import fractions

import av
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, MediaStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy

from hardware.ports import Frame
from tests.bench.media.senders.common import Task, Times, at_pace, serve


class Camera(MediaStreamTrack):
    """The newest frame of the clip."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._frames: asyncio.Queue[Frame] = asyncio.Queue(1)
        self.given = 0

    def push(self, frame: Frame) -> None:
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait(frame)

    async def recv(self) -> av.VideoFrame:
        frame = await self._frames.get()
        picture = av.VideoFrame.from_numpy_buffer(frame.data, "yuv420p")
        picture.pts, picture.time_base = int(frame.captured * 90_000), fractions.Fraction(1, 90_000)
        self.given += 1
        return picture


async def main() -> None:
    task = Task.from_arguments()
    camera, times = Camera(), Times()
    peer = RTCPeerConnection(RTCConfiguration([], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    peer.addTransceiver(camera, direction="sendrecv")
    peer.addTransceiver(AudioStreamTrack(), direction="sendrecv")
    feed = asyncio.create_task(at_pace(task, camera.push, times))
    watching: list[asyncio.Task[None]] = []

    async def watch(track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                await track.recv()
                if track.kind == "video":
                    times.saw()

    peer.on("track", lambda track: watching.append(asyncio.create_task(watch(track))))

    async def offer() -> tuple[str, str]:
        await peer.setLocalDescription(await peer.createOffer())
        return peer.localDescription.sdp, peer.getTransceivers()[0].mid

    async def answer(sdp: str) -> None:
        await peer.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    await serve(offer, answer, lambda: camera.given, times)
    feed.cancel()
    await peer.close()


if __name__ == "__main__":
    asyncio.run(main())
