"""The media of a call against a stock peer in this process, over real sockets on this machine."""

from __future__ import annotations

import asyncio
import gc
import itertools
import socket
import threading
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from hardware.ports import Frame
from kiosk.media import CallMedia, MediaEvent, MediaEventKind, MediaPeerError, MediaSettings, MediaStateError
from protocol.values import IceServer, MediaRole, Rung
from tests.kiosk.media.desk import Desk, marked, read_mark, tone_level

Kind = MediaEventKind


class Terminal:
    """A CallMedia with simulated cameras, microphone and speaker around it."""

    def __init__(self) -> None:
        self.events: list[MediaEvent] = []
        self.pictures: list[int] = []
        self.heard: list[np.ndarray] = []
        self._news = asyncio.Event()
        self.media = CallMedia(self._event, self._picture)
        self._tasks = [asyncio.create_task(self._cameras()), asyncio.create_task(self._sound())]

    def _event(self, event: MediaEvent) -> None:
        self.events.append(event)
        self._news.set()

    def _picture(self, frame: Frame) -> None:
        self.pictures.append(read_mark(frame.data[: frame.height]))
        self._news.set()

    async def until(self, condition: Callable[[], bool], seconds: float = 15) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                self._news.clear()
                await self._news.wait()

    def saw(self, kind: Kind, epoch: int) -> bool:
        return any(event.kind is kind and event.epoch == epoch for event in self.events)

    async def _cameras(self) -> None:
        number = 0
        while True:
            number += 1
            self.media.face.push(marked(number % 128))
            self.media.document.push(marked(128 + number % 128, 640, 360))
            await asyncio.sleep(0.05)

    async def _sound(self) -> None:
        at, start = 0, time.monotonic()
        while True:
            phase = np.arange(at * 960, (at + 1) * 960)
            block = (9000 * np.sin(2 * np.pi * 440 * phase / 48_000)).astype(np.int16)
            self.media.on_input(block, time.monotonic())
            self.heard.append(self.media.pull_output(960))
            self._news.set()
            at += 1
            await asyncio.sleep(max(0, start + at * 0.02 - time.monotonic()))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.media.close()


Pair = Callable[..., Awaitable[tuple[Terminal, Desk]]]


@pytest.fixture
async def join() -> AsyncIterator[Pair]:
    """Connects a terminal and a desk for epoch 1, and takes both down afterwards."""
    everything: list[Terminal | Desk] = []

    async def make(desk: Desk | None = None) -> tuple[Terminal, Desk]:
        terminal, desk = Terminal(), desk or Desk()
        everything.extend((desk, terminal))
        offer = await terminal.media.start(1)
        await terminal.media.answer(1, await desk.answer(offer.sdp))
        return terminal, desk

    yield make
    for one in everything:
        await one.close()


async def test_offer_maps_every_line_and_asks_no_foreign_server() -> None:
    """The desk can tell sound, face and document apart, and no address server is asked unasked."""
    media = CallMedia(lambda event: None, lambda frame: None)
    try:
        async with asyncio.timeout(1.5):
            offer = await media.start(1)
    finally:
        await media.close()
    assert sorted(offer.mids.values()) == [MediaRole.AUDIO, MediaRole.DOCUMENT, MediaRole.FACE]
    sections = offer.sdp.split("m=")[1:]
    directions = {}
    for section in sections:
        mid = section.split("a=mid:")[1].split()[0]
        directions[offer.mids[mid]] = [d for d in ("sendrecv", "sendonly") if f"a={d}" in section]
        assert "typ srflx" not in section
        assert "typ host" in section
    assert directions[MediaRole.AUDIO] == directions[MediaRole.FACE] == ["sendrecv"]
    assert directions[MediaRole.DOCUMENT] == ["sendonly"]
    assert "VP8/90000" in offer.sdp
    assert "opus/48000" in offer.sdp
    streams = {section.split("a=msid:")[1].split()[0] for section in sections}
    assert len(streams) == 3  # no shared stream: sound never holds the face back


