"""Logins: made with a password, kept by the hub, carried by a cookie that scripts cannot read."""

from __future__ import annotations

import hashlib
import math
import secrets
from dataclasses import dataclass
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie

from hub.clock import Clock
from hub.core.audit import Action, Entry
from hub.core.limits import Tries
from hub.passwords import Passwords, TooBusyError
from hub.settings import Logins as LoginSettings
from hub.store import people, trail
from hub.store.database import Database
from hub.store.people import Login, User
from protocol.errors import PeerError

COOKIE = "__Host-madoguchi"


class LoginError(PeerError):
    """No login; `code` is wrong_login or too_many_tries, the text is for the person."""


@dataclass(frozen=True, slots=True)
class Whoever:
    """A login and its user."""

    login: Login
    user: User


class Logins:
    """Makes, finds and ends logins."""

    def __init__(
        self, *, database: Database, passwords: Passwords, clock: Clock, settings: LoginSettings
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._clock = clock
        self._settings = settings
        self._by_name = Tries(burst=settings.tries, per_minute=settings.tries_per_minute)
        self._by_address = Tries(burst=settings.tries * 4, per_minute=settings.tries_per_minute * 4)

    @property
    def lasts_s(self) -> int:
        """Seconds of a login."""
        return int(self._settings.hours * 3600)

    async def log_in(self, name: str, password: str, address: str) -> tuple[Whoever, str]:
        """A new login and the cookie's token. LoginError when there is none."""
        self._check_rate(name, address)
        async with self._database.read() as tx:
            user = await people.user_named(tx, name)
        try:
            right = await self._passwords.fits(user.password_hash if user else None, password)
        except TooBusyError:
            raise LoginError(
                "too_many_tries", "ログインが混み合っています。少し待ってからお試しください。"
            ) from None
        if user is None or not right:
            await self._audit(Action.LOGIN_REFUSED, user)
            raise LoginError("wrong_login", "名前かパスワードが違います。")
        self._by_name.forgive(name)
        return await self._new(user)

    def _check_rate(self, name: str, address: str) -> None:
        now = self._clock.steady()
        wait = max(self._by_name.wait_s(name, now), self._by_address.wait_s(address, now))
        if wait > 0:
            minutes = max(1, math.ceil(wait / 60))
            raise LoginError(
                "too_many_tries",
                f"続けて間違えたため、しばらくログインできません。約{minutes}分後にお試しください。",
            )

    async def _new(self, user: User) -> tuple[Whoever, str]:
        now = self._clock.now()
        token = secrets.token_urlsafe(32)
        login = Login(
            token_hash=_hash(token), user=user.id, csrf=secrets.token_urlsafe(24), created_at=now,
            expires_at=now + timedelta(seconds=self.lasts_s),
        )  # fmt: skip
        async with self._database.write() as tx:
            await people.add_login(tx, login)
        await self._audit(Action.LOGIN, user)
        return Whoever(login, user), token

    async def of_token(self, token: str) -> Whoever | None:
        """Who carries this token now."""
        if not token:
            return None
        async with self._database.read() as tx:
            login = await people.find_login(tx, _hash(token), self._clock.now())
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
        async with self._database.write() as tx:
            await people.end_login(tx, whoever.login.token_hash, self._clock.now())
        await self._audit(Action.LOGOUT, whoever.user)

    async def _audit(self, action: Action, user: User | None) -> None:
        entry = Entry(
            at=self._clock.now(), municipality=None, actor=f"user:{user.id}" if user else "unknown",
            action=action,
        )  # fmt: skip
        async with self._database.write() as tx:
            await trail.append(tx, entry)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
