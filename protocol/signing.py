"""What a terminal signs when it connects. The bytes only: keys stay with who owns them."""

from __future__ import annotations

import json

CONNECT = "madoguchi-connect-v1"


def connect_statement(*, hub: str, nonce: str, device: str, boot_id: str) -> bytes:
    """Canonical bytes under the Ed25519 signature of `hello`: sorted keys, no spaces, UTF-8."""
    statement = {"boot_id": boot_id, "device": device, "hub": hub, "nonce": nonce, "purpose": CONNECT}
    return json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
