"""What comes over the network before any request is understood."""

from __future__ import annotations

import asyncio

import httpx

from hub.server import HEAD_LIMIT
from tests.fakes.hub_program import RunningHub


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
