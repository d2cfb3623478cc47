"""The outermost layer: refuses unknown host names, and puts the security headers on every answer.

Links are led past the web framework to their shells: what it keeps for a request, thousands of links would
keep for hours.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.answers import NOT_FOUND
from hub.origin import known_host
from protocol.rest import Failure

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self), autoplay=(self), geolocation=()",
}

PATH_LIMIT = 1024
"""Bytes of a whole path; the longest of ours has about a hundred."""

NAME_LIMIT = 255
"""Bytes between two slashes: what a file system takes as a name."""

_NO_PAGE = msgspec.json.encode(Failure(code="websocket_only", text="ここは画面ではありません。"))


class Door:
    """Wraps the whole application. `links` are shells by path: they look at Host and Origin themselves."""

    def __init__(self, app: ASGIApp, names: Collection[str], links: Mapping[str, ASGIApp]) -> None:
        self._app = app
        self._names = names
        self._links = links

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if str(scope["type"]) != "http":
            await self._links.get(scope["path"], self._app)(scope, receive, send)
            return
        host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
        if not known_host(host, self._names):
            await _misdirected(send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                fixed = HEADERS | {"cache-control": _cache(scope["path"], message["status"])}
                kept = [(name, value) for name, value in message["headers"] if name.decode() not in fixed]
                message["headers"] = kept + [(n.encode(), v.encode()) for n, v in fixed.items()]
            await send(message)

        if scope["path"] in self._links:
            await _whole(answer, 426, b"application/json", _NO_PAGE, (b"upgrade", b"websocket"))
        elif _possible(scope["path"]):
            await self._app(scope, receive, answer)
        else:
            await _whole(
                answer, NOT_FOUND.status, b"application/json", msgspec.json.encode(NOT_FOUND.failure)
            )


def _possible(path: str) -> bool:
    """Whether the file system can be asked for it: no NUL, nothing longer than its names may be."""
    raw = path.encode(errors="replace")
    return b"\0" not in raw and len(raw) <= PATH_LIMIT and all(len(n) <= NAME_LIMIT for n in raw.split(b"/"))


def _cache(path: str, status: int) -> str:
    """Built assets carry their digest in the name; everything else, or one not there, is asked for again."""
    if path.startswith("/assets/"):
        return "public, max-age=31536000, immutable" if status in (200, 206, 304) else "no-store"
    return "no-store" if path.startswith("/api/") else "no-cache"


async def _misdirected(send: Send) -> None:
    body = b"unknown host name; add it to listen.names in the hub's settings\n"
    await _whole(send, 421, b"text/plain", body)


async def _whole(send: Send, status: int, kind: bytes, body: bytes, *more: tuple[bytes, bytes]) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
