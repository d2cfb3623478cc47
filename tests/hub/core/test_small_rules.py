"""Limits, idempotency, the audit chain, origins."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from hub.core.audit import GENESIS, Action, Entry, digest, first_break
from hub.core.limits import Strikes, Tries, messages
from hub.core.networks import Networks, network
from hub.origin import same_origin

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def test_a_link_may_burst_and_then_keeps_its_rate() -> None:
    """Two minutes' worth at once, then 120 a minute."""
    bucket = messages(120, now=0.0)
    assert sum(bucket.take(0.0) for _ in range(500)) == 240
    assert [bucket.take(0.4), bucket.take(0.5), bucket.take(0.6)] == [False, True, False]
    assert sum(bucket.take(60.5) for _ in range(500)) == 120


def test_tries_are_counted_by_name_and_forgiven() -> None:
    """Five at once, then a wait that says how long; looking counts nothing; another name is not concerned."""
    tries = Tries(burst=5, per_minute=2)
    assert [tries.wait_s("hana", 0.0) for _ in range(9)] == [0.0] * 9
    assert [tries.take("hana", 0.0) for _ in range(6)] == [True] * 5 + [False]
    assert tries.wait_s("hana", 0.0) == pytest.approx(30.0)
    assert tries.wait_s("taro", 0.0) == 0.0
    tries.give_back("hana")
    assert tries.wait_s("hana", 0.0) == 0.0
    tries.forgive("hana")
    assert [tries.take("hana", 0.0) for _ in range(6)] == [True] * 5 + [False]


def test_a_flood_of_names_fills_no_memory() -> None:
    """Only the newest are remembered."""
    tries = Tries(burst=1, per_minute=1, keys=10)
    for number in range(1000):
        tries.take(f"name-{number}", 0.0)
    assert not tries.take("name-995", 0.0)
    assert tries.take("name-1", 0.0)


def test_bad_messages_are_forgiven_after_a_minute() -> None:
    """Ten within a minute are borne, the eleventh is one too many."""
    strikes = Strikes(10, 60.0)
    assert [strikes.strike(second) for second in range(11)] == [False] * 10 + [True]
    assert not Strikes(10, 60.0).strike(100.0)
    slow = Strikes(10, 60.0)
    assert not any(slow.strike(second * 7.0) for second in range(100))


def chain(*actions: Action) -> list[tuple[Entry, str]]:
    """Entries with their digests."""
    found: list[tuple[Entry, str]] = []
    before = GENESIS
    for number, action in enumerate(actions):
        entry = Entry(at=NOW, municipality="minami", actor="hub", action=action, subject=str(number))
        before = digest(before, entry)
        found.append((entry, before))
    return found


def test_a_changed_or_missing_entry_shows() -> None:
    """The chain names the first entry that does not follow."""
    whole = chain(Action.LOGIN, Action.CALL_ACCEPTED, Action.LOGOUT)
    assert first_break(whole) is None
    assert first_break([whole[0], whole[2]]) == 1
    forged = [whole[0], (replace(whole[1][0], actor="user:x"), whole[1][1]), whole[2]]
    assert first_break(forged) == 1


@pytest.mark.parametrize(
    ("origin", "scheme", "host", "right"),
    [
        ("http://127.0.0.1:8350", "http", "127.0.0.1:8350", True),
        ("https://hub.example.jp", "https", "hub.example.jp", True),
        ("http://hub.example.jp", "https", "hub.example.jp", False),
        ("http://127.0.0.1:9999", "http", "127.0.0.1:8350", False),
        ("http://evil.example", "http", "evil.example", False),
        ("null", "http", "127.0.0.1:8350", False),
        ("", "http", "127.0.0.1:8350", False),
    ],
)
def test_only_our_own_pages_speak_for_a_login(origin: str, scheme: str, host: str, right: bool) -> None:
    """Scheme, name and port must all be ours; a rebound name is not."""
    assert same_origin(origin, scheme, host, ["127.0.0.1", "hub.example.jp"]) is right


def test_one_line_of_ipv6_is_one_party() -> None:
    """Whoever is given 2**64 addresses has one budget; two neighbours have two."""
    assert network("2001:db8:1:2::3") == network("2001:db8:1:2:ffff::9")
    assert network("2001:db8:1:2::3") != network("2001:db8:1:3::3")
    assert network("fe80::1%eth0") == network("fe80::2%eth1")
    assert network("192.0.2.7") == network("::ffff:192.0.2.7") == "192.0.2.7"
    assert network("") == ""


def test_proxies_are_named_as_addresses_or_networks() -> None:
    """A name that is neither is an error, not a proxy that never fits."""
    some = Networks(["127.0.0.1", "10.1.0.0/16"])
    assert [one in some for one in ("127.0.0.1", "10.1.2.3", "10.2.0.1", "")] == [True, True, False, False]
    assert "192.0.2.1" in Networks(["*"])
    with pytest.raises(ValueError, match="proxy"):
        Networks(["proxy.example.jp"])
