"""Seals what is handed over so that only the holder of a certificate's key opens it.

CMS enveloped data (AES-256, its key under the certificate's RSA key): whoever has the key opens it with
`openssl cms -decrypt -binary -inform DER -inkey KEY -in FILE -out FILE`, and needs no program of ours.
"""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from protocol.errors import LocalError

SHORTEST = 2048
"""Bits of the key."""


class Recipient:
    """Of a PEM file with a certificate. LocalError when it is none that can be sealed for."""

    def __init__(self, path: Path) -> None:
        advice = (
            f"make one with: openssl req -x509 -newkey rsa:3072 -keyout {path.stem}.key -out {path} "
            "-days 365 -subj /CN=NAME"
        )
        try:
            self._certificate = x509.load_pem_x509_certificate(path.read_bytes())
        except OSError as error:
            raise LocalError("seal", f"{path}: {error.strerror}; {advice}") from None
        except ValueError:
            raise LocalError("seal", f"{path}: holds no certificate in PEM; {advice}") from None
        key = self._certificate.public_key()
        if not isinstance(key, RSAPublicKey) or key.key_size < SHORTEST:
            raise LocalError("seal", f"{path}: needs an RSA key of at least {SHORTEST} bits; {advice}")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, hex."""
        return self._certificate.fingerprint(SHA256()).hex()

    def seal(self, data: bytes) -> bytes:
        """DER."""
        builder = pkcs7.PKCS7EnvelopeBuilder().set_data(data).add_recipient(self._certificate)
        builder = builder.set_content_encryption_algorithm(AES256)
        return builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
