"""TypeScript for the desk out of the message types: what it reads, what it may say, and REST bodies.

A hub writes every field, so what the desk reads has no optional fields; what the desk says may leave out
fields that have a default.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import inspect

from protocol import strict_json, versions
from protocol.allowed import bare
from protocol.envelope import Message, Vocabulary

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_CHOICE = re.compile(r"\^\(([a-z_|]+)\)\$")

_HEAD = """\
// Made by `python -m protocol.generate` from protocol/*.py. Do not edit: change the messages there.

/** Protocol version that this desk speaks. */
export const CURRENT_VERSION = {current};
export const SUPPORTED_VERSIONS: readonly number[] = {supported};

/** Bytes of the largest message on a link. */
export const MESSAGE_LIMIT = {limit};

/** ISO 8601 with its zone; the hub writes UTC. */
export type Moment = string;

/** A body as it may be written: fields K have a default and may be left out. */
export type Defaulted<Body, K extends keyof Body> = Omit<Body, K> & Partial<Pick<Body, K>>;

/**
 * One message on a link. seq and ack default to 0, and a body without fields may be missing on the wire:
 * fill them in when reading.
 */
export interface Envelope<Type extends string = string, Body = unknown> {{
  readonly v: number;
  readonly type: Type;
  readonly id: string;
  readonly seq: number;
  readonly ack: number;
  readonly call?: string | null;
  readonly epoch?: number | null;
  readonly expires?: Moment | null;
  readonly body: Body;
}}
"""


@dataclass(frozen=True)
class Talk:
    """A link that a page of ours speaks: who speaks, the names of the two unions, and both vocabularies."""

    words: str
    said: str
    says: Vocabulary
    heard: str
    hears: Vocabulary


def typescript(talks: Iterable[Talk], *, rest: Iterable[type[msgspec.Struct]]) -> str:
    """The whole text of protocol.ts."""
    talks = tuple(talks)
    messages = {
        message.__name__: message for talk in talks for message in (*talk.hears.values(), *talk.says.values())
    }
    writer = _Writer()
    for struct in (*messages.values(), *rest):
        writer.struct(struct)
    head = _HEAD.format(
        current=versions.CURRENT, supported=json.dumps(list(versions.SUPPORTED)), limit=strict_json.LIMIT
    )
    parts = [
        head,
        *(writer.written[name] for name in sorted(writer.written)),
    ]
    for talk in talks:
        parts += [
            _union(
                talk.heard, f"Everything that the hub may say to {talk.words}.", talk.hears, defaults=False
            ),
            _union(talk.said, f"Everything that {talk.words} may say.", talk.says, defaults=True),
            _types(_CAPITAL.sub("_", talk.heard).upper(), talk.hears),
        ]
    return "\n".join(parts)


class _Writer:
    """Collects declarations by name, each once."""

    def __init__(self) -> None:
        self.written: dict[str, str] = {}

    def struct(self, struct: type[msgspec.Struct]) -> str:
        name = struct.__name__
        if name in self.written:
            return name
        self.written[name] = ""  # holds the place while its fields are looked at
        info = inspect.type_info(struct)
        assert isinstance(info, inspect.StructType)
        lines = [f"  readonly {field.encode_name}: {self.of(field.type)};\n" for field in info.fields]
        note = _note(struct.__doc__ or "")
        if lines:
            self.written[name] = f"{note}export interface {name} {{\n{''.join(lines)}}}\n"
        else:
            self.written[name] = f"{note}export type {name} = Readonly<Record<string, never>>;\n"
        return name

    def enum(self, kind: type[enum.Enum]) -> str:
        words = " | ".join(json.dumps(item.value) for item in kind)
        self.written[kind.__name__] = f"{_note(kind.__doc__ or '')}export type {kind.__name__} = {words};\n"
        return kind.__name__

    def of(self, kind: inspect.Type) -> str:
        """The TypeScript of a field's type. TypeError for one that no message has used so far."""
        kind = bare(kind)
        if isinstance(kind, inspect.StructType):
            return self.struct(kind.cls)
        if isinstance(kind, inspect.EnumType):
            return self.enum(kind.cls)
        if isinstance(kind, inspect.ListType | inspect.VarTupleType):
            return f"ReadonlyArray<{self.of(kind.item_type)}>"
        if isinstance(kind, inspect.TupleType):
            return f"readonly [{', '.join(map(self.of, kind.item_types))}]"
        if isinstance(kind, inspect.DictType):
            return f"Readonly<Record<{self.of(kind.key_type)}, {self.of(kind.value_type)}>>"
        if isinstance(kind, inspect.UnionType):
            return " | ".join(map(self.of, kind.types))
        return _simple(kind)


def _simple(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.StrType):
        choice = _CHOICE.fullmatch(kind.pattern or "")
        return " | ".join(json.dumps(word) for word in choice.group(1).split("|")) if choice else "string"
    names: dict[type[Any], str] = {
        inspect.BoolType: "boolean",
        inspect.IntType: "number",
        inspect.FloatType: "number",
        inspect.NoneType: "null",
        inspect.DateTimeType: "Moment",
        inspect.AnyType: "unknown",
    }
    if type(kind) not in names:
        raise TypeError(f"{kind} has no TypeScript yet; add it here")
    return names[type(kind)]


def _union(name: str, note: str, vocabulary: Vocabulary, *, defaults: bool) -> str:
    lines = [
        f"  | Envelope<{json.dumps(tag)}, {_body(message, defaults)}>"
        for tag, message in sorted(vocabulary.items())
    ]
    return f"/** {note} */\nexport type {name} =\n" + "\n".join(lines) + ";\n"


def _body(message: type[Message], defaults: bool) -> str:
    info = inspect.type_info(message)
    assert isinstance(info, inspect.StructType)
    optional = [json.dumps(field.encode_name) for field in info.fields if not field.required]
    if not (defaults and optional):
        return message.__name__
    return f"Defaulted<{message.__name__}, {' | '.join(optional)}>"


def _types(name: str, vocabulary: Vocabulary) -> str:
    words = "".join(f"  {json.dumps(tag)},\n" for tag in sorted(vocabulary))
    return (
        "/** Types that this page understands; any other is answered `unsupported`. */\n"
        f"export const {name}: ReadonlySet<string> = new Set<string>([\n{words}]);\n"
    )


def _note(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines()]
    if not lines:
        return ""
    if len(lines) == 1:
        return f"/** {lines[0]} */\n"
    return "/**\n" + "".join(f" * {line}".rstrip() + "\n" for line in lines) + " */\n"
