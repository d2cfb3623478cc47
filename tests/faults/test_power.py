"""The recorder of power cuts sees what is wrong, and our two ways to write show nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults import power, trace
from tests.faults.disk import SECTOR, Disk
from tests.faults.trace import Cut, NotReadError, Opened, Removed, Renamed, Synced, Wrote


@pytest.fixture(scope="module")
def recorder() -> None:
    """Where nobody may trace a program, nothing is proven here: `make test` prints it."""
    try:
        power.run("file", rows=1, cuts=1, seed=1)
    except power.NoRecorderError as error:
        pytest.skip(f"NOTHING IS PROVEN ABOUT POWER CUTS HERE: {error}")


@pytest.mark.parametrize("kind", ["sqlite", "file"])
@pytest.mark.usefixtures("recorder")
def test_what_was_acknowledged_survives_a_power_cut(kind: str) -> None:
    """The hub's database and the vault's files: nothing promised is lost, nothing is torn."""
    cuts = power.run(kind, rows=40, cuts=60, seed=7)
    assert (cuts.made, cuts.lost, cuts.torn, cuts.first) == (60, 0, 0, "")
    assert cuts.events > 40 * 3, "nothing was recorded"


@pytest.mark.parametrize("kind", ["sqlite-off", "file-in-place", "file-no-sync"])
@pytest.mark.usefixtures("recorder")
def test_the_recorder_catches_who_does_not_sync(kind: str) -> None:
    """A recorder that finds nothing anywhere would prove nothing."""
    assert power.run(kind, rows=20, cuts=20, seed=7).lost >= 10


def hexed(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def test_calls_are_read_to_the_byte() -> None:
    """Names in any language, zero bytes, calls of two threads that overlap, failures left out."""
    name = hexed("/d/あ")
    lines = [
        f'7  openat(AT_FDCWD<{hexed("/")}>, "{name}", O_RDWR|O_CREAT|O_TRUNC, 0600) = 3<{name}>',
        f'7  pwrite64(3<{name}>, "{hexed("a")}"..., 2, 512 <unfinished ...>'.replace('"...', '\\x00"'),
        f"8  fsync(4<{hexed('/d')}>) = 0",
        "7  <... pwrite64 resumed>) = 2",
        f'7  ftruncate(3<{name}>, 5) = 0',
        f'7  rename("{name}", "{hexed("/d/b")}") = 0',
        f'7  unlink("{hexed("/d/c")}") = -1 ENOENT (No such file or directory)',
        "7  +++ exited with 0 +++",
    ]  # fmt: skip
    assert list(trace.read(lines)) == [
        Opened("/d/あ", 3, creates=True, empties=True),
        Synced("/d"),
        Wrote("/d/あ", 3, 512, b"a\0"),
        Cut("/d/あ", 5),
        Renamed("/d/あ", "/d/b"),
    ]
    with pytest.raises(NotReadError):
        list(trace.read([f"7  writev(3<{name}>, [], 0) = 0"]))


def found(disk: Disk, seed: int, into: Path) -> dict[str, bytes]:
    """What is there after a cut."""
    for path in into.iterdir():
        path.unlink()
    disk.after_cut(random.Random(seed), into)
    return {path.name: path.read_bytes() for path in into.iterdir()}


def test_only_what_was_synced_is_certain(tmp_path: Path) -> None:
    """Sectors that nobody synced come and go one by one; a new name needs its directory's fsync."""
    root, after = tmp_path / "disk", tmp_path / "after"
    root.mkdir()
    after.mkdir()
    (root / "old").write_bytes(b"old")
    disk = Disk(root)
    new = str(root / "new")
    for event in (Opened(new, 3, True, False), Wrote(new, 3, None, b"x" * SECTOR), Wrote(new, 3, None, b"y")):
        disk.feed(event)
    outcomes = [found(disk, seed, after) for seed in range(40)]
    assert all(one["old"] == b"old" for one in outcomes)
    assert {one.get("new") for one in outcomes} == {
        None, b"", b"x" * SECTOR, b"x" * SECTOR + b"y", b"\0" * SECTOR + b"y",
    }  # fmt: skip
    disk.feed(Synced(new))
    assert {one.get("new") for one in (found(disk, seed, after) for seed in range(20))} == {
        None, b"x" * SECTOR + b"y",
    }  # fmt: skip
    disk.feed(Synced(str(root)))
    disk.feed(Removed(new))
    assert {"new" in found(disk, seed, after) for seed in range(20)} == {True, False}
