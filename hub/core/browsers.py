"""Decides whether a browser has proved that a user has logged in there before.

A cookie says `browser.proof.proof`: a random name and one proof for each of the newest users, because people
share the computer at a counter. A proof is made with the stored hash of the user's password, so it ends with
the password, nothing of it is stored, and nobody without the database makes one. It opens nothing: whoever
carries it may only go on trying passwords when others may not.
"""

from __future__ import annotations

import hashlib
import hmac
import re

USERS = 8
"""Of one browser; the one who has not logged in for the longest is forgotten."""

_BROWSER = re.compile(r"[A-Za-z0-9_-]{16,64}")
_PROOF_LETTERS = 32


def known(cookie: str, password_hash: str) -> str:
    """The browser's name, if it proves this user; else nothing."""
    browser, proofs = _read(cookie)
    wanted = _proof(browser, password_hash)
    return browser if any(hmac.compare_digest(one, wanted) for one in proofs) else ""


def remember(cookie: str, password_hash: str, new: str) -> str:
    """The cookie after a login of this user; a browser that has no name yet is called `new`."""
    browser, proofs = _read(cookie)
    browser = browser or new
    mine = _proof(browser, password_hash)
    others = [one for one in proofs if one != mine]
    return ".".join([browser, mine, *others[: USERS - 1]])


def _read(cookie: str) -> tuple[str, list[str]]:
    browser, *proofs = cookie.split(".")
    good = all(len(one) == _PROOF_LETTERS and one.isascii() for one in proofs)
    if not _BROWSER.fullmatch(browser) or len(proofs) > USERS or not good:
        return "", []
    return browser, proofs


def _proof(browser: str, password_hash: str) -> str:
    said = f"madoguchi-browser-v1:{browser}".encode()
    return hmac.new(password_hash.encode(), said, hashlib.sha256).hexdigest()[:_PROOF_LETTERS]
