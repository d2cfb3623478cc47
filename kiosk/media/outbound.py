"""The sending side of the seam to aiortc: encoded pieces in, paced packets out.

aiortc keeps the session (who speaks to whom, keys, reports); the loop in which its sender would encode and
send stands still, and its retransmission is answered from here.
"""

from __future__ import annotations

import asyncio
import logging
import random
import struct
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from aiortc.rtp import RtpPacket

from kiosk.media.events import Heard
from kiosk.media.outlet import Encoded, Outlet
from kiosk.media.pacer import Pacer
from kiosk.media.rtp import Retransmission, RtpPackets, Template

log = logging.getLogger(__name__)

PAYLOAD = 1160  # bytes of a picture in one packet: leaves room for SRTP and a relay's headers
CONGESTED_S = 0.15  # so much waiting before a line stops the encoder for a moment
OVERFLOW_S = 1.0  # so much waiting is given up: a picture that old helps nobody
NTP_EPOCH = 2_208_988_800  # seconds from 1900 to 1970
STAMP = b"\xa5\xc3\xf1"  # stands for the send time while a template is made

Sent = tuple["RtpOut", bytes]


class PacketLine:
    """All pictures of one connection, in one queue that is emptied at the pace of the line."""

    def __init__(self, line_bps: Callable[[], int]) -> None:
        self._line_bps = line_bps
        self._pacer = Pacer()
        self._queue: deque[Sent] = deque()
        self._bytes = 0  # in _queue
        self._timer: asyncio.TimerHandle | None = None

    @property
    def backlog_s(self) -> float:
        """How long what waits will take."""
        return self._bytes * 8 / max(1, self._line_bps())

    def send(self, out: RtpOut, packets: list[bytes]) -> None:
        """Sends now what may leave now, the rest in time."""
        self._queue.extend((out, packet) for packet in packets)
        self._bytes += sum(map(len, packets))
        if self._timer is None:
            self._empty()
        if self._bytes and self.backlog_s > OVERFLOW_S:
            self._give_up()

    def close(self) -> None:
        self._queue.clear()
        self._bytes = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _empty(self) -> None:
        self._timer = None
        while self._queue:
            now = time.monotonic()
            out, packet = self._queue[0]
            wait = self._pacer.wait(len(packet), self._line_bps(), now)
            if wait > 0:
                self._timer = asyncio.get_running_loop().call_later(max(wait, 0.005), self._empty)
                return
            self._queue.popleft()
            self._bytes -= len(packet)
            self._pacer.sent(len(packet))
            out.transmit(packet, now)

    def _give_up(self) -> None:
        outs = {out for out, _ in self._queue}
        log.warning("packets were given up", extra={"bytes": self._bytes})
        self.close()
        for out in outs:
            out.tap.lost_place()


class Estimate:
    """Stands where aiortc keeps its encoder and assigns the desk's estimate of the whole line, bit/s."""

    def __init__(self, on_estimate: Callable[[int], None]) -> None:
        self._on_estimate = on_estimate
        self._bps = 0

    @property
    def target_bitrate(self) -> int:
        return self._bps

    @target_bitrate.setter
    def target_bitrate(self, bps: int) -> None:
        self._bps = bps
        self._on_estimate(bps)


