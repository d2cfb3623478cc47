"""How a message is written on the wire, and read in two steps.

Step one reads the envelope and knows nothing of types; step two turns the body into the message that
`type` names. So an unknown type can be answered 'unsupported' with its id, and unknown fields are ignored.
`call` and `epoch` stand in the envelope because every relay and every check needs them unread bodies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec

from protocol import strict_json, versions
from protocol.errors import DecodeError

ID_LIMIT = 64


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of every message; its tag is the `type` of the envelope."""


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message on a link.

    v        protocol version in which `body` is written
    type     tag of the message
    id       idempotency key: the same id never has its effect twice
    seq      running number of this direction of the link, from 1, across its sockets; 0 outside of it
    ack      highest `seq` of the other side up to which everything has had its effect
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
    if problem := _problem(envelope):
        raise DecodeError("bad_envelope", problem)
    return envelope


def _problem(envelope: Envelope) -> str | None:
    """What the types alone do not say."""
    for name in ("type", "id", "call"):
        word = getattr(envelope, name)
        if word is not None and not 0 < len(word) <= ID_LIMIT:
            return f"{name} must have 1 to {ID_LIMIT} characters"
    if envelope.seq < 0 or envelope.ack < 0 or (envelope.epoch or 0) < 0:
        return "seq, ack and epoch count upwards from 0"
    if envelope.expires is not None and envelope.expires.tzinfo is None:
        return "expires needs its zone; write UTC"
    if envelope.expires is not None and not 2000 <= envelope.expires.year < 9999:
        return "expires lies beyond all calendars"
    return None


def read_body(
    envelope: Envelope, may_say: Vocabulary, *, steps: Sequence[versions.Step] = versions.STEPS
) -> Message | None:
    """Step two. None for a type that is not in the vocabulary: answer it 'unsupported'.

    A body of an older version is brought up to ours first; DecodeError `version` for one that we do not read.
    """
    known = versions.readable(steps)
    if envelope.v not in known:
        raise DecodeError("version", f"version {envelope.v}; read are {known[0]} to {known[-1]}")
    kind = may_say.get(envelope.type)
    if kind is None:
        return None
    body = envelope.body
    try:
        if steps:
            body = versions.upgrade(envelope.type, dict(body), envelope.v, to=known[-1], steps=steps)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DecodeError("bad_body", f"{envelope.type}: no body of version {envelope.v}: {error}") from None
    try:
        return msgspec.convert({**body, "type": envelope.type}, kind)
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
    steps: Sequence[versions.Step] = versions.STEPS,
) -> str:
    """The JSON text of a message in a `version` that was negotiated.

    ValueError when it would be larger than a peer reads, holds half of a surrogate pair, or when that
    version has no such message (ask `versions.speaks` first).
    """
    kind = str(message.__struct_config__.tag)
    body = _body(message, kind)
    if steps:
        older = versions.downgrade(
            kind, json.loads(body), version, of=versions.readable(steps)[-1], steps=steps
        )
        if older is None:
            raise ValueError(f"{kind}: version {version} has no such message")
        body = _ENCODER.encode(older)
    envelope = _Written(
        v=version, type=kind, id=id, seq=seq, ack=ack, call=call, epoch=epoch, expires=expires,
        body=msgspec.UNSET if body == _EMPTY else msgspec.Raw(body),
    )  # fmt: skip
    text = _ENCODER.encode(envelope)
    if len(text) > strict_json.LIMIT:
        raise ValueError(f"{kind}: {len(text)} bytes; a message has at most {strict_json.LIMIT}")
    return text.decode()


class _Written(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An envelope whose body is text already."""

    v: int
    type: str
    id: str
    seq: int = 0
    ack: int = 0
    call: str | None = None
    epoch: int | None = None
    expires: datetime | None = None
    body: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_ENCODER = msgspec.json.Encoder()
_EMPTY = b"{}"


def _body(message: Message, kind: str) -> bytes:
    """The fields of a message: all that stands behind its tag, which comes first."""
    text = _ENCODER.encode(message)
    if b"null" in text and _has_numbers(type(message)):  # NaN would be written as null
        json.dumps(msgspec.to_builtins(message), allow_nan=False)
    return b"{" + text[len(f'{{"type":"{kind}"') :].removeprefix(b",")


@cache
def _has_numbers(kind: type[Message]) -> bool:
    """Whether a field of this message, or within one, is a number with a fraction."""
    return '"number"' in json.dumps(msgspec.json.schema(kind))


def expired(envelope: Envelope, now: datetime) -> bool:
    """Whether the receiver must not act any more. `now` is UTC."""
    return envelope.expires is not None and now.astimezone(UTC) >= envelope.expires
