"""The sending side of the seam to aiortc: a track that hands over ready-made pieces, and the packer that
stands where aiortc would put an encoder."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from typing import Any

from aiortc.codecs.base import Encoder
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

from kiosk.media.events import Heard
from kiosk.media.outlet import Encoded, Outlet, OutletClosedError, Tap

PAYLOAD = 1160  # bytes of a picture in one packet: leaves room for SRTP and a relay's headers


class PieceTrack(MediaStreamTrack):  # type: ignore[misc]  # aiortc is not followed by mypy
    """Gives aiortc encoded pieces instead of pictures; its sender passes those to `Packer.pack`."""

    def __init__(self, kind: str, tap: Tap) -> None:
        super().__init__()
        self.kind = kind
        self._tap = tap

    async def recv(self) -> Encoded:
        try:
            return await self._tap.next()
        except OutletClosedError:
            raise MediaStreamError from None

    def stop(self) -> None:
        super().stop()
        self._tap.close()


class Packer(Encoder):  # type: ignore[misc]  # aiortc is not followed by mypy
    """Splits pieces into payloads; receives the desk's bandwidth estimate, which aiortc assigns."""

    def __init__(self, split: Callable[[bytes], list[bytes]], on_estimate: Callable[[int], None]) -> None:
        self._split = split
        self._on_estimate = on_estimate
        self._estimate = 0

    @property
    def target_bitrate(self) -> int:
        """The last estimate for the whole connection, in bit/s."""
        return self._estimate

    @target_bitrate.setter
    def target_bitrate(self, bps: int) -> None:
        self._estimate = bps
        self._on_estimate(bps)

    def encode(self, frame: Any, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        raise TypeError("this sender only takes encoded pieces")

    def pack(self, packet: Encoded) -> tuple[list[bytes], int]:
        return self._split(packet.data), packet.timestamp


class Vp8Split:
    """VP8 payloads (RFC 7741) with a 15-bit picture number that rises by one."""

    def __init__(self) -> None:
        self._picture = random.randrange(1 << 15)

    def __call__(self, data: bytes) -> list[bytes]:
        number = struct.pack("!H", 0x8000 | self._picture)
        self._picture = (self._picture + 1) & 0x7FFF
        first, rest = b"\x90\x80" + number, b"\x80\x80" + number  # only the first has the start bit
        return [
            (first if start == 0 else rest) + data[start : start + PAYLOAD]
            for start in range(0, len(data), PAYLOAD)
        ]


def whole(data: bytes) -> list[bytes]:
    """One payload: an Opus packet is never split."""
    return [data]


def attach_sender(transceiver: Any, outlet: Outlet, kind: str, on_estimate: Callable[[int], None]) -> Tap:
    """Puts our track and packer into a transceiver before it starts; returns the tap to close with it."""
    tap = outlet.tap()
    sender = transceiver.sender
    sender.replaceTrack(PieceTrack(kind, tap))
    split = Vp8Split() if kind == "video" else whole
    sender._RTCRtpSender__encoder = Packer(split, on_estimate)
    sender._send_keyframe = outlet.request_key
    return tap


async def heard(sender: Any) -> Heard | None:
    """The desk's newest receiver report on what `sender` sends."""
    for entry in (await sender.getStats()).values():
        if entry.type == "remote-inbound-rtp":
            return Heard(entry.timestamp, entry.fractionLost / 256)  # the wire's eight bits
    return None
