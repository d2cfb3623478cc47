"""Argon2id in a small thread pool: each check takes 64 MiB and some 150 ms, so only a few run or wait."""

from __future__ import annotations

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

WORKERS = 2
WAITING = 16
"""Checks that run or wait at once."""

STRANGERS = 12
"""Of them, those for browsers in which nobody has logged in yet: a flood leaves room for the others."""


SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of a password that is read aloud or copied from paper: nothing that looks like something else."""


def generated() -> str:
    """A password for somebody else: 16 signs in groups of four, some 79 bits."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(4)) for _ in range(4))


class TooBusyError(Exception):
    """More checks wait than one should keep people waiting for."""


class Passwords:
    """Close it with `close()`."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="argon2")
        self._waiting = 0
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """For a new user, from a command line: blocks."""
        return self._hasher.hash(password)

    async def make(self, password: str) -> str:
        """The same while others are served."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hasher.hash, password)

    async def fits(self, stored: str | None, password: str, *, stranger: bool = True) -> bool:
        """Whether it is the password; takes as long for a user that does not exist. TooBusyError."""
        if self._waiting >= (STRANGERS if stranger else WAITING):
            raise TooBusyError
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            right = await loop.run_in_executor(self._pool, self._check, stored or self._nobody, password)
        finally:
            self._waiting -= 1
        return right and stored is not None

    def _check(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def close(self) -> None:
        """Let running checks end."""
        self._pool.shutdown(wait=True, cancel_futures=True)
