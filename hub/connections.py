"""What the hub bears of a connection before any request is understood: how many of them, and how slow.

Whoever is too slow is hung up on without a word: it is a broken line, or somebody who means harm. An address
with too many connections is told so; those that it has already are served on.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, cast

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import Protocol, Side, State

from hub.core.networks import Networks, network
from hub.sockets.port import CONNECTION

log = logging.getLogger(__name__)

HEAD_LIMIT = 65_536
"""Bytes of a request line and its headers; a longer head is answered 400 and the connection closed."""

HEAD_S = 10.0
"""Seconds from the connection, or a head's first bytes, to its end."""

BODY_S = 10.0
"""Seconds that a body may take, beside what BODY_RATE allows for its length."""

BODY_RATE = 8 * 1024
"""Bytes a second that a body brings at least: a line with less carries no call either."""

STUCK_S = 30.0
"""Seconds in which somebody who has stopped reading our answer must go on."""

_TEXT = "この接続元からの接続が多すぎます。使わない画面を閉じて、少し待ってからお試しください。\n".encode()
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: %d\r\nRetry-After: 10\r\nConnection: close\r\n\r\n%b" % (len(_TEXT), _TEXT)
)


class Crowd:
    """Counts open connections by network. A trusted proxy stands for many people: it is not counted."""

    def __init__(self, limit: int, proxies: Iterable[str] = ()) -> None:
        self._limit = limit
        self._proxies = Networks(proxies)
        self._open: Counter[str] = Counter()
        self._told: set[str] = set()  # networks whose crowd stands in the log already

    def room(self, address: str) -> bool:
        """Whether one more connection of this address may stay. The first refusal is logged."""
        where = network(address)
        if address in self._proxies or self._open[where] < self._limit:
            return True
        if where not in self._told:
            self._told.add(where)
            log.warning("too many connections of one address", extra={"address": where})
        return False

    def enter(self, address: str) -> None:
        """One more."""
        self._open[network(address)] += 1

    def leave(self, address: str) -> None:
        """One less."""
        where = network(address)
        self._open[where] -= 1
        if not self._open[where]:
            del self._open[where]
            self._told.discard(where)


class CrowdConfig(uvicorn.Config):
    """A server's settings, with the crowd that its connections belong to."""

    def __init__(self, app: Any, *, crowd: Crowd, **options: Any) -> None:
        super().__init__(app, http=PromptHttp, ws=CountedWebSocket, **options)
        self.crowd = crowd


def _crowd(config: uvicorn.Config) -> Crowd:
    return cast(CrowdConfig, config).crowd


