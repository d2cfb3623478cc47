"""Logins: made with a password and, where it is wanted, a second factor; kept by the hub, carried by a cookie
that scripts cannot read."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie

from hub.clock import Clock
from hub.core import browsers, second_factor
from hub.core.audit import Action, Entry
from hub.core.login_rate import LoginRate, Try
from hub.core.passkeys import Purpose
from hub.factors import Factors, LoginError
from hub.passkeys import Passkeys
from hub.passwords import Passwords, TooBusyError
from hub.settings import Logins as LoginSettings
from hub.store import factors, people, trail
from hub.store.database import Database
from hub.store.fences import NOBODY, POOL
from hub.store.people import Login, User

COOKIE = "__Host-madoguchi"
BROWSER_COOKIE = "__Host-madoguchi-browser"

HALF_LASTS = timedelta(minutes=10)
"""In which the second factor must follow the password; setting one up takes a while."""


@dataclass(frozen=True, slots=True)
class Whoever:
    """A login and its user."""

    login: Login
    user: User


@dataclass(frozen=True, slots=True)
class Made:
    """A new login: its cookie's token, and what its browser is to keep to be known again."""

    whoever: Whoever
    token: str
    browser: str = ""
    step: str = ""  # what is still wanted: code or enrol
    passkey: bool = False  # instead of the code a passkey will do


