"""Decides who needs a second factor, and whether a code is one: TOTP (RFC 6238) or a recovery code.

It never draws a random number, reads a clock or keeps a secret: all of them are arguments. A code counts
once: its step must be later than the last one that was taken.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from protocol.values import Membership, Role

ALWAYS = frozenset({Role.SUPERVISOR, Role.ADMIN, Role.FLEET_ADMIN})
"""Roles that reach other people's work: a password alone is not enough for them."""

SECRET_BYTES = 20
STEP_S = 30
DIGITS = 6
WINDOW = 1
"""Steps before and after the present one that are taken as well: telephones' clocks differ."""

RECOVERY_CODES = 8
RECOVERY_BYTES = 10
"""Random bytes of a recovery code: 16 characters of base32."""

FRESH = timedelta(minutes=15)
"""For so long after a code, what needs a fresh one is allowed."""


def needed(memberships: Collection[Membership], strict: Collection[str]) -> bool:
    """Whether these roles want a second factor; `strict` municipalities want it of all of their people."""
    return any(one.role in ALWAYS or one.municipality in strict for one in memberships)


def is_fresh(proved_at: datetime | None, now: datetime) -> bool:
    """Whether a second factor was given a short while ago."""
    return proved_at is not None and now - proved_at < FRESH


def uri(secret: bytes, login_name: str, issuer: str) -> str:
    """What an authenticator app reads out of the QR code."""
    return _totp(secret).get_provisioning_uri(login_name, issuer)


def spelled(secret: bytes) -> str:
    """The secret for typing: base32 in groups of four."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def step_of(secret: bytes, code: str, now: datetime, last_step: int) -> int | None:
    """The time step of a right code, to be kept as `last_step`; None when it is wrong or was used before."""
    present = int(now.timestamp()) // STEP_S
    said = tidy(code).encode()
    for step in range(present - WINDOW, present + WINDOW + 1):
        if step > last_step and hmac.compare_digest(_totp(secret).generate(step * STEP_S), said):
            return step
    return None


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_S)  # noqa: S303 - what authenticator apps know


def tidy(code: str) -> str:
    """As it was meant: full-width signs, spaces, hyphens and small letters are how people type."""
    narrow = "".join(chr(ord(sign) - 0xFEE0) if "\uff01" <= sign <= "\uff5e" else sign for sign in code)
    return "".join(sign for sign in narrow if sign.isalnum()).upper()


def looks_like_recovery(code: str) -> bool:
    """Whether somebody typed a recovery code rather than one of the app."""
    return len(tidy(code)) != DIGITS


def recovery_code(random: bytes) -> str:
    """For people: four groups of four."""
    text = base64.b32encode(random).decode()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def recovery_digest(key: bytes, user: str, code: str) -> str:
    """What is stored of a recovery code: nobody finds the code without the hub's key."""
    return hmac.new(key, f"{user}:{tidy(code)}".encode(), hashlib.sha256).hexdigest()
