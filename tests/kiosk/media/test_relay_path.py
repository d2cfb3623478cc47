"""Asking servers, doors through the proxy, and what is kept: against servers in this process."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aioice import stun

from kiosk.core.relay_ways import Way
from kiosk.media import probe
from kiosk.media.door import Door
from kiosk.media.relay_path import RelayPath
from kiosk.media.tunnel import Proxy, ProxyError
from protocol.values import IceServer
from tests.fakes.certificates import certify
from tests.fakes.connect_proxy import ConnectProxy

HERE = "127.0.0.1"
OFFER = "v=0\r\na=candidate:1 1 udp 1 {h} 9 typ host\r\na=candidate:2 1 udp 1 {h} 9 typ {kind}\r\n"


class Relay(asyncio.DatagramProtocol):
    """Refuses every allocation, as a TURN server does to whoever gives no name, and answers bindings.

    `lossy` swallows so many datagrams first; `mute` says nothing, `foreign` answers somebody else's question.
    """

    def __init__(self) -> None:
        self.lossy, self.mute, self.foreign = 0, False, False
        self.asked = 0
        self.udp = self.tcp = self.tls = 0
        self._servers: list[asyncio.Server] = []
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self, tls: ssl.SSLContext) -> None:
        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=(HERE, 0)
        )
        self.udp = self._transport.get_extra_info("sockname")[1]
        for context in (None, tls):
            server = await asyncio.start_server(self._stream, HERE, 0, ssl=context)
            self._servers.append(server)
        self.tcp, self.tls = (server.sockets[0].getsockname()[1] for server in self._servers)

    def close(self) -> None:
        self._transport.close()
        for server in self._servers:
            server.close()
        for writer in self._writers:
            writer.transport.abort()

    def urls(self) -> dict[Way, str]:
        return {
            Way.STUN: f"stun:{HERE}:{self.udp}",
            Way.UDP: f"turn:{HERE}:{self.udp}",
            Way.TCP: f"turn:{HERE}:{self.tcp}?transport=tcp",
            Way.TLS: f"turns:{HERE}:{self.tls}?transport=tcp",
        }

    def servers(self, *ways: Way) -> tuple[IceServer, ...]:
        urls = tuple(url for way, url in self.urls().items() if way in (ways or Way))
        return (IceServer(urls=urls, username="u", credential="c"),)

    def answer(self, data: bytes) -> bytes:
        self.asked += 1
        question = stun.parse_message(data)
        allocating = question.message_method == stun.Method.ALLOCATE
        assert not question.attributes, "whoever only asks leaves nothing behind"
        answer = stun.Message(
            message_method=question.message_method,
            message_class=stun.Class.ERROR if allocating else stun.Class.RESPONSE,
            transaction_id=b"x" * 12 if self.foreign else question.transaction_id,
        )
        if allocating:
            answer.attributes["ERROR-CODE"] = (401, "Unauthorized")
        return bytes(answer)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        said = self.answer(data)
        if self.asked > self.lossy and not self.mute:
            self._transport.sendto(said, addr)

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        while head := await reader.read(20):
            if not self.mute:
                writer.write(self.answer(head))
        writer.close()


@pytest.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Relay]:
    made = certify(tmp_path, HERE)
    relay = Relay()
    await relay.start(made.context())
    yield relay
    relay.close()


@pytest.fixture
def tls(relay: Relay, tmp_path: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(tmp_path / "authority.pem"))


@pytest.mark.parametrize("way", Way)
async def test_a_server_is_found_over_every_way(relay: Relay, tls: ssl.SSLContext, way: Way) -> None:
    """A refusal in the right words is proof enough, and no password is given for it."""
    assert await probe.answers(relay.urls()[way], tls, None)


async def test_a_lost_datagram_is_said_again(relay: Relay, tls: ssl.SSLContext) -> None:
    """A line that loses two packets is not taken for a closed one."""
    relay.lossy = 2
    assert await probe.answers(relay.urls()[Way.UDP], tls, None)
    assert relay.asked == 3


@pytest.mark.parametrize("way", Way)
async def test_silence_and_strange_answers_are_no_answer(relay: Relay, tls: ssl.SSLContext, way: Way) -> None:
    """Neither a hole nor somebody who speaks of something else is a relay."""
    relay.mute = True
    assert not await probe.answers(relay.urls()[way], tls, None, seconds=0.05)
    relay.mute, relay.foreign = False, True
    assert not await probe.answers(relay.urls()[way], tls, None, seconds=0.05)


@pytest.mark.parametrize(
    "url",
    [
        "turn:127.0.0.1:9?transport=tcp", "turns:127.0.0.1:9", "turn:127.0.0.1:9", "turn:nowhere.invalid",
        "turn::", "turns:a b:x",
    ],
)  # fmt: skip
async def test_a_server_that_cannot_be_there_costs_no_error(tls: ssl.SSLContext, url: str) -> None:
    """Whatever the hub names, the call goes on."""
    assert not await probe.answers(url, tls, None, seconds=1.0)


async def test_a_certificate_of_nobody_known_is_no_relay(relay: Relay) -> None:
    """Whoever breaks TLS open on the way gets neither name nor password."""
    assert not await probe.answers(relay.urls()[Way.TLS], ssl.create_default_context(), None)


async def test_a_relay_that_answers_nobody_delays_an_epoch_by_a_second_at_most(
    relay: Relay, tls: ssl.SSLContext
) -> None:
    """The library's own five seconds never come into play: the offer goes out on a guess."""
    relay.mute = True
    path = RelayPath(tls=tls)
    try:
        async with asyncio.timeout(1.5):
            way = await path.way(relay.servers())
        assert way.choice.way is Way.TLS
    finally:
        await path.close()


