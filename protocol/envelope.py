"""How a message is written on the wire, and read in two steps.

Step one reads the envelope and knows nothing of types; step two turns the body into the message that
`type` names. So an unknown type can be answered 'unsupported' with its id, and unknown fields are ignored.
`call` and `epoch` stand in the envelope because every relay and every check needs them unread bodies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from protocol import strict_json
from protocol.errors import DecodeError

ID_LIMIT = 64


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of every message; its tag is the `type` of the envelope."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message on a link.

    v        protocol version in which `body` is written
    type     tag of the message
    id       idempotency key: the same id never has its effect twice
    seq      running number of this direction of this link, from 1; 0 for messages outside of it
    ack      highest `seq` taken from the other side without a gap
    call     the call that it belongs to
    epoch    the media generation that it belongs to
    expires  after this moment the receiver must not act on it (UTC)
    """

    v: int
    type: str
    id: str
    seq: int = 0
    ack: int = 0
    call: str | None = None
    epoch: int | None = None
    expires: datetime | None = None
    body: dict[str, Any] = {}


Vocabulary = Mapping[str, type[Message]]
"""What one side may say on a link: type to message."""


def vocabulary(*messages: type[Message]) -> dict[str, type[Message]]:
    """The messages by their tag; a tag that stands twice is a mistake of ours."""
    found: dict[str, type[Message]] = {}
    for message in messages:
        tag = message.__struct_config__.tag
        assert isinstance(tag, str), message
        assert tag not in found, tag
        found[tag] = message
    return found


def read_envelope(data: bytes | str) -> Envelope:
    """Step one. DecodeError says what is wrong with untrusted bytes."""
    value = strict_json.loads(data)
    try:
        envelope = msgspec.convert(value, Envelope)
    except msgspec.ValidationError as error:
        raise DecodeError("bad_envelope", str(error)) from None
    if not 0 < len(envelope.id) <= ID_LIMIT:
        raise DecodeError("bad_envelope", f"id must have 1 to {ID_LIMIT} characters")
    if envelope.seq < 0 or envelope.ack < 0:
        raise DecodeError("bad_envelope", "seq and ack count upwards from 0")
    if envelope.expires is not None and envelope.expires.tzinfo is None:
        raise DecodeError("bad_envelope", "expires needs its zone; write UTC")
    return envelope


def read_body(envelope: Envelope, may_say: Vocabulary) -> Message | None:
    """Step two. None for a type that is not in the vocabulary: answer it 'unsupported'."""
    kind = may_say.get(envelope.type)
    if kind is None:
        return None
    try:
        return msgspec.convert({**envelope.body, "type": envelope.type}, kind)
    except msgspec.ValidationError as error:
        raise DecodeError("bad_body", f"{envelope.type}: {error}") from None


def write(
    message: Message,
    *,
    version: int,
    id: str,
    seq: int = 0,
    ack: int = 0,
    call: str | None = None,
    epoch: int | None = None,
    expires: datetime | None = None,
) -> str:
    """The JSON text of a message. ValueError when it would be larger than a peer reads."""
    body = msgspec.to_builtins(message)
    kind = body.pop("type")
    envelope = Envelope(
        v=version, type=kind, id=id, seq=seq, ack=ack, call=call, epoch=epoch, expires=expires, body=body
    )
    text = json.dumps(
        msgspec.to_builtins(envelope), ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    if len(text.encode()) > strict_json.LIMIT:
        raise ValueError(f"{kind}: {len(text.encode())} bytes; a message has at most {strict_json.LIMIT}")
    return text


def expired(envelope: Envelope, now: datetime) -> bool:
    """Whether the receiver must not act any more. `now` is UTC."""
    return envelope.expires is not None and now.astimezone(UTC) >= envelope.expires
