"""Passkeys over HTTPS: one's own; their use in a login, and for what wants a fresh proof."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.params import JSONBody

from hub.api.answers import NOT_FOUND, RefusedError
from hub.api.logging_in import logged_in, whole
from hub.api.who import Asked, house_of, whoever
from hub.core.names import is_text
from hub.core.passkeys import MOST, PasskeyError, Purpose
from protocol.rest import (
    LoggedIn,
    PasskeyAnswer,
    PasskeyGone,
    PasskeyList,
    PasskeyNew,
    PasskeyQuestion,
    PasskeyShown,
)

PATH = "/api/me/passkeys"
STATUS = {"no_passkeys": 404, "too_many": 409, "known_passkey": 409}
"""Of the codes of a PasskeyError; 401 for the others."""


def _refused(error: PasskeyError) -> RefusedError:
    return RefusedError(STATUS.get(error.code, 401), error.code, error.message)


async def _ask(request: Asked, purpose: Purpose) -> PasskeyQuestion:
    who = await whoever(request)
    try:
        return PasskeyQuestion(options=await house_of(request).passkeys.ask(who.login, who.user, purpose))
    except PasskeyError as error:
        raise _refused(error) from None


@get(PATH)
async def mine(request: Asked) -> PasskeyList:
    """What I have, and whether I may add one."""
    user, passkeys = (await whoever(request)).user, house_of(request).passkeys
    has = await passkeys.of(user)
    shown = tuple(
        PasskeyShown(id=one.id, name=one.name, made_at=one.made_at, used_at=one.used_at) for one in has
    )
    return PasskeyList(offered=len(has) < MOST and await passkeys.offered(user), passkeys=shown)


@post(PATH + "/question", status_code=200)
async def question(request: Asked) -> PasskeyQuestion:
    """For a new one. 403 step_up, 404 no_passkeys, 409 too_many."""
    if not await house_of(request).passkeys.offered((await whoever(request)).user):
        raise NOT_FOUND
    return await _ask(request, Purpose.ADD)


@post(PATH, status_code=204)
async def add(request: Asked, data: JSONBody[PasskeyNew]) -> None:
    """A new one. 401 late_passkey or wrong_passkey, 409 known_passkey, 422 odd_name."""
    who, name = await whoever(request), data.name.strip()
    if not name or not is_text(name):
        raise RefusedError(422, "odd_name", "パスキーの名前を入れてください。")
    try:
        await house_of(request).passkeys.add(who.login, who.user, name, data.answer)
    except PasskeyError as error:
        raise _refused(error) from None


@post(PATH + "/remove", status_code=204)
async def remove(request: Asked, data: JSONBody[PasskeyGone]) -> None:
    """It opens nothing any more. 404 when it is not mine."""
    if not await house_of(request).passkeys.remove((await whoever(request)).user, data.id):
        raise NOT_FOUND


@post("/api/login/passkey/question", status_code=200)
async def question_of_login(request: Asked) -> PasskeyQuestion:
    """For a half login."""
    return await _ask(request, Purpose.LOGIN)


@post("/api/login/passkey", status_code=200)
async def log_in(request: Asked, data: JSONBody[PasskeyAnswer]) -> Response[LoggedIn]:
    """The second half of a login. 401 late_passkey, wrong_passkey, copied_passkey or no_login."""
    try:
        made = await house_of(request).logins.prove_by_passkey(await whoever(request), data.answer)
    except PasskeyError as error:
        raise _refused(error) from None
    return Response(logged_in(request, made.whoever), cookies=[whole(request, made)])


@post("/api/login/step-up/passkey/question", status_code=200)
async def question_of_step_up(request: Asked) -> PasskeyQuestion:
    """For what wants a fresh proof."""
    return await _ask(request, Purpose.STEP_UP)


@post("/api/login/step-up/passkey", status_code=204)
async def step_up(request: Asked, data: JSONBody[PasskeyAnswer]) -> None:
    """A fresh proof. 401 as above."""
    try:
        await house_of(request).logins.step_up_by_passkey(await whoever(request), data.answer)
    except PasskeyError as error:
        raise _refused(error) from None


HANDLERS = [mine, question, add, remove, question_of_login, log_in, question_of_step_up, step_up]
