"""Looks at everything that a start needs, before anything is opened, made or bound for good.

`python -m hub --check` and every start ask here, so that a hub never starts half: what is wrong is said all
at once, what is merely doubtful is noted. Nothing is changed.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hub import alone, content_files, tls
from hub.core.content import Content
from hub.house import DESK
from hub.relays import Relays
from hub.server import bind
from hub.settings import HubSettings, Listen
from hub.store.database import look_at
from hub.vault import keys, people
from protocol.errors import ConfigError, LocalError

ROOM = 256 * 1024 * 1024
"""Bytes: with less on the disk of the database a check says so. One still may have 12 MiB."""

SQLITE = b"SQLite format 3\0"


class NotReadyError(LocalError):
    """A start would fail; `errors` holds each reason."""

    def __init__(self, errors: list[LocalError]) -> None:
        super().__init__(errors[0].code, "\n".join(error.message for error in errors))
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Ready:
    """What was found: the content, and notes for whoever started the check."""

    content: Content
    notes: tuple[str, ...]


def look(settings: HubSettings, *, starting: bool) -> Ready:
    """Everything that a start needs. NotReadyError with all that is wrong.

    A mere check may stand beside the running hub, and leaves its port alone; whoever is `starting` may not.
    """
    errors: list[LocalError] = []
    content: Content | None = None
    try:
        content = content_files.load(Path(settings.content))
    except ConfigError as error:
        errors.append(error)
    beside = not starting and (bool(settings.database.url) or alone.is_held(settings.database_path))
    notes: list[str] = []
    errors += _places(settings, notes)
    for server in settings.ice_servers:
        errors += _tried(lambda server=server: Relays([server]))  # type: ignore[misc]
    if not beside:
        errors += _tried(lambda: bind(settings.listen).close())
    certificate = tls.look(settings.listen, datetime.now(UTC))
    errors += certificate.errors
    if errors or content is None:
        raise NotReadyError(errors)
    notes += [*certificate.notes, *_insecure(settings.listen)]
    if not settings.database.url:
        notes += _room(settings.database_path)
    if beside:
        running = "may be running" if settings.database.url else "is running"
        notes.append(f"a hub {running} on this database, so the port was not looked at")
    if not (DESK / "index.html").is_file():
        notes.append("the operator's desk is not built; run: make desk")
    return Ready(content, tuple(notes))


def _tried(check: Callable[[], object]) -> list[LocalError]:
    try:
        check()
    except LocalError as error:
        return [error]
    return []


def _places(settings: HubSettings, notes: list[str]) -> Iterator[LocalError]:
    if settings.database.url:
        where = settings.database
        yield from _tried(lambda: notes.extend(asyncio.run(look_at(where.url, where.owner_url))))
    else:
        yield from _tried(lambda: _database(settings.database_path))
    yield from _tried(lambda: _directory(Path(settings.captures.directory), "captures.directory"))
    paths = keys.paths(Path(settings.keys.directory), content_files.names(Path(settings.content)))
    yield from keys.problems([*paths, Path(settings.keys.directory) / people.FILE])
    if not all(os.access(path, os.F_OK) for path in paths):  # those that are missing are made
        yield from _tried(lambda: _directory(Path(settings.keys.directory), "keys.directory"))


def _database(path: Path) -> None:
    _directory(path.parent, "database.path")
    try:
        if path.is_dir():
            raise LocalError("database", f"{path}: is a directory; database.path names a file")
        if os.access(path, os.F_OK):
            with path.open("r+b") as file:
                beginning = file.read(len(SQLITE))
            if beginning not in (b"", SQLITE):
                raise LocalError("database", f"{path}: is no database of this program; set database.path")
    except OSError as error:
        raise LocalError(
            "database",
            f"{path}: cannot be opened: {error.strerror}; change its owner (chown) or set database.path",
        ) from None


def _directory(path: Path, setting: str) -> None:
    """Whether a file can be made there, or the directory itself above it."""
    there = _nearest(path)
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        made = "" if there == path else f", so that {path} could be made"
        raise LocalError(
            "directory", f"{there}: not writable for this user{made}: {error.strerror}; "
            f"change its owner (chown) or set {setting}",
        ) from None  # fmt: skip


def _nearest(path: Path) -> Path:
    while not os.access(path, os.F_OK) and path != path.parent:  # False also where we may not look
        path = path.parent
    return path


def _room(database: Path) -> list[str]:
    free = shutil.disk_usage(_nearest(database)).free
    if free >= ROOM:
        return []
    return [f"{database}: only {free // 1024 // 1024} MiB are free there; a full disk refuses calls"]


def _insecure(listen: Listen) -> list[str]:
    if listen.certificate or listen.trusted_proxies or listen.host in ("127.0.0.1", "::1", "localhost"):
        return []
    return [
        f"listen.host is {listen.host} without a certificate: from other machines browsers give neither "
        "login nor camera; set listen.certificate, or put a proxy in front"
    ]
