"""Decides what name and password open the media relay, and for how long.

The relay (coturn with `use-auth-secret`) and the hub share a secret; the name carries its own end, so nothing
is stored anywhere. Never reads a clock, a file or chance: moment, secret and label are arguments.
Scheme: draft-uberti-behave-turn-rest-00.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

LIFE = timedelta(minutes=10)
"""How long a credential opens the relay. It is looked at when a relayed address is asked for, not afterwards:
a call goes on through the relay for as long as it lasts."""

RENEWAL = LIFE / 2
"""When both sides of a call are given the next one, so that a new media epoch never meets an expired one."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What TURN calls user name and password."""

    username: str
    password: str


def credential(secret: bytes, label: str, now: datetime, life: timedelta = LIFE) -> Credential:
    """A credential that expires `life` after `now` (UTC with its zone).

    `label` tells credentials apart in the relay's log: a random word, never somebody's name. ValueError when
    it holds the separator.
    """
    if ":" in label:
        raise ValueError("a label has no colon: it separates the time from the label")
    username = f"{int((now + life).timestamp())}:{label}"
    digest = hmac.new(secret, username.encode(), hashlib.sha1).digest()  # the relay knows this scheme alone
    return Credential(username, base64.b64encode(digest).decode())
