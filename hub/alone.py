"""One hub serves one database: a second would take the first one's links for lost and end its calls."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from protocol.errors import LocalError


def hold(database: Path) -> int:
    """The descriptor of the lock beside the database, held until this process ends, however it ends.

    LocalError when another hub serves it. Commands such as `list` or `add-kiosk` need no lock.
    """
    real = database.resolve()
    path = real.with_name(real.name + ".lock")
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
