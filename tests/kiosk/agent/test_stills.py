"""A still is taken once, sent until the hub has it or refuses it, and kept no longer than that."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import cv2
import numpy as np
import pytest

from hardware.ports import Frame, Profile
from kiosk.agent import stills as module
from kiosk.agent.camera_bank import CameraPart
from kiosk.agent.devices import Devices
from kiosk.agent.gate import Gate, Shape
from kiosk.agent.stills import Stills, upload_origin
from kiosk.core.effects import Event, StillFailed, StillTaken, Uploaded
from kiosk.vision.faces import FaceFinder
from protocol.values import CameraRole, CaptureKind, Region
from tests.fakes.devices import FakeCamera
from tests.fakes.scenes import as_frame, decode, portrait, sheet
from tests.kiosk.agent.test_devices import FakeAudio

E = TypeVar("E")
DOCUMENT, PHOTO = CaptureKind.DOCUMENT_STILL, CaptureKind.ID_PHOTO


class StillCamera(FakeCamera):
    """Gives a drawn scene as its still."""

    def __init__(self, name: str, scene: Frame) -> None:
        super().__init__(name)
        self.scene = scene

    async def still(self, timeout: float) -> Frame:
        await super().still(timeout)
        return self.scene


class UploadHub:
    """Answers uploads with the statuses that a test names, the last one for ever; keeps what was sent."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.received = asyncio.Event()
        self.answer = asyncio.Event()
        self.answer.set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests.append((head[0], headers, body))
        self.received.set()
        await self.answer.wait()
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status:
            writer.write(
                f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}".encode()
            )
            await writer.drain()
        writer.close()


class Rig:
    """Stills with two drawn cameras, and what they said and showed."""

    def __init__(self, url: str = "ws://127.0.0.1:1/ws/kiosk") -> None:
        self.face = StillCamera("face", as_frame(portrait()[0]))
        self.document = StillCamera("document", as_frame(sheet()))
        self.gate = Gate()
        parts = (
            CameraPart(CameraRole.FACE, self.face, Profile(64, 48, 15.0)),
            CameraPart(CameraRole.DOCUMENT, self.document, Profile(64, 48, 15.0)),
        )
        devices = Devices(parts, FakeAudio(), lambda role, frame: None, lambda *_: None)
        self.events: list[Event] = []
        self.shown: list[tuple[CameraRole, bool]] = []
        self.stills = Stills(devices, self.gate, FaceFinder(None, None), url, self.events.append, self._show)
        for camera in (self.face, self.document):
            camera.give(1)

    def _show(self, role: CameraRole, still: Frame | None) -> None:
        self.shown.append((role, still is not None))

    async def event(self, kind: type[E]) -> E:
        async with asyncio.timeout(10):
            while True:
                for event in self.events:
                    if isinstance(event, kind):
                        self.events.remove(event)
                        return event
                await asyncio.sleep(0.001)

    async def taken(self, capture: str = "c1", kind: CaptureKind = DOCUMENT) -> StillTaken:
        self.stills.take(capture, kind)
        return await self.event(StillTaken)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_S", (0.0,) * len(module.RETRY_S))


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., object]]:
    """serve(503, 201) -> (hub, its WebSocket address)."""
    servers: list[asyncio.Server] = []

    async def start(*statuses: int) -> tuple[UploadHub, str]:
        hub = UploadHub(*statuses)
        server = await asyncio.start_server(hub.handle, "127.0.0.1", 0)
        servers.append(server)
        return hub, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws/kiosk"

    yield start
    for server in servers:
        server.close()


Serve = Callable[..., "asyncio.Future[tuple[UploadHub, str]]"]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("wss://hub.example.jp/ws/kiosk", "https://hub.example.jp"),
        ("ws://127.0.0.1:8350/ws/kiosk", "http://127.0.0.1:8350"),
    ],
)
def test_a_still_goes_to_the_hub_of_the_settings_and_nowhere_else(url: str, origin: str) -> None:
    """The address is made from the settings; no message can change it."""
    assert upload_origin(url) == origin


