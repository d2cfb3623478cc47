"""Passkeys of people: made and used in answer to a challenge that a login is given once, for five minutes."""

from __future__ import annotations

import secrets

from sqlalchemy.exc import IntegrityError

from hub.clock import Clock
from hub.core import passkeys as rules
from hub.core.audit import Action, Entry
from hub.core.passkey_site import Site
from hub.core.passkeys import CHALLENGE_BYTES, MOST, Passkey, PasskeyError, Purpose
from hub.store import factors, trail
from hub.store import passkeys as store
from hub.store.database import Database
from hub.store.fences import NOBODY
from hub.store.people import Login, User

NONE_HERE = PasskeyError("no_passkeys", "このハブでは、パスキーを使えません。")
LATE = PasskeyError("late_passkey", "時間が過ぎました。もう一度お試しください。")
TAKEN = PasskeyError("known_passkey", "このパスキーは、もう登録されています。")


class Passkeys:
    """One per hub. `site` None: there are no passkeys here."""

    def __init__(self, *, database: Database, clock: Clock, site: Site | None) -> None:
        self.site = site
        self._database = database
        self._clock = clock

    async def of(self, user: User) -> list[Passkey]:
        """Hers, the oldest first; none where the hub has no address for them."""
        if self.site is None:
            return []
        async with self._database.read(NOBODY) as tx:
            return await store.of_user(tx, user.id)

    async def offered(self, user: User) -> bool:
        """Whether she may add one: beside the app, whose recovery codes are the way out."""
        if self.site is None:
            return False
        async with self._database.read(NOBODY) as tx:
            factor = await factors.get(tx, user.id)
        return factor is not None and factor.confirmed

    async def ask(self, login: Login, user: User, purpose: Purpose) -> str:
        """What the browser is to be asked, as JSON; answered within five minutes. PasskeyError."""
        site = self._site()
        challenge = secrets.token_bytes(CHALLENGE_BYTES)
        async with self._database.write(NOBODY) as tx:
            has = await store.of_user(tx, user.id)
            if purpose is Purpose.ADD:
                asked = rules.to_make(site, user.id, user.login_name, user.name, has, challenge)
            else:
                asked = rules.to_use(site, has, challenge)
            await store.ask(tx, login.token_hash, user.id, purpose, challenge, self._clock.now())
        return asked

    async def add(self, login: Login, user: User, name: str, answer: str) -> None:
        """The browser has made one. PasskeyError when the answer is none, or comes late."""
        site, now = self._site(), self._clock.now()
        challenge, has = await self._challenge(login, user, Purpose.ADD)
        new = rules.made(site, user.id, name, answer, challenge, now)
        if len(has) >= MOST:
            raise rules.wrong()
        try:
            async with self._database.write(NOBODY) as tx:
                await store.add(tx, new)
                await trail.append(tx, self._entry(Action.PASSKEY_ADDED, user, new.id))
        except IntegrityError:
            raise TAKEN from None

    async def check(self, login: Login, user: User, purpose: Purpose, answer: str) -> None:
        """Hers was used. PasskeyError when it was not, comes late, or may have been copied."""
        site = self._site()
        challenge, has = await self._challenge(login, user, purpose)
        try:
            one, count = rules.used(site, has, answer, challenge)
        except PasskeyError as error:
            async with self._database.write(NOBODY) as tx:
                await trail.append(tx, self._entry(Action.FACTOR_REFUSED, user, error.code))
            raise
        async with self._database.write(NOBODY) as tx:
            if not await store.count(tx, one, count, self._clock.now()):
                raise rules.wrong()

    async def remove(self, user: User, id: str) -> bool:
        """Whether she had it; from now on it opens nothing."""
        async with self._database.write(NOBODY) as tx:
            if not await store.remove(tx, user.id, id):
                return False
            await trail.append(tx, self._entry(Action.PASSKEY_REMOVED, user, id))
        return True

    def _site(self) -> Site:
        if self.site is None:
            raise NONE_HERE
        return self.site

    async def _challenge(self, login: Login, user: User, purpose: Purpose) -> tuple[bytes, list[Passkey]]:
        """It is used up by this, whatever the answer is worth."""
        async with self._database.write(NOBODY) as tx:
            challenge = await store.take(tx, login.token_hash, purpose, self._clock.now())
            has = await store.of_user(tx, user.id)
        if challenge is None:
            raise LATE
        return challenge, has

    def _entry(self, action: Action, user: User, subject: str = "") -> Entry:
        return Entry(
            at=self._clock.now(), municipality=None, actor=f"user:{user.id}", action=action, subject=subject
        )
