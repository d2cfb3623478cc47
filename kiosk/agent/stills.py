"""Takes a still through the gate, measures it, keeps it in memory and sends it under its one-time token.

A still lives here from the shutter until it is dropped, and nowhere else.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from hardware.errors import DeviceError
from hardware.ports import Frame
from kiosk.agent.devices import Devices
from kiosk.agent.gate import Gate
from kiosk.core.effects import Event, StillFailed, StillTaken, Uploaded
from kiosk.media.tunnel import Proxy
from kiosk.vision.document import document_still
from kiosk.vision.faces import FaceFinder
from kiosk.vision.id_photo import id_photo
from kiosk.vision.still import Still
from protocol.values import CameraRole, CaptureKind

log = logging.getLogger(__name__)

STILL_S = 5.0
SHARPEN_S = 2.5
"""For the full size of a frozen picture: no longer than a camera may hang before it is started again."""

RETRY_S = (0.0, 0.3, 1.0, 2.0, 4.0)
FINAL = frozenset({400, 401, 403, 404, 409, 413, 415, 422})
"""Answers that another try would not change."""


def upload_origin(hub_url: str) -> str:
    """https://host of wss://host/ws/kiosk: the only place where a still ever goes."""
    parts = urlsplit(hub_url)
    return f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"


def _for_uploads(proxy: Proxy) -> httpx.Proxy:
    auth = (proxy.user, proxy.password) if proxy.user else None
    return httpx.Proxy(f"http://{proxy.authority}", auth=auth)


@dataclass(slots=True)
class _Kept:
    role: CameraRole
    still: Still


class Stills:
    """Answers come as events through `on_event`; `shown` gives the picture to the resident's screen."""

    def __init__(
        self,
        devices: Devices,
        gate: Gate,
        finder: FaceFinder,
        hub_url: str,
        on_event: Callable[[Event], None],
        on_still: Callable[[CameraRole, Frame | None], None],
        verify: ssl.SSLContext | bool = True,
        proxy: Proxy | None = None,
    ) -> None:
        self._devices = devices
        self._gate = gate
        self._finder = finder
        self._origin = upload_origin(hub_url)
        self._verify = verify
        self._proxy = None if proxy is None else _for_uploads(proxy)
        self._on_event = on_event
        self._on_still = on_still
        self._kept: dict[str, _Kept] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sharpening: asyncio.Task[None] | None = None

    @property
    def held(self) -> int:
        """Stills in memory."""
        return len(self._kept)

    def sharpen(self, role: CameraRole) -> None:
        """The picture has just been frozen: hold that moment in full size, here in memory.

        So a frozen paper can be enlarged, and its still is what both sides see. Without it, a camera that
        cannot give one costs size, nothing else.
        """
        if self._sharpening is not None:
            self._sharpening.cancel()
        self._sharpening = asyncio.create_task(self._sharpen(role), name="sharpen")

    async def _sharpen(self, role: CameraRole) -> None:
        try:
            self._gate.sharpen(role, await self._devices.still(role, SHARPEN_S))
        except DeviceError as error:
            log.warning("frozen picture stays as it is: %s", error)

    def take(self, capture: str, kind: CaptureKind) -> None:
        """Answers with StillTaken or StillFailed."""
        self._run(capture, self._take(capture, kind))

    def upload(self, capture: str, token: str) -> None:
        """Answers with Uploaded or StillFailed."""
        self._run(capture, self._upload(capture, token))

    def drop(self, capture: str) -> None:
        """Forgets the still, whatever is under way with it."""
        task = self._tasks.pop(capture, None)
        if task is not None:
            task.cancel()
        kept = self._kept.pop(capture, None)
        if kept is not None:
            self._on_still(kept.role, None)

    def wipe(self) -> int:
        """Forgets all stills; returns how many there were."""
        captures = set(self._kept) | set(self._tasks)
        count = len(self._kept)
        if self._sharpening is not None:
            self._sharpening.cancel()
        for capture in captures:
            self.drop(capture)
        return count

    def _run(self, capture: str, work: Coroutine[object, object, None]) -> None:
        before = self._tasks.get(capture)
        if before is not None:
            before.cancel()
        task = asyncio.create_task(work, name="still")
        self._tasks[capture] = task

    async def _take(self, capture: str, kind: CaptureKind) -> None:
        role = CameraRole.FACE if kind is CaptureKind.ID_PHOTO else CameraRole.DOCUMENT
        try:
            frame = await self._frame(role)
            still = await asyncio.to_thread(self._measure, kind, frame)
        except DeviceError as error:
            log.warning("no still: %s", error)
            self._on_event(StillFailed(capture, error.code, error.message))
            return
        except Exception:
            log.exception("a still could not be measured")
            self._on_event(StillFailed(capture, "still_failed", "写真を作れませんでした"))
            return
        self._kept[capture] = _Kept(role, still)
        log.info("still taken: capture=%s sha256=%s", capture, still.sha256)
        self._on_still(role, still.picture)
        self._on_event(StillTaken(capture, still.checks))

    async def _frame(self, role: CameraRole) -> Frame:
        """What both sides see: the frozen moment of a paper, else what is there now."""
        if role is CameraRole.DOCUMENT and self._gate.frozen(role):
            if self._sharpening is not None:
                await asyncio.wait([self._sharpening], timeout=STILL_S)
            return self._gate.frozen_still(role)
        return self._gate.pass_still(role, await self._devices.still(role, STILL_S))

    def _measure(self, kind: CaptureKind, frame: Frame) -> Still:
        return id_photo(frame, self._finder) if kind is CaptureKind.ID_PHOTO else document_still(frame)

    async def _upload(self, capture: str, token: str) -> None:
        kept = self._kept.get(capture)
        if kept is None:
            self._on_event(StillFailed(capture, "still_gone", "写真がもうありません"))
            return
        headers = {
            "Authorization": f"Bearer {token}",
            "X-Madoguchi-Sha256": kept.still.sha256,
            "Content-Type": "image/jpeg",
        }
        url = f"{self._origin}/api/kiosk/captures/{capture}"
        problem = "送れませんでした"
        async with httpx.AsyncClient(
            verify=self._verify, timeout=10.0, proxy=self._proxy, trust_env=False
        ) as client:
            for delay in RETRY_S:
                await asyncio.sleep(delay)
                try:
                    answer = await client.put(url, content=kept.still.jpeg, headers=headers)
                except httpx.HTTPError as error:
                    log.warning("upload failed, tried again: %s", type(error).__name__)
                    continue
                if answer.status_code == 201:
                    self._on_event(Uploaded(capture))
                    return
                log.warning("upload refused: status %s", answer.status_code)
                if answer.status_code in FINAL:
                    problem = f"窓口サーバーが受け取りませんでした({answer.status_code})"
                    break
        self._on_event(StillFailed(capture, "upload_failed", problem))
