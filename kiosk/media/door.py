"""A door on loopback behind which the relay stands: the media library knows no proxy, so it speaks plain TURN
over TCP to this machine, and from here the bytes go through the proxy's tunnel and TLS to the relay.

    door = await Door.open(proxy, "relay.example.jp", 443, ssl.create_default_context())
    server = IceServer(urls=(door.url,), ...)

Whoever enters first is the only one; nobody within ENTER_S closes it. It ends with that connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl

from kiosk.media.tunnel import Proxy, open_tunnel

log = logging.getLogger(__name__)

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]

ENTER_S = 10.0
PIECE_BYTES = 64 * 1024


async def open_stream(host: str, port: int, tls: ssl.SSLContext | None, proxy: Proxy | None) -> Stream:
    """A connection to `host`, with TLS and through the proxy where given. OSError (TLS too), ProxyError."""
    name = host if tls is not None else None
    if proxy is None:
        return await asyncio.open_connection(host, port, ssl=tls, server_hostname=name)
    sock = await open_tunnel(proxy, host, port)
    try:
        return await asyncio.open_connection(sock=sock, ssl=tls, server_hostname=name)
    except BaseException:
        sock.close()
        raise


class Door:
    """Made by `open`; ends by itself or by `close`."""

    def __init__(self, port: int, work: asyncio.Task[None]) -> None:
        self.url = f"turn:127.0.0.1:{port}?transport=tcp"  # as an ICE server's address
        self._work = work

    @classmethod
    async def open(cls, proxy: Proxy, host: str, port: int, tls: ssl.SSLContext) -> Door:
        """Reaches the relay first: a door that leads nowhere is never shown. Errors as of `open_stream`."""
        outer = await open_stream(host, port, tls, proxy)
        entered: asyncio.Future[Stream] = asyncio.get_running_loop().create_future()

        def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if entered.done():
                writer.transport.abort()
            else:
                entered.set_result((reader, writer))

        try:
            server = await asyncio.start_server(enter, "127.0.0.1", 0)
        except BaseException:
            outer[1].transport.abort()
            raise
        port = server.sockets[0].getsockname()[1]
        return cls(port, asyncio.create_task(_serve(server, entered, outer), name="relay-door"))

    @property
    def closed(self) -> bool:
        """Nobody can enter and nobody is inside."""
        return self._work.done()

    async def close(self) -> None:
        """Ends both connections. Safe to repeat."""
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)


async def _serve(server: asyncio.Server, entered: asyncio.Future[Stream], outer: Stream) -> None:
    ends = [outer]
    try:
        async with asyncio.timeout(ENTER_S):
            ends.append(await entered)
        server.close()
        (near, to_near), (far, to_far) = ends
        ways = [asyncio.create_task(_pass_on(near, to_far)), asyncio.create_task(_pass_on(far, to_near))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)  # TURN knows no half-closed way
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
    except TimeoutError:
        log.info("nobody came through the door to the relay")
    finally:
        server.close()
        for _, writer in ends:
            writer.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one side closes; a full side slows the other down."""
    with contextlib.suppress(OSError, ssl.SSLError):
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
