"""A disk whose power can be cut at any moment: what was synced stays, the rest may be there, or not, or torn.

Pessimistic on purpose. Of the writes to a file since its last fsync each sector of 512 bytes is on the disk
or not, by chance; so is a change of length. Names belong to their directory: of its changes since its own
last fsync, some first ones have happened. Syncing a file does not make its name last.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.trace import Cut, Event, Opened, Removed, Renamed, Synced, Wrote

SECTOR = 512


@dataclass(slots=True)
class File:
    """`synced` is on the disk for certain; `pending` may be."""

    synced: bytearray = field(default_factory=bytearray)
    pending: list[Wrote | Cut] = field(default_factory=list)

    def sync(self) -> None:
        """All that was asked for is there."""
        for change in self.pending:
            _apply(self.synced, change)
        self.pending.clear()

    def after_cut(self, chance: random.Random) -> bytes:
        """What a start finds."""
        found = bytearray(self.synced)
        for change in self.pending:
            if isinstance(change, Cut):
                if chance.random() < 0.5:
                    _apply(found, change)
                continue
            at = change.offset or 0
            for begin in range(at - at % SECTOR, at + len(change.data), SECTOR):
                if chance.random() < 0.5:
                    first, last = max(at, begin), min(at + len(change.data), begin + SECTOR)
                    _put(found, first, change.data[first - at : last - at])
        return bytes(found)


class Disk:
    """The files below one directory of the traced program."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._files: dict[str, File] = {}  # by name, as the program sees it
        self._synced: dict[str, File] = {}  # by name, as the disk has it for certain
        self._names: list[tuple[str, str, File | None]] = []  # changes of names since: directory, name, file
        self._places: dict[int, int] = {}  # where each descriptor stands
        for path in root.iterdir():
            self._files[str(path)] = self._synced[str(path)] = File(bytearray(path.read_bytes()))

    def feed(self, event: Event) -> None:
        """One call of the program has returned."""
        match event:
            case Opened(path, descriptor, creates, empties):
                self._places[descriptor] = 0
                if self._ours(path) and creates and path not in self._files:
                    self._name(path, File())
                if path in self._files and empties:
                    self._files[path].pending.append(Cut(path, 0))
            case Wrote(path, descriptor, offset, data) if path in self._files:
                at = self._places.get(descriptor, 0) if offset is None else offset
                if offset is None:
                    self._places[descriptor] = at + len(data)
                self._files[path].pending.append(Wrote(path, descriptor, at, data))
            case Cut(path) if path in self._files:
                self._files[path].pending.append(event)
            case Synced(path) if path in self._files:
                self._files[path].sync()
            case Synced(path):
                self._sync_names(path)
            case Renamed(path, to) if path in self._files:
                file = self._files[path]
                self._name(to, file)
                self._name(path, None)
            case Removed(path) if path in self._files:
                self._name(path, None)

    def after_cut(self, chance: random.Random, into: Path) -> None:
        """Lay down what a start would find."""
        names = dict(self._synced)
        for _, path, file in self._names[: chance.randint(0, len(self._names))]:
            _rename(names, path, file)
        for path, file in names.items():
            if not path.endswith("-shm"):  # shared memory of SQLite: void after a start
                (into / Path(path).name).write_bytes(file.after_cut(chance))

    def _ours(self, path: str) -> bool:
        return str(Path(path).parent) == self._root

    def _name(self, path: str, file: File | None) -> None:
        _rename(self._files, path, file)
        self._names.append((str(Path(path).parent), path, file))

    def _sync_names(self, directory: str) -> None:
        for where, path, file in self._names:
            if where == directory:
                _rename(self._synced, path, file)
        self._names = [one for one in self._names if one[0] != directory]


def _rename(names: dict[str, File], path: str, file: File | None) -> None:
    if file is None:
        names.pop(path, None)
    else:
        names[path] = file


def _apply(content: bytearray, change: Wrote | Cut) -> None:
    if isinstance(change, Cut):
        del content[change.size :]
        content.extend(bytes(change.size - len(content)))
    else:
        _put(content, change.offset or 0, change.data)


def _put(content: bytearray, at: int, data: bytes) -> None:
    if len(content) < at:
        content.extend(bytes(at - len(content)))
    content[at : at + len(data)] = data
