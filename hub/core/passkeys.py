"""Decides how a passkey is asked for, and whether an answer is one: WebAuthn, judged by Yubico's library.

It never draws a random number, reads a clock or stores anything: challenge, time and what is stored are
arguments. A passkey counts only for the one address that the settings name, whatever a request says of
itself, and only when its device has verified the person (PIN, finger or face): that makes it a second factor.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

from hub.core.passkey_site import Site
from protocol.errors import PeerError

LASTS = timedelta(minutes=5)
"""In which a challenge must be answered, once."""

CHALLENGE_BYTES = 32

MOST = 8
"""Passkeys of one person."""


class Purpose(StrEnum):
    """For what a challenge was given out; it serves nothing else."""

    ADD = "add"
    LOGIN = "login"
    STEP_UP = "step_up"


class PasskeyError(PeerError):
    """The answer is none; `code` says why, the text is for the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """What is kept of one. `id` is the digest of the id that its device gave it; `credential` is public."""

    id: str
    user: str
    name: str
    credential: bytes
    sign_count: int
    made_at: datetime
    used_at: datetime | None = None


def _server(at: Site) -> Fido2Server:
    rp = PublicKeyCredentialRpEntity(id=at.name, name="窓口デスク")
    return Fido2Server(rp, verify_origin=lambda said: said == at.origin)


def _state(challenge: bytes) -> dict[str, Any]:
    """What the library has kept since it asked."""
    return {
        "challenge": websafe_encode(challenge),
        "user_verification": UserVerificationRequirement.REQUIRED,
    }


def _known(passkeys: Collection[Passkey]) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(one.credential) for one in passkeys]


def to_make(
    at: Site, user: str, login_name: str, name: str, has: Collection[Passkey], challenge: bytes
) -> str:  # fmt: skip
    """What the browser's `credentials.create` wants, as JSON. PasskeyError when she has MOST of them."""
    if len(has) >= MOST:
        raise PasskeyError(
            "too_many", f"パスキーは{MOST}個までです。使わないものを消してから、足してください。"
        )
    who = PublicKeyCredentialUserEntity(id=user.encode(), name=login_name, display_name=name)
    asked, _ = _server(at).register_begin(
        who, _known(has), user_verification=UserVerificationRequirement.REQUIRED, challenge=challenge
    )
    return json.dumps(dict(asked.public_key))


def to_use(at: Site, has: Collection[Passkey], challenge: bytes) -> str:
    """What the browser's `credentials.get` wants, as JSON."""
    asked, _ = _server(at).authenticate_begin(
        _known(has), user_verification=UserVerificationRequirement.REQUIRED, challenge=challenge
    )
    return json.dumps(dict(asked.public_key))


def made(at: Site, user: str, name: str, answer: str, challenge: bytes, now: datetime) -> Passkey:
    """The new passkey. PasskeyError when the answer is not one to this challenge."""
    try:
        found = _server(at).register_complete(_state(challenge), _answer(answer))
        credential = found.credential_data
        if credential is None:
            raise ValueError("no key in it")
    except Exception as error:  # a peer's bytes: whatever the library makes of them is a refusal
        raise wrong() from error
    return Passkey(
        id=digest(credential.credential_id), user=user, name=name, credential=bytes(credential),
        sign_count=found.counter, made_at=now,
    )  # fmt: skip


def used(at: Site, has: Collection[Passkey], answer: str, challenge: bytes) -> tuple[Passkey, int]:
    """Which of these was used, and its new count. PasskeyError when none was, or it may have been copied."""
    try:
        said = _answer(answer)
        credential = _server(at).authenticate_complete(_state(challenge), _known(has), said)
        count = AuthenticationResponse.from_dict(said).response.authenticator_data.counter
        (passkey,) = [one for one in has if one.id == digest(credential.credential_id)]
    except Exception as error:  # as above
        raise wrong() from error
    if (count or passkey.sign_count) and count <= passkey.sign_count:
        raise PasskeyError(
            "copied_passkey",
            "このパスキーは、ほかの機器に写されたおそれがあるため使えません。管理者に連絡してください。",
        )
    return passkey, count


def _answer(text: str) -> Mapping[str, Any]:
    said = json.loads(text)
    if not isinstance(said, dict):
        raise TypeError("no object")
    return said


def wrong() -> PasskeyError:
    """For the person; why it is wrong would help nobody who means well."""
    return PasskeyError("wrong_passkey", "パスキーを確かめられませんでした。もう一度お試しください。")


def digest(credential_id: bytes) -> str:
    """Short enough for an address and a table's key."""
    return hashlib.sha256(credential_id).hexdigest()
