"""A device with one passkey, in software: what a browser would hand over.

    device = Authenticator("https://hub.example.jp")
    answer = device.make(options)       # options: the JSON text that the hub asked with
    answer = device.use(options)

Each attribute may be spoilt: `origin`, `verified`, `count`.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG


class Authenticator:
    """Presents itself as the browser at `origin`; counts its signatures, as keys of hardware do."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.verified = True
        self.count = 0
        self.id = os.urandom(32)
        self._key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: str) -> str:
        """Answer to `credentials.create`."""
        asked = json.loads(options)
        client = CollectedClientData.create("webauthn.create", asked["challenge"], self.origin)
        key = ES256.from_cryptography_key(self._key.public_key())
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, key)
        data = self._data(asked["rp"]["id"], FLAG.AT, credential)
        made = AttestationObject.create("none", data, {})
        return self._answer(clientDataJSON=client, attestationObject=made)

    def use(self, options: str) -> str:
        """Answer to `credentials.get`."""
        asked = json.loads(options)
        allowed = [websafe_decode(one["id"]) for one in asked["allowCredentials"]]
        assert self.id in allowed, "the browser would not ask this device"
        return self.sign(asked["challenge"], asked["rpId"])

    def sign(self, challenge: str, name: str) -> str:
        """The same, whatever was asked."""
        self.count += 1
        client = CollectedClientData.create("webauthn.get", challenge, self.origin)
        data = self._data(name, FLAG(0))
        signature = self._key.sign(data + client.hash, ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)

    def _data(self, name: str, flags: FLAG, credential: bytes = b"") -> AuthenticatorData:
        flags |= FLAG.UP | (FLAG.UV if self.verified else FLAG(0))
        found: AuthenticatorData = AuthenticatorData.create(
            hashlib.sha256(name.encode()).digest(), flags, self.count, credential
        )
        return found

    def _answer(self, **response: Any) -> str:
        id = websafe_encode(self.id)
        said = {key: websafe_encode(value) for key, value in response.items()}
        return json.dumps(
            {"id": id, "rawId": id, "type": "public-key", "response": said, "clientExtensionResults": {}}
        )
