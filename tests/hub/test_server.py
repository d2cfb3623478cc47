"""What comes over the network before any request is understood: too much, too slow, too many."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest

from hub.connections import HEAD_LIMIT
from hub.server import allow_files
from hub.settings import Listen
from tests.fakes.hub_program import RunningHub, running
from tests.hub.test_preflight import pair

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def connected(hub: RunningHub, **options: str) -> AsyncIterator[Stream]:
    """A bare connection to the hub."""
    url = httpx.URL(hub.url)
    where = (options["source"], 0) if options else None
    reader, writer = await asyncio.open_connection(url.host, url.port, local_addr=where)
    async with asyncio.timeout(20):
        yield reader, writer
    writer.close()


def login_head(hub: RunningHub, length: int) -> bytes:
    """The head of a login whose body has this many bytes."""
    host = httpx.URL(hub.url).netloc.decode()
    return (
        f"POST /api/login HTTP/1.1\r\nHost: {host}\r\nOrigin: {hub.url}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience of a twentieth of a second."""
    monkeypatch.setattr("hub.connections.HEAD_S", 0.05)
    monkeypatch.setattr("hub.connections.BODY_S", 0.05)
    monkeypatch.setattr("hub.connections.STUCK_S", 0.05)


async def test_an_endless_header_is_refused_and_others_are_served(hub: RunningHub) -> None:
    """Of a head without an end the hub reads a bounded part, answers 400, hangs up; others notice nothing."""
    async with connected(hub) as (reader, writer):
        writer.write(b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ")
        writer.write(b"a" * (HEAD_LIMIT + 1))  # never ends
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{hub.url}/api/health")).status_code == 200
        await reader.read()  # the hub has hung up


@pytest.fixture
async def built(tmp_path: Path) -> AsyncIterator[RunningHub]:
    """A hub with a built desk of one page and one asset."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html>")
    (dist / "assets" / "a-1234.js").write_text("1;")
    async with running(tmp_path, desk=dist) as hub:
        yield hub


async def test_only_assets_that_are_there_are_kept_by_browsers(built: RunningHub) -> None:
    """A missing asset is asked for again: during an update it may come a moment later."""
    async with httpx.AsyncClient(base_url=built.url) as client:
        there, missing = await client.get("/assets/a-1234.js"), await client.get("/assets/b-5678.js")
    assert (there.status_code, missing.status_code) == (200, 404)
    assert "immutable" in there.headers["cache-control"]
    assert missing.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/%00", "/a%00b", "/" + "a" * 5000, "/%ff%fe", "/assets/%00"])
async def test_impossible_paths_are_not_found(built: RunningHub, path: str) -> None:
    """With the usual body, and nothing in the log as if the hub had failed."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(built.url + path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("path", ["/api/%00", "/api/handbook/%00", "/api/" + "a" * 5000])
async def test_impossible_paths_of_the_interface_are_not_found(hub: RunningHub, path: str) -> None:
    """Also while no desk is built."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(hub.url + path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_text_that_is_not_utf8_is_a_bad_request(hub: RunningHub) -> None:
    """A body that cannot be read is the sender's mistake."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(
            f"{hub.url}/api/login",
            content=b'{"name": "\xff\xfe", "password": "x"}',
            headers={"content-type": "application/json", "origin": hub.url},
        )
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("begun", [b"", b"GET /api/health HTTP/1.1\r\nHost: "])
async def test_a_head_that_does_not_end_in_time_is_hung_up_on(hub: RunningHub, begun: bytes) -> None:
    """Idle or slow connections do not stay."""
    async with connected(hub) as (reader, writer):
        writer.write(begun)
        assert await reader.read() == b""


@pytest.mark.usefixtures("quick")
async def test_a_body_that_brings_nothing_is_hung_up_on(
    hub: RunningHub, caplog: pytest.LogCaptureFixture
) -> None:
    """Nor is it in the log as if the hub had failed; others are served meanwhile."""
    async with connected(hub) as (reader, writer):
        writer.write(login_head(hub, 1000) + b"{")
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{hub.url}/api/health")).status_code == 200
        assert await reader.read() == b""
    assert not [one for one in caplog.records if one.levelname == "ERROR"]


