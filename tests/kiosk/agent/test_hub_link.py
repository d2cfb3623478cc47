"""The link against a real WebSocket server: signed, answered, never brought down by bad words."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.server import Server, ServerConnection, serve

from kiosk.agent.hub_link import HubLink, Identity
from kiosk.core.effects import Event, HubSaid, LinkDown, LinkUp, Say
from kiosk.media.tunnel import Proxy
from protocol import envelope as wire
from protocol import versions
from protocol.common import Ping, Renew
from protocol.kiosk_link import KIOSK_SAYS, CallLeave, CallRequest, Challenge, Hello, Welcome
from protocol.signing import connect_statement
from tests.fakes.certificates import certify
from tests.fakes.connect_proxy import ConnectProxy

KEY = Ed25519PrivateKey.generate()
NONCE = "n" * 32


class FakeHub:
    """Speaks the hub's side by hand.

    hub.send(Renew(reason="reload")); message = await hub.heard(CallRequest)
    """

    def __init__(self) -> None:
        self.name = "madoguchi"
        self.connections: list[ServerConnection] = []
        self.inbox: asyncio.Queue[tuple[wire.Envelope, wire.Message | None]] = asyncio.Queue()
        self._sent = 0

    async def handle(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        self._sent = 0
        await self.send(Challenge(hub=self.name, nonce=NONCE, versions=(1,)))
        async for data in connection:
            envelope = wire.read_envelope(data)
            message = wire.read_body(envelope, KIOSK_SAYS)
            self.inbox.put_nowait((envelope, message))
            if isinstance(message, Hello):
                await self.welcome()

    async def welcome(self) -> None:
        await self.send(
            Welcome(version=1, resume_token="r", server_time=datetime.now(UTC), heartbeat_s=5.0, dead_s=12.0)
        )

    async def send(self, message: wire.Message, **values: Any) -> None:
        self._sent += 1
        values.setdefault("id", f"m{self._sent}")
        values.setdefault("seq", self._sent)
        await self.connections[-1].send(wire.write(message, version=1, **values))

    async def raw(self, text: str | bytes) -> None:
        await self.connections[-1].send(text)

    async def heard(self, kind: type[Any] | None = None) -> tuple[wire.Envelope, Any]:
        async with asyncio.timeout(5):
            while True:
                envelope, message = await self.inbox.get()
                if kind is None or isinstance(message, kind):
                    return envelope, message


class Rig:
    def __init__(self, hub: FakeHub, link: HubLink, server: Server, events: asyncio.Queue[Event]) -> None:
        self.hub, self.link, self.server, self.events = hub, link, server, events

    async def event(self, kind: type[Any]) -> Any:
        async with asyncio.timeout(5):
            while True:
                event = await self.events.get()
                if isinstance(event, kind):
                    return event


@contextlib.asynccontextmanager
async def linked(
    hub: FakeHub, proxy: Proxy | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Rig]:
    """A terminal's link that runs towards this hub."""
    async with serve(hub.handle, "127.0.0.1", 0, ssl=tls) as server:
        port = server.sockets[0].getsockname()[1]
        events: asyncio.Queue[Event] = asyncio.Queue()
        identity = Identity("kita-1", "madoguchi", "boot-1", KEY, "test", simulated=True)
        url = f"{'ws' if tls is None else 'wss'}://127.0.0.1:{port}/ws/kiosk"
        link = HubLink(url, identity, events.put_nowait, proxy)
        running = asyncio.create_task(link.run())
        yield Rig(hub, link, server, events)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with linked(FakeHub()) as rig:
        yield rig


async def test_the_hello_is_signed_over_the_challenge(rig: Rig) -> None:
    """Only the holder of the device key gets in, and only at this hub with this nonce."""
    _, hello = await rig.hub.heard(Hello)
    statement = connect_statement(hub="madoguchi", nonce=NONCE, device="kita-1", boot_id="boot-1")
    KEY.public_key().verify(base64.b64decode(hello.signature), statement)
    await rig.event(LinkUp)


async def test_messages_are_numbered_and_carry_their_id(rig: Rig) -> None:
    """The hub can drop what it has already taken."""
    await rig.event(LinkUp)
    rig.link.say(Say(CallRequest(), id="touch-1"))
    rig.link.say(Say(CallLeave(reason="resident"), call="c1"))
    first, _ = await rig.hub.heard(CallRequest)
    second, _ = await rig.hub.heard(CallLeave)
    assert (first.id, second.call) == ("touch-1", "c1")
    assert second.seq == first.seq + 1
    assert second.ack == 2


async def test_a_message_that_comes_twice_is_taken_once(rig: Rig) -> None:
    """A repeated number is a duplicate."""
    await rig.event(LinkUp)
    await rig.hub.send(Renew(reason="a"), seq=3)
    await rig.hub.send(Renew(reason="b"), seq=3)
    await rig.hub.send(Renew(reason="c"), seq=4)
    first, second = await rig.event(HubSaid), await rig.event(HubSaid)
    assert (first.message.reason, second.message.reason) == ("a", "c")


async def test_a_ping_is_answered(rig: Rig) -> None:
    """The hub can see that the terminal lives."""
    await rig.event(LinkUp)
    await rig.hub.send(Ping(), id="p1")
    while True:
        _, message = await rig.hub.heard()
        if getattr(message, "about", "") == "p1":
            break


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("not json", "not_json"),
        ("[" * 50 + "]" * 50, "too_deep"),
        ('{"v":1,"type":"renew","id":"x","id":"y"}', "duplicate_key"),
        ('{"v":1,"type":"renew","id":"x","body":{"reason":NaN}}', "not_finite"),
        ('{"v":1,"type":"renew","id":"x","body":{"reason":5}}', "bad_body"),
        (b"\xff\xfe", "not_utf8"),
    ],
)
async def test_garbage_of_the_hub_is_refused_and_the_link_goes_on(
    rig: Rig, data: str | bytes, code: str
) -> None:
    """A bad message costs an answer, never the link."""
    await rig.event(LinkUp)
    await rig.hub.raw(data)
    while True:
        _, message = await rig.hub.heard()
        if getattr(message, "code", "") == code:
            break
    await rig.hub.send(Renew(reason="fine"))
    assert (await rig.event(HubSaid)).message.reason == "fine"


