"""The few small files of a terminal: written whole or not at all, read with a clear error.

The device key and the last site live in the data directory. Nothing of a call is ever written.
"""

from __future__ import annotations

import contextlib
import os
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


def boot_id() -> str:
    """Differs at each start of the computer, so that a cloned card shows."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return f"pid-{os.getpid()}"