async def test_a_document_is_shown_measured_and_sent_as_it_is() -> None:
    """The resident sees the still that is kept, and it has the camera's full size."""
    rig = Rig()
    taken = await rig.taken()
    assert taken.capture == "c1"
    assert rig.shown == [(CameraRole.DOCUMENT, True)]
    assert rig.stills.held == 1


async def test_an_id_photo_is_taken_with_the_face_camera_and_checked() -> None:
    """The checks come with the photo, so that both sides can judge it."""
    rig = Rig()
    taken = await rig.taken(kind=PHOTO)
    assert rig.shown == [(CameraRole.FACE, True)]
    assert taken.checks


async def test_what_the_hub_gets_is_the_picture_with_its_digest_and_token(serve: Serve) -> None:
    """The bytes, their digest and the one-time token arrive; the picture opens in full size."""
    hub, url = await serve(201)
    rig = Rig(url)
    await rig.taken()
    rig.stills.upload("c1", "token-1")
    assert (await rig.event(Uploaded)).capture == "c1"
    ((line, headers, body),) = hub.requests
    assert line.startswith("PUT /api/kiosk/captures/c1 ")
    assert headers["authorization"] == "Bearer token-1"
    assert headers["x-madoguchi-sha256"] == hashlib.sha256(body).hexdigest()
    assert headers["content-type"] == "image/jpeg"
    assert decode(body).shape == (1080, 1920, 3)


@pytest.mark.parametrize("first", [0, 500, 503, 429])
async def test_an_upload_that_fails_for_the_moment_is_tried_again(serve: Serve, first: int) -> None:
    """A restart of the hub or a torn connection costs a try, not the photo. 0: closed without a word."""
    hub, url = await serve(first, first, 201)
    rig = Rig(url)
    await rig.taken()
    rig.stills.upload("c1", "t")
    await rig.event(Uploaded)
    assert len(hub.requests) == 3
    assert len({body for _, _, body in hub.requests}) == 1, "the same bytes each time"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 415, 422])
async def test_a_refusal_is_told_at_once_and_not_repeated(serve: Serve, status: int) -> None:
    """A spent token or a wrong digest is no better the second time; the operator reads the status."""
    hub, url = await serve(status)
    rig = Rig(url)
    await rig.taken()
    rig.stills.upload("c1", "t")
    failed = await rig.event(StillFailed)
    assert (failed.code, len(hub.requests)) == ("upload_failed", 1)
    assert str(status) in failed.cause


async def test_a_hub_that_is_not_there_ends_the_upload_after_its_tries() -> None:
    """Nobody waits for ever: it fails with words, and can be taken anew."""
    rig = Rig("ws://127.0.0.1:9/ws/kiosk")
    await rig.taken()
    rig.stills.upload("c1", "t")
    assert (await rig.event(StillFailed)).code == "upload_failed"


async def test_a_still_of_a_frozen_paper_is_the_frozen_moment() -> None:
    """What stands still before both sides is what is taken, in full size, whatever lies there by now."""
    rig = Rig()
    rig.gate.pass_frame(CameraRole.DOCUMENT, as_frame(sheet()))
    rig.gate.freeze(frozenset({CameraRole.DOCUMENT}))
    rig.stills.sharpen(CameraRole.DOCUMENT)
    await rig.stills._sharpening  # type: ignore[misc]  # the camera has given the moment in full size
    moment = rig.document.scene
    rig.document.scene = as_frame(np.zeros_like(sheet()))
    await rig.taken()
    kept = rig.stills._kept["c1"].still.picture
    assert (kept.width, kept.height) == (moment.width, moment.height)
    assert np.array_equal(kept.data, moment.data)


async def test_a_frozen_paper_whose_camera_is_gone_is_still_a_still() -> None:
    """Without a full-size moment the frozen picture itself is taken: nothing else is what both sides see."""
    rig = Rig()
    shown = as_frame(sheet())
    rig.gate.pass_frame(CameraRole.DOCUMENT, shown)
    rig.gate.freeze(frozenset({CameraRole.DOCUMENT}))
    rig.document.fail("device_missing: x")
    rig.stills.sharpen(CameraRole.DOCUMENT)
    await rig.taken()
    assert np.array_equal(rig.stills._kept["c1"].still.picture.data, shown.data)