async def test_an_unknown_type_is_answered_unsupported(rig: Rig) -> None:
    """A newer hub may say more than this terminal knows."""
    await rig.event(LinkUp)
    await rig.hub.raw(json.dumps({"v": 1, "type": "dance", "id": "x1", "seq": 3, "body": {"step": 1}}))
    while True:
        _, message = await rig.hub.heard()
        if getattr(message, "unknown", "") == "dance":
            assert message.about == "x1"
            break


async def test_an_expired_command_is_refused(rig: Rig) -> None:
    """A late 'take the photo' never photographs someone who has left."""
    await rig.event(LinkUp)
    await rig.hub.send(Renew(reason="late"), expires=datetime.now(UTC) - timedelta(seconds=1))
    while True:
        _, message = await rig.hub.heard()
        if getattr(message, "code", "") == "expired":
            break
    assert all(not isinstance(event, HubSaid) for event in list(rig.events._queue))  # type: ignore[attr-defined]


async def test_an_oversized_frame_costs_the_connection_but_not_the_link(rig: Rig) -> None:
    """The link comes back by itself after a frame that nobody may send."""
    await rig.event(LinkUp)
    await rig.hub.raw("x" * 70_000)
    await rig.event(LinkDown)
    await rig.event(LinkUp)


async def test_a_closed_link_comes_back_and_says_why_it_was_down(rig: Rig) -> None:
    """The technician reads the reason at the foot of the offline screen."""
    await rig.event(LinkUp)
    await rig.hub.connections[-1].close(4003)
    down = await rig.event(LinkDown)
    assert down.code == "device_unknown"
    await rig.event(LinkUp)


async def test_a_hub_of_another_name_is_not_talked_to(rig: Rig) -> None:
    """A signature is never given to a hub that the settings do not name."""
    await rig.event(LinkUp)
    while not rig.hub.inbox.empty():
        rig.hub.inbox.get_nowait()
    rig.hub.name = "someone-else"
    await rig.hub.connections[-1].close(1012)
    await rig.event(LinkDown)
    await _until(lambda: len(rig.hub.connections) >= 3)
    assert all(not isinstance(message, Hello) for _, message in list(rig.hub.inbox._queue))  # type: ignore[attr-defined]


class Dancer(FakeHub):
    """Its first word is one that the terminal does not know."""

    async def handle(self, connection: ServerConnection) -> None:
        await connection.send(json.dumps({"v": 1, "type": "dance", "id": "x", "body": {}}))
        await super().handle(connection)


async def test_the_first_words_are_in_the_oldest_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that was updated before its hub is not taken for a stranger before both have agreed."""
    monkeypatch.setattr(versions, "CURRENT", 2)
    monkeypatch.setattr(versions, "SUPPORTED", (1, 2))
    async with linked(Dancer()) as rig:
        envelope, message = await rig.hub.heard()
        assert (envelope.v, getattr(message, "unknown", "")) == (1, "dance")
        _, hello = await rig.hub.heard(Hello)
        assert hello.versions == (1, 2)
        await rig.event(LinkUp)


async def test_a_link_goes_through_the_proxy() -> None:
    """Both ways, with user and password; the environment's own proxy is never asked."""
    async with ConnectProxy(credentials="t:p") as proxy:
        async with linked(FakeHub(), Proxy("127.0.0.1", proxy.port, "t", "p")) as rig:
            await rig.event(LinkUp)
            rig.link.say(Say(CallRequest(), id="touch-1"))
            assert (await rig.hub.heard(CallRequest))[0].id == "touch-1"
            port = rig.server.sockets[0].getsockname()[1]
        assert set(proxy.asked) == {f"127.0.0.1:{port}"}


async def test_only_the_settings_name_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that somebody left in the environment does not lead the link astray."""
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    async with linked(FakeHub()) as rig:
        await rig.event(LinkUp)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 407 Who?\r\n\r\n", "proxy_auth"),
        (b"HTTP/1.1 403 No\r\n\r\n", "proxy_refused"),
        (b"220 mail.hall.example ESMTP\r\n", "proxy_garbage"),
        (None, "proxy_unreachable"),
    ],
)
async def test_a_proxy_that_lets_nobody_through_is_named(answer: bytes | None, code: str) -> None:
    """The technician reads whose matter it is, at the first start already; the terminal tries on."""
    async with ConnectProxy(answer=answer) as proxy:
        if answer is None:
            proxy.close()
        async with linked(FakeHub(), Proxy("127.0.0.1", proxy.port)) as rig:
            assert (await rig.event(LinkDown)).code == code
            assert (await rig.event(LinkDown)).code == code
            assert rig.hub.connections == []


async def test_a_certificate_that_is_not_trusted_is_named(tmp_path: Path) -> None:
    """A proxy that breaks TLS open, or a clock of 1970, is not a missing cable."""
    made = certify(tmp_path, "127.0.0.1")
    async with linked(FakeHub(), tls=made.context()) as rig:
        assert (await rig.event(LinkDown)).code == "link_certificate"


async def _until(ready: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not ready():
            await asyncio.sleep(0.01)
