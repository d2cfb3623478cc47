"""The small parts around the codecs: feed, outlet, addresses and the check of the library."""

from __future__ import annotations

import asyncio
import dataclasses
from concurrent.futures import ThreadPoolExecutor

import aiortc.rtcrtpsender
import pytest

from hardware.ports import Frame
from kiosk.media import MediaAdapterError, MediaPeerError, adapter_check, ice
from kiosk.media.allocator import PAUSE, Grant
from kiosk.media.outlet import Encoded, Outlet
from kiosk.media.settings import default_plans
from kiosk.media.video_in import VideoIn
from kiosk.media.video_jitter import VideoPacket
from kiosk.media.video_out import VideoOut
from kiosk.media.vp8 import Vp8Encoder
from protocol.values import IceServer, MediaRole
from tests.kiosk.media.desk import marked


class Reader:
    """A tap that has begun to read."""

    def __init__(self, outlet: Outlet) -> None:
        self.got: list[int] = []
        self.full = False
        self.tap = outlet.tap(lambda piece: self.got.append(piece.timestamp), lambda: self.full)
        self.tap.start()


def test_every_reader_begins_with_a_key_frame() -> None:
    """A new epoch is never fed pictures that it cannot decode; the old one misses none."""
    keys: list[int] = []
    outlet = Outlet(lambda: None, lambda: keys.append(1))
    old = Reader(outlet)
    outlet.deliver(Encoded(b"", 1, True))
    new = Reader(outlet)
    assert len(keys) == 2
    outlet.deliver(Encoded(b"", 2, False))
    outlet.deliver(Encoded(b"", 3, True))
    outlet.deliver(Encoded(b"", 4, False))
    old.tap.close()
    new.tap.close()
    outlet.deliver(Encoded(b"", 5, True))
    assert old.got == [1, 2, 3, 4]
    assert new.got == [3, 4]
    assert outlet.sent == 4
    assert not outlet.reading


def test_a_reader_whose_packets_were_given_up_starts_again_at_a_key_frame() -> None:
    """After a gap nothing is sent that cannot be decoded, and the key frame is asked for."""
    keys: list[int] = []
    outlet = Outlet(lambda: None, lambda: keys.append(1))
    reader = Reader(outlet)
    outlet.deliver(Encoded(b"", 1, True))
    reader.tap.lost_place()
    assert len(keys) == 2
    outlet.deliver(Encoded(b"", 2, False))
    outlet.deliver(Encoded(b"", 3, True))
    assert reader.got == [1, 3]


class Bench:
    """A VideoOut whose reader counts, with a grant that the test sets."""

    def __init__(self, grant: Grant) -> None:
        self.grant = grant
        plan = default_plans()[MediaRole.FACE]
        self.out = VideoOut(MediaRole.FACE, plan, lambda: self.grant)
        self.reader = Reader(self.out.outlet)

    async def push(self, *moments: float) -> None:
        """Pushes one frame for each moment of capture and lets the encoder take it."""
        for number, captured in enumerate(moments):
            self.out.push(marked(number, captured=captured))
            async with asyncio.timeout(5):
                while self.out.busy:
                    await asyncio.sleep(0.001)

    async def close(self) -> None:
        self.reader.tap.close()
        await self.out.close()


async def test_frames_beyond_the_granted_rate_are_left_out() -> None:
    """A narrow line gets fewer pictures, evenly spread, not worse ones in a queue."""
    bench = Bench(Grant(300_000, 10, 1))
    await bench.push(*(100 + number / 30 for number in range(31)))
    await bench.close()
    gaps = {round((b - a) / 3000) for a, b in zip(bench.reader.got, bench.reader.got[1:], strict=False)}
    assert 9 <= len(bench.reader.got) <= 12
    assert gaps == {3}


async def test_a_paused_stream_sends_nothing_and_comes_back() -> None:
    """While the document rests its camera costs no bit, and it returns without a new call."""
    bench = Bench(PAUSE)
    await bench.push(1.0, 2.0)
    assert bench.reader.got == []
    bench.grant = Grant(300_000, 10, 1)
    await bench.push(3.0)
    assert bench.reader.got == [270_000]
    await bench.close()


async def test_a_busy_encoder_gets_the_newest_frame_and_a_congested_line_none() -> None:
    """Whoever is slow works on what the camera sees now; where packets wait, no picture is added to them."""
    bench = Bench(Grant(300_000, 30, 1))
    bench.out.push(marked(1, captured=1.0))
    for number in range(2, 6):
        bench.out.push(marked(number, captured=float(number)))
    await bench.push(6.0)
    assert bench.out.skipped == 4
    assert bench.reader.got == [90_000, 540_000]
    bench.reader.full = True
    await bench.push(7.0)
    bench.reader.full = False
    await bench.push(8.0)
    assert bench.reader.got == [90_000, 540_000, 720_000]
    await bench.close()


