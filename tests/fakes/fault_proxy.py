"""Stands between a client and a server on loopback, and fails as lines do.

async with FaultProxy(hub_port) as line:
    connect to line.port
    line.stall()            # nothing passes either way, and nobody is told; new connections hang, too
    line.flow()             # what was held up passes
    line.reset()            # all connections of the moment end with RST
    line.lose()             # as reset, and what was on the way in either direction is lost with it
    line.refuse()           # as reset, and nobody listens until flow()
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import Self

LINGER = struct.pack("ii", 1, 0)  # close() sends RST


class FaultProxy:
    """A TCP proxy to a port of loopback; use as an async context manager."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.taken = 0  # connections so far
        self._passing = asyncio.Event()
        self._held = 0  # bytes that came while nothing passed
        self._more = asyncio.Event()
        self._refusing = False
        self._pairs: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._passing.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        self._passing.set()
        self.reset()
        for task in self._pairs:
            task.cancel()
        await asyncio.gather(*self._pairs, return_exceptions=True)

    def stall(self) -> None:
        """The line is dead, and says nothing of it."""
        self._held = 0
        self._passing.clear()

    async def holds(self, count: int) -> None:
        """Until so many bytes have been swallowed since the line was stalled."""
        while self._held < count:
            self._more.clear()
            await self._more.wait()

    def flow(self) -> None:
        """All is well."""
        self._refusing = False
        self._passing.set()

    def reset(self) -> None:
        """Every connection of the moment ends with RST."""
        for writer in tuple(self._writers):
            with contextlib.suppress(OSError):
                sock = writer.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)
            writer.transport.abort()

    def lose(self) -> None:
        """Hold up what is on the way, then reset: it never arrives."""
        self.stall()
        self.reset()

    def refuse(self) -> None:
        """Reset, and new connections are reset at once."""
        self._refusing = True
        self.reset()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pairs.add(task)
        self.taken += 1
        self._writers.add(writer)
        if self._refusing:
            self.reset()
        far: asyncio.StreamWriter | None = None
        try:
            await self._passing.wait()
            far_reader, far = await asyncio.open_connection("127.0.0.1", self.target)
            self._writers.add(far)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, far))
                group.create_task(self._pump(far_reader, writer))
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            self._pairs.discard(task)
            for one in (writer, far):
                if one is not None:
                    self._writers.discard(one)
                    one.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            if not self._passing.is_set():
                self._held += len(data)
                self._more.set()
            await self._passing.wait()
            sink.write(data)
            await sink.drain()
        raise ConnectionResetError("one side has ended")
