"""Who asks, and whether she may: looked at once for every request, before its handler, by one table.

The login behind the cookie; for changes the proof that our own page sent them; then the roles. What is of a
foreign municipality looks as if it did not exist, and both kinds of refusal leave an audit entry.
"""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from hub.api.answers import NOT_FOUND, RefusedError
from hub.core.audit import Action
from hub.core.permissions import REQUESTS, Proof, Rule, Verdict, judge
from hub.core.roles import where
from hub.core.second_factor import is_fresh
from hub.house import House
from hub.logins import COOKIE, Whoever
from hub.origin import same_origin

log = logging.getLogger(__name__)

Asked = Request[Any, Any, State]

NO_LOGIN = RefusedError(
    401, "no_login", "ログインしていないか、期限が切れました。もう一度ログインしてください。"
)
STEP_UP = RefusedError(403, "step_up", "この操作には、認証アプリの新しいコードが要ります。")
NOT_ALLOWED = RefusedError(403, "not_allowed", "この操作をする権限がありません。")


@dataclass(frozen=True, slots=True)
class Permit:
    """Who may, and in which municipalities."""

    whoever: Whoever
    municipalities: tuple[str, ...]


def house_of(request: ASGIConnection[Any, Any, Any, State]) -> House:
    """The house that serves this request."""
    house: House = request.app.state.house
    return house


def permit(request: Asked) -> Permit:
    """What the guard has found, for a request that needs a login."""
    found: Permit = request.state.permit
    return found


async def whoever(request: Asked) -> Whoever:
    """The login of this request."""
    return permit(request).whoever


async def guard(request: ASGIConnection[Any, Any, Any, State], _: BaseRouteHandler) -> None:
    """Before every handler. RefusedError 401, 403, or 404 for what is foreign."""
    if _method(request) in ("", "OPTIONS"):
        return  # a socket proves itself in its own first words; OPTIONS says nothing but names of methods
    name = f"{_method(request)} {request.scope['path_template']}"
    rule = REQUESTS.get(name)
    if rule is None:
        log.error("a request without a line in hub/core/permissions.py", extra={"request": name})
        raise NOT_FOUND
    if rule.proof is Proof.NONE:
        return
    if _method(request) != "GET":
        check_origin(request)
    token = request.cookies.get(COOKIE, "")
    who = await house_of(request).logins.of_token(token, pending=rule.proof is Proof.HALF)
    if who is None:
        raise NO_LOGIN
    if _method(request) != "GET":
        _check_csrf(request, who)
    await _judge(request, rule, who)
    if rule.proof is Proof.FRESH and not is_fresh(who.login.proved_at, house_of(request).clock.now()):
        raise STEP_UP
    request.state.permit = Permit(who, where(who.user.memberships, rule.roles))


def _method(request: ASGIConnection[Any, Any, Any, State]) -> str:
    """As the table has it; '' for a socket."""
    method = str(request.scope.get("method", ""))
    return "GET" if method == "HEAD" else method


async def _judge(request: ASGIConnection[Any, Any, Any, State], rule: Rule, who: Whoever) -> None:
    if not rule.roles:
        return
    municipality = request.path_params.get("municipality")
    match judge(who.user.memberships, rule.roles, municipality):
        case Verdict.FOREIGN:
            raise await foreign(request, who, str(municipality))
        case Verdict.ROLE:
            template = str(request.scope["path_template"])
            await house_of(request).trail.add(
                Action.ROLE_REFUSED, f"user:{who.user.id}", municipality, template[-80:]
            )
            raise NOT_ALLOWED


def check_origin(request: ASGIConnection[Any, Any, Any, State]) -> None:
    """A change must come from a page of ours. RefusedError 403."""
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    if not same_origin(origin, request.scope["scheme"], host, house_of(request).settings.listen.names):
        raise RefusedError(403, "foreign_origin", "ほかのサイトからの操作は受け付けられません。")


def _check_csrf(request: ASGIConnection[Any, Any, Any, State], who: Whoever) -> None:
    said = request.headers.get("x-madoguchi-csrf", "")
    if not hmac.compare_digest(said.encode(), who.login.csrf.encode()):
        raise RefusedError(403, "csrf", "画面が古くなっています。再読み込みしてください。")


async def foreign(request: ASGIConnection[Any, Any, Any, State], who: Whoever, subject: str) -> RefusedError:
    """Something of another municipality, or of nobody: the same 404, and an entry in the audit trail.

    Where the subject is a municipality that there is, the entry is its own to read.
    """
    house = house_of(request)
    municipality = subject if subject in house.content.towns else None
    await house.trail.add(Action.FOREIGN_REFUSED, f"user:{who.user.id}", municipality, subject[:64])
    return NOT_FOUND
