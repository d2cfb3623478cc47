"""The few small files of a terminal: written whole or not at all, read with a clear error.

The device key, the last site and the ways to the relay live in the data directory. Nothing of a call is ever
written.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from protocol.errors import LocalError
from protocol.values import Site

KEY = "device.key"
SITE = "site.json"
WAYS = "relay-ways.json"


def write_whole(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Temp, fsync, rename, fsync of the directory: after a power cut the old or the new file, never half."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def make_key(directory: Path) -> Ed25519PrivateKey:
    """The device key, made at the first call. LocalError when the directory cannot hold it."""
    path = directory / KEY
    if path.exists():
        return read_key(directory)
    key = Ed25519PrivateKey.generate()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        write_whole(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    except OSError as error:
        raise LocalError("key", f"{path}: the device key cannot be written: {error.strerror}") from None
    return key


def read_key(directory: Path) -> Ed25519PrivateKey:
    """The device key. LocalError says how to make one."""
    path = directory / KEY
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except FileNotFoundError:
        raise LocalError("key", f"{path}: no device key; make one with --make-key and enrol it") from None
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise LocalError("key", f"{path}: the device key cannot be read: {error}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise LocalError("key", f"{path}: not an Ed25519 key; make one with --make-key")
    return key


def keep_site(directory: Path, site: Site) -> None:
    """For the next start without hub: its name, hours and telephone."""
    directory.mkdir(parents=True, exist_ok=True)
    write_whole(directory / SITE, msgspec.json.encode(site), 0o644)


def kept_site(directory: Path) -> Site | None:
    """The site of the last run; None when there is none or it cannot be read."""
    try:
        return msgspec.json.decode((directory / SITE).read_bytes(), type=Site)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def keep_ways(directory: Path, ways: dict[str, tuple[str, ...]]) -> None:
    """For the next start: which relay addresses served in which network."""
    directory.mkdir(parents=True, exist_ok=True)
    write_whole(directory / WAYS, msgspec.json.encode(ways))


def kept_ways(directory: Path) -> dict[str, tuple[str, ...]]:
    """Of the last run; empty when there are none or they cannot be read: they are only a hint."""
    try:
        return msgspec.json.decode((directory / WAYS).read_bytes(), type=dict[str, tuple[str, ...]])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}


def proxy_password(path: Path) -> str:
    """The one line of the file. LocalError when others may read it or when it is not one line."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise LocalError("proxy", f"{path}: others may read this password; run: chmod 600 {path}")
        lines = path.read_text("utf-8").splitlines()
    except OSError as error:
        raise LocalError("proxy", f"{path}: the password cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise LocalError("proxy", f"{path}: the password is not UTF-8 text") from None
    if len(lines) != 1 or not lines[0]:
        raise LocalError("proxy", f"{path}: exactly one line, the password, is needed")
    return lines[0]


def boot_id() -> str:
    """Differs at each start of the computer, so that a cloned card shows."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return f"pid-{os.getpid()}"
