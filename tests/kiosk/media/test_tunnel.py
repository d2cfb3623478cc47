"""Through the proxy of a town hall: bytes pass untouched, and every refusal says whose matter it is."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator

import pytest

from kiosk.media.tunnel import CODES, Proxy, ProxyError, open_tunnel
from tests.fakes.connect_proxy import ConnectProxy

PASSWORD = "hall-secret-7"


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    """A server that says everything back, in capitals."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(100):
            writer.write(piece.upper())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def talk(sock: socket.socket) -> bytes:
    reader, writer = await asyncio.open_connection(sock=sock)
    writer.write(b"hello")
    said = await reader.readexactly(5)
    writer.close()
    return said


async def test_what_goes_in_comes_out(echo: int) -> None:
    """Nothing of the proxy's own words is left in front of ours."""
    async with ConnectProxy() as proxy:
        sock = await open_tunnel(Proxy("127.0.0.1", proxy.port), "127.0.0.1", echo)
        assert await talk(sock) == b"HELLO"
        assert proxy.asked == [f"127.0.0.1:{echo}"]
        assert "Proxy-Authorization" not in proxy.heads[0]


async def test_the_name_is_left_to_the_proxy() -> None:
    """Behind a proxy a terminal often has no DNS; names and addresses travel as HTTP wants them."""
    async with ConnectProxy(answer=b"HTTP/1.0 200 OK\r\n\r\n") as proxy:
        way = Proxy("127.0.0.1", proxy.port)
        for host in ("relay.nowhere.example", "2001:db8::1", "窓口.example"):
            (await open_tunnel(way, host, 443)).close()
    assert proxy.asked == ["relay.nowhere.example:443", "[2001:db8::1]:443", "xn--6or331g.example:443"]


async def test_user_and_password_open_it(echo: int) -> None:
    """With them the way is open, without them the technician reads that they are missing."""
    async with ConnectProxy(credentials=f"terminal:{PASSWORD}") as proxy:
        sock = await open_tunnel(Proxy("127.0.0.1", proxy.port, "terminal", PASSWORD), "127.0.0.1", echo)
        assert await talk(sock) == b"HELLO"
        with pytest.raises(ProxyError) as refused:
            await open_tunnel(Proxy("127.0.0.1", proxy.port), "127.0.0.1", echo)
        assert refused.value.code == "proxy_auth"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 407 Who?\r\n\r\n", "proxy_auth"),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno!", "proxy_refused"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "proxy_refused"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://login.hall.example/\r\n\r\n", "proxy_refused"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "proxy_garbage"),
        (b"HTTP/1.1 20O OK\r\n\r\n", "proxy_garbage"),
        (b"HTTP/1.1 200 OK\r\nHalf: of a", "proxy_garbage"),
        (b"HTTP/1.1 200 OK\r\n\r\n<html>welcome</html>", "proxy_garbage"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000, "proxy_garbage"),
        (b"\x00\xff" * 40_000, "proxy_garbage"),
        (b"", "proxy_garbage"),
    ],
)
async def test_a_refusal_says_what_it_is(answer: bytes, code: str) -> None:
    """A wrong password, a closed firewall and a printer at the proxy's address are three people's matters."""
    async with ConnectProxy(answer=answer) as proxy:
        with pytest.raises(ProxyError) as refused:
            await open_tunnel(Proxy("127.0.0.1", proxy.port), "hub.example", 443)
    assert refused.value.code == code
    assert f"127.0.0.1:{proxy.port}" in refused.value.message


async def test_a_proxy_that_is_not_there_or_says_nothing() -> None:
    """Neither keeps anybody waiting, and they are told apart."""
    async with ConnectProxy(silent=True) as proxy:
        with pytest.raises(ProxyError) as refused:
            await open_tunnel(Proxy("127.0.0.1", proxy.port), "hub.example", 443, seconds=0.05)
        assert refused.value.code == "proxy_silent"
    with pytest.raises(ProxyError) as refused:
        await open_tunnel(Proxy("127.0.0.1", proxy.port), "hub.example", 443)
    assert refused.value.code == "proxy_unreachable"
    with pytest.raises(ProxyError) as refused:
        await open_tunnel(Proxy("proxy.invalid", 8080), "hub.example", 443)
    assert refused.value.code in ("proxy_unreachable", "proxy_silent")


async def test_a_destination_cannot_say_more_than_its_name() -> None:
    """An address that the hub sent cannot put a header of its own into our request."""
    async with ConnectProxy() as proxy:
        with pytest.raises(ProxyError):
            await open_tunnel(Proxy("127.0.0.1", proxy.port), "a\r\nX-Evil: b", 443)
        assert proxy.asked == []


async def test_the_password_is_said_to_the_proxy_alone(caplog: pytest.LogCaptureFixture) -> None:
    """Not in an error, a log line or the text of the object."""
    caplog.set_level(logging.DEBUG)
    async with ConnectProxy(credentials="other:word") as proxy:
        way = Proxy("127.0.0.1", proxy.port, "terminal", PASSWORD)
        with pytest.raises(ProxyError) as refused:
            await open_tunnel(way, "hub.example", 443)
    assert PASSWORD not in f"{way!r} {refused.value!r} {refused.value.message} {caplog.text}"


def test_every_code_can_be_raised() -> None:
    """The manual's table and the errors are the same list."""
    assert {"proxy_auth", "proxy_garbage", "proxy_refused", "proxy_silent", "proxy_unreachable"} == set(CODES)
