"""The few files of a terminal are whole or absent, and private."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from kiosk.agent import files
from protocol.errors import LocalError
from tests.kiosk.core.cast import SITE


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    """Nobody but the agent reads the device key."""
    key = files.make_key(tmp_path)
    again = files.make_key(tmp_path)
    assert key.public_key() == again.public_key()
    assert stat.S_IMODE((tmp_path / files.KEY).stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\xfe"])
def test_a_broken_key_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    """A key that cannot be read is named with its path."""
    (tmp_path / files.KEY).write_bytes(content)
    with pytest.raises(LocalError, match=r"device\.key"):
        files.read_key(tmp_path)


def test_the_site_survives_a_restart(tmp_path: Path) -> None:
    """A terminal without hub still knows its telephone."""
    files.keep_site(tmp_path / "new", SITE)
    assert files.kept_site(tmp_path / "new") == SITE


@pytest.mark.parametrize("content", [b"", b"{", b'{"municipality": 5}', b"\xff"])
def test_a_torn_site_is_no_site(tmp_path: Path, content: bytes) -> None:
    """What cannot be read is left out; nothing crashes for it."""
    (tmp_path / files.SITE).write_bytes(content)
    assert files.kept_site(tmp_path) is None
    assert files.kept_site(tmp_path / "nowhere") is None


def test_the_ways_to_the_relay_survive_a_restart(tmp_path: Path) -> None:
    """An agent that is killed in a call offers with the way that served; torn, they are only forgotten."""
    ways = {"192.0.2.1 02:00:00:00:00:01": ("turns:relay.example:443?transport=tcp",)}
    files.keep_ways(tmp_path / "new", ways)
    assert files.kept_ways(tmp_path / "new") == ways
    for torn in (b"", b'{"a": 5}', b"\xff"):
        (tmp_path / "new" / files.WAYS).write_bytes(torn)
        assert files.kept_ways(tmp_path / "new") == {}


def test_a_failed_write_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a file never replaces a whole one."""
    path = tmp_path / "file"
    files.write_whole(path, b"old")

    def broken(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="disk full"):
        files.write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