class _HangsUpWhenStuck(asyncio.Protocol):
    """Whoever does not read what we say is cut off after STUCK_S."""

    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    _stuck: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """The other side does not read."""
        super().pause_writing()
        self._stuck = self.loop.call_later(STUCK_S, self.transport.abort)

    def resume_writing(self) -> None:
        """It does again."""
        super().resume_writing()
        self._forget()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is left to cut off."""
        self._forget()
        super().connection_lost(exc)

    def _forget(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None


def _begins_link(data: bytes) -> bool:
    """Whether this is the whole head of a WebSocket, as clients send it. Others are upgraded by uvicorn."""
    head, end, _ = data.partition(b"\r\n\r\n")
    if not end or not head.startswith(b"GET "):
        return False
    lines = head.lower().split(b"\r\n")
    return b"upgrade: websocket" in lines and b"connection: upgrade" in lines


class PromptHttp(_HangsUpWhenStuck, H11Protocol):
    """Hangs up on slow heads and slow bodies; a WebSocket takes its time."""

    _timer: asyncio.TimerHandle | None = None
    _awaits: object = None  # h11.IDLE while a head is awaited, h11.SEND_BODY within a body
    _since = 0.0  # when the body began, later by what we did not read
    _got = 0  # bytes of it, and of its head
    _address = ""
    _here = False  # counted, and awaited as HTTP

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first head is awaited, if there is room."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        if not _crowd(self.config).room(self._address):
            transport.write(_FULL)
            transport.close()
            return
        _crowd(self.config).enter(self._address)
        self._here = True
        self._watch(0)

    def data_received(self, data: bytes) -> None:
        """A part of a head, of a body, or a kept connection's next head."""
        if self._here and not self._got and _begins_link(data):
            self._become_link(data)
            return
        super().data_received(data)
        self._watch(len(data))

    def _become_link(self, head: bytes) -> None:
        """Read the head of a link once, by the library that reads its frames: thousands come back at once."""
        self._leave()
        self.connections.discard(self)
        link = CountedWebSocket(self.config, self.server_state, self.app_state)
        link.connection_made(self.transport)
        self.transport.set_protocol(link)
        link.data_received(head)
        if not link.handshake_initiated:  # it was no head after all
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is awaited any more."""
        self._leave()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """From here on it is a link, which is counted by itself."""
        self._leave()
        super().handle_websocket_upgrade(event)

    def _leave(self) -> None:
        self._awaits = None
        self._set_timer(None)
        if self._here:
            _crowd(self.config).leave(self._address)
            self._here = False

    def _watch(self, more: int) -> None:
        """Await what the client is to say next."""
        state = self.conn.their_state if self._here else None
        self._got += more
        if state is self._awaits:
            return
        self._awaits = state
        if state is h11.IDLE:
            self._set_timer(HEAD_S, self._late)
        elif state is h11.SEND_BODY:
            self._since, self._got = self.loop.time(), more  # its head came along
            self._set_timer(BODY_S, self._look_at_body)
        else:
            self._set_timer(None)

    def _look_at_body(self) -> None:
        if self.flow.read_paused:  # it is we who are slow
            self._since += BODY_S
        left = self._since + BODY_S + self._got / BODY_RATE - self.loop.time()
        answered = self.cycle is not None and self.cycle.response_complete  # the rest is for nobody
        if left <= 0 or answered:
            self._late()
        else:
            self._set_timer(min(left, BODY_S), self._look_at_body)

    def _late(self) -> None:
        if self._awaits is h11.SEND_BODY:  # browsers open connections in advance: no head is no news
            log.info("body too slow", extra={"path": self.scope["path"], "bytes": self._got})
        self.transport.close()

    def _set_timer(self, seconds: float | None, then: Callable[[], None] = lambda: None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, then)


class _Mailbox:
    """What the server needs of asyncio.Queue, in a tenth of its memory: one task reads it."""

    __slots__ = ("_items", "_reader")

    def __init__(self) -> None:
        self._items: list[Any] = []
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, item: Any) -> None:
        """Wakes the reader."""
        self._items.append(item)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> Any:
        """The oldest item, once there is one."""
        while not self._items:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        return self._items.pop(0)

    def empty(self) -> bool:
        """Whether `get` would wait."""
        return not self._items


class CountedWebSocket(_HangsUpWhenStuck, WebSocketsSansIOProtocol):
    """A link's connection belongs to its address until it is closed.

    Whoever does not read is not listened to either: each ping would add its answer to what waits. The link
    finds it in its scope, as CONNECTION.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue = _Mailbox()  # type: ignore[assignment]
        self.logger = logging.getLogger(
            "uvicorn.access"
        )  # the shells say who has linked; strangers say nothing

    def handle_connect(self, event: Request) -> None:
        """The application, which begins in a moment, finds this connection in its scope."""
        super().handle_connect(event)
        if self.response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            return
        self.scope["headers"] = [(name.lower(), value) for name, value in self.scope["headers"]]
        cast(dict[str, Any], self.scope["extensions"])[CONNECTION] = self

    @property
    def gone(self) -> bool:
        """Whether nobody reads at the other end any more."""
        return self.disconnected or self.transport.is_closing() or self.conn.state is not State.OPEN

    def write_text(self, text: str) -> bool:
        """Whether the text has left, past ASGI and its waiting; if not, nothing has been done."""
        if self.disconnected or not self.writable.is_set() or self.conn.state is not State.OPEN:
            return False
        self.conn.send_text(text.encode())
        self.transport.write(b"".join(self.conn.data_to_send()))
        return True

    def forget_handshake(self) -> None:
        """Some kilobytes of each connection: its parser holds the request as well, so it gets a new one."""
        if not self.handshake_complete:
            return
        del self.request, self.response
        self.scope.clear()  # type: ignore[attr-defined]
        if not self.conn.reader.buffer:
            self.conn = Protocol(  # type: ignore[assignment]
                Side.SERVER, max_size=self.config.ws_max_size, logger=self.conn.logger
            )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It had room as a request already."""
        super().connection_made(transport)
        _crowd(self.config).enter(self._address)

    def connection_lost(self, exc: Exception | None) -> None:
        """Once for each."""
        _crowd(self.config).leave(self._address)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Pings wait as well."""
        super().pause_writing()
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        """Unless the link itself has enough to read."""
        super().resume_writing()
        if not self.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""
