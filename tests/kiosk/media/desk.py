"""A desk for tests: a stock aiortc peer in this process that answers, sends its own picture and tone, and
records what it gets.

    desk = Desk()
    answer = await desk.answer(offer.sdp)
    await desk.frames("1").wait_for(30)
"""

from __future__ import annotations

import asyncio
import fractions
import time
from collections.abc import Sequence
from typing import Any

import av
import numpy as np
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcconfiguration import RTCBundlePolicy

from hardware.ports import Frame

MARKS = 8  # brightness bars in the top rows, one for each bit of the number


def marked(number: int, width: int = 320, height: int = 240, captured: float | None = None) -> Frame:
    """A picture with a moving ground whose top bars spell `number`."""
    data = np.full((height * 3 // 2, width), 128, np.uint8)
    data[:height] = (np.add.outer(np.arange(height), np.arange(width)) + number * 7) % 200 + 20
    bar = width // MARKS
    for bit in range(MARKS):
        data[: height // 4, bit * bar : (bit + 1) * bar] = 235 if number >> bit & 1 else 16
    return Frame(data, width, height, time.monotonic() if captured is None else captured, number)


def read_mark(luma: np.ndarray[Any, Any]) -> int:
    """The number of a picture that `marked` drew, from its Y plane."""
    height, width = luma.shape
    bar = width // MARKS
    bits = [luma[height // 8, bit * bar + bar // 2] > 128 for bit in range(MARKS)]
    return sum(1 << bit for bit, high in enumerate(bits) if high)


def tone_level(samples: np.ndarray[Any, Any], hertz: float) -> float:
    """Share of the energy at `hertz`, 0 to 1."""
    values = samples.astype(np.float64)
    phase = np.exp(-2j * np.pi * hertz * np.arange(len(values)) / 48_000)
    energy = float(np.sum(values**2))
    return 0.0 if energy < 1 else float(2 * abs(np.sum(values * phase)) ** 2 / len(values) / energy)


class _Picture(MediaStreamTrack):
    kind = "video"

    def __init__(self, fps: float = 25) -> None:
        super().__init__()
        self._number, self._fps, self._start = 0, fps, time.monotonic()

    async def recv(self) -> av.VideoFrame:
        self._number += 1
        await asyncio.sleep(max(0, self._start + self._number / self._fps - time.monotonic()))
        frame = av.VideoFrame.from_numpy_buffer(marked(self._number % 256).data, "yuv420p")
        frame.pts, frame.time_base = int(self._number * 90_000 / self._fps), fractions.Fraction(1, 90_000)
        return frame


class _Tone(MediaStreamTrack):
    kind = "audio"

    def __init__(self, hertz: float) -> None:
        super().__init__()
        self._hertz, self._blocks, self._start = hertz, 0, time.monotonic()

    async def recv(self) -> av.AudioFrame:
        at = np.arange(self._blocks * 960, (self._blocks + 1) * 960)
        self._blocks += 1
        await asyncio.sleep(max(0, self._start + self._blocks * 0.02 - time.monotonic()))
        wave = (8000 * np.sin(2 * np.pi * self._hertz * at / 48_000)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, int(at[0]), fractions.Fraction(1, 48_000)
        return frame


class Recorder:
    """What came on one line."""

    def __init__(self) -> None:
        self.frames: list[Any] = []
        self._news = asyncio.Event()

    def add(self, frame: Any) -> None:
        self.frames.append(frame)
        self._news.set()

    async def wait_for(self, count: int, seconds: float = 15) -> list[Any]:
        """Returns once `count` frames are there."""
        async with asyncio.timeout(seconds):
            while len(self.frames) < count:
                self._news.clear()
                await self._news.wait()
        return self.frames

    def marks(self) -> list[int]:
        return [read_mark(frame.to_ndarray(format="gray8")) for frame in self.frames]

    def sound(self) -> np.ndarray[Any, Any]:
        return np.concatenate([frame.to_ndarray().reshape(-1, 2)[:, 0] for frame in self.frames])


class Desk:
    """Answers one offer; `picture` and `tone` say what it sends itself, by `servers` where given."""

    def __init__(
        self, picture: bool = True, tone: float | None = 660.0, servers: Sequence[RTCIceServer] = ()
    ) -> None:
        # aiortc's default policy forgets a second video line when it answers a bundle
        policy = RTCBundlePolicy.MAX_BUNDLE
        self.pc = RTCPeerConnection(RTCConfiguration(list(servers), bundlePolicy=policy))
        self._picture, self._tone = picture, tone
        self._recorders: dict[str, Recorder] = {}
        self._drains: list[asyncio.Task[None]] = []

    def frames(self, mid: str) -> Recorder:
        return self._recorders.setdefault(mid, Recorder())

    async def answer(self, sdp: str) -> str:
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        pictures = 0
        for transceiver in self.pc.getTransceivers():
            drain = self._drain(transceiver.mid, transceiver.receiver.track)
            self._drains.append(asyncio.create_task(drain))
            if transceiver.kind == "audio" and self._tone is not None:
                transceiver.sender.replaceTrack(_Tone(self._tone))
                transceiver.direction = "sendrecv"
            elif transceiver.kind == "video" and self._picture and pictures == 0:
                transceiver.sender.replaceTrack(_Picture())
                transceiver.direction = "sendrecv"
            pictures += transceiver.kind == "video"
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        return str(self.pc.localDescription.sdp)

    async def ask_key(self, mid: str) -> None:
        """Sends a picture loss indication for one line."""
        for transceiver in self.pc.getTransceivers():
            if transceiver.mid == mid:
                (ssrc,) = transceiver.receiver._RTCRtpReceiver__remote_streams
                await transceiver.receiver._send_rtcp_pli(ssrc)

    async def close(self) -> None:
        await self.pc.close()
        for drain in self._drains:
            drain.cancel()
        await asyncio.gather(*self._drains, return_exceptions=True)

    async def _drain(self, mid: str, track: MediaStreamTrack) -> None:
        recorder = self.frames(mid)
        try:
            while True:
                recorder.add(await track.recv())
        except MediaStreamError:
            return
