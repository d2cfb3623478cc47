"""Where sealed bodies lie: a directory now, an object store behind the same three methods later."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

from hub.vault import durable


class Shelf(Protocol):
    """Holds sealed bytes by municipality and capture id; both are ours, never a peer's text."""

    def put(self, municipality: str, capture: str, body: bytes) -> None:
        """Durable when it returns. OSError when there is no room."""

    def get(self, municipality: str, capture: str) -> bytes:
        """FileNotFoundError when nothing is there."""

    def drop(self, municipality: str, capture: str) -> None:
        """Take the bytes away; nothing there is no error."""


class DirectoryShelf:
    """`<root>/<municipality>/<capture>.sealed`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, municipality: str, capture: str, body: bytes) -> None:
        """By the durable write."""
        path = self._path(municipality, capture)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        durable.write(path, body)

    def get(self, municipality: str, capture: str) -> bytes:
        """The sealed bytes."""
        return self._path(municipality, capture).read_bytes()

    def drop(self, municipality: str, capture: str) -> None:
        """Remove the file for good."""
        path = self._path(municipality, capture)
        if path.exists():
            path.unlink()
            durable.sync_directory(path.parent)

    def drop_all(self, municipality: str) -> None:
        """Remove everything of a municipality. OSError when something stays."""
        assert "/" not in municipality
        place = self._root / municipality
        if place.is_dir():
            shutil.rmtree(place)
            durable.sync_directory(self._root)

    def _path(self, municipality: str, capture: str) -> Path:
        assert "/" not in municipality
        assert "/" not in capture
        return self._root / municipality / f"{capture}.sealed"
