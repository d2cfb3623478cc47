"""One hub serves one database: a second would take the first one's links for lost and end its calls."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from protocol.errors import LocalError


def is_held(database: Path) -> bool:
    """Whether a hub serves it now. Makes nothing."""
    try:
        descriptor = os.open(_lock(database), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False  # never served, or not ours to see: a start will say so
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _lock(database: Path) -> Path:
    real = database.resolve()
    return real.with_name(real.name + ".lock")


def hold(database: Path) -> int:
    """The descriptor of the lock beside the database, held until this process ends, however it ends.

    LocalError when another hub serves it. Commands such as `list` or `add-kiosk` need no lock.
    """
    path = _lock(database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LocalError("database", f"{path}: cannot be made: {error.strerror}; set database.path") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise LocalError(
            "second_hub", f"{database}: another hub serves it; end that one, or name another database.path"
        ) from None
    return descriptor
