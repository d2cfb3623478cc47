"""Who asks: the login behind the cookie, and for changes the proof that our own page sent them."""

from __future__ import annotations

import hmac
from typing import Any

from litestar import Request
from litestar.datastructures import State

from hub.api.answers import NOT_FOUND, RefusedError
from hub.core.audit import Action
from hub.house import House
from hub.logins import COOKIE, Whoever
from hub.origin import same_origin

Asked = Request[Any, Any, State]


def house_of(request: Asked) -> House:
    """The house that serves this request."""
    house: House = request.app.state.house
    return house


async def whoever(request: Asked) -> Whoever:
    """The login of this request. RefusedError 401."""
    found = await house_of(request).logins.of_token(request.cookies.get(COOKIE, ""))
    if found is None:
        raise RefusedError(
            401, "no_login", "ログインしていないか、期限が切れました。もう一度ログインしてください。"
        )
    return found


def check_origin(request: Asked) -> None:
    """A change must come from a page of ours. RefusedError 403."""
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    if not same_origin(origin, request.scope["scheme"], host, house_of(request).settings.listen.names):
        raise RefusedError(403, "foreign_origin", "ほかのサイトからの操作は受け付けられません。")


async def changing(request: Asked) -> Whoever:
    """The login of a request that changes something. RefusedError 401 or 403."""
    check_origin(request)
    found = await whoever(request)
    if not hmac.compare_digest(
        request.headers.get("x-madoguchi-csrf", "").encode(), found.login.csrf.encode()
    ):
        raise RefusedError(403, "csrf", "画面が古くなっています。再読み込みしてください。")
    return found


async def foreign(request: Asked, who: Whoever, subject: str) -> RefusedError:
    """Something of another municipality, or of nobody: the same 404, and an entry in the audit trail."""
    await house_of(request).trail.add(Action.FOREIGN_REFUSED, f"user:{who.user.id}", subject=subject[:64])
    return NOT_FOUND
