"""Seals a still under its own key, and that key under the municipality's.

AES-256-GCM both times, with municipality and capture id as associated data: a body or key that is moved to
another capture does not open. Without its wrapped key a body is noise; destroying the key is the deletion.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class UnreadableError(Exception):
    """Key, body and capture do not belong together."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is stored: the body in a file, the wrapped key in the table."""

    body: bytes
    wrapped_key: bytes


def seal(plain: bytes, *, municipality_key: bytes, municipality: str, capture: str) -> Sealed:
    """Under a new data key that exists nowhere else."""
    key = AESGCM.generate_key(bit_length=256)
    bound = _bound(municipality, capture)
    return Sealed(encrypt(key, plain, bound + b":body"), encrypt(municipality_key, key, bound + b":key"))


def unseal(sealed: Sealed, *, municipality_key: bytes, municipality: str, capture: str) -> bytes:
    """The plain bytes. UnreadableError when anything differs."""
    bound = _bound(municipality, capture)
    try:
        key = decrypt(municipality_key, sealed.wrapped_key, bound + b":key")
        return decrypt(key, sealed.body, bound + b":body")
    except (InvalidTag, ValueError):
        raise UnreadableError(capture) from None


def belongs(wrapped_key: bytes, *, municipality_key: bytes, municipality: str, capture: str) -> bool:
    """Whether this is the municipality's key under which the capture's own was wrapped."""
    try:
        decrypt(municipality_key, wrapped_key, _bound(municipality, capture) + b":key")
    except (InvalidTag, ValueError):
        return False
    return True


def _bound(municipality: str, capture: str) -> bytes:
    return f"madoguchi-capture-v1:{municipality}:{capture}".encode()


def encrypt(key: bytes, plain: bytes, bound: bytes) -> bytes:
    """Under a nonce of its own, which stands before the rest; `bound` must be said again to decrypt."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """What `encrypt` sealed. InvalidTag or ValueError when key, body and `bound` do not fit."""
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound)
