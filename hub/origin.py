"""Which pages may speak for a login: those that this hub itself has served."""

from __future__ import annotations

from collections.abc import Collection


def known_host(host: str, names: Collection[str]) -> bool:
    """Whether a Host header names this hub; its port does not matter."""
    name = host.rsplit(":", 1)[0] if host.rsplit(":", 1)[-1].isdigit() else host
    return name.lower() in names


def same_origin(origin: str, scheme: str, host: str, names: Collection[str]) -> bool:
    """Whether a page of this origin came from here. A missing Origin is no proof."""
    return known_host(host, names) and origin == f"{scheme}://{host}"
