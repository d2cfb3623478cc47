"""Makes RTP packets of one stream (RFC 3550) and their retransmissions (RFC 4588). Never sends them.

The header is copied from a template, so that whatever extensions were agreed are in it, and so cheaply that
the library's general way of building a packet is not missed.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

KEPT = 512  # packets that can still be asked for again: some seconds of pictures, a key frame many times over
MARKER = 0x80


@dataclass(frozen=True, slots=True)
class Template:
    """`header`: version, payload type, SSRC and extensions of every packet. `stamp_at`: where in it the three
    bytes of the absolute send time stand, -1 where that was not agreed."""

    header: bytes
    stamp_at: int = -1


@dataclass(frozen=True, slots=True)
class Retransmission:
    """Payload type and SSRC of the stream that carries packets again."""

    payload_type: int
    ssrc: int


class RtpPackets:
    """`make` packets of one piece of media, `again` one that was lost, `stamped` just before it leaves."""

    def __init__(
        self, template: Template, sequence: int, origin: int, retransmission: Retransmission | None
    ) -> None:
        """`sequence` (16 bits) is of the first packet, `origin` (32 bits) is added to every time stamp."""
        self._template = template
        self._sequence = sequence
        self._origin = origin
        self._retransmission = retransmission
        self._again = sequence ^ 0x5555  # sequence number of the next retransmission
        self._kept: dict[int, bytes] = {}  # by sequence number, oldest first
        self.timestamp = origin  # of the newest piece, on the wire

    def make(self, payloads: Sequence[bytes], timestamp: int) -> list[bytes]:
        """One packet for each payload; the last is marked as the end of the piece."""
        self.timestamp = (self._origin + timestamp) & 0xFFFFFFFF
        head, tail = self._template.header[:2], self._template.header[8:]
        packets = []
        for payload in payloads:
            packet = b"".join((head, struct.pack("!HI", self._sequence, self.timestamp), tail, payload))
            self._kept[self._sequence] = packet
            packets.append(packet)
            self._sequence = (self._sequence + 1) & 0xFFFF
        if packets:
            last = (self._sequence - 1) & 0xFFFF
            marked = bytearray(packets[-1])
            marked[1] |= MARKER
            packets[-1] = self._kept[last] = bytes(marked)
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return packets

    def again(self, sequence: int) -> bytes | None:
        """The packet with this number once more; None when it is too old or nobody agreed on it."""
        packet = self._kept.get(sequence)
        if packet is None:
            return None
        if self._retransmission is None:
            return packet
        size, rtx = len(self._template.header), self._retransmission
        head = struct.pack("!BBH", packet[0], (packet[1] & MARKER) | rtx.payload_type, self._again)
        self._again = (self._again + 1) & 0xFFFF
        return b"".join(
            (head, packet[4:8], struct.pack("!I", rtx.ssrc), packet[12:size], packet[2:4], packet[size:])
        )

    def stamped(self, packet: bytes, now: float) -> bytes:
        """With its send time (`now`, seconds of any steady clock) where the other side wants to know it."""
        at = self._template.stamp_at
        if at < 0:
            return packet
        stamp = int(now * (1 << 18)) & 0xFFFFFF
        return b"".join((packet[:at], stamp.to_bytes(3, "big"), packet[at + 3 :]))
