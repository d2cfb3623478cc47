"""A way through the proxy of a town hall: one HTTP CONNECT, then the bytes are ours (RFC 9110, 9.3.6).

Every answer but 'yes' is told apart, because each needs another person: the cable, the firewall's keeper,
whoever keeps the proxy's passwords. The password stands in no error, no log line and no repr.
"""

from __future__ import annotations

import asyncio
import base64
import re
import socket
from dataclasses import dataclass, field

from protocol.errors import LocalError

ANSWER_S = 4.0
"""Within this time a proxy has reached its destination or is given up; a link waits for 5 s in all."""

HEAD_BYTES = 16 * 1024
STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})[ \r]")


CODES = ("proxy_unreachable", "proxy_auth", "proxy_refused", "proxy_silent", "proxy_garbage")
"""As a technician reads them at the foot of the offline screen."""


class ProxyError(LocalError):
    """No way through the proxy; somebody on site must act.

    `code`: proxy_unreachable (nothing there), proxy_auth (407), proxy_refused (any other no), proxy_silent
    (no answer in time), proxy_garbage (this is no HTTP proxy).
    """


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy on the way out. With a `user`, both go along as Basic authentication."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def authority(self) -> str:
        """host:port as an address has it."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


async def open_tunnel(proxy: Proxy, host: str, port: int, *, seconds: float = ANSWER_S) -> socket.socket:
    """A connected socket whose other end is `host`; nothing was sent or read on it yet. The caller closes it.

    ProxyError when the proxy does not let it through. The name is resolved by the proxy alone.
    """
    sock: socket.socket | None = None
    try:
        async with asyncio.timeout(seconds):
            sock = await _connect(proxy)
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(sock, _request(proxy, host, port))
            _judge(await _head(sock), proxy, host, port)
            return sock
    except BaseException as error:
        if sock is not None:
            sock.close()
        if isinstance(error, TimeoutError):
            raise _silent(proxy, host, port, sock is not None) from None
        if isinstance(error, OSError):
            raise ProxyError("proxy_unreachable", f"{_name(proxy)}: {error.strerror or error}") from None
        raise


async def _connect(proxy: Proxy) -> socket.socket:
    """Tries each address of the proxy in turn. OSError of the last one."""
    loop = asyncio.get_running_loop()
    failure = OSError("no address")
    for family, kind, number, _, address in await loop.getaddrinfo(
        proxy.host, proxy.port, type=socket.SOCK_STREAM
    ):
        sock = socket.socket(family, kind, number)
        try:
            sock.setblocking(False)
            await loop.sock_connect(sock, address)
        except BaseException as error:
            sock.close()
            if not isinstance(error, OSError):
                raise
            failure = error
        else:
            return sock
    raise failure


def _request(proxy: Proxy, host: str, port: int) -> bytes:
    name = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
    if any(sign <= " " for sign in name):
        raise ProxyError("proxy_refused", "the destination is no host name")
    lines = [f"CONNECT {name}:{port} HTTP/1.1", f"Host: {name}:{port}"]
    if proxy.user:
        word = base64.b64encode(f"{proxy.user}:{proxy.password}".encode()).decode("ascii")
        lines.append(f"Proxy-Authorization: Basic {word}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


async def _head(sock: socket.socket) -> bytes:
    """What the proxy says, to the end of its headers or as far as it goes; the body of a refusal is left."""
    loop = asyncio.get_running_loop()
    head = b""
    while b"\r\n\r\n" not in head and len(head) < HEAD_BYTES:
        more = await loop.sock_recv(sock, 4096)
        if not more:
            break
        head += more
    return head


def _judge(head: bytes, proxy: Proxy, host: str, port: int) -> None:
    status = STATUS.match(head)
    if status is None:
        raise ProxyError("proxy_garbage", f"{_name(proxy)}: its answer is not that of an HTTP proxy")
    code = int(status[1])
    if code == 407:
        raise ProxyError("proxy_auth", f"{_name(proxy)}: wants a user and a password that it knows (407)")
    if not 200 <= code < 300:
        raise ProxyError("proxy_refused", f"{_name(proxy)}: does not let us to {host}:{port} ({code})")
    if not head.endswith(b"\r\n\r\n") or head.count(b"\r\n\r\n") != 1:
        raise ProxyError("proxy_garbage", f"{_name(proxy)}: says yes, then more than a proxy may say")


def _silent(proxy: Proxy, host: str, port: int, connected: bool) -> ProxyError:
    if connected:
        return ProxyError("proxy_silent", f"{_name(proxy)}: no answer in time about {host}:{port}")
    return ProxyError("proxy_unreachable", f"{_name(proxy)}: no connection in time")


def _name(proxy: Proxy) -> str:
    return f"proxy {proxy.authority}"
