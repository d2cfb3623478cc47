"""What the relay's configuration closes, read from the file; real refusals are shown by the system tests."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

import pytest

CONFIGURATION = Path(__file__).resolve().parents[2] / "config" / "coturn" / "turnserver.conf"
Address = IPv4Address | IPv6Address


def lines() -> list[str]:
    found = [line.strip() for line in CONFIGURATION.read_text("utf-8").splitlines()]
    return [line for line in found if line and not line.startswith("#")]


def ranges() -> list[tuple[Address, Address]]:
    """The denied ranges, both ends included."""
    found = [line.partition("=")[2] for line in lines() if line.startswith("denied-peer-ip=")]
    return [(ip_address(one.split("-")[0]), ip_address(one.split("-")[-1])) for one in found]


def denied(address: Address) -> bool:
    return any(
        first.version == address.version and int(first) <= int(address) <= int(last)
        for first, last in ranges()
    )


@pytest.mark.parametrize(
    "network",
    ["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
     "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "::1/128",
     "::ffff:0:0/96", "64:ff9b::/96", "2001::/32", "2002::/16", "fc00::/7", "fe80::/10", "ff00::/8"],
)  # fmt: skip
def test_no_special_network_is_reached_through_the_relay(network: str) -> None:
    """Private, shared, loopback, link-local, multicast, and IPv4 wrapped into IPv6."""
    whole = ip_network(network)
    assert denied(whole[0])
    assert denied(whole[-1])


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "9.255.255.255", "100.63.255.255", "172.32.0.1", "223.255.255.254",
                "2001:200::1", "2400:4050::1", "2606:4700::1111"],
)  # fmt: skip
def test_public_addresses_stay_open(address: str) -> None:
    """The ranges end where they should."""
    assert not denied(ip_address(address))


def test_no_range_begins_with_the_unspecified_address_of_ipv6() -> None:
    """coturn takes such a range for everything, IPv4 included, and no call would find its way."""
    assert IPv6Address("::") not in [first for first, _ in ranges()]
    assert all(first <= last for first, last in ranges())  # type: ignore[operator]


def test_the_relay_asks_for_credentials_and_holds_no_secret() -> None:
    """Time-limited names, nothing to administer from outside, and the secret comes at the start."""
    keys = {line.partition("=")[0] for line in lines()}
    assert {"use-auth-secret", "fingerprint", "no-cli", "no-multicast-peers"} <= keys
    assert {"user-quota", "total-quota", "max-bps"} <= keys
    assert not keys & {"static-auth-secret", "user", "no-auth", "allow-loopback-peers", "cli-password"}