async def test_pictures_and_sound_pass_both_ways(join: Pair) -> None:
    """What a camera sees and a microphone hears arrives at the other side, each on its own line."""
    terminal, desk = await join()
    await desk.frames("1").wait_for(30)
    await desk.frames("2").wait_for(15)
    await terminal.until(lambda: len(terminal.pictures) >= 30)
    face, document = desk.frames("1").marks(), desk.frames("2").marks()
    assert len(set(face)) >= 28
    assert all(mark < 128 for mark in face)
    assert all(mark >= 128 for mark in document)
    assert len(set(document)) >= 14
    assert len(set(terminal.pictures)) >= 28
    assert sorted(terminal.pictures) == terminal.pictures
    # a busy machine may tear a hole into either sound; a whole quarter second of each must come
    await terminal.until(lambda: tone_level(desk.frames("0").sound()[-12_000:], 440) > 0.9)
    await terminal.until(lambda: tone_level(np.concatenate(terminal.heard[-13:]), 660) > 0.9)
    report = terminal.media.report()
    assert report.live
    assert report.received_frames >= 30
    assert report.received_audio_packets >= 30
    assert report.sent_face_frames >= 30
    assert report.sent_document_frames >= 15
    assert terminal.saw(Kind.CONNECTED, 1)
    assert terminal.saw(Kind.ACTIVE, 1)


async def test_a_hold_lets_silence_pass_and_no_picture_while_the_line_stays(join: Pair) -> None:
    """Neither side hears or sees the other, the connection lives on, and afterwards all is back."""
    terminal, desk = await join()
    recorder = desk.frames("0")
    await recorder.wait_for(20)
    await desk.frames("1").wait_for(8)
    await terminal.until(lambda: len(terminal.pictures) >= 8)
    terminal.media.on_hold = True
    outlets = [terminal.media._pictures[role].outlet for role in (MediaRole.FACE, MediaRole.DOCUMENT)]
    await asyncio.sleep(0.3)  # a picture in work may still come
    sent, seen = [outlet.sent for outlet in outlets], len(terminal.pictures)
    await recorder.wait_for(len(recorder.frames) + 25)
    assert np.abs(recorder.sound()[-9600:]).max() < 50
    assert np.abs(np.concatenate(terminal.heard[-13:])).max() == 0
    assert ([outlet.sent for outlet in outlets], len(terminal.pictures)) == (sent, seen)
    assert terminal.media.report().live
    terminal.media.on_hold = False
    await terminal.until(lambda: tone_level(recorder.sound()[-9600:], 440) > 0.9)
    await terminal.until(lambda: tone_level(np.concatenate(terminal.heard[-13:]), 660) > 0.9)
    await terminal.until(lambda: len(terminal.pictures) >= seen + 5)
    await desk.frames("1").wait_for(len(desk.frames("1").frames) + 5)


async def test_a_request_for_a_key_frame_is_answered(join: Pair) -> None:
    """A desk that lost a packet gets a fresh picture within the next frames."""
    terminal, desk = await join()
    await desk.frames("2").wait_for(8)
    out = terminal.media._pictures[MediaRole.DOCUMENT]
    keys = out.keys
    await desk.ask_key("2")
    await terminal.until(lambda: out.keys == keys + 1, 5)


async def test_on_the_rung_of_stills_sound_goes_on_and_pictures_come_rarely_and_whole(join: Pair) -> None:
    """Every few seconds a picture that needs no other; asking brings none earlier; then they move again."""
    terminal, desk = await join()
    await desk.frames("1").wait_for(8)
    await desk.frames("2").wait_for(8)
    terminal.media.rung = Rung.AUDIO_STILLS
    faces, papers = (terminal.media._pictures[role] for role in (MediaRole.FACE, MediaRole.DOCUMENT))
    await asyncio.sleep(0.3)  # a picture in work may still come
    sent, keys, sound = faces.outlet.sent, faces.keys, len(desk.frames("0").frames)
    await desk.ask_key("1")
    await terminal.until(lambda: faces.outlet.sent == sent + 2 and papers.keys > 0, 15)
    assert faces.keys == keys + 2
    assert len(desk.frames("0").frames) > sound + 150  # of two hundred in four seconds
    line = await terminal.media.line()
    assert line.live
    terminal.media.rung = Rung.VIDEO
    seen = len(desk.frames("1").frames)
    await desk.frames("1").wait_for(seen + 20, 5)


async def test_the_line_is_measured_by_what_the_desk_reports(join: Pair) -> None:
    """Its receiver reports, what we send and what comes; ages of the newest picture and sound."""
    terminal, desk = await join()
    await desk.frames("1").wait_for(10)
    line = await terminal.media.line()
    async with asyncio.timeout(10):
        while line.loss is None or line.sound_loss is None or line.sent_bps == 0:
            await asyncio.sleep(0.5)
            line = await terminal.media.line()
    assert line.live
    assert line.loss < 0.2
    report = terminal.media.report()
    assert report.uplink_loss == line.loss
    for age in (report.face_age_ms, report.document_age_ms, report.microphone_age_ms):
        assert age is not None
        assert age < 1000


