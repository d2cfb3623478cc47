"""The terminal's media as the product has them, as a program: JSON lines in and out.

    {"do": "start"}                    -> {"say": "offer", "epoch": 1, "sdp": ..., "mids": {"0": "audio"}}
    {"do": "answer", "epoch": 1, "sdp": ...}
    {"do": "report", "since": 171234}  -> {"say": "report", "seen": [[came_ms, drawn_ms], ...], ...}
    {"do": "end"}

As in the product, an epoch that is lost is followed by the offer of the next one, without being asked; and a
desk that asks for a new one ("start" again) gets it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any

from hardware.ports import Frame
from hardware.simulated import speech_like
from kiosk.media import CallMedia, MediaEvent, MediaEventKind
from tests.bench.media.peers.drawn import VOICE_S, DrawnCamera
from tests.bench.media.peers.lines import Lines, Seen, run_peer


class Ours:
    """One call."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._seen = Seen()
        self._epoch = 0
        self._media = CallMedia(self._event, self._picture)
        self._tasks: set[asyncio.Task[None]] = set()

    async def obey(self, order: dict[str, Any]) -> None:
        """One line of the bench."""
        match order["do"]:
            case "start":
                if not self._tasks:
                    self._begin()
                await self._offer()
            case "answer":
                await self._media.answer(order["epoch"], order["sdp"])
            case "report":
                report = self._media.report()
                self._lines.say(
                    "report",
                    seen=self._seen.since(order["since"]),
                    target_kbps=report.target_kbps,
                    sent=report.sent_face_frames,
                )

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._media.close()

    def _begin(self) -> None:
        face, document = DrawnCamera(640, 480, 20), DrawnCamera(1280, 720, 10, still=8)
        for work in (
            _film(face, self._media.face.push),
            _film(document, self._media.document.push),
            self._speak(),
        ):
            self._start(work)

    async def _offer(self) -> None:
        self._epoch += 1
        offer = await self._media.start(self._epoch)
        mids = {mid: role.value for mid, role in offer.mids.items()}
        self._lines.say("offer", epoch=self._epoch, sdp=offer.sdp, mids=mids)

    def _event(self, event: MediaEvent) -> None:
        self._lines.say("event", kind=event.kind.value, epoch=event.epoch, reason=event.reason)
        if event.kind is MediaEventKind.LOST and event.epoch == self._epoch:
            self._start(self._offer())

    def _picture(self, frame: Frame) -> None:
        self._seen.add(frame.data[: frame.height])

    async def _speak(self) -> None:
        """Speech, because silence would cost almost nothing and noise is coded otherwise."""
        voice = speech_like(3, VOICE_S)
        loop = asyncio.get_running_loop()
        block, due = 0, loop.time()
        while True:
            at = block * 960 % (VOICE_S * 48_000)
            self._media.on_input(voice[at : at + 960], loop.time())
            self._media.pull_output(960)
            block, due = block + 1, due + 0.02
            await asyncio.sleep(max(0.0, due - loop.time()))

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _film(camera: DrawnCamera, push: Callable[[Frame], None]) -> None:
    while True:
        push(await camera.next())


if __name__ == "__main__":
    sys.exit(run_peer(Ours))
