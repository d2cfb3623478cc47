"""What a program asked of its disk, in order, out of a log of strace.

    with traced(log, command): ...
    for event in read(log): ...

Nothing is put into the program: neither a library nor another file system. Only what it wrote and synced
counts, down to the byte; calls of threads that overlap count when they have returned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CALLS = (
    "openat", "open", "creat", "write", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "renameat",
    "renameat2", "unlink", "unlinkat", "writev", "pwritev",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """A name that may be new; its content is gone when it was opened to be emptied."""

    path: str
    descriptor: int
    creates: bool
    empties: bool


@dataclass(frozen=True, slots=True)
class Wrote:
    """Bytes at a place, or where the descriptor stands (None)."""

    path: str
    descriptor: int
    offset: int | None
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file has this length now."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """All of a file, or the names of a directory, is on the disk."""

    path: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """One name took another's place."""

    path: str
    to: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A name is gone."""

    path: str


Event = Opened | Wrote | Cut | Synced | Renamed | Removed


class NotReadError(Exception):
    """A call that this recorder does not understand: nothing it says would be true."""


def command(log: Path, program: Sequence[str]) -> list[str]:
    """The program, traced into `log`."""
    return [
        "strace",
        "-f",
        "-y",
        "-xx",
        "-s",
        "1000000",
        "-e",
        f"trace={','.join(CALLS)}",
        "-o",
        str(log),
        *program,
    ]


_LINE = re.compile(r"^(?P<pid>\d+) +(?P<rest>.*)$")
_CALL = re.compile(r"^(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)(?:<(?P<opened>[^>]*)>)?.*$")
_DESCRIPTOR = re.compile(r"(\d+)<([^>]*)>")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def read(lines: Iterable[str]) -> Iterator[Event]:
    """In the order of their return. NotReadError for a call that writes in a way unknown here."""
    begun: dict[str, str] = {}
    for line in lines:
        found = _LINE.match(line.rstrip("\n"))
        if found is None:
            continue
        pid, rest = found["pid"], found["rest"]
        if rest.endswith("<unfinished ...>"):
            begun[pid] = rest.removesuffix("<unfinished ...>")
            continue
        if rest.startswith("<... "):
            rest = begun.pop(pid, "") + rest.partition("resumed>")[2]
        call = _CALL.match(rest)
        if call is not None and int(call["result"]) >= 0 and (event := _event(call)) is not None:
            yield event


def _event(call: re.Match[str]) -> Event | None:
    name, arguments, result = call["name"], call["arguments"], int(call["result"])
    if name in ("openat", "open", "creat"):
        path = _bytes(call["opened"] or "").decode()
        return Opened(path, result, "O_CREAT" in arguments or name == "creat", "O_TRUNC" in arguments)
    if name.startswith(("rename", "unlink")):
        names = [_bytes(one).decode() for one in _STRING.findall(arguments)]
        return Removed(names[0]) if name.startswith("unlink") else Renamed(names[0], names[1])
    descriptor = _DESCRIPTOR.match(arguments)
    if descriptor is None:
        raise NotReadError(call[0][:200])
    number, path = int(descriptor[1]), _bytes(descriptor[2]).decode(errors="replace")
    if name in ("fsync", "fdatasync"):
        return Synced(path)
    if name == "ftruncate":
        return Cut(path, int(arguments.rpartition(", ")[2]))
    if name in ("write", "pwrite64"):
        data = _bytes(_STRING.findall(arguments)[0])
        if len(data) < result:
            raise NotReadError(f"{name}: strace left out bytes of {path}")
        offset = int(arguments.rpartition(", ")[2]) if name == "pwrite64" else None
        return Wrote(path, number, offset, data[:result])
    raise NotReadError(call[0][:200])


def _bytes(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))