@pytest.mark.usefixtures("quick")
async def test_a_body_that_keeps_coming_has_time(hub: RunningHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow line may send a large body for long; what counts is that it goes on."""
    monkeypatch.setattr("hub.connections.BODY_RATE", 10)
    async with connected(hub) as (reader, writer), connected(hub) as (idle, _):
        writer.write(login_head(hub, 2000) + b" " * 1000)
        assert await idle.read() == b""
        writer.write(b" " * 500)
        async with connected(hub) as (later, _):
            assert await later.read() == b""  # twice the patience has passed
        writer.write(b" " * 500)
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")


@pytest.mark.usefixtures("quick")
async def test_a_body_that_is_answered_already_is_not_read_for_ever(hub: RunningHub) -> None:
    """However fast it comes."""
    head = login_head(hub, 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"
    async with connected(hub) as (reader, writer):
        writer.write(head + 20 * chunk)
        assert (await reader.readline()).startswith(b"HTTP/1.1 413")
        with contextlib.suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(chunk)
                await writer.drain()
                await asyncio.sleep(0.001)


@pytest.mark.usefixtures("quick")
async def test_whoever_does_not_read_the_answer_is_hung_up_on(tmp_path: Path) -> None:
    """A large file is not held in memory for somebody who never takes it."""
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "index.html").write_bytes(b"x" * 30_000_000)
    async with running(tmp_path, desk=dist) as hub, connected(hub) as (reader, writer):
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        host = httpx.URL(hub.url).netloc
        writer.write(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
        served = hub.server.server_state
        while not served.tasks:
            await asyncio.sleep(0)
        while served.tasks or served.connections:
            await asyncio.sleep(0.01)
        assert not served.total_requests, "the answer did not get through"


@pytest.mark.usefixtures("quick")
async def test_whoever_does_not_read_a_link_is_hung_up_on(hub: RunningHub) -> None:
    """Answers to a flood of WebSocket pings are not heaped up for somebody who never takes them."""
    async with connected(hub) as (reader, writer):
        await _upgraded(hub, reader, writer)
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        ping = b"\x89\xfd\0\0\0\0" + b"x" * 125
        sent = 0
        with contextlib.suppress(ConnectionError):
            while hub.server.server_state.connections:
                writer.write(ping * 500)
                await writer.drain()
                sent += 500 * len(ping)
                await asyncio.sleep(0)
                assert sent < 60_000_000, "it takes all that comes"


def link_head(hub: RunningHub) -> bytes:
    """The head of a link."""
    host = httpx.URL(hub.url).netloc.decode()
    return (
        f"GET /ws/kiosk HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


async def _upgraded(hub: RunningHub, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(link_head(hub))
    assert (await reader.readline()).startswith(b"HTTP/1.1 101")


async def _challenged(reader: asyncio.StreamReader) -> bool:
    """Whether a link is answered, and the first frame that it hears is the challenge."""
    assert (await reader.readline()).startswith(b"HTTP/1.1 101")
    await reader.readuntil(b"\r\n\r\n")
    return b'"type":"challenge"' in await reader.read(1000)


async def test_the_head_of_a_link_may_come_in_pieces(hub: RunningHub) -> None:
    """However the network has cut it."""
    head = link_head(hub)
    async with connected(hub) as (reader, writer):
        writer.write(head[:60])
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{hub.url}/api/health")).status_code == 200  # it has read the piece
        writer.write(head[60:])
        assert await _challenged(reader)
    async with connected(hub) as (reader, writer):
        writer.write(head)
        assert await _challenged(reader)


@pytest.mark.parametrize(
    "wrong", [(b" HTTP/1.1", b" and more HTTP/1.1"), (b"Host", b"Ho st"), (b"Host: ", b"Host: \0")]
)
async def test_a_bad_head_of_a_link_is_hung_up_on(hub: RunningHub, wrong: tuple[bytes, bytes]) -> None:
    """Nobody stays who has not said what he wants; others are served."""
    async with connected(hub) as (reader, writer):
        writer.write(link_head(hub).replace(*wrong))
        assert not (await reader.read()).startswith(b"HTTP/1.1 101")
    assert not hub.server.server_state.connections


@pytest.mark.parametrize("path", ["/ws/kiosk", "/ws/desk"])
async def test_a_link_s_address_is_not_a_page(hub: RunningHub, path: str) -> None:
    """Opened in a browser, it says what it is for, and nothing in the log looks like a fault of the hub."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(hub.url + path)
    assert (answer.status_code, answer.json()["code"]) == (426, "websocket_only")
    assert answer.headers["upgrade"] == "websocket"


async def test_a_handshake_that_does_not_end_is_hung_up_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before TLS stands nobody is counted, so nobody may stay; others are served meanwhile."""
    monkeypatch.setattr("hub.server.HANDSHAKE_S", 0.3)
    listen = pair(tmp_path)
    trust = ssl.create_default_context(cafile=listen.certificate)
    async with (
        running(tmp_path, listen=msgspec.structs.replace(listen, port=1)) as hub,
        connected(hub) as (reader, _),
        httpx.AsyncClient(verify=trust) as client,
    ):
        url = hub.url.replace("http://127.0.0.1", "https://localhost")
        assert (await client.get(f"{url}/api/health")).status_code == 200
        assert await reader.read() == b""


@pytest.fixture
async def narrow(tmp_path: Path) -> AsyncIterator[RunningHub]:
    """A hub that bears sixteen connections of one address."""
    async with running(tmp_path, listen=Listen(port=1, connections_per_address=16)) as hub:
        yield hub


async def test_one_address_cannot_take_all_connections(narrow: RunningHub) -> None:
    """The seventeenth is told so; those that stand, and other addresses, are served."""
    async with contextlib.AsyncExitStack() as stack:
        idle = [await stack.enter_async_context(connected(narrow)) for _ in range(16)]
        reader, _ = await stack.enter_async_context(connected(narrow))
        refused = (await reader.read()).decode()
        assert refused.startswith("HTTP/1.1 503")
        assert "接続が多すぎます" in refused
        request = f"GET /api/health HTTP/1.1\r\nHost: {httpx.URL(narrow.url).netloc.decode()}\r\n\r\n"
        elsewhere, to_elsewhere = await stack.enter_async_context(connected(narrow, source="127.0.0.2"))
        for reader, writer in ((elsewhere, to_elsewhere), idle[0]):
            writer.write(request.encode())
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")


async def test_a_link_counts_until_it_is_closed(narrow: RunningHub) -> None:
    """An open link takes one place, not two, and gives it back."""
    desk = await narrow.desk("hana")
    async with desk:
        await desk.http.aclose()
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(15):
                await stack.enter_async_context(connected(narrow))
            reader, _ = await stack.enter_async_context(connected(narrow))
            assert (await reader.readline()).startswith(b"HTTP/1.1 503")
            await narrow.lost(desk)
            reader, writer = await stack.enter_async_context(connected(narrow))
            writer.write(login_head(narrow, 2) + b"{}")
            assert (await reader.readline()).startswith(b"HTTP/1.1 400")


async def test_a_trusted_proxy_stands_for_many(tmp_path: Path) -> None:
    """Its connections are its own matter."""
    listen = Listen(port=1, connections_per_address=16, trusted_proxies=("127.0.0.0/8",))
    async with running(tmp_path, listen=listen) as hub, contextlib.AsyncExitStack() as stack:
        for _ in range(20):
            await stack.enter_async_context(connected(hub))
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{hub.url}/api/health")).status_code == 200


def test_the_hub_may_open_as_many_files_as_the_machine_allows() -> None:
    """The usual soft limit of 1,024 would be two busy addresses."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, before[1]))
    try:
        assert allow_files() == resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 512
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
