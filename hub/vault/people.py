"""Seals what belongs to a person rather than to a municipality: the secret of a second factor.

AES-256-GCM under a key of the hub's own, beside the municipalities' keys, with the user's id as associated
data: a secret that is moved to another user does not open.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.exceptions import InvalidTag

from hub.vault import keys, seal
from protocol.errors import LocalError

FILE = "_people.key"
"""No municipality is called so: their words begin with a letter or digit."""


class PeopleKey:
    """Reads the key, or makes it. LocalError when it is lost although `sealed` (user, secret) needs it."""

    def __init__(self, directory: Path, sealed: tuple[str, bytes] | None = None) -> None:
        path = directory / FILE
        if sealed is not None and not path.exists():
            raise _lost(path, "is missing")
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.key = keys.read_or_make(path)
        except OSError as error:
            raise LocalError(
                "keys", f"{error.filename}: {error.strerror}; check owner and space, or set keys.directory"
            ) from None
        if sealed is not None:
            try:
                self.open(*sealed)
            except seal.UnreadableError:
                raise _lost(path, "is another key than before") from None

    def seal(self, user: str, secret: bytes) -> bytes:
        """For the table."""
        return seal.encrypt(self.key, secret, _bound(user))

    def open(self, user: str, sealed: bytes) -> bytes:
        """The plain secret. UnreadableError when it is another user's or another key's."""
        try:
            return seal.decrypt(self.key, sealed, _bound(user))
        except (InvalidTag, ValueError):
            raise seal.UnreadableError(user) from None


def _bound(user: str) -> bytes:
    return f"madoguchi-second-factor-v1:{user}".encode()


def _lost(path: Path, what: str) -> LocalError:
    return LocalError(
        "keys",
        f"{path}: {what}, and second factors are sealed with the old one; restore it from the backup, or let "
        "everybody set up anew: python -m hub reset-second-factor --everybody",
    )
