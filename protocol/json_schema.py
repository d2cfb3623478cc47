"""The JSON schema of both links and of the REST bodies, as they look on the wire."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from protocol import versions
from protocol.envelope import Envelope, Message, Vocabulary


def json_schema(says: Mapping[str, Vocabulary], rest: Iterable[type[msgspec.Struct]]) -> str:
    """Text of schema.json: `$defs` holds every type, `kiosk_says` and so on what one side may say."""
    messages = {message for vocabulary in says.values() for message in vocabulary.values()}
    bodies = list(rest)
    types = [Envelope, *sorted(messages, key=lambda message: message.__name__), *bodies]
    _, components = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    for message in messages:
        _without_tag(components[message.__name__])
    for component in components.values():
        _same_on_every_python(component)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Madoguchi protocol, version {versions.CURRENT}",
        "$comment": "Made by `python -m protocol.generate` from protocol/*.py.",
        **{side: {"oneOf": _envelopes(vocabulary)} for side, vocabulary in says.items()},
        "rest": {body.__name__: {"$ref": f"#/$defs/{body.__name__}"} for body in bodies},
        "$defs": dict(sorted(components.items())),
    }
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def _without_tag(component: dict[str, Any]) -> None:
    """On the wire the type of a message stands in its envelope, not in its body."""
    component["properties"].pop("type")
    component["required"] = [name for name in component["required"] if name != "type"]


def _same_on_every_python(component: dict[str, Any]) -> None:
    """Take the indentation out of a docstring, as Python does by itself from 3.13 on."""
    if "description" in component:
        component["description"] = inspect.cleandoc(component["description"])


def _envelopes(vocabulary: Vocabulary) -> list[dict[str, Any]]:
    return [_envelope(tag, message) for tag, message in sorted(vocabulary.items())]


def _envelope(tag: str, message: type[Message]) -> dict[str, Any]:
    body = {"$ref": f"#/$defs/{message.__name__}"}
    return {
        "allOf": [{"$ref": "#/$defs/Envelope"}],
        "properties": {"type": {"const": tag}, "body": body},
    }
