"""A town hall's proxy that knows CONNECT alone. In a test:

    async with ConnectProxy() as proxy:                 # or ConnectProxy(answer=b"HTTP/1.1 403 No\r\n\r\n")
        await open_tunnel(Proxy("127.0.0.1", proxy.port), "127.0.0.1", 8350)
        assert proxy.asked == ["127.0.0.1:8350"]

As a program in a namespace: `python -m tests.fakes.connect_proxy PORT [USER:PASSWORD]`, which prints 'up' and
then a line for every destination that it lets through.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import sys
from typing import Self


class ConnectProxy:
    """Passes on what it is asked for, unless it has an `answer` of its own or wants `credentials`.

    An empty answer hangs up; `silent` says nothing for ever.
    """

    def __init__(
        self, *, answer: bytes | None = None, credentials: str = "", silent: bool = False, aloud: bool = False
    ) -> None:
        self.answer, self.credentials, self.silent, self.aloud = answer, credentials, silent, aloud
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, host, port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    def close(self) -> None:
        """Takes in nobody any more."""
        assert self._server is not None
        self._server.close()

    async def __aexit__(self, *_: object) -> None:
        self.close()
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
            self.heads.append(head)
            destination = head.split()[1]
            self.asked.append(destination)
            if self.silent:
                await asyncio.Event().wait()
            refusal = self._refusal(head)
            if refusal is None:
                await self._pass(destination, reader, writer)
            else:
                writer.write(refusal)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def _refusal(self, head: str) -> bytes | None:
        if self.answer is not None:
            return self.answer
        word = base64.b64encode(self.credentials.encode()).decode()
        if self.credentials and f"Proxy-Authorization: Basic {word}\r\n" not in head:
            return (
                b'HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm="hall"\r\nContent-Length: 2\r\n\r\nno'
            )
        return None

    async def _pass(
        self, destination: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        host, _, port = destination.rpartition(":")
        try:
            far, to_far = await asyncio.open_connection(host.strip("[]"), int(port))
        except OSError:
            writer.write(b"HTTP/1.1 502 Nobody There\r\n\r\n")
            return
        self._writers.append(to_far)
        if self.aloud:
            print(destination, flush=True)
        writer.write(b"HTTP/1.1 200 Connection established\r\nVia: hall\r\n\r\n")
        ways = {asyncio.ensure_future(_copy(reader, to_far)), asyncio.ensure_future(_copy(far, writer))}
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        to_far.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()


async def _main(port: int, credentials: str) -> None:
    proxy = ConnectProxy(credentials=credentials, aloud=True)
    await proxy.start("0.0.0.0", port)
    print("up", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""))
