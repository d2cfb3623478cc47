"""A WebSocket as the links see it: three methods, so that no server's types go further than this file."""

from __future__ import annotations

import contextlib
from typing import Protocol

from litestar.types import Receive, Scope, Send


class Socket(Protocol):
    """One accepted connection."""

    async def receive(self) -> str | bytes | None:
        """The next frame; None once the connection is gone."""

    async def send(self, text: str) -> None:
        """Returns when the text has left for the network. OSError when the connection is gone."""

    async def close(self, code: int, reason: str) -> None:
        """Closing twice, or after the other side, is harmless."""


class AsgiSocket:
    """A connection of the ASGI server; `accept` it first, or `deny` it."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        client = scope.get("client")
        self.address: str = client[0] if client else ""
        self.scheme = "https" if scope["scheme"] == "wss" else "http"
        self._receive = receive
        self._send = send
        self._open = False

    async def accept(self) -> None:
        """Answer the handshake."""
        await self._receive()  # websocket.connect
        await self._send({"type": "websocket.accept", "subprotocol": None, "headers": []})
        self._open = True

    async def deny(self) -> None:
        """Answer the handshake with 403; a page of another origin learns no more."""
        await self._receive()
        await self._send({"type": "websocket.close", "code": 1008, "reason": ""})

    async def receive(self) -> str | bytes | None:
        """The next frame."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            self._open = False
            return None
        text = message.get("text")
        return text if text is not None else message.get("bytes") or b""

    async def send(self, text: str) -> None:
        """One text frame."""
        if not self._open:
            raise ConnectionResetError("the connection is gone")
        await self._send({"type": "websocket.send", "text": text, "bytes": None})

    async def close(self, code: int, reason: str) -> None:
        """The close frame; its reason has at most 123 bytes."""
        if self._open:
            self._open = False
            with contextlib.suppress(OSError, RuntimeError):
                await self._send({"type": "websocket.close", "code": code, "reason": reason[:60]})
