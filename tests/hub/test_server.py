"""What comes over the network before any request is understood."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from hub.server import HEAD_LIMIT
from tests.fakes.hub_program import RunningHub, running


async def test_an_endless_header_is_refused_and_others_are_served(hub: RunningHub) -> None:
    """Of a head without an end the hub reads a bounded part, answers 400, hangs up; others notice nothing."""
    url = httpx.URL(hub.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(f"GET /api/health HTTP/1.1\r\nHost: {url.host}\r\nX-Long: ".encode())
    writer.write(b"a" * (HEAD_LIMIT + 1))  # never ends
    async with asyncio.timeout(5):
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{hub.url}/api/health")).status_code == 200
        await reader.read()  # the hub has hung up
    writer.close()


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


@pytest.mark.parametrize("begun", [b"", b"GET /api/health HTTP/1.1\r\nHost: "])
async def test_a_head_that_does_not_end_in_time_is_hung_up_on(
    hub: RunningHub, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    """Idle or slow connections do not stay."""
    monkeypatch.setattr("hub.server.HEAD_S", 0.05)
    url = httpx.URL(hub.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(begun)
    async with asyncio.timeout(3):
        assert await reader.read() == b""
    writer.close()


async def test_a_slow_body_is_waited_for(hub: RunningHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is for the head alone."""
    monkeypatch.setattr("hub.server.HEAD_S", 0.05)
    url = httpx.URL(hub.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"POST /api/login HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nOrigin: {hub.url}\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n".encode())
    idle_reader, idle_writer = await asyncio.open_connection(url.host, url.port)
    async with asyncio.timeout(3):
        assert await idle_reader.read() == b""  # the time is over by now
        writer.write(b"{}")
        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
    writer.close()
    idle_writer.close()