async def test_a_closed_stream_keeps_and_sends_nothing() -> None:
    """After the call no picture of the resident is held."""
    bench = Bench(Grant(300_000, 10, 1))
    await bench.push(1.0)
    await bench.close()
    bench.out.push(marked(2, captured=2.0))
    held = [value for value in vars(bench.out).values() if isinstance(value, Frame)]
    assert held == []
    assert bench.reader.got == [90_000]


async def test_a_still_camera_answers_a_request_for_a_key_frame() -> None:
    """A desk that joins while the picture is frozen sees it nevertheless."""
    bench = Bench(Grant(300_000, 10, 1))
    await bench.push(1.0)
    assert len(bench.reader.got) == 1
    second = Reader(bench.out.outlet)
    async with asyncio.timeout(5):
        while not second.got:
            await asyncio.sleep(0.01)
    second.tap.close()
    await bench.close()


def test_the_installed_library_fits() -> None:
    """Every inner name that we rely on is where we expect it."""
    assert adapter_check.missing_names() == []
    adapter_check.check_adapter()


def test_another_library_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong installation is found at start, with the version and the missing name in the message."""
    broken = dataclasses.replace(adapter_check.reliances()[0], names=("_RTCRtpSender__coder",))
    monkeypatch.setattr(adapter_check, "reliances", lambda: (broken,))
    monkeypatch.setattr(adapter_check.aiortc, "__version__", "9.9.9")
    with pytest.raises(MediaAdapterError, match=r"9\.9\.9.*1\.16\.0.*_RTCRtpSender__coder"):
        adapter_check.check_adapter.__wrapped__()
    monkeypatch.undo()
    monkeypatch.delattr(aiortc.rtcrtpsender.RTCRtpSender, "_run_rtcp")
    with pytest.raises(MediaAdapterError, match="_run_rtcp"):
        adapter_check.check_adapter.__wrapped__()


def test_only_the_given_servers_are_used() -> None:
    """Without servers none is asked; an entry that cannot be used does not stop the call."""
    assert ice.configuration(()).iceServers == []
    servers = (
        IceServer(urls=("stun:hub.example:3478", "nonsense:", "turns:hub.example:443?transport=tcp")),
        IceServer(urls=("turn:hub.example:3478",), username="u", credential="c"),
    )
    urls = [server.urls[0] for server in ice.configuration(servers).iceServers or []]
    assert urls == ["stun:hub.example:3478", "turns:hub.example:443?transport=tcp", "turn:hub.example:3478"]


def test_hidden_names_and_the_end_of_candidates_are_left_out() -> None:
    """A browser's .local names cost no waiting, and its last word does not end the search."""
    hidden, real = (
        "a=candidate:1 1 udp 1 ab-cd.local 9 typ host",
        "a=candidate:2 1 udp 1 192.0.2.7 9 typ host",
    )
    sdp = "\n".join(("v=0", hidden, real, "a=end-of-candidates", ""))
    assert ice.strip_candidates(sdp) == "v=0\r\na=candidate:2 1 udp 1 192.0.2.7 9 typ host\r\n"
    assert ice.parse_candidate("candidate:1 1 udp 1 AB.LOCAL 9 typ host", "0") is None
    assert ice.parse_candidate("", "0") is None
    parsed = ice.parse_candidate("candidate:2 1 udp 1 192.0.2.7 9 typ host generation 0", "0")
    assert parsed is not None
    assert (parsed.ip, parsed.port, parsed.sdpMid) == ("192.0.2.7", 9, "0")
    for bad in ("candidate:1 1 udp", "candidate:1 x udp 1 192.0.2.7 9 typ host"):
        with pytest.raises(MediaPeerError):
            ice.parse_candidate(bad, "0")


async def test_no_picture_comes_after_the_end() -> None:
    """A packet or a decoded frame that is late by a moment never reaches the next resident's screen."""
    executor = ThreadPoolExecutor(1)
    shown: list[int] = []
    video = VideoIn(executor, lambda frame: shown.append(frame.sequence))
    encoded = Vp8Encoder(700_000, 20).encode(marked(1), 700_000, 1, True)
    assert encoded is not None
    packet = VideoPacket(1, 0, True, True, True, encoded.data)
    video.take(packet, 0.0)
    await asyncio.sleep(0)  # decoding has begun
    await video.close()
    video.take(packet, 0.1)
    await asyncio.sleep(0.05)
    assert shown == []
    assert video.frames == 1
    executor.shutdown()