async def test_a_portrait_of_a_frozen_picture_is_refused() -> None:
    """Nobody can look straight into a mirror that stands still."""
    rig = Rig()
    rig.gate.freeze(frozenset({CameraRole.FACE}))
    rig.stills.take("c1", PHOTO)
    failed = await rig.event(StillFailed)
    assert "止めて" in failed.cause


async def test_a_still_is_turned_and_cut_as_both_sides_see_it() -> None:
    """The upload passes the same gate as the stream."""
    rig = Rig()
    scene = rig.document.scene
    rig.gate.shape(CameraRole.DOCUMENT, Shape(turn=90, region=Region(left=0.5, top=0.0, side=0.5)))
    await rig.taken()
    kept = rig.stills._kept["c1"].still.picture
    assert (kept.width, kept.height) == (scene.height // 2, scene.width // 2)


async def test_a_camera_that_is_gone_fails_with_its_code() -> None:
    """The operator learns why there is no photo."""
    rig = Rig()
    rig.document.fail("device_missing: x")
    rig.stills.take("c1", DOCUMENT)
    assert (await rig.event(StillFailed)).code == "device_missing"


async def test_a_failure_while_measuring_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk never waits for a still that nobody makes any more."""

    def broken(*_: object) -> None:
        raise cv2.error("out of memory")

    monkeypatch.setattr(module, "document_still", broken)
    rig = Rig()
    rig.stills.take("c1", DOCUMENT)
    assert (await rig.event(StillFailed)).code == "still_failed"


async def test_a_dropped_still_is_gone_from_memory_and_from_the_screen(serve: Serve) -> None:
    """Declined, replaced or stored: the camera's picture comes back and nothing is held."""
    rig = Rig()
    await rig.taken()
    rig.stills.drop("c1")
    assert rig.stills.held == 0
    assert rig.shown[-1] == (CameraRole.DOCUMENT, False)
    rig.stills.upload("c1", "t")
    assert (await rig.event(StillFailed)).code == "still_gone"


async def test_a_wipe_ends_an_upload_on_its_way(serve: Serve) -> None:
    """The end of the call takes a photo back that is just being sent; nothing is said of it afterwards."""
    hub, url = await serve(503)
    hub.answer.clear()
    rig = Rig(url)
    await rig.taken("a", DOCUMENT)
    await rig.taken("b", PHOTO)
    rig.stills.upload("a", "t")
    async with asyncio.timeout(5):
        await hub.received.wait()
    assert rig.stills.wipe() == 2
    hub.answer.set()
    assert rig.stills.held == 0
    assert {role for role, shown in rig.shown if not shown} == set(CameraRole)
    for _ in range(20):
        await asyncio.sleep(0)
    assert rig.events == []


async def test_a_still_that_is_dropped_while_it_is_taken_is_never_kept() -> None:
    """The resident says no in the very moment of the shutter: no picture remains."""
    rig = Rig()
    held = asyncio.Event()
    scene = rig.document.still

    async def slow(timeout: float) -> Frame:
        await held.wait()
        return await scene(timeout)

    rig.document.still = slow  # type: ignore[method-assign]
    rig.stills.take("c1", DOCUMENT)
    await asyncio.sleep(0)
    rig.stills.drop("c1")
    held.set()
    for _ in range(20):
        await asyncio.sleep(0)
    assert (rig.stills.held, rig.shown, rig.events) == (0, [], [])


async def test_a_still_that_is_dropped_while_it_is_measured_is_never_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Measuring runs in a thread that cannot be stopped; its result is thrown away."""
    measured = np.zeros(1)
    plain = Stills._measure

    def watched(self: Stills, kind: CaptureKind, frame: Frame) -> object:
        made = plain(self, kind, frame)
        measured[0] = 1
        return made

    monkeypatch.setattr(Stills, "_measure", watched)
    rig = Rig()
    rig.stills.take("c1", DOCUMENT)
    for _ in range(3):
        await asyncio.sleep(0)
    rig.stills.drop("c1")
    async with asyncio.timeout(5):
        while not measured[0]:
            await asyncio.sleep(0.001)
    await asyncio.sleep(0.01)
    assert (rig.stills.held, rig.shown, rig.events) == (0, [], [])
