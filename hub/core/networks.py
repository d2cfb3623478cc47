"""Decides which addresses are one party: IPv4 addresses one by one, of IPv6 the 64 bits of a line."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network


@lru_cache(maxsize=4096)
def network(address: str) -> str:
    """Under what a limit counts an address; what is none (a socket's path) stands for itself."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, 64), strict=False))


class Networks:
    """Addresses and networks as settings name them; `*` is everybody. ValueError names what is neither."""

    def __init__(self, names: Iterable[str]) -> None:
        names = tuple(names)
        self._everybody = "*" in names
        self._networks = [ip_network(name, strict=False) for name in names if name != "*"]

    def __contains__(self, address: str) -> bool:
        try:
            return self._everybody or any(ip_address(address) in one for one in self._networks)
        except ValueError:
            return False
