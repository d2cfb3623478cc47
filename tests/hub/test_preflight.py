"""A check and a start find everything that is missing, at once, and change nothing."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from hub import tls
from hub.__main__ import main
from hub.alone import hold
from hub.settings import Listen
from tests.fakes.hub_program import CONTENT

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def port() -> int:
    """Free."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def config(tmp_path: Path, port: int) -> Path:
    """Good settings; nothing that they name exists yet."""
    shutil.copytree(CONTENT, tmp_path / "content")
    path = tmp_path / "hub.yaml"
    path.write_text(
        f"content: {tmp_path}/content\ndatabase: {{path: {tmp_path}/var/hub.db}}\n"
        f"keys: {{directory: {tmp_path}/var/keys}}\ncaptures: {{directory: {tmp_path}/var/captures}}\n"
        f"listen:\n  port: {port}\n"
    )
    return path


def pair(
    directory: Path, *, since: datetime = NOW - DAY, until: datetime = NOW + 90 * DAY,
    name: str = "localhost", encryption: KeySerializationEncryption | None = None,
) -> Listen:  # fmt: skip
    """A self-signed certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(since).not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, private_key = directory / "hub.pem", directory / "hub.key"
    certificate.write_bytes(built.public_bytes(Encoding.PEM))
    private_key.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    )
    return Listen(certificate=str(certificate), private_key=str(private_key))


def _expired(directory: Path) -> Listen:
    return pair(directory, since=NOW - 9 * DAY, until=NOW - DAY)


def _not_yet(directory: Path) -> Listen:
    return pair(directory, since=NOW + DAY)


def _two_pairs(directory: Path) -> Listen:
    one = pair(directory)
    (directory / "other").mkdir()
    return msgspec.structs.replace(one, private_key=pair(directory / "other").private_key)


def _exchanged(directory: Path) -> Listen:
    good = pair(directory)
    return msgspec.structs.replace(good, certificate=good.private_key, private_key=good.certificate)


def _encrypted(directory: Path) -> Listen:
    return pair(directory, encryption=BestAvailableEncryption(b"secret"))


def _no_certificate(directory: Path) -> Listen:
    return msgspec.structs.replace(pair(directory), certificate=str(directory / "none.pem"))


def _no_key(directory: Path) -> Listen:
    return msgspec.structs.replace(pair(directory), private_key=str(directory / "none.key"))


def _no_pem(directory: Path) -> Listen:
    good = pair(directory)
    Path(good.private_key).write_text("not a key")
    return good


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_expired, "hub.pem: expired on"),
        (_not_yet, "hub.pem: is valid from"),
        (_two_pairs, "other/hub.key: does not belong to"),
        (_exchanged, "hub.key: holds no PEM certificate"),
        (_encrypted, "hub.key: is encrypted"),
        (_no_certificate, "none.pem: cannot be read: No such file"),
        (_no_key, "none.key: cannot be read: No such file"),
        (_no_pem, "hub.key: holds no PEM private key"),
    ],
)
def test_a_certificate_that_would_not_serve_is_named(
    tmp_path: Path, make: Callable[[Path], Listen], message: str
) -> None:
    """With the file, what is wrong with it, and the setting; nobody is asked for a password."""
    found = tls.look(make(tmp_path), NOW)
    assert [message in error.message and "listen." in error.message for error in found.errors] == [True]


def test_a_certificate_that_serves_is_good_and_doubts_are_noted(tmp_path: Path) -> None:
    """Its end is mentioned two weeks before, and a host name that it lacks."""
    assert tls.look(Listen(), NOW) == tls.Found()
    good = pair(tmp_path, name="*.example.jp")
    named = msgspec.structs.replace(good, names=("hub.example.jp",))
    assert tls.look(named, NOW) == tls.Found()
    assert "expires on" in tls.look(named, NOW + 80 * DAY).notes[0]
    other = msgspec.structs.replace(good, names=("hub.example.com", "localhost"))
    assert "does not name hub.example.com of listen.names" in tls.look(other, NOW).notes[0]


def test_a_check_says_all_that_is_wrong_at_once(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], port: int
) -> None:
    """Content, database, keys, stills, relay secret, certificate, port: one line each, nothing made."""
    (tmp_path / "blocked").write_text("a file where a directory is needed")
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "minami.key").write_bytes(b"short")
    (tmp_path / "keys" / "minami.key").chmod(0o600)
    (tmp_path / "keys" / "kitamidai.key").write_bytes(b"x" * 32)
    (tmp_path / "keys" / "kitamidai.key").chmod(0o644)
    (tmp_path / "no.db").write_text("not a database")
    certificate = _expired(tmp_path)
    config.write_text(
        f"content: {tmp_path}/content\ndatabase: {{path: {tmp_path}/no.db}}\n"
        f"keys: {{directory: {tmp_path}/keys}}\ncaptures: {{directory: {tmp_path}/blocked/captures}}\n"
        f"ice_servers: [{{urls: [turn:a], secret_file: {tmp_path}/none}}]\n"
        f"listen:\n  port: {port}\n  certificate: {certificate.certificate}\n"
        f"  private_key: {certificate.private_key}\n"
    )
    page = tmp_path / "content/minami/pages/card-flow.yaml"
    page.write_text(page.read_text("utf-8").replace("title:", "titel:"), "utf-8")
    before = sorted(tmp_path.rglob("*"))
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        for arguments in (["--check"], []):
            assert main(["--config", str(config), *arguments]) == 2
            said = capsys.readouterr().err
            for part in (
                "card-flow.yaml:", "no.db: is no database", "minami.key: has 5 bytes",
                "kitamidai.key: others may read", "blocked: not writable", "captures.directory",
                f"{tmp_path}/none: No such file", "hub.pem: expired", f"127.0.0.1 port {port}",
            ):  # fmt: skip
                assert [line for line in said.splitlines() if part in line], part
            assert len(said.splitlines()) >= 8
    assert sorted(tmp_path.rglob("*")) == before


def test_what_a_hub_has_made_is_good(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Database and directories of an earlier run are no surprise."""
    assert main(["--config", str(config), "list"]) == 0
    assert main(["--config", str(config), "--check"]) == 0
    assert "good" in capsys.readouterr().out


