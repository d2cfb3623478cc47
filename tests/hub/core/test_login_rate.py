"""Guessing is slow, whoever knows the password gets in."""

from __future__ import annotations

import pytest

from hub.core.browsers import USERS, known, remember
from hub.core.login_rate import LoginRate, Try

OFFICE, HOME, STRANGER = "192.0.2.1", "198.51.100.7", "203.0.113.9"


@pytest.fixture
def rate() -> LoginRate:
    """Five at once, then two a minute."""
    return LoginRate(tries=5, per_minute=2)


def wrong(rate: LoginRate, one: Try, now: float = 0.0, times: int = 1) -> int:
    """How many of so many wrong passwords were looked at."""
    return sum(rate.wait_s(one, now) == 0 for _ in range(times))


def test_an_office_behind_one_address_logs_in_as_often_as_it_likes(rate: LoginRate) -> None:
    """Right passwords use up nothing, and checks that run at the same moment are all let in."""
    people = [Try(f"operator-{number}", OFFICE) for number in range(16)]
    for _ in range(50):
        assert [rate.wait_s(one, 0.0) for one in people] == [0.0] * 16
        for one in people:
            rate.right(one)


def test_wrong_passwords_are_few(rate: LoginRate) -> None:
    """Of one name from one address five, then two a minute; and it says how long to wait."""
    one = Try("hana", STRANGER)
    assert wrong(rate, one, times=100) == 5
    assert rate.wait_s(one, 0.0) == pytest.approx(30.0)
    looked_at = sum(wrong(rate, one, now=float(second)) for second in range(1, 3601))
    assert 118 <= looked_at <= 120


def test_an_address_cannot_go_through_the_names(rate: LoginRate) -> None:
    """Twenty wrong passwords, then eight a minute, however many names it tries."""
    assert sum(wrong(rate, Try(f"name-{number}", STRANGER)) for number in range(100)) == 20
    neighbour = Try("another", "2001:db8::1")
    assert sum(wrong(rate, Try(f"n-{n}", f"2001:db8::{n:x}")) for n in range(100)) == 20
    assert rate.wait_s(neighbour, 0.0) > 0, "one line of IPv6 is one address"


def test_many_addresses_cannot_guess_one_name(rate: LoginRate) -> None:
    """Twenty for a name from everywhere, then eight a minute."""
    assert sum(wrong(rate, Try("hana", f"203.0.113.{number}")) for number in range(100)) == 20


def test_nobody_is_locked_out_by_one_stranger(rate: LoginRate) -> None:
    """Whatever one address does with a name, its owner logs in from anywhere else, known or not."""
    for second in range(3600):
        wrong(rate, Try("hana", STRANGER), now=float(second), times=3)
    assert rate.wait_s(Try("hana", HOME), 3600.0) == 0.0


def test_a_known_browser_gets_in_during_any_attack(rate: LoginRate) -> None:
    """From many addresses at once, and from its own; its own mistakes are counted all the same."""
    for number in range(200):
        wrong(rate, Try("hana", f"203.0.113.{number}"))
        wrong(rate, Try(f"name-{number}", OFFICE))
    assert rate.wait_s(Try("hana", OFFICE), 0.0) > 0
    hers = Try("hana", OFFICE, browser="b" * 22)
    assert wrong(rate, hers, times=100) == 5
    assert wrong(rate, hers, now=30.0) == 1


def test_a_right_password_forgives_what_went_before(rate: LoginRate) -> None:
    """Four mistakes a day do not add up to a wait."""
    one = Try("hana", OFFICE)
    for _ in range(4):
        assert wrong(rate, one, times=4) == 4
        assert rate.wait_s(one, 0.0) == 0
        rate.right(one)


def test_a_browser_is_known_for_those_who_logged_in_there() -> None:
    """For each of them, with their present password; for nobody else."""
    cookie = remember("", "hash of hana", "b" * 22)
    cookie = remember(cookie, "hash of jiro", "c" * 22)
    assert known(cookie, "hash of hana") == known(cookie, "hash of jiro") == "b" * 22
    assert known(cookie, "hash of taro") == ""
    assert known(cookie, "hash of hana's new password") == ""
    assert "hash" not in cookie


def test_a_browser_remembers_the_newest_users() -> None:
    """The cookie stays small, and logging in again adds nothing."""
    cookie = ""
    for number in [0, *range(USERS), USERS - 1, USERS]:
        cookie = remember(cookie, f"hash {number}", "b" * 22)
    assert known(cookie, "hash 0") == ""
    assert all(known(cookie, f"hash {number}") for number in range(1, USERS + 1))
    assert len(cookie) < 300


@pytest.mark.parametrize("change", ["", "x", ".", "e" * 22, "\u3042" * 22 + "." + "\u3042" * 32, "b" * 5000])
def test_an_invented_cookie_proves_nothing(change: str) -> None:
    """Neither does a proof under another browser's name; and the next login starts afresh."""
    cookie = remember("", "hash of hana", "b" * 22)
    proof = cookie.partition(".")[2]
    for invented in (change, f"{change}.{proof}", f"{'c' * 22}.{proof}", f"{'b' * 22}.{change}.{'0' * 32}"):
        assert known(invented, "hash of hana") == ""
        again = remember(invented, "hash of hana", "d" * 22)
        assert known(again, "hash of hana")
        assert len(again) < 300
