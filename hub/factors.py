"""Second factors: set up at a login that wants one, checked at every other, sealed in the table."""

from __future__ import annotations

import math
import secrets

from hub.clock import Clock
from hub.core import second_factor as rules
from hub.core.audit import Action, Entry
from hub.core.login_rate import LoginRate, Try
from hub.store import factors, trail
from hub.store.database import Database, Tx
from hub.store.fences import NOBODY
from hub.store.people import User
from hub.vault.people import PeopleKey
from protocol.errors import PeerError

TRIES, PER_MINUTE = 5, 0.2
"""Wrong codes before one has to wait: whoever guesses knows the password already."""


class LoginError(PeerError):
    """No login; `code` is wrong_login, wrong_code or too_many_tries, the text is for the person."""


WRONG = LoginError("wrong_code", "コードが違います。アプリに出ている新しい6桁を入れてください。")


class Factors:
    """One per hub. `issuer` is the name of the hub in people's apps."""

    def __init__(self, *, database: Database, key: PeopleKey, clock: Clock, issuer: str) -> None:
        self._database = database
        self._key = key
        self._clock = clock
        self._issuer = issuer
        self._rate = LoginRate(tries=TRIES, per_minute=PER_MINUTE)

    async def begin(self, user: User) -> tuple[str, str]:
        """(URI, secret) of a new one. LoginError when she has one: only a reset takes that away."""
        secret = secrets.token_bytes(rules.SECRET_BYTES)
        async with self._database.write(NOBODY) as tx:
            known = await factors.get(tx, user.id)
            if known is not None and known.confirmed:
                raise LoginError("enrolled", "二段階の確認は設定済みです。もう一度ログインしてください。")
            await factors.begin(tx, user.id, self._key.seal(user.id, secret))
        return rules.uri(secret, user.login_name, self._issuer), rules.spelled(secret)

    async def confirm(self, user: User, code: str, address: str) -> tuple[str, ...]:
        """The first code of a new one; gives the recovery codes. LoginError when it is none."""
        one = self._try(user, address)
        recovery = [
            rules.recovery_code(secrets.token_bytes(rules.RECOVERY_BYTES))
            for _ in range(rules.RECOVERY_CODES)
        ]
        digests = [rules.recovery_digest(self._key.key, user.id, text) for text in recovery]
        async with self._database.write(NOBODY) as tx:
            step = await self._step(tx, user, code)
            now = self._clock.now()
            if step is not None and await factors.confirm(tx, user.id, step, now, digests):
                await trail.append(tx, self._entry(Action.FACTOR_SET, user))
                self._rate.right(one)
                return tuple(recovery)
        raise await self._refused(user)

    async def check(self, user: User, code: str, address: str) -> None:
        """A code of the app or a recovery code, used up by this. LoginError when it is neither."""
        one = self._try(user, address)
        async with self._database.write(NOBODY) as tx:
            right = await self._take(tx, user, code)
        if not right:
            raise await self._refused(user)
        self._rate.right(one)

    async def _take(self, tx: Tx, user: User, code: str) -> bool:
        factor = await factors.get(tx, user.id)
        if factor is None or not factor.confirmed:
            return False
        if rules.looks_like_recovery(code):
            digest = rules.recovery_digest(self._key.key, user.id, code)
            if not await factors.take_recovery(tx, user.id, digest, self._clock.now()):
                return False
            await trail.append(tx, self._entry(Action.RECOVERY_USED, user))
            return True
        step = await self._step(tx, user, code)
        return step is not None and await factors.take_step(tx, user.id, step)

    async def _step(self, tx: Tx, user: User, code: str) -> int | None:
        factor = await factors.get(tx, user.id)
        if factor is None:
            return None
        secret = self._key.open(user.id, factor.sealed)
        return rules.step_of(secret, code, self._clock.now(), factor.last_step)

    def _try(self, user: User, address: str) -> Try:
        one = Try(user.id, address)
        wait = self._rate.wait_s(one, self._clock.steady())
        if wait > 0:
            minutes = max(1, math.ceil(wait / 60))
            raise LoginError(
                "too_many_tries",
                f"コードの間違いが続いたため、しばらく受け付けません。約{minutes}分後にお試しください。",
            )
        return one

    async def _refused(self, user: User) -> LoginError:
        async with self._database.write(NOBODY) as tx:
            await trail.append(tx, self._entry(Action.FACTOR_REFUSED, user))
        return WRONG

    def _entry(self, action: Action, user: User) -> Entry:
        return Entry(at=self._clock.now(), municipality=None, actor=f"user:{user.id}", action=action)