def test_plain_http_to_the_outside_is_noted(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A browser would keep no login cookie and open no camera; behind a proxy or on loopback it is right."""
    good = config.read_text()
    config.write_text(good + "  host: 0.0.0.0\n")
    assert main(["--config", str(config), "--check"]) == 0
    assert "note: listen.host is 0.0.0.0 without a certificate" in capsys.readouterr().out
    for right in ("  host: 0.0.0.0\n  trusted_proxies: [10.0.0.1]\n", "  host: 127.0.0.1\n"):
        config.write_text(good + right)
        assert main(["--config", str(config), "--check"]) == 0
        assert "without a certificate" not in capsys.readouterr().out


def test_a_port_alone_has_its_own_code(config: Path, capsys: pytest.CaptureFixture[str], port: int) -> None:
    """Exit code 3 from the check too, so that a service manager can tell."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert main(["--config", str(config), "--check"]) == 3
    assert "ss -ltnp" in capsys.readouterr().err
    assert main(["--config", str(config), "--check"]) == 0


def test_a_check_beside_the_running_hub_is_good(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], port: int
) -> None:
    """Content is checked before the restart that reads it; the hub's own port is no mistake."""
    held = hold(tmp_path / "var" / "hub.db")
    with socket.socket() as its_own:
        its_own.bind(("127.0.0.1", port))
        its_own.listen()
        assert main(["--config", str(config), "--check"]) == 0
        assert "a hub is running on this database" in capsys.readouterr().out
        assert main(["--config", str(config)]) == 3
    os.close(held)


@pytest.mark.parametrize("place", ["/proc/nowhere", "/dev/null/x"])
@pytest.mark.parametrize("setting", ["database.path", "keys.directory", "captures.directory"])
def test_a_place_that_cannot_be_written_is_named(
    config: Path, capsys: pytest.CaptureFixture[str], setting: str, place: str
) -> None:
    """With the setting that moves it."""
    group, key = setting.split(".")
    lines = [line for line in config.read_text().splitlines() if not line.startswith(group)]
    config.write_text("\n".join([f"{group}: {{{key}: {place}/there}}", *lines]) + "\n")
    assert main(["--config", str(config), "--check"]) == 1
    said = capsys.readouterr().err
    assert "not writable" in said
    assert setting in said


def test_keys_that_are_all_there_need_no_writing(config: Path, tmp_path: Path) -> None:
    """A directory of keys may be mounted read-only."""
    keys = tmp_path / "keys"
    keys.mkdir()
    for name in ("minami", "kitamidai"):
        (keys / f"{name}.key").write_bytes(os.urandom(32))
        (keys / f"{name}.key").chmod(0o400)
    config.write_text(config.read_text().replace(f"{tmp_path}/var/keys", str(keys)))
    assert main(["--config", str(config), "--check"]) == 0


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("listen: {certificate: a.pem}", "listen: certificate and private_key go together"),
        ("listen: {private_key: a.key}", "listen: certificate and private_key go together"),
        ("listen: {trusted_proxies: [127.0.0.1, proxy]}", "listen.trusted_proxies[1]: 'proxy' is no address"),
        ("links: {heartbeat_s: 10}", "links.dead_s: 12 s: give at least twice links.heartbeat_s"),
    ],
)
def test_settings_that_do_not_fit_each_other_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, key: str
) -> None:
    """With file and line, like a single wrong value."""
    path = tmp_path / "hub.yaml"
    path.write_text(f"name: hub\n{line}\n")
    assert main(["--config", str(path), "--check"]) == 2
    assert f"hub.yaml:2: {key}" in capsys.readouterr().err
