"""Decides to which address of a desk passkeys may be bound. Browsers bind them to its name, for good."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Site:
    """Where passkeys are good: the desk's address as browsers show it, and the name that they bind to."""

    origin: str
    name: str


def site_problem(address: str) -> str:
    """What is wrong with the address of a desk; '' when passkeys can be bound to it."""
    shape = "give https://NAME, as browsers show it"
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        return f"no address: {error}; {shape}"
    if address != f"{parts.scheme}://{parts.netloc}" or not host or "@" in parts.netloc:
        return f"{address!r} is more or less than an address; {shape}"
    try:
        ip_address(host)
    except ValueError:
        pass
    else:
        return f"passkeys are bound to a name, and {host} is a number; {shape}"
    if parts.scheme != "https" and (parts.scheme, host) != ("http", "localhost"):
        return f"browsers make passkeys over https only; {shape}"
    return "" if address == address.lower() else f"write it in small letters; {shape}"


def site(address: str) -> Site | None:
    """Of an address without problem; None for an empty one: then there are no passkeys."""
    return Site(address, urlsplit(address).hostname or "") if address else None
