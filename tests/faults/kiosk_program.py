"""A terminal's end of the link without the terminal around it: the agent's own `HubLink`, in its own process.

    python -m tests.faults.kiosk_program URL DEVICE HUB KEY [plain]

KEY is a file with the Ed25519 key. One JSON object a line: words to say come in, what the link does goes out.
`plain` instead of our link is what many programs do: it connects again after the same pauses, and says each
word once, into whatever socket it has.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import uuid
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.exceptions import WebSocketException

from kiosk.agent.hub_link import HubLink, Identity
from kiosk.core.effects import Event, HubSaid, LinkDown, LinkUp, Say
from kiosk.core.link import reconnect_delays
from protocol.envelope import Message
from protocol.kiosk_link import KIOSK_SAYS, Call, Present, Snapshot
from tests.fakes.hub_client import FakeKiosk


def tell(what: dict[str, Any]) -> None:
    """To the one who started us."""
    print(json.dumps(what, ensure_ascii=False), flush=True)


def tell_message(message: Message) -> None:
    """What a test counts."""
    match message:
        case Snapshot(call=call):
            tell({"snapshot": call.presentation.caption if call else None, "call": call.id if call else None})
        case Present(presentation=shown):
            tell({"present": shown.caption})
        case Call(call=call):
            tell({"call": call.id, "state": call.state})


async def words() -> asyncio.StreamReader:
    """Lines of standard input."""
    reader = asyncio.StreamReader(limit=2**20)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    return reader


def message_of(word: dict[str, Any]) -> Message:
    """The word as a message."""
    return msgspec.convert({**word["body"], "type": word["type"]}, KIOSK_SAYS[word["type"]])


async def ours(url: str, identity: Identity) -> None:
    """The agent's link."""

    def on_event(event: Event) -> None:
        match event:
            case LinkUp(resumed=resumed):
                tell({"up": resumed})
            case LinkDown(code=code):
                tell({"down": code})
            case HubSaid(message=message):
                tell_message(message)

    link = HubLink(url, identity, on_event)
    link.hurry(True)
    running = asyncio.create_task(link.run())
    reader = await words()
    while line := await reader.readline():
        word = json.loads(line)
        if "check" in word:
            link.check()
            continue
        link.say(Say(message_of(word), call=word.get("call"), id=word["id"]))
    running.cancel()


async def plain(url: str, identity: Identity) -> None:
    """Connects again, and that is all."""
    known = FakeKiosk(
        url.replace("ws", "http", 1).removesuffix("/ws/kiosk"), identity.device, key=identity.key
    )
    reader = await words()

    async def keep() -> None:
        delays = reconnect_delays(random.Random())
        while True:
            with contextlib.suppress(OSError, AssertionError, TimeoutError, WebSocketException):
                await known.connect()
                tell({"up": False})
                delays = reconnect_delays(random.Random())
                while known.closed is None:
                    await asyncio.wait_for(known.settled(), 12)
                    await asyncio.sleep(1)
            await known.drop()
            await asyncio.sleep(min(next(delays), 1.0))

    keeping = asyncio.create_task(keep())
    while line := await reader.readline():
        word = json.loads(line)
        with contextlib.suppress(OSError, AssertionError, WebSocketException):
            await known.say(message_of(word), call=word.get("call"), id=uuid.uuid4().hex)
    keeping.cancel()


if __name__ == "__main__":
    where, device, hub, key_file, *how = sys.argv[1:]
    key = Ed25519PrivateKey.from_private_bytes(Path(key_file).read_bytes())
    me = Identity(device, hub, uuid.uuid4().hex, key, "faults", simulated=True)
    asyncio.run((plain if how else ours)(where, me))