async def test_the_best_way_is_given_at_once_when_it_was_asked_before(
    relay: Relay, tls: ssl.SSLContext
) -> None:
    """Asked at link-up, chosen in the call: the call asks nobody."""
    path = RelayPath(tls=tls)
    try:
        path.look(relay.servers())
        first = await path.way(relay.servers())
        asked = relay.asked
        assert (await path.way(relay.servers())).servers == first.servers
        assert relay.asked == asked
        assert first.choice.way is Way.UDP
        assert [server.username for server in first.servers] == ["u", "u"]
    finally:
        await path.close()


async def test_what_was_really_got_is_kept_for_the_next_start(relay: Relay, tls: ssl.SSLContext) -> None:
    """The offer's own candidates are the proof; a start in the middle of a call begins with that way."""
    kept: list[dict[str, tuple[str, ...]]] = []
    path = RelayPath(tls=tls, network=lambda: "here", keep=kept.append)
    way = await path.way(relay.servers(Way.TCP, Way.TLS))
    path.offered(way, OFFER.format(h=HERE, kind="relay"))
    path.offered(way, OFFER.format(h=HERE, kind="relay"))
    await path.close()
    assert kept == [{"here": (relay.urls()[Way.TCP],)}]
    relay.mute = True
    again = RelayPath(tls=tls, network=lambda: "here", memory=kept[0])
    assert (await again.way(relay.servers())).choice.way is Way.TCP
    await again.close()


async def test_an_offer_without_a_relay_is_doubt(relay: Relay, tls: ssl.SSLContext) -> None:
    """The next epoch goes another way, though the first still answers."""
    path = RelayPath(tls=tls)
    way = await path.way(relay.servers(Way.UDP, Way.TLS))
    path.offered(way, OFFER.format(h=HERE, kind="srflx"))
    asked = relay.asked
    await path.way(relay.servers(Way.UDP, Way.TLS), doubt=True)
    assert relay.asked > asked
    await path.close()


