"""An operator without a browser, as a program for one host of a laboratory.

    python -m tests.network.desk_peer https://hub.example NAME PASSWORD

It logs in, is available, accepts whoever rings and answers every epoch; its own way to the terminal is the
relay over UDP. One JSON object a line: {"ready": true} at first, then what it has received so far, several
times a second: {"epoch": 1, "face": 12, "document": 6, "audio": 60, "captures": ["stored"]}. The line `still`
on standard input asks for a still of the document.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from aiortc import RTCIceServer

from protocol.common import Answer, Offer
from protocol.desk_link import Accept, CaptureUpdate, DeskCallUpdate, RequestCapture, Ring, WrapUp
from protocol.envelope import Message
from protocol.values import LIVE_STATES, CaptureKind, DeskCall
from tests.fakes.hub_client import FakeDesk
from tests.kiosk.media.desk import Desk

TELL_S = 0.2
FOR_EVER_S = 3600.0


class Operator:
    """Serves one resident after the other, and wraps up at once."""

    def __init__(self, link: FakeDesk) -> None:
        self._link = link
        self._call: DeskCall | None = None
        self._peers: dict[int, tuple[Desk, Offer]] = {}
        self._captures: dict[str, str] = {}  # id to stage

    async def serve(self) -> None:
        await self._link.available()
        tell({"ready": True})
        work = [asyncio.create_task(self._tell()), asyncio.create_task(self._obey())]
        try:
            while True:
                heard = await self._link.expect(Message, within=FOR_EVER_S)
                await self._hear(heard.message, heard.envelope.epoch or 0)
                for task in work:
                    if task.done():
                        task.result()
        finally:
            for task in work:
                task.cancel()

    async def _hear(self, message: Message, epoch: int) -> None:
        match message:
            case Ring(card=card):
                await self._link.say(Accept(), call=card.call)
            case DeskCallUpdate(call=call) if call.state in LIVE_STATES:
                self._call = call
            case DeskCallUpdate(call=call) if self._call is not None:
                self._call = None
                await self._wrap_up(call.card.call)
            case Offer():
                await self._answer(epoch, message)
            case CaptureUpdate(capture=capture):
                self._captures[capture.id] = capture.stage

    async def _answer(self, epoch: int, offer: Offer) -> None:
        assert self._call is not None
        servers = [
            RTCIceServer(url, server.username, server.credential)
            for server in self._call.ice_servers
            for url in server.urls
            if url.startswith("turn:") and "tcp" not in url
        ]
        desk = Desk(servers=servers)
        self._peers[epoch] = desk, offer
        await self._link.say(Answer(sdp=await desk.answer(offer.sdp)), call=self._call.card.call, epoch=epoch)

    async def _wrap_up(self, call: str) -> None:
        for desk, _ in self._peers.values():
            await desk.close()
        self._peers.clear()
        self._captures.clear()
        await self._link.say(WrapUp(procedure="mynumber-card", outcome="completed"), call=call)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TELL_S)
            if not self._peers:
                continue
            epoch = max(self._peers)
            desk, offer = self._peers[epoch]
            got = {role.value: len(desk.frames(mid).frames) for mid, role in offer.mids.items()}
            tell({"epoch": epoch, **got, "captures": list(self._captures.values())})

    async def _obey(self) -> None:
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        while await reader.readline():
            assert self._call is not None
            await self._link.say(RequestCapture(kind=CaptureKind.DOCUMENT_STILL), call=self._call.card.call)


def tell(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


async def main(url: str, name: str, password: str) -> None:
    async with FakeDesk(url, name, password) as link:
        await Operator(link).serve()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
