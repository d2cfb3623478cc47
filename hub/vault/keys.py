"""One key per municipality, made at the first start and kept in files that only the hub may read."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.vault import durable
from hub.vault.seal import belongs
from protocol.errors import LocalError

KEY_BYTES = 32

Sealed = Mapping[str, tuple[str, bytes]]
NOTHING: Sealed = {}


class KeyDirectory:
    """Reads all keys at once, and makes those that were never there.

    `sealed` holds, by municipality, the id and the wrapped key of a still that must open. LocalError when a
    key is missing or another one although there is such a still, has a wrong length, or is open to others.
    """

    def __init__(
        self,
        directory: Path,
        municipalities: Iterable[str],
        sealed: Mapping[str, tuple[str, bytes]] = NOTHING,
    ) -> None:
        self._keys: dict[str, bytes] = {}
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            for path in paths(directory, municipalities):
                if path.stem in sealed and not path.exists():
                    raise _lost(path, "is missing")
                self._keys[path.stem] = read_or_make(path)
        except OSError as error:
            raise LocalError(
                "keys", f"{error.filename}: {error.strerror}; check owner and space, or set keys.directory"
            ) from None
        for municipality, (capture, wrapped) in sealed.items():
            key = self._keys[municipality]
            if not belongs(wrapped, municipality_key=key, municipality=municipality, capture=capture):
                raise _lost(directory / f"{municipality}.key", "is another key than before")

    def of(self, municipality: str) -> bytes:
        """The key of a municipality. KeyError for one that is not configured."""
        return self._keys[municipality]


def destroy(directory: Path, municipality: str) -> None:
    """The key is gone from this machine; gone already is no error. LocalError when it cannot be removed."""
    (path,) = paths(directory, [municipality])
    try:
        path.unlink(missing_ok=True)
        if directory.is_dir():
            durable.sync_directory(directory)
    except OSError as error:
        raise LocalError("keys", f"{path}: cannot be removed: {error.strerror}; check its owner") from None


def _lost(path: Path, what: str) -> LocalError:
    return LocalError(
        "keys",
        f"{path}: {what}, and stills are sealed with the old one; restore it from the backup or set "
        f"keys.directory, or give these stills up: python -m hub destroy-stills {path.stem}",
    )


def paths(directory: Path, municipalities: Iterable[str]) -> list[Path]:
    """Where their keys lie."""
    return [directory / f"{municipality}.key" for municipality in municipalities]


def problems(files: Iterable[Path]) -> list[LocalError]:
    """What is wrong with the keys that exist; those that are missing are made by a start."""
    found: list[LocalError] = []
    for path in files:
        try:
            if path.exists():
                _read(path)
        except LocalError as error:
            found.append(error)
        except OSError as error:
            found.append(LocalError("keys", f"{path}: {error.strerror}; check its owner"))
    return found


def read_or_make(path: Path) -> bytes:
    """The key in this file, which is made if it is not there. LocalError, OSError."""
    if not path.exists():
        durable.write(path, AESGCM.generate_key(bit_length=KEY_BYTES * 8))
    return _read(path)


def _read(path: Path) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise LocalError("keys", f"{path}: others may read this key; run: chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise LocalError(
            "keys",
            f"{path}: has {len(key)} bytes instead of {KEY_BYTES}; restore it from the backup "
            "(without it, this municipality's captures stay unreadable)",
        )
    return key
