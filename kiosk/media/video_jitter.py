"""Decides which received video packets make a frame, when to stop waiting, and when to ask for a key frame.

A frame leaves as soon as its last packet is there. A gap is waited for up to 0.3 s; then everything up to
the next key frame is dropped, because VP8 cannot show a frame whose reference is missing.
Never decodes, never reads a clock, never sends.
"""

from __future__ import annotations

from dataclasses import dataclass, field

WAIT_S = 0.3  # longest wait for a missing packet
PLI_S = 0.3  # time between two requests for a key frame
CAPACITY = 1024  # packets kept; a key frame of 720p is about 70


@dataclass(frozen=True, slots=True)
class VideoPacket:
    """One RTP packet. `start` marks the first of a frame, `key` a start whose frame is a key frame.

    Empty `data` is padding: it only fills a sequence number.
    """

    sequence: int
    timestamp: int
    marker: bool
    start: bool
    key: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """A complete frame for the decoder; `timestamp` is the 90 kHz RTP time."""

    timestamp: int
    key: bool
    data: bytes


@dataclass(slots=True)
class JitterResult:
    """Frames in order, and whether a picture loss indication should be sent now."""

    frames: list[EncodedPicture] = field(default_factory=list)
    ask_key: bool = False


class VideoJitterBuffer:
    """Reassembles frames in order from packets that come late, twice or never."""

    def __init__(self) -> None:
        self._packets: dict[int, VideoPacket] = {}  # by extended sequence number, all >= _head
        self._head: int | None = None  # extended number where the next frame begins
        self._highest = 0  # highest extended number seen; base for extending
        self._blocked_since: float | None = None
        self._need_key = True  # until then every frame would lack its reference
        self._began: float | None = None
        self._last_ask = float("-inf")
        self.dropped = 0  # packets that never became part of a frame

    def add(self, packet: VideoPacket, now: float) -> JitterResult:
        """Takes one packet; returns what can leave now. `now` is monotonic seconds."""
        number = self._extend(packet.sequence)
        result = JitterResult()
        if self._head is None:
            self._head, self._began = number, now
        if number < self._head:
            self.dropped += 1
        else:
            self._packets[number] = packet
            if len(self._packets) > CAPACITY:
                self._restart()
            self._advance(result, now)
            self._give_up_waiting(result, now)
        result.ask_key = self._asks_key(now)
        return result

    def lose_reference(self) -> None:
        """The decoder failed or fell behind: nothing before the next key frame is of use."""
        self._need_key = True

    def _extend(self, sequence: int) -> int:
        if self._head is None:
            self._highest = sequence + 0x10000  # room below for packets that overtook the first
            return self._highest
        step = (sequence - self._highest) & 0xFFFF
        number = self._highest + (step if step < 0x8000 else step - 0x10000)
        self._highest = max(self._highest, number)
        return number

    def _advance(self, result: JitterResult, now: float) -> None:
        while True:
            if self._need_key:
                self._jump_to_key()
            frame = self._take_frame()
            if frame is None:
                break
            self._blocked_since = None
            if frame.key:
                self._need_key = False
            if not self._need_key:
                result.frames.append(frame)
            else:
                self.dropped += 1
        if not self._gap_behind_head():
            self._blocked_since = None
        elif self._blocked_since is None:
            self._blocked_since = now

    def _gap_behind_head(self) -> bool:
        """A hole lies between the head's packets and later ones."""
        if not self._packets:
            return False
        number = self._head
        assert number is not None
        while number in self._packets:
            number += 1
        return max(self._packets) > number

    def _take_frame(self) -> EncodedPicture | None:
        """The frame at the head when all of it is there; the head moves behind it."""
        assert self._head is not None
        number, parts, first = self._head, [], None
        while (packet := self._packets.get(number)) is not None:
            if first is not None and packet.data and packet.timestamp != first.timestamp:
                return self._cut(number, first, parts)
            if packet.data:
                first = first or packet
                parts.append(packet.data)
            number += 1
            if packet.marker and first is not None:
                return self._cut(number, first, parts)
            if first is None:  # padding at the head
                del self._packets[self._head]
                self._head = number
        return None

    def _cut(self, end: int, first: VideoPacket, parts: list[bytes]) -> EncodedPicture:
        self._drop_before(end, count=False)
        # a frame whose first packet is not a start has lost its beginning: never a key frame
        return EncodedPicture(first.timestamp, first.start and first.key, b"".join(parts))

    def _jump_to_key(self) -> None:
        keys = [number for number, packet in self._packets.items() if packet.start and packet.key]
        assert self._head is not None
        if keys and min(keys) > self._head:
            self._drop_before(min(keys))

    def _give_up_waiting(self, result: JitterResult, now: float) -> None:
        if self._blocked_since is None or now - self._blocked_since <= WAIT_S:
            return
        self._need_key = True
        if any(packet.start and packet.key for packet in self._packets.values()):
            self._skip_head_gap()
            self._advance(result, now)
        else:
            self._drop_before(self._highest + 1)
        if self._blocked_since is not None and now - self._blocked_since > WAIT_S:
            self._blocked_since = now

    def _skip_head_gap(self) -> None:
        """Leaves the broken frame at the head, so that a later key frame can be found."""
        keys = [number for number, packet in self._packets.items() if packet.start and packet.key]
        assert self._head is not None
        later = [number for number in keys if number > self._head]
        self._drop_before(min(later) if later else self._highest + 1)

    def _drop_before(self, number: int, count: bool = True) -> None:
        for old in [key for key in self._packets if key < number]:
            del self._packets[old]
            self.dropped += count
        self._head = number

    def _restart(self) -> None:
        self._need_key = True
        self._drop_before(self._highest + 1)
        self._blocked_since = None

    def _asks_key(self, now: float) -> bool:
        assert self._began is not None
        if not self._need_key or now - self._last_ask < PLI_S:
            return False
        if now - self._began < PLI_S and self._last_ask == float("-inf"):
            return False  # a new stream begins with a key frame by itself
        self._last_ask = now
        return True
