"""Asks a STUN or TURN server whether it is there, without a name or a password and without leaving anything.

A binding request for STUN. For TURN an allocation that says neither who asks nor for what: the server refuses
it, and any well-formed answer to our own question shows that the way is open, both ways, to something that
speaks TURN.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from typing import Any

from aioice import stun
from aiortc.rtcicetransport import parse_stun_turn_uri

from kiosk.media.door import open_stream
from kiosk.media.tunnel import Proxy
from protocol.errors import LocalError

log = logging.getLogger(__name__)

TRY_S = 3.0
"""A server that has not answered by then counts as not there; no epoch waits so long."""

AGAIN_S = (0.1, 0.2, 0.4, 0.8)
"""A datagram may be lost: pauses before it is said again."""

HEADER_BYTES = 20


async def answers(url: str, tls: ssl.SSLContext, proxy: Proxy | None, *, seconds: float = TRY_S) -> bool:
    """Whether the server behind an address of `kiosk.core.relay_ways` speaks; no fault of a network raises.

    `proxy` is for TLS alone: no other way leads through one.
    """
    try:
        server = parse_stun_turn_uri(url)
        secure = server["scheme"] == "turns"
        async with asyncio.timeout(seconds):
            if server.get("transport", "udp") == "udp":
                return await _by_datagram(server["host"], server["port"], _question(url))
            return await _by_stream(
                server["host"],
                server["port"],
                _question(url),
                tls if secure else None,
                proxy if secure else None,
            )
    except (OSError, LocalError, asyncio.IncompleteReadError, ValueError) as error:
        log.info("relay not reached", extra={"url": url, "error": str(error) or type(error).__name__})
        return False


def _question(url: str) -> stun.Message:
    method = stun.Method.BINDING if url.startswith("stun:") else stun.Method.ALLOCATE
    return stun.Message(message_method=method, message_class=stun.Class.REQUEST)


def _is_answer(data: bytes, question: stun.Message) -> bool:
    try:
        message = stun.parse_message(data)
    except ValueError:
        return False
    kinds = (stun.Class.RESPONSE, stun.Class.ERROR)
    return message.message_class in kinds and message.transaction_id == question.transaction_id


class _Asking(asyncio.DatagramProtocol):
    def __init__(self, question: stun.Message) -> None:
        self._question = question
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if not self.answered.done() and _is_answer(data, self._question):
            self.answered.set_result(None)

    def error_received(self, exc: Exception) -> None:
        if not self.answered.done():  # nobody listens there, and its host says so
            self.answered.set_exception(exc)


async def _by_datagram(host: str, port: int, question: stun.Message) -> bool:
    loop = asyncio.get_running_loop()
    transport, asking = await loop.create_datagram_endpoint(
        lambda: _Asking(question), remote_addr=(host, port)
    )
    try:
        for pause in AGAIN_S:
            transport.sendto(bytes(question))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await asyncio.shield(asking.answered)
                    return True
        await asking.answered
        return True
    finally:
        asking.answered.cancel()
        transport.close()


async def _by_stream(
    host: str, port: int, question: stun.Message, tls: ssl.SSLContext | None, proxy: Proxy | None
) -> bool:
    reader, writer = await open_stream(host, port, tls, proxy)
    try:
        writer.write(bytes(question))
        head = await reader.readexactly(HEADER_BYTES)
        body = await reader.readexactly(int.from_bytes(head[2:4], "big"))
        return _is_answer(head + body, question)
    finally:
        writer.transport.abort()
