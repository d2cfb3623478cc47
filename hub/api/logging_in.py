"""Login in one step or two, logout, and who I am."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody

from hub.api.answers import RefusedError
from hub.api.who import Asked, check_origin, house_of, whoever
from hub.counter import views
from hub.factors import LoginError
from hub.logins import BROWSER_COOKIE, COOKIE, HALF_LASTS, Made, Whoever
from protocol.rest import Enrolled, Enrolment, FactorCode, HalfLogin, LoggedIn, Login

KNOWN_S = 180 * 24 * 3600
"""Seconds after a login in which its browser is known again."""

STATUS = {"wrong_login": 401, "wrong_code": 401, "too_many_tries": 429, "enrolled": 409}


def logged_in(request: Asked, who: Whoever) -> LoggedIn:
    """What a page is told of its login."""
    return LoggedIn(me=views.me(who.user, house_of(request).content), csrf=who.login.csrf)


def _cookie(key: str, value: str, seconds: int) -> Cookie:
    return Cookie(
        key=key, value=value, max_age=seconds, path="/", secure=True, httponly=True, samesite="strict"
    )


def whole(request: Asked, made: Made) -> Cookie:
    """The cookie of a login that wants nothing more."""
    return _cookie(COOKIE, made.token, house_of(request).logins.lasts_s)


def _address(request: Asked) -> str:
    return request.client.host if request.client else ""


def _refused(error: LoginError) -> RefusedError:
    return RefusedError(STATUS[error.code], error.code, error.message)


@post("/api/login", status_code=200)
async def log_in(request: Asked, data: JSONBody[Login]) -> Response[LoggedIn | HalfLogin]:
    """A name and a password for a cookie. 202 HalfLogin, 401 wrong_login, 429 too_many_tries."""
    check_origin(request)
    logins = house_of(request).logins
    browser = request.cookies.get(BROWSER_COOKIE, "")
    try:
        made = await logins.log_in(data.name, data.password, _address(request), browser)
    except LoginError as error:
        raise _refused(error) from None
    known = _cookie(BROWSER_COOKIE, made.browser, KNOWN_S)
    if made.step:
        half = HalfLogin(step=made.step, csrf=made.whoever.login.csrf, passkey=made.passkey)
        cookies = [_cookie(COOKIE, made.token, int(HALF_LASTS.total_seconds())), known]
        return Response(half, status_code=202, cookies=cookies)
    return Response(logged_in(request, made.whoever), cookies=[whole(request, made), known])


@post("/api/login/code", status_code=200)
async def prove(request: Asked, data: JSONBody[FactorCode]) -> Response[LoggedIn]:
    """The second factor of a half login. 401 wrong_code or no_login, 429 too_many_tries."""
    try:
        made = await house_of(request).logins.prove(await whoever(request), data.code, _address(request))
    except LoginError as error:
        raise _refused(error) from None
    return Response(logged_in(request, made.whoever), cookies=[whole(request, made)])


@post("/api/login/enrol", status_code=200)
async def enrol(request: Asked) -> Enrolment:
    """A new second factor for a half login that has none. 409 enrolled."""
    try:
        uri, secret = await house_of(request).logins.enrol(await whoever(request))
    except LoginError as error:
        raise _refused(error) from None
    return Enrolment(uri=uri, secret=secret)


@post("/api/login/enrol/code", status_code=200)
async def confirm(request: Asked, data: JSONBody[FactorCode]) -> Response[Enrolled]:
    """The first code of a new second factor. 401 wrong_code, 429 too_many_tries."""
    try:
        made, recovery = await house_of(request).logins.confirm(
            await whoever(request), data.code, _address(request)
        )
    except LoginError as error:
        raise _refused(error) from None
    enrolled = Enrolled(login=logged_in(request, made.whoever), recovery=recovery)
    return Response(enrolled, cookies=[whole(request, made)])


@post("/api/login/step-up", status_code=204)
async def step_up(request: Asked, data: JSONBody[FactorCode]) -> None:
    """A fresh code, for what needs one. 401 wrong_code, 429 too_many_tries."""
    try:
        await house_of(request).logins.step_up(await whoever(request), data.code, _address(request))
    except LoginError as error:
        raise _refused(error) from None


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
    return logged_in(request, await whoever(request))
