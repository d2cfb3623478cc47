"""Login, logout, and who I am."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody

from hub.api.answers import RefusedError
from hub.api.who import Asked, check_origin, house_of, whoever
from hub.counter import views
from hub.logins import BROWSER_COOKIE, COOKIE, LoginError, Whoever
from protocol.rest import LoggedIn, Login

KNOWN_S = 180 * 24 * 3600
"""Seconds after a login in which its browser is known again."""

STATUS = {"wrong_login": 401, "too_many_tries": 429}


def _logged_in(request: Asked, who: Whoever) -> LoggedIn:
    return LoggedIn(me=views.me(who.user, house_of(request).content), csrf=who.login.csrf)


def _cookie(key: str, value: str, seconds: int) -> Cookie:
    return Cookie(
        key=key, value=value, max_age=seconds, path="/", secure=True, httponly=True, samesite="strict"
    )


@post("/api/login", status_code=200)
async def log_in(request: Asked, data: JSONBody[Login]) -> Response[LoggedIn]:
    """A name and a password for a cookie. 401 wrong_login, 429 too_many_tries."""
    check_origin(request)
    logins = house_of(request).logins
    address = request.client.host if request.client else ""
    try:
        made = await logins.log_in(data.name, data.password, address, request.cookies.get(BROWSER_COOKIE, ""))
    except LoginError as error:
        raise RefusedError(STATUS[error.code], error.code, error.message) from None
    cookies = [_cookie(COOKIE, made.token, logins.lasts_s), _cookie(BROWSER_COOKIE, made.browser, KNOWN_S)]
    return Response(_logged_in(request, made.whoever), cookies=cookies)


@post("/api/logout", status_code=204)
async def log_out(request: Asked) -> Response[None]:
    """This login ends at the hub, and with it the link that it opened."""
    who = await whoever(request)
    house = house_of(request)
    await house.logins.log_out(who)
    house.registry.log_out(who.login)
    return Response(None, status_code=204, cookies=[_cookie(COOKIE, "", 0)])


@get("/api/me")
async def me(request: Asked) -> LoggedIn:
    """Who is logged in, and the CSRF value of this login. 401 no_login."""
    return _logged_in(request, await whoever(request))
