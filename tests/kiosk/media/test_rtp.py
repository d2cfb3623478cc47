"""Packets on the wire: numbers, marks, retransmissions, and the pace at which they leave."""

from __future__ import annotations

import pytest
from aiortc.rtp import RtpPacket, unwrap_rtx

from kiosk.media.pacer import BURST, HEADROOM, Pacer
from kiosk.media.rtp import KEPT, Retransmission, RtpPackets, Template

HEADER = bytes.fromhex("906000000000000011223344bede000222a5c3f110310000")
TEMPLATE = Template(HEADER, HEADER.find(b"\xa5\xc3\xf1"))


def made(again: Retransmission | None = None) -> RtpPackets:
    return RtpPackets(TEMPLATE, 0xFFFE, 0xFFFFFF00, again)


def test_a_picture_is_one_time_stamp_rising_numbers_and_a_mark_at_its_end() -> None:
    """The library reads back what was made, over the edge of both counters."""
    packets = [RtpPacket.parse(data) for data in made().make([b"a", b"b", b"c"], 0x200)]
    assert [p.sequence_number for p in packets] == [0xFFFE, 0xFFFF, 0]
    assert {p.timestamp for p in packets} == {0x100}
    assert [p.marker for p in packets] == [0, 0, 1]
    assert [p.payload for p in packets] == [b"a", b"b", b"c"]
    assert {(p.payload_type, p.ssrc) for p in packets} == {(0x60, 0x11223344)}


def test_a_lost_packet_comes_again_on_the_stream_that_was_agreed() -> None:
    """Its original is found in it, mark included; without such a stream it comes as it was."""
    again = made(Retransmission(97, 0x55667788))
    sent = again.make([b"a", b"b"], 5)
    first, second = (again.again(0xFFFF) for _ in range(2))
    assert first is not None
    assert second is not None
    packet = RtpPacket.parse(first)
    assert (packet.payload_type, packet.ssrc) == (97, 0x55667788)
    assert RtpPacket.parse(second).sequence_number == packet.sequence_number + 1
    original = unwrap_rtx(packet, payload_type=0x60, ssrc=0x11223344)
    assert (original.sequence_number, original.payload, original.marker) == (0xFFFF, b"b", 1)
    plain = made()
    assert plain.make([b"a", b"b"], 5) == sent
    assert plain.again(0xFFFF) == sent[1]


def test_what_is_too_old_is_not_sent_again_and_not_kept() -> None:
    """A long call holds no more packets than a short one."""
    packets = made(Retransmission(97, 1))
    for number in range(KEPT + 3):
        packets.make([b"x"], number)
    assert packets.again(0xFFFE) is None
    assert packets.again(1) is not None


def test_the_send_time_stands_where_the_other_side_looks_for_it() -> None:
    """24 bits with 18 behind the point, as the extension has it; nothing else changes."""
    packets = made()
    (packet,) = packets.make([b"x"], 0)
    stamped = packets.stamped(packet, 64.5 + 3.25)
    at = TEMPLATE.stamp_at
    assert int.from_bytes(stamped[at : at + 3], "big") / (1 << 18) == 3.75  # of 64 s
    assert stamped[:at] + packet[at : at + 3] + stamped[at + 3 :] == packet
    plain = RtpPackets(Template(HEADER), 0, 0, None)
    assert plain.stamped(packet, 1.0) == packet


def test_an_ordinary_picture_leaves_at_once_and_a_long_one_at_the_pace_of_the_line() -> None:
    """A key frame of 48 kB on a line of 800 kbit/s takes a third of a second and no longer."""
    pacer, now, sent_at = Pacer(), 100.0, []
    for _ in range(40):
        now += pacer.wait(1200, 800_000, now)
        pacer.sent(1200)
        sent_at.append(now)
    assert sent_at.count(100.0) == BURST // 1200
    rest = 48_000 - BURST
    assert sent_at[-1] - 100.0 == pytest.approx(rest * 8 / (800_000 * HEADROOM))
    assert pacer.wait(1200, 800_000, now + 10) == 0


def test_a_packet_larger_than_the_bucket_still_leaves() -> None:
    """Nothing waits for ever, whatever its size and however narrow the line is believed to be."""
    pacer = Pacer()
    assert pacer.wait(2 * BURST, 0, 5.0) == 0
