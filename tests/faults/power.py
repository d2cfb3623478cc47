"""Cuts the power of a store again and again: is what it promised there, and is anything torn?

    cuts = power.run("sqlite", rows=200, cuts=300, seed=1)
    cuts.lost, cuts.torn                            # both 0 for a store that keeps its word

The program runs once under strace; a cut is a moment of that run, by chance, and a disk as it may be then.
"""

from __future__ import annotations

import bisect
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.hub_program import empty_database
from tests.faults import stores_program as store
from tests.faults import trace
from tests.faults.disk import Disk
from tests.faults.trace import Event, Wrote

ROOT = Path(__file__).parents[2]
ACK = b"ack "


class NoRecorderError(Exception):
    """This machine lets nobody trace a program; the message says why."""


@dataclass(slots=True)
class Cuts:
    """`lost`: cuts after which a promised row was missing; `torn`: after which anything was broken."""

    made: int = 0
    lost: int = 0
    torn: int = 0
    events: int = 0
    first: str = ""  # what was wrong at the first cut that showed anything


def run(kind: str, *, rows: int, cuts: int, seed: int) -> Cuts:
    """One traced run, so many cuts. NoRecorderError where strace is missing or forbidden."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name) / "disk"
        directory.mkdir()
        _prepare(kind, directory)
        disk = Disk(directory)
        events = _record(kind, directory, rows, Path(name) / "trace")
        return _cut(kind, disk, events, cuts, random.Random(seed), Path(name) / "after")


def _prepare(kind: str, directory: Path) -> None:
    if kind == "sqlite":
        (directory / "hub.db").write_bytes(empty_database())
    elif kind == "sqlite-off":
        with sqlite3.connect(directory / "hub.db") as connection:
            connection.execute("CREATE TABLE done (sender, id, at, answers)")


def _record(kind: str, directory: Path, rows: int, log: Path) -> list[Event]:
    program = [sys.executable, "-m", "tests.faults.stores_program", kind, str(directory), str(rows)]
    try:
        done = subprocess.run(
            trace.command(log, program), cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
        )
    except FileNotFoundError:
        raise NoRecorderError("strace is not installed") from None
    if done.returncode != 0 and ("ptrace" in done.stderr or "not permitted" in done.stderr):
        raise NoRecorderError(done.stderr.strip().splitlines()[0])
    if done.returncode != 0 or done.stdout.split()[-1:] != [str(rows)]:
        raise RuntimeError(f"{kind}: {done.stderr}")
    with log.open(encoding="ascii") as lines:
        return list(trace.read(lines))


def _cut(
    kind: str, disk: Disk, events: list[Event], cuts: int, chance: random.Random, after: Path
) -> Cuts:  # fmt: skip
    found = Cuts(events=len(events))
    start = next(number for number, event in enumerate(events) if _touches(event))
    moments = sorted(chance.randrange(start, len(events) + 1) for _ in range(cuts))
    promised = 0
    for number in range(len(events) + 1):
        for _ in range(bisect.bisect_right(moments, number) - bisect.bisect_left(moments, number)):
            shutil.rmtree(after, ignore_errors=True)
            after.mkdir()
            disk.after_cut(chance, after)
            lost, torn = _look(kind, after, promised)
            found.made += 1
            found.lost += lost != ""
            found.torn += torn != ""
            found.first = found.first or lost or torn
        if number < len(events):
            event = events[number]
            disk.feed(event)
            if isinstance(event, Wrote) and event.descriptor == 1 and event.data.startswith(ACK):
                promised = int(event.data.split()[1])
    return found


def _touches(event: Event) -> bool:
    return isinstance(event, Wrote) and event.descriptor != 2


def _look(kind: str, after: Path, promised: int) -> tuple[str, str]:
    """What is lost and what is torn, in words; "" for nothing."""
    return _look_at_rows(after, promised) if kind.startswith("sqlite") else _look_at_files(after, promised)


def _look_at_rows(after: Path, promised: int) -> tuple[str, str]:
    try:
        with sqlite3.connect(after / "hub.db") as connection:
            verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
            rows = dict(connection.execute("SELECT id, answers FROM done"))
        connection.close()
    except sqlite3.DatabaseError as error:
        return f"nothing of {promised} rows", str(error)
    missing = [number for number in range(1, promised + 1) if f"w{number}" not in rows]
    broken = [id for id, answers in rows.items() if json.loads(answers)[0]["text"] != store.text(int(id[1:]))]
    return (
        f"rows {missing[:3]} of {promised} promised" if missing else "",
        f"integrity: {verdict}" if verdict != "ok" else f"rows {broken[:3]}" if broken else "",
    )


def _look_at_files(after: Path, promised: int) -> tuple[str, str]:
    lost = torn = ""
    for newest in range(max(1, promised - store.PLACES + 1), promised + 1):
        path = store.place(after, newest)
        data = path.read_bytes().decode("latin-1") if path.exists() else ""
        number = int(data[:6]) if data[:6].isdecimal() else 0
        whole = data == store.text(number)
        if data and not whole:
            torn = f"{path.name} after row {promised}"
        if not whole or number < newest:
            lost = f"row {newest} of {promised} promised"
    return lost, torn