class RtpOut:
    """One media line of one epoch. Without a `line` every packet leaves at once, as sound must."""

    def __init__(
        self, sender: Any, outlet: Outlet, split: Callable[[bytes], list[bytes]], line: PacketLine | None
    ) -> None:
        self.tap = outlet.tap(self._take, self._congested)
        self._sender = sender
        self._split = split
        self._line = line
        self._packets: RtpPackets | None = None  # once the answer has said how they look
        self._ended = asyncio.Event()

    async def run(self, codec: Any) -> None:
        """Stands where aiortc's sender has its loop: from when the connection is up until it ends."""
        sender = self._sender
        self._packets = _packets(sender, codec)
        sender._RTCRtpSender__rtp_started.set()
        try:
            self.tap.start()
            await self._ended.wait()
        except asyncio.CancelledError:
            pass  # aiortc ends its loop so, and waits for the next line
        finally:
            self.close()
            sender._RTCRtpSender__rtp_exited.set()

    async def retransmit(self, sequence: int) -> None:
        """Stands where aiortc's sender answers a NACK."""
        packet = None if self._packets is None else self._packets.again(sequence)
        if packet is not None:
            self.transmit(packet, time.monotonic())

    def transmit(self, packet: bytes, now: float) -> None:
        """Hands one packet to the connection; without one it is lost, as on any line."""
        if self._packets is None:
            return
        try:
            _at_once(self._sender.transport._send_rtp(self._packets.stamped(packet, now)))
        except ConnectionError:
            log.debug("a packet had no connection")

    def close(self) -> None:
        """Takes and sends nothing more; safe to repeat."""
        self._ended.set()
        self.tap.close()

    def _take(self, piece: Encoded) -> None:
        assert self._packets is not None  # the tap starts after it is made
        packets = self._packets.make(self._split(piece.data), piece.timestamp)
        self._count(packets)
        if self._line is None:
            now = time.monotonic()
            for packet in packets:
                self.transmit(packet, now)
            return
        self._line.send(self, packets)

    def _congested(self) -> bool:
        return self._line is not None and self._line.backlog_s > CONGESTED_S

    def _count(self, packets: list[bytes]) -> None:
        """For aiortc's sender reports, by which the other side keeps time."""
        sender, made = self._sender, self._packets
        assert made is not None
        sender._RTCRtpSender__ntp_timestamp = int((time.time() + NTP_EPOCH) * (1 << 32))
        sender._RTCRtpSender__rtp_timestamp = made.timestamp
        sender._RTCRtpSender__packet_count += len(packets)
        sender._RTCRtpSender__octet_count += sum(map(len, packets))


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


def attach_sender(
    transceiver: Any, outlet: Outlet, line: PacketLine | None, on_estimate: Callable[[int], None]
) -> RtpOut:
    """Puts our parts into a transceiver before it starts; close what it returns with the epoch.

    With a `line` it is a picture, without one it is sound.
    """
    sender = transceiver.sender
    out = RtpOut(sender, outlet, whole if line is None else Vp8Split(), line)
    sender._RTCRtpSender__encoder = Estimate(on_estimate)
    sender._send_keyframe = outlet.request_key
    sender._run_rtp = out.run
    sender._retransmit = out.retransmit
    return out


def _packets(sender: Any, codec: Any) -> RtpPackets:
    """In the form that was agreed: aiortc builds one packet, which becomes the template of all."""
    packet = RtpPacket(payload_type=codec.payloadType, sequence_number=0, timestamp=0)
    packet.ssrc = sender._ssrc
    packet.extensions.mid = sender._RTCRtpSender__mid
    packet.extensions.abs_send_time = int.from_bytes(STAMP, "big")
    header = packet.serialize(sender._RTCRtpSender__rtp_header_extensions_map)
    payload_type = sender._RTCRtpSender__rtx_payload_type
    again = None if payload_type is None else Retransmission(payload_type, sender._rtx_ssrc)
    template = Template(header, header.find(STAMP, 12))
    return RtpPackets(template, random.randrange(1 << 15), random.randrange(1 << 32), again)


def _at_once(work: Coroutine[Any, Any, None]) -> None:
    """Runs a coroutine of aiortc's that never waits: sending a datagram is not worth a task."""
    try:
        work.send(None)
    except StopIteration:
        return
    work.close()
    raise RuntimeError("aiortc waited while it sent a packet")


async def heard(sender: Any) -> Heard | None:
    """The desk's newest receiver report on what `sender` sends."""
    for entry in (await sender.getStats()).values():
        if entry.type == "remote-inbound-rtp":
            return Heard(entry.timestamp, entry.fractionLost / 256)  # the wire's eight bits
    return None
