"""Decides which ids, names and passwords may be registered: those with which one can work afterwards.

Each function gives what is wrong and what is allowed, or nothing. It never repairs: a name that is registered
otherwise than it was typed is looked for in vain.
"""

from __future__ import annotations

import re

DEVICE = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
"""As a terminal's own settings want it."""

LOGIN_LENGTH, DISPLAY_LENGTH = 64, 80
PASSWORD_LENGTHS = range(10, 1025)
"""Characters; a login carries no more."""


def device_problem(text: str) -> str:
    """Of a terminal's id."""
    if DEVICE.fullmatch(text):
        return ""
    return f"{text!r}: give 2 to 63 of a-z, 0-9 and -, beginning with a letter or digit, as in minami-kita-1"


def login_problem(text: str) -> str:
    """Of a login name, which people type."""
    if text.isprintable() and not any(sign.isspace() for sign in text) and 1 <= len(text) <= LOGIN_LENGTH:
        return ""
    return f"{text!r}: give 1 to {LOGIN_LENGTH} characters without spaces or control characters"


def display_problem(text: str) -> str:
    """Of the name that residents read."""
    if text.isprintable() and text == text.strip() and 1 <= len(text) <= DISPLAY_LENGTH:
        return ""
    return f"{text!r}: give 1 to {DISPLAY_LENGTH} characters on one line, without spaces around them"


def password_problem(text: str) -> str:
    """Of a new password; it is not repeated."""
    if not is_text(text):
        return "the password is not text in UTF-8"
    if len(text) in PASSWORD_LENGTHS:
        return ""
    least, most = PASSWORD_LENGTHS[0], PASSWORD_LENGTHS[-1]
    return f"the password has {len(text)} characters; give at least {least} and at most {most}"


def is_text(text: str) -> bool:
    """Whether a command line or a pipe gave us characters, and not the remains of bytes that are none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