async def test_a_desk_without_camera_and_microphone_still_sees_and_hears(join: Pair) -> None:
    """The resident's pictures do not hang on the operator's devices."""
    terminal, desk = await join(Desk(picture=False, tone=None))
    await desk.frames("1").wait_for(10)
    await desk.frames("0").wait_for(10)
    assert not terminal.pictures
    assert not terminal.media.report().live


async def test_a_new_epoch_takes_over_without_a_break(join: Pair) -> None:
    """The old connection carries the call until the new one has a picture; one encoder feeds both."""
    terminal, desk = await join()
    await desk.frames("1").wait_for(10)
    await terminal.until(lambda: len(terminal.pictures) >= 10)
    offer = await terminal.media.start(2)
    assert terminal.media.active_epoch == 1
    seen = len(terminal.pictures)
    await terminal.until(lambda: len(terminal.pictures) >= seen + 5)
    second = Desk()
    try:
        await terminal.media.answer(2, await second.answer(offer.sdp))
        await terminal.until(lambda: terminal.saw(Kind.CLOSED, 1))
        assert terminal.media.active_epoch == 2
        seen = len(terminal.pictures)
        await terminal.until(lambda: len(terminal.pictures) >= seen + 10)
        await second.frames("1").wait_for(10)
        order = [(event.kind, event.epoch) for event in terminal.events]
        assert order.index((Kind.ACTIVE, 2)) < order.index((Kind.CLOSED, 1))
        assert (Kind.SILENT, 2) not in order
        assert not await terminal.media.answer(1, "v=0")
        assert terminal.media.report().received_frames >= len(terminal.pictures)
    finally:
        await second.close()


async def test_the_desk_leaving_is_reported(join: Pair) -> None:
    """When the desk closes its side, the agent learns it at once instead of after half a minute."""
    terminal, desk = await join()
    await desk.frames("1").wait_for(5)
    await desk.close()
    await terminal.until(lambda: terminal.saw(Kind.CLOSED, 1), 5)
    assert terminal.media.active_epoch is None
    assert not terminal.media.report().live


async def test_candidates_before_and_after_the_answer_are_used_and_hidden_ones_ignored() -> None:
    """A desk that trickles its addresses gets through in any order, and a hidden name costs nothing."""
    terminal, desk = Terminal(), Desk()
    try:
        offer = await terminal.media.start(1)
        answer = await desk.answer(offer.sdp)
        lines = answer.split("\r\n")
        real = [line for line in lines if line.startswith("a=candidate:")]
        bare = "\r\n".join(line for line in lines if not line.startswith(("a=candidate:", "a=end-of")))
        hidden = "candidate:1 1 udp 2122260223 4f2c.local 50000 typ host"
        await terminal.media.candidate(1, hidden, "0")
        await terminal.media.candidate(1, real[0].removeprefix("a="), "0")
        await terminal.media.candidate(1, "", "0")
        await terminal.media.answer(1, bare)
        for line in real[1:]:
            await terminal.media.candidate(1, line.removeprefix("a="), "0")
        await desk.frames("1").wait_for(3)
        with pytest.raises(MediaPeerError):
            await terminal.media.candidate(1, "candidate:nonsense", "0")
    finally:
        await desk.close()
        await terminal.close()


async def test_a_broken_answer_is_the_desks_fault_and_leaves_the_offer_open() -> None:
    """A malformed answer raises one error of ours, and the right answer afterwards still connects."""
    terminal, desk = Terminal(), Desk()
    try:
        offer = await terminal.media.start(1)
        for bad in ("v=0\r\n", "nonsense", offer.sdp):
            with pytest.raises(MediaPeerError):
                await terminal.media.answer(1, bad)
        await terminal.media.answer(1, await desk.answer(offer.sdp))
        await desk.frames("1").wait_for(3)
        with pytest.raises(MediaStateError):
            await terminal.media.start(1)
    finally:
        await desk.close()
        await terminal.close()


def _level() -> tuple[int, int, int]:
    return threading.active_count(), len(list(Path("/proc/self/fd").iterdir())), len(asyncio.all_tasks())


