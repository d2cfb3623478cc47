"""The media relays of the settings, with credentials that are made when somebody needs them."""

from __future__ import annotations

import secrets
import stat
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from hub.core.relay import credential
from hub.settings import Ice
from protocol.errors import LocalError
from protocol.values import IceServer

SHORTEST = 32
"""Characters of a shared secret: a short one could be found out from a single credential."""


class Relays:
    """Reads all shared secrets at once. LocalError says which file is wrong and what to do."""

    def __init__(self, servers: Sequence[Ice]) -> None:
        self._servers = [(one, _secret(one)) for one in servers]

    @property
    def limited(self) -> bool:
        """Whether credentials expire, so that a long call needs new ones."""
        return any(secret is not None for _, secret in self._servers)

    def servers(self, now: datetime) -> tuple[IceServer, ...]:
        """What one side of a call may use from now on; every answer has credentials of its own."""
        return tuple(_fresh(one, secret, now) for one, secret in self._servers)


def _fresh(one: Ice, secret: bytes | None, now: datetime) -> IceServer:
    if secret is None:
        return IceServer(urls=one.urls, username=one.username, credential=one.credential)
    made = credential(secret, secrets.token_hex(8), now)
    return IceServer(urls=one.urls, username=made.username, credential=made.password)


def _secret(one: Ice) -> bytes | None:
    """The shared secret of a relay; None for a server that has none."""
    if not one.secret_file:
        return None
    if one.username or one.credential:
        raise LocalError(
            "relay", f"ice_servers {one.urls[0]}: give secret_file, or username and credential, not both"
        )
    path = Path(one.secret_file)
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise LocalError("relay", f"{path}: others may read this secret; run: chmod 600 {path}")
        secret = path.read_bytes().strip()
    except OSError as error:
        raise LocalError(
            "relay", f"{path}: {error.strerror}; make it with: "
            f"(umask 077; openssl rand -base64 48 | tr -d '\\n' > {path}), and give the relay the same",
        ) from None  # fmt: skip
    if len(secret) < SHORTEST or len(secret.split()) != 1:
        raise LocalError("relay", f"{path}: one line of at least {SHORTEST} characters is needed")
    return secret