async def test_tls_goes_through_the_proxy_by_a_door_here(relay: Relay, tls: ssl.SSLContext) -> None:
    """The media library sees a TURN server on this machine; the relay sees TLS with its own name."""
    async with ConnectProxy(credentials="t:p") as proxy:
        path = RelayPath(Proxy(HERE, proxy.port, "t", "p"), tls=tls)
        way = await path.way(relay.servers(Way.TLS))
        (server,) = way.servers
        assert (server.username, server.credential) == ("u", "c")
        assert server.urls[0].startswith("turn:127.0.0.1:")
        assert server.urls[0] not in relay.urls().values()
        assert await probe.answers(server.urls[0], tls, None), "the relay answers behind the door"
        assert set(proxy.asked) == {f"{HERE}:{relay.tls}"}
        await path.close()


async def test_a_proxy_that_refuses_leaves_the_other_ways(relay: Relay, tls: ssl.SSLContext) -> None:
    """UDP may be open where the proxy says no; and a call without any relay is still a call."""
    async with ConnectProxy(answer=b"HTTP/1.1 403 No\r\n\r\n") as proxy:
        path = RelayPath(Proxy(HERE, proxy.port), tls=tls)
        assert (await path.way(relay.servers(Way.TLS))).servers == ()
        assert (await path.way(relay.servers(Way.UDP, Way.TLS))).choice.way is Way.UDP
        alone = await path.way(relay.servers(Way.UDP, Way.TLS), relay_only=True)
        assert (alone.choice.way, alone.relay_only) == (Way.UDP, False)
        await path.close()


async def refused(port: int) -> bool:
    """At once or right after, as the moment has it."""
    try:
        reader, writer = await asyncio.open_connection(HERE, port)
        writer.write(b"x")
        return await reader.read(1) == b""
    except OSError:
        return True


async def test_one_alone_enters_a_door_and_it_ends_with_him(relay: Relay, tls: ssl.SSLContext) -> None:
    """Nobody else on this machine is let to the relay by our door, and no call leaves one behind."""
    async with ConnectProxy() as proxy:
        door = await Door.open(Proxy(HERE, proxy.port), HERE, relay.tls, tls)
        port = int(door.url.split(":")[2].split("?")[0])
        _, first = await asyncio.open_connection(HERE, port)
        assert await refused(port)
        assert not door.closed
        first.close()
        await asyncio.wait_for(door._work, 5)
        assert door.closed


async def test_a_door_that_nobody_enters_closes_itself(
    relay: Relay, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An epoch that was given up costs neither a port nor a connection of the relay."""
    monkeypatch.setattr("kiosk.media.door.ENTER_S", 0.02)
    async with ConnectProxy() as proxy:
        door = await Door.open(Proxy(HERE, proxy.port), HERE, relay.tls, tls)
        await asyncio.wait_for(door._work, 5)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(HERE, int(door.url.split(":")[2].split("?")[0]))


async def test_a_door_leads_somewhere_or_is_none(relay: Relay, tls: ssl.SSLContext) -> None:
    """Refusals come before the media library begins to wait."""
    async with ConnectProxy(answer=b"HTTP/1.1 407 Who\r\n\r\n") as proxy:
        with pytest.raises(ProxyError):
            await Door.open(Proxy(HERE, proxy.port), HERE, relay.tls, tls)
    async with ConnectProxy() as proxy:
        with pytest.raises(ssl.SSLError):
            await Door.open(Proxy(HERE, proxy.port), HERE, relay.tls, ssl.create_default_context())


async def test_close_leaves_no_task(relay: Relay, tls: ssl.SSLContext) -> None:
    """A stopped agent does not ask on."""
    relay.mute = True
    path = RelayPath(tls=tls)
    began = time.monotonic()
    path.look(relay.servers())
    await asyncio.sleep(0)
    await path.close()
    assert time.monotonic() - began < 2
    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name() == "relay-try"] == []