async def _one_call() -> tuple[weakref.ref[np.ndarray], weakref.ref[np.ndarray]]:
    terminal, desk = Terminal(), Desk()
    offer = await terminal.media.start(1)
    await terminal.media.answer(1, await desk.answer(offer.sdp))
    await desk.frames("1").wait_for(5)
    await terminal.until(lambda: len(terminal.pictures) >= 5)
    frame = marked(1)
    sent = weakref.ref(frame.data)
    terminal.media.face.push(frame)
    shown: list[Frame] = []
    terminal.media._on_remote_frame = shown.append
    terminal._picture = shown.append  # type: ignore[method-assign]
    await terminal.until(lambda: bool(shown))
    received = weakref.ref(shown[-1].data)
    await desk.close()
    await terminal.close()
    shown.clear()
    return sent, received


async def test_a_closed_call_leaves_nothing_behind() -> None:
    """After a call no thread, task, socket or picture of it remains: the next resident starts clean."""
    await _one_call()  # libraries make what they keep for ever
    gc.collect()
    before = _level()
    sent, received = await _one_call()
    gc.collect()
    await asyncio.sleep(0)
    assert _level() == before
    assert sent() is None
    assert received() is None


def _lose(desk: Desk, every: int) -> list[int]:
    """From now on each `every`-th packet of the desk's media is lost; returns the growing count."""
    transport = desk.pc.getTransceivers()[0].receiver.transport.transport
    send, lost, seen = transport._send, [0], [0]

    async def lossy(data: bytes) -> None:
        media = 127 < data[0] < 192 and not 200 <= data[1] <= 204
        seen[0] += media
        if media and seen[0] % every == 0:
            lost[0] += 1
            return
        await send(data)

    transport._send = lossy
    return lost


async def test_lost_packets_are_sent_again_and_no_picture_is_missing(join: Pair) -> None:
    """On a line that loses one packet in twelve every picture is decoded, in order, with no freeze."""
    terminal, desk = await join()
    await terminal.until(lambda: len(terminal.pictures) >= 5)
    lost = _lose(desk, 12)
    start = len(terminal.pictures)
    await terminal.until(lambda: len(terminal.pictures) >= start + 50)
    assert lost[0] >= 5
    shown = terminal.pictures[start:]
    assert shown == sorted(shown)
    steps = [after - before for before, after in itertools.pairwise(shown)]
    assert max(steps) <= 7  # those that waited for one packet are shown as their newest: no long freeze
    video = terminal.media._connections[1]._video
    assert video.broken == 0
    assert video.frames >= shown[-1] - 2  # the first may have come before we listened


async def test_a_cut_line_is_told_and_heals(join: Pair) -> None:
    """A line that goes dead is reported, and when it returns the picture does too, by itself."""
    terminal, desk = await join()
    await terminal.until(lambda: len(terminal.pictures) >= 5)
    transport = desk.pc.getTransceivers()[0].receiver.transport.transport
    send = transport._send

    async def cut(data: bytes) -> None:
        return None

    transport._send = cut
    await terminal.until(lambda: terminal.saw(Kind.SILENT, 1), 5)
    assert not terminal.media.report().live
    transport._send = send
    terminal.events.clear()
    await terminal.until(lambda: terminal.saw(Kind.BACK, 1), 5)
    seen = len(terminal.pictures)
    await terminal.until(lambda: len(terminal.pictures) >= seen + 20, 5)
    assert terminal.media.report().live
    assert not terminal.saw(Kind.LOST, 1)


async def test_a_server_that_does_not_answer_costs_a_bounded_wait() -> None:
    """An unreachable address server delays the offer by its limit and no more; the offer is whole."""
    settings = MediaSettings(gather_s=0.2)
    media = CallMedia(lambda event: None, lambda frame: None, settings)
    dead = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)  # takes questions and never answers
    dead.bind(("127.0.0.1", 0))
    server = IceServer(urls=(f"stun:127.0.0.1:{dead.getsockname()[1]}",))
    try:
        async with asyncio.timeout(2):
            offer = await media.start(1, [server])
        assert "typ host" in offer.sdp
    finally:
        await media.close()
        dead.close()


async def test_a_machine_without_network_offers_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demonstration on one machine needs no network at all."""
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda **kinds: [])
    media = CallMedia(lambda event: None, lambda frame: None)
    try:
        offer = await media.start(1)
    finally:
        await media.close()
    assert " 127.0.0.1 " in offer.sdp
