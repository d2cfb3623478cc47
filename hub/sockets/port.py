"""A WebSocket as the links see it: a few methods, so that no server's types go further than this file."""

from __future__ import annotations

import contextlib
from typing import Protocol

from litestar.types import Receive, Scope, Send


class Socket(Protocol):
    """One accepted connection."""

    @property
    def gone(self) -> bool:
        """Whether it is known to be closed, also before anybody has asked for the next frame."""

    async def receive(self) -> str | bytes | None:
        """The next frame; None once the connection is gone."""

    def send_now(self, text: str) -> bool:
        """Whether the text has left at once. If not, nothing has been done: use `send`."""

    async def send(self, text: str) -> None:
        """Returns when the text has left for the network. OSError when the connection is gone."""

    async def close(self, code: int, reason: str) -> None:
        """Closing twice, or after the other side, is harmless."""


class Connection(Protocol):
    """What our server's connections can do beside ASGI; it stands in the scope's extensions as CONNECTION."""

    @property
    def gone(self) -> bool:
        """As `Socket.gone`."""

    def write_text(self, text: str) -> bool:
        """As `Socket.send_now`."""

    def forget_handshake(self) -> None:
        """Request and answer are of no use any more, and a hub holds thousands of them."""


CONNECTION = "madoguchi.connection"


class AsgiSocket:
    """A connection of the ASGI server; `accept` it first, or `deny` it."""

    __slots__ = ("_connection", "_headers", "_open", "_receive", "_send", "address", "scheme")

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        self.address: str = client[0] if client else ""
        self.scheme = "https" if scope["scheme"] == "wss" else "http"
        self._headers = list(scope["headers"])
        self._connection: Connection | None = (scope.get("extensions") or {}).get(CONNECTION)  # type: ignore[assignment]
        self._receive = receive
        self._send = send
        self._open = False

    def header(self, name: str) -> str:
        """Of the handshake; '' for one that is not there, and for all once it is answered."""
        wanted = name.encode("latin-1")
        found = (value for key, value in reversed(self._headers) if key == wanted)
        return next(found, b"").decode("latin-1")

    async def accept(self) -> None:
        """Answer the handshake."""
        await self._receive()  # websocket.connect
        await self._send({"type": "websocket.accept", "subprotocol": None, "headers": []})
        self._open = True
        self._headers = []
        if self._connection is not None:
            self._connection.forget_handshake()

    async def deny(self) -> None:
        """Answer the handshake with 403; a page of another origin learns no more."""
        await self._receive()
        await self._send({"type": "websocket.close", "code": 1008, "reason": ""})

    @property
    def gone(self) -> bool:
        """Known only where the server tells it beside ASGI."""
        return not self._open or (self._connection is not None and self._connection.gone)

    async def receive(self) -> str | bytes | None:
        """The next frame."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            self._open = False
            return None
        text = message.get("text")
        return text if text is not None else message.get("bytes") or b""

    def send_now(self, text: str) -> bool:
        """One text frame, where the server has a way past ASGI and nothing waits in front of it."""
        return self._open and self._connection is not None and self._connection.write_text(text)

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
