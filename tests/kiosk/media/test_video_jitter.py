"""Making frames out of packets that come late, twice or never, with a clock that jumps."""

from __future__ import annotations

import random

from kiosk.media.video_jitter import JitterResult, VideoJitterBuffer, VideoPacket


def stream(
    frames: int, first: int = 100, size: int = 3, keys: frozenset[int] = frozenset({0})
) -> list[VideoPacket]:
    """`frames` frames of `size` packets; frame n has timestamp n * 3000 and data 'n.part'."""
    packets = []
    for frame in range(frames):
        for part in range(size):
            packets.append(
                VideoPacket(
                    sequence=(first + frame * size + part) & 0xFFFF,
                    timestamp=frame * 3000,
                    marker=part == size - 1,
                    start=part == 0,
                    key=part == 0 and frame in keys,
                    data=f"{frame}.{part} ".encode(),
                )
            )
    return packets


def feed(buffer: VideoJitterBuffer, packets: list[VideoPacket], now: float = 0.0) -> tuple[list[int], bool]:
    """Numbers of the frames that left, and whether a key frame was asked for."""
    results: list[JitterResult] = [buffer.add(packet, now) for packet in packets]
    frames = [frame for result in results for frame in result.frames]
    for frame in frames:
        number = frame.timestamp // 3000
        assert frame.data == b"".join(f"{number}.{part} ".encode() for part in range(frame.data.count(b" ")))
    return [frame.timestamp // 3000 for frame in frames], any(result.ask_key for result in results)


def test_a_frame_leaves_with_its_last_packet() -> None:
    """No frame waits for the next one: that would cost a frame's time of delay."""
    buffer = VideoJitterBuffer()
    packets = stream(2)
    assert feed(buffer, packets[:2]) == ([], False)
    assert feed(buffer, packets[2:3]) == ([0], False)
    assert feed(buffer, packets[3:]) == ([1], False)


def test_any_order_and_doubles_within_the_window_lose_nothing() -> None:
    """Reordered and repeated packets still give every frame, once and in order."""
    packets = stream(40, first=65500)
    generator = random.Random(3)
    mixed = packets[:1] + sorted(packets[1:] * 2, key=lambda p: packets.index(p) + generator.uniform(0, 8))
    frames, _ = feed(VideoJitterBuffer(), mixed)
    assert frames == list(range(40))


def test_a_retransmission_within_the_wait_closes_the_gap() -> None:
    """A packet that is sent again in time costs no frame and no key frame."""
    buffer = VideoJitterBuffer()
    packets = stream(4)
    lost = packets.pop(4)
    assert feed(buffer, packets, now=0.0) == ([0], False)
    assert feed(buffer, [lost], now=0.25) == ([1, 2, 3], False)


def test_a_packet_lost_for_good_costs_at_most_the_wait_and_a_key_frame() -> None:
    """After 0.3 s the gap is given up, a key frame is asked for every 0.3 s, and only it goes on."""
    buffer = VideoJitterBuffer()
    packets = stream(12, keys=frozenset({0, 9}))
    del packets[4]
    assert feed(buffer, packets[:8], now=1.0) == ([0], False)
    assert feed(buffer, packets[8:11], now=1.2) == ([], False)
    assert feed(buffer, packets[11:14], now=1.31) == ([], True)
    assert feed(buffer, packets[14:17], now=1.5) == ([], False)
    assert feed(buffer, packets[17:20], now=1.62) == ([], True)
    frames, asked = feed(buffer, packets[20:], now=1.7)
    assert frames == [9, 10, 11]
    assert not asked


def test_a_key_frame_behind_a_broken_one_is_used_at_once() -> None:
    """When the reference is lost anyway, a key frame that is there does not wait for the gap before it."""
    buffer = VideoJitterBuffer()
    packets = stream(6, keys=frozenset({0, 4}))
    feed(buffer, packets[:3])
    buffer.lose_reference()
    assert feed(buffer, packets[4:6] + packets[7:9], now=0.1)[0] == []
    assert feed(buffer, packets[12:], now=0.1)[0] == [4, 5]


def test_a_stream_that_begins_in_the_middle_waits_for_a_key_frame() -> None:
    """Pictures without their reference are never shown; the key frame is asked for when it does not come."""
    buffer = VideoJitterBuffer()
    packets = stream(9, keys=frozenset({6}))
    assert feed(buffer, packets[1:9], now=0.0) == ([], False)
    assert feed(buffer, packets[9:12], now=0.35) == ([], True)
    assert feed(buffer, packets[12:18], now=0.4) == ([], False)
    assert feed(buffer, packets[18:], now=0.45)[0] == [6, 7, 8]


def test_padding_fills_numbers_without_making_frames() -> None:
    """A browser's probing packets neither stop the picture nor appear in it."""
    buffer = VideoJitterBuffer()
    packets = stream(3)
    padding = [VideoPacket(103 + n, 0, False, False, False, b"") for n in range(4)]
    later = [VideoPacket(p.sequence + 4, p.timestamp, p.marker, p.start, p.key, p.data) for p in packets[3:]]
    assert feed(buffer, packets[:3] + padding + later)[0] == [0, 1, 2]


def test_an_endless_gap_keeps_no_more_than_its_capacity() -> None:
    """A stream whose key frames never arrive whole does not eat the memory."""
    buffer = VideoJitterBuffer()
    packets = stream(4000)
    del packets[4]
    feed(buffer, packets, now=0.0)
    assert len(buffer._packets) <= 1025


def test_five_per_cent_loss_with_retransmission_shows_every_frame() -> None:
    """On a bad line with working requests no frame is lost and none comes out of order."""
    generator = random.Random(5)
    buffer = VideoJitterBuffer()
    arrivals: list[tuple[float, VideoPacket]] = []
    for index, packet in enumerate(stream(300, keys=frozenset({0}))):
        at = index // 3 / 15
        while index and generator.random() < 0.05:
            at += 0.08  # asked for and sent again
        arrivals.append((at + generator.uniform(0, 0.01), packet))
    frames = [f for at, packet in sorted(arrivals, key=lambda a: a[0]) for f in feed(buffer, [packet], at)[0]]
    assert frames == list(range(300))
