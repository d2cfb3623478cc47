"""A directory of files to be handed over: each durable, each with its digest, there whole or not at all.

folder = Folder(to)
folder.begin()
with folder.file("records/call.jsonl") as write:
    write(line)
folder.finish(manifest)         # now it is at `to`
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hub.core.offboarding import CERTIFICATE, MANIFEST, SEALED, File, Manifest
from hub.vault import durable
from hub.vault.envelope import Recipient
from protocol.errors import LocalError


class Folder:
    """`files` are those that are written so far. Until `finish` they lie beside `to`.

    With a `recipient` each is sealed for it, whole: then a file must fit into memory.
    """

    def __init__(self, to: Path, recipient: Recipient | None = None) -> None:
        self.to = to
        self.files: list[File] = []
        self._recipient = recipient
        self._work = to.with_name(f".{to.name}.unfinished")

    def begin(self) -> None:
        """What an earlier try has left is removed. LocalError when `to` exists or cannot be made."""
        if self.to.exists():
            raise LocalError("export_there", f"{self.to}: exists; name a new directory for the export")
        try:
            shutil.rmtree(self._work, ignore_errors=True)
            self._work.mkdir(mode=0o700, parents=True)
        except OSError as error:
            raise LocalError("export", f"{self._work}: cannot be made: {error.strerror}") from None

    @contextmanager
    def file(self, path: str) -> Iterator[Callable[[bytes], None]]:
        """A new file, to be written piece by piece. LocalError when the disk refuses."""
        name = path + (SEALED if self._recipient else "")
        place = self._work / name
        digest, plain = hashlib.sha256(), hashlib.sha256()
        size = 0
        pieces: list[bytes] = []
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:

                def put(data: bytes) -> None:
                    nonlocal size
                    file.write(data)
                    digest.update(data)
                    size += len(data)

                def write(data: bytes) -> None:
                    plain.update(data)
                    (pieces.append if self._recipient else put)(data)

                yield write
                if self._recipient:
                    put(self._recipient.seal(b"".join(pieces)))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise LocalError("export", f"{place}: cannot be written: {error.strerror}") from None
        self.files.append(
            File(path=name, bytes=size, sha256=digest.hexdigest(), plain=plain.hexdigest())
        )  # fmt: skip

    def take(self, source: Path, below: str) -> None:
        """Copies of all files of a directory."""
        for one in sorted(source.rglob("*")):
            if one.is_file():
                with self.file(f"{below}{one.relative_to(source)}") as write:
                    write(one.read_bytes())

    def finish(self, manifest: bytes) -> None:
        """The manifest last; then it stands at its place."""
        try:
            durable.write(self._work / MANIFEST, manifest)
            for one in self._work.rglob("*"):
                if one.is_dir():
                    durable.sync_directory(one)
            self._work.rename(self.to)
            durable.sync_directory(self.to.parent)
        except OSError as error:
            raise LocalError("export", f"{self.to}: cannot be finished: {error.strerror}") from None


def manifest_of(folder: Path) -> bytes:
    """LocalError when there is none."""
    try:
        return (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise LocalError(
            "manifest", f"{folder / MANIFEST}: {error.strerror}; name the directory of a finished export"
        ) from None


def verify(folder: Path, manifest: Manifest) -> None:
    """Whether every file is there as it was written. LocalError names the first that is not."""
    for one in manifest.files:
        try:
            with (folder / one.path).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise LocalError("export_broken", f"{folder / one.path}: {error.strerror}; export anew") from None
        if digest != one.sha256:
            raise LocalError("export_broken", f"{folder / one.path}: is not what was exported; export anew")


def certify(folder: Path, text: str) -> Path:
    """Lay the certificate beside what it speaks of; where it is."""
    place = folder / CERTIFICATE
    try:
        durable.write(place, text.encode())
    except OSError as error:
        raise LocalError(
            "certificate", f"{place}: cannot be written: {error.strerror}; the same command writes it again"
        ) from None
    return place
