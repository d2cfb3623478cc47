"""Stills at rest: unreadable without their key, their municipality's key, their own name."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.vault import durable
from hub.vault.keys import KeyDirectory
from hub.vault.seal import Sealed, UnreadableError, seal, unseal
from hub.vault.shelf import DirectoryShelf
from protocol.errors import LocalError

KEY = AESGCM.generate_key(bit_length=256)
PLAIN = b"\xff\xd8 a face \xff\xd9"


def test_a_sealed_still_opens_only_as_itself() -> None:
    """Another municipality's key, another capture, another body or key: unreadable."""
    sealed = seal(PLAIN, municipality_key=KEY, municipality="minami", capture="p1")
    other = seal(PLAIN, municipality_key=KEY, municipality="minami", capture="p2")
    assert unseal(sealed, municipality_key=KEY, municipality="minami", capture="p1") == PLAIN
    assert PLAIN not in sealed.body
    for wrong, key, municipality, capture in (
        (sealed, AESGCM.generate_key(bit_length=256), "minami", "p1"),
        (sealed, KEY, "kitamidai", "p1"),
        (sealed, KEY, "minami", "p2"),
        (Sealed(other.body, sealed.wrapped_key), KEY, "minami", "p1"),
        (Sealed(sealed.body, other.wrapped_key), KEY, "minami", "p1"),
        (Sealed(sealed.body[:-1], sealed.wrapped_key), KEY, "minami", "p1"),
        (Sealed(b"", b""), KEY, "minami", "p1"),
    ):
        with pytest.raises(UnreadableError):
            unseal(wrong, municipality_key=key, municipality=municipality, capture=capture)


def test_keys_are_made_once_and_are_private(tmp_path: Path) -> None:
    """Mode 0600 in a 0700 directory; the second start reads the same keys."""
    first = KeyDirectory(tmp_path / "keys", ["minami", "kitamidai"])
    again = KeyDirectory(tmp_path / "keys", ["minami", "kitamidai"])
    assert first.of("minami") == again.of("minami") != first.of("kitamidai")
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "keys" / "minami.key").stat().st_mode) == 0o600


def test_a_key_that_others_may_read_stops_the_start(tmp_path: Path) -> None:
    """The message holds the command that mends it."""
    KeyDirectory(tmp_path, ["minami"])
    (tmp_path / "minami.key").chmod(0o644)
    with pytest.raises(LocalError, match="chmod 600"):
        KeyDirectory(tmp_path, ["minami"])


@pytest.mark.parametrize("lost", ["missing", "another"])
def test_a_lost_key_is_not_replaced_while_stills_need_it(tmp_path: Path, lost: str) -> None:
    """A new key would hide the loss until the backup is gone too; the message says both ways out."""
    key = KeyDirectory(tmp_path, ["minami", "kitamidai"]).of("minami")
    wrapped = seal(PLAIN, municipality_key=key, municipality="minami", capture="p1").wrapped_key
    needed = {"minami": ("p1", wrapped)}
    assert KeyDirectory(tmp_path, ["minami", "kitamidai"], needed).of("minami") == key
    path = tmp_path / "minami.key"
    path.unlink()
    if lost == "another":
        durable.write(path, os.urandom(32))
    with pytest.raises(LocalError, match=r"minami.key: is .*restore it.*destroy-stills minami"):
        KeyDirectory(tmp_path, ["minami", "kitamidai"], needed)
    assert path.exists() == (lost == "another")


def test_a_cut_key_stops_the_start(tmp_path: Path) -> None:
    """A wrong key would seal stills that nobody can ever open."""
    KeyDirectory(tmp_path, ["minami"])
    (tmp_path / "minami.key").write_bytes(b"short")
    with pytest.raises(LocalError, match="5 bytes"):
        KeyDirectory(tmp_path, ["minami"])


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk: the old content whole, no rest beside it."""
    target = tmp_path / "file"
    durable.write(target, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable.write(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_shelf_keeps_and_drops(tmp_path: Path) -> None:
    """Dropping twice is harmless; what is gone is FileNotFoundError."""
    shelf = DirectoryShelf(tmp_path)
    shelf.put("minami", "p1", b"sealed")
    assert shelf.get("minami", "p1") == b"sealed"
    shelf.drop("minami", "p1")
    shelf.drop("minami", "p1")
    with pytest.raises(FileNotFoundError):
        shelf.get("minami", "p1")
