"""Looks at certificate and private key as a browser and the server would, before the server meets them."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509

from hub.settings import Listen
from protocol.errors import LocalError

SOON = timedelta(days=14)
"""Before the end of a certificate that a check mentions."""


@dataclass(slots=True)
class Found:
    """What is wrong, and what is merely doubtful."""

    errors: list[LocalError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def look(listen: Listen, now: datetime) -> Found:
    """Nothing for plain HTTP. Settings have both files or neither (`settings.load`)."""
    found = Found()
    if listen.certificate:
        try:
            _dates(_leaf(listen.certificate), listen, now, found)
            _pair(listen)
        except LocalError as error:
            found.errors.append(error)
    return found


def _leaf(path: str) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificates(Path(path).read_bytes())[0]
    except OSError as error:
        raise _wrong(path, f"cannot be read: {error.strerror}; check its owner", "certificate") from None
    except ValueError:
        raise _wrong(path, "holds no PEM certificate", "certificate") from None


def _dates(leaf: x509.Certificate, listen: Listen, now: datetime, found: Found) -> None:
    if now >= leaf.not_valid_after_utc:
        problem = f"expired on {leaf.not_valid_after_utc:%Y-%m-%d}; renew it"
        raise _wrong(listen.certificate, problem, "certificate")
    if now < leaf.not_valid_before_utc:
        problem = f"is valid from {leaf.not_valid_before_utc:%Y-%m-%d} on; look at this machine's clock"
        raise _wrong(listen.certificate, problem, "certificate")
    if leaf.not_valid_after_utc - now < SOON:
        found.notes.append(f"{listen.certificate}: expires on {leaf.not_valid_after_utc:%Y-%m-%d}; renew it")
    missing = [
        name for name in listen.names if name not in ("localhost", "127.0.0.1") and not _names(leaf, name)
    ]
    if missing:
        found.notes.append(
            f"{listen.certificate}: does not name {', '.join(missing)} of listen.names: browsers will warn"
        )


def _names(leaf: x509.Certificate, name: str) -> bool:
    try:
        extension = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    known = extension.get_values_for_type(x509.DNSName)
    known += [str(address) for address in extension.get_values_for_type(x509.IPAddress)]
    return name in known or f"*.{name.partition('.')[2]}" in known


def _pair(listen: Listen) -> None:
    asked = False

    def password() -> str:
        nonlocal asked
        asked = True
        return ""

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
            listen.certificate, listen.private_key, password
        )
    except ssl.SSLError as error:
        if asked:
            problem = "is encrypted, and nobody is there to type its password; decrypt it (openssl pkey)"
        elif error.reason == "KEY_VALUES_MISMATCH":
            problem = f"does not belong to {listen.certificate}; name the pair"
        else:
            problem = "holds no PEM private key"
        raise _wrong(listen.private_key, problem, "private_key") from None
    except OSError as error:
        problem = f"cannot be read: {error.strerror}; check its owner"
        raise _wrong(listen.private_key, problem, "private_key") from None


def _wrong(path: str, problem: str, key: str) -> LocalError:
    return LocalError("tls", f"{path}: {problem} (listen.{key})")
