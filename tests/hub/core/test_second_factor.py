"""Codes of a second factor: right once, for a short while, however people type them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from hub.core import second_factor as rules
from protocol.values import Membership, Role

SECRET = b"12345678901234567890"
"""Of RFC 6238's test vectors."""


def at(seconds: float) -> datetime:
    """So many seconds after the epoch."""
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """The last six digits of RFC 6238's own examples: any authenticator app fits."""
    assert rules.step_of(SECRET, code, at(seconds), 0) == seconds // 30
    assert rules.step_of(SECRET, code[::-1], at(seconds), 0) is None
    assert rules.step_of(b"x" * 20, code, at(seconds), 0) is None


def test_a_code_counts_once_and_for_a_minute_and_a_half() -> None:
    """A step before and one after are taken, because clocks differ; never what was used, or older."""
    code, step = "005924", 1234567890 // 30
    for off in (-30, 0, 30):
        assert rules.step_of(SECRET, code, at(1234567890 + off), 0) == step
    for off in (-60, 60):
        assert rules.step_of(SECRET, code, at(1234567890 + off), 0) is None
    assert rules.step_of(SECRET, code, at(1234567890), step) is None
    assert rules.step_of(SECRET, code, at(1234567890), step - 1) == step


@pytest.mark.parametrize("typed", ["005 924", " 005924 ", "００５９２４", "005-924"])
def test_a_code_may_be_typed_as_people_type(typed: str) -> None:
    """Spaces as the app shows them, full-width digits of a Japanese keyboard."""
    assert rules.step_of(SECRET, typed, at(1234567890), 0) is not None


@pytest.mark.parametrize("typed", ["", "5924", "0059241", "漢字", "00592४", "\x00"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    """Without an error of ours."""
    assert rules.step_of(SECRET, typed, at(1234567890), 0) is None


def test_recovery_codes_are_read_as_they_are_written_down() -> None:
    """In small letters, without hyphens; of one user, under one key."""
    code = rules.recovery_code(bytes(range(10)))
    assert len(code.replace("-", "")) == 16
    stored = rules.recovery_digest(b"k" * 32, "hana", code)
    assert stored == rules.recovery_digest(b"k" * 32, "hana", code.lower().replace("-", " "))
    assert stored != rules.recovery_digest(b"k" * 32, "taro", code)
    assert stored != rules.recovery_digest(b"q" * 32, "hana", code)
    assert rules.looks_like_recovery(code)
    assert not rules.looks_like_recovery("005 924")


def test_the_qr_code_says_what_an_app_needs() -> None:
    """The secret, six digits, thirty seconds, and under which name it stands."""
    found = rules.uri(SECRET, "佐藤", "madoguchi-hub")
    assert found.startswith("otpauth://totp/madoguchi-hub:")
    assert f"secret={base64.b32encode(SECRET).decode()}" in found
    assert "digits=6" in found
    assert "period=30" in found
    assert rules.spelled(SECRET).split()[0] == "GEZD"


@pytest.mark.parametrize("role", Role)
def test_who_needs_one(role: Role) -> None:
    """Whoever reaches other people's work always; everybody where the municipality wants it."""
    held = [Membership(municipality="minami", role=role)]
    assert rules.needed(held, []) is (role in {Role.SUPERVISOR, Role.ADMIN, Role.FLEET_ADMIN})
    assert rules.needed(held, ["minami"])
    assert rules.needed(held, ["kitamidai"]) is rules.needed(held, [])


def test_fresh_is_a_quarter_of_an_hour() -> None:
    """And never without a second factor at all."""
    now = at(1234567890)
    assert rules.is_fresh(now - timedelta(minutes=14), now)
    assert not rules.is_fresh(now - timedelta(minutes=15), now)
    assert not rules.is_fresh(None, now)