class Logins:
    """Makes, finds and ends logins."""

    def __init__(
        self, *, database: Database, passwords: Passwords, factors: Factors, clock: Clock,
        passkeys: Passkeys, settings: LoginSettings, strict: Collection[str] = (),
    ) -> None:  # fmt: skip
        """`strict` municipalities want a second factor of all their people."""
        self._database = database
        self._passwords = passwords
        self._factors = factors
        self._passkeys = passkeys
        self._strict = strict
        self._clock = clock
        self._settings = settings
        self._rate = LoginRate(tries=settings.tries, per_minute=settings.tries_per_minute)

    @property
    def lasts_s(self) -> int:
        """Seconds of a login."""
        return int(self._settings.hours * 3600)

    async def log_in(self, name: str, password: str, address: str, browser: str = "") -> Made:
        """A new login, or half of one; `browser` is the cookie of an earlier one. LoginError."""
        async with self._database.read(POOL) as tx:
            user = await people.user_named(tx, name)
        one = Try(name, address, browsers.known(browser, user.password_hash) if user else "")
        self._check_rate(one)
        try:
            right = await self._passwords.fits(
                user.password_hash if user else None, password, stranger=not one.browser
            )
        except TooBusyError:
            self._rate.not_looked_at(one)
            raise LoginError(
                "too_many_tries", "ログインが混み合っています。少し待ってからお試しください。"
            ) from None
        if user is None or not right:
            async with self._database.write(NOBODY) as tx:
                await trail.append(tx, self._entry(Action.LOGIN_REFUSED, user))
            raise LoginError("wrong_login", "名前かパスワードが違います。")
        self._rate.right(one)
        step = await self._step(user)
        whoever, token = await self._new(user, pending=bool(step))
        kept = browsers.remember(browser, user.password_hash, secrets.token_urlsafe(16))
        passkey = step == "code" and bool(await self._passkeys.of(user))
        return Made(whoever, token, kept, step, passkey)

    async def _step(self, user: User) -> str:
        """Whoever has a second factor is asked for it, whatever her roles are by now."""
        async with self._database.read(NOBODY) as tx:
            factor = await factors.get(tx, user.id)
        if factor is not None and factor.confirmed:
            return "code"
        return "enrol" if second_factor.needed(user.memberships, self._strict) else ""

    async def prove(self, half: Whoever, code: str, address: str) -> Made:
        """The second half of a login: a whole one in place of it. LoginError when the code is none."""
        await self._factors.check(half.user, code, address)
        return await self._whole(half)

    async def prove_by_passkey(self, half: Whoever, answer: str) -> Made:
        """The same with a passkey. PasskeyError when the answer is none."""
        await self._passkeys.check(half.login, half.user, Purpose.LOGIN, answer)
        return await self._whole(half)

    async def enrol(self, half: Whoever) -> tuple[str, str]:
        """(URI, secret) of a new second factor, to be confirmed by a first code."""
        return await self._factors.begin(half.user)

    async def confirm(self, half: Whoever, code: str, address: str) -> tuple[Made, tuple[str, ...]]:
        """The first code of a new second factor: a whole login, and the recovery codes. LoginError."""
        recovery = await self._factors.confirm(half.user, code, address)
        return await self._whole(half), recovery

    async def step_up(self, whoever: Whoever, code: str, address: str) -> None:
        """What needs a fresh second factor is allowed for a while. LoginError when the code is none."""
        await self._factors.check(whoever.user, code, address)
        await self._freshen(whoever)

    async def step_up_by_passkey(self, whoever: Whoever, answer: str) -> None:
        """The same with a passkey. PasskeyError when the answer is none."""
        await self._passkeys.check(whoever.login, whoever.user, Purpose.STEP_UP, answer)
        await self._freshen(whoever)

    async def _freshen(self, whoever: Whoever) -> None:
        async with self._database.write(NOBODY) as tx:
            await factors.prove(tx, whoever.login.token_hash, self._clock.now())
            await trail.append(tx, self._entry(Action.STEPPED_UP, whoever.user))

    async def _whole(self, half: Whoever) -> Made:
        """A token that was known before the second factor opens nothing after it."""
        async with self._database.write(NOBODY) as tx:
            await people.end_login(tx, half.login.token_hash, self._clock.now())
        return Made(*await self._new(half.user, proved=True))

    def _check_rate(self, one: Try) -> None:
        wait = self._rate.wait_s(one, self._clock.steady())
        if wait > 0:
            minutes = max(1, math.ceil(wait / 60))
            way_out = "" if one.browser else "ログインしたことのあるブラウザーからは、すぐに入れます。"
            raise LoginError(
                "too_many_tries",
                f"ログインの失敗が続いたため、しばらく受け付けません。約{minutes}分後にお試しください。{way_out}",
            )

    async def _new(self, user: User, *, pending: bool = False, proved: bool = False) -> tuple[Whoever, str]:
        now = self._clock.now()
        token = secrets.token_urlsafe(32)
        lasts = HALF_LASTS if pending else timedelta(seconds=self.lasts_s)
        login = Login(
            token_hash=_hash(token), user=user.id, csrf=secrets.token_urlsafe(24), created_at=now,
            expires_at=now + lasts, pending=pending, proved_at=now if proved else None,
        )  # fmt: skip
        async with self._database.write(NOBODY) as tx:
            await people.add_login(tx, login)
            if not pending:
                await trail.append(tx, self._entry(Action.LOGIN, user))
        return Whoever(login, user), token

    async def of_token(self, token: str, *, pending: bool = False) -> Whoever | None:
        """Who carries this token now; `pending`: who has still to give a second factor."""
        if not token:
            return None
        async with self._database.read(POOL) as tx:
            login = await people.find_login(tx, _hash(token), self._clock.now(), pending=pending)
            user = await people.user_with(tx, login.user) if login else None
        return Whoever(login, user) if login and user else None

    async def of_cookie(self, header: str) -> Whoever | None:
        """Who sent this Cookie header."""
        try:
            morsel = SimpleCookie(header).get(COOKIE)
        except CookieError:
            return None
        return await self.of_token(morsel.value) if morsel else None

    async def log_out(self, whoever: Whoever) -> None:
        """End the login for good."""
        async with self._database.write(NOBODY) as tx:
            await people.end_login(tx, whoever.login.token_hash, self._clock.now())
            await trail.append(tx, self._entry(Action.LOGOUT, whoever.user))

    def _entry(self, action: Action, user: User | None) -> Entry:
        actor = f"user:{user.id}" if user else "unknown"
        return Entry(at=self._clock.now(), municipality=None, actor=actor, action=action)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
