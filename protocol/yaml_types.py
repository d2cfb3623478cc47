"""Fits a YAML tree to a schema: text into numbers and words, and a sentence for everything that does not fit.

Knows the types that settings are made of; others are left as text for msgspec. Never stops at the first
mistake, and never guesses: a value that does not fit becomes an error, not a default.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from typing import Any

import msgspec
import yaml
from msgspec import inspect

from protocol.allowed import allowed, bare, description
from protocol.errors import ConfigError

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?", re.ASCII)
_EMPTY = ("", "null", "~")
_SHOWN = 40  # characters of a wrong value that an error repeats

_Lists = inspect.ListType | inspect.SetType | inspect.FrozenSetType | inspect.VarTupleType


class Reading:
    """One file being fitted. Afterwards `errors` is empty or says all that is wrong."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.errors: list[ConfigError] = []
        self.lines: dict[str, int] = {}

    def take(self, node: yaml.Node | None, kind: inspect.Type, key: str = "") -> Any:
        """The plain value of a node. After an error the value is None and means nothing."""
        if node is None:  # an empty file
            node = yaml.MappingNode("", [], yaml.Mark(self.name, 0, 0, 0, None, 0))
        self.lines.setdefault(key, node.start_mark.line + 1)
        inner = bare(kind)
        if isinstance(inner, inspect.UnionType):
            return self._union(node, kind, inner, key)
        if isinstance(inner, inspect.StructType):
            return self._struct(node, kind, inner, key)
        if isinstance(inner, inspect.DictType):
            return self._dict(node, kind, inner, key)
        if isinstance(inner, _Lists):
            return self._list(node, kind, inner, key)
        if isinstance(inner, inspect.TupleType):
            return self._tuple(node, kind, inner, key)
        if isinstance(inner, inspect.AnyType):
            return self._anything(node, key)
        return self._scalar(node, kind, key)

    def wrong(self, node: yaml.Node, key: str, problem: str, kind: inspect.Type | None = None) -> None:
        """Note an error; `kind` adds what is allowed there and what it means."""
        if kind is not None:
            meaning = description(kind)
            problem += f"; allowed: {allowed(kind)}" + (f" ({meaning.rstrip('.')})" if meaning else "")
        self.errors.append(ConfigError(self.name, node.start_mark.line + 1, key, problem))

    # groups

    def _keys(self, node: yaml.MappingNode, key: str) -> list[tuple[str, str, yaml.Node, yaml.Node]]:
        """(word, full key, node of the word, node of the value), without those that stand twice."""
        found: list[tuple[str, str, yaml.Node, yaml.Node]] = []
        seen: set[str] = set()
        for word_node, item in node.value:
            if not isinstance(word_node, yaml.ScalarNode):
                self.wrong(word_node, key, "a key is one word; a text that begins with { or [ needs quotes")
                continue
            word = word_node.value
            full = f"{key}.{word}" if key else word
            if word in seen:
                self.wrong(word_node, full, "stands twice; keep one of them")
            elif word == "<<":
                self.wrong(word_node, full, "merge keys are not read; write the values where they are needed")
            else:
                seen.add(word)
                self.lines[full] = word_node.start_mark.line + 1
                found.append((word, full, word_node, item))
        return found

    def _struct(self, node: yaml.Node, kind: inspect.Type, struct: inspect.StructType, key: str) -> Any:
        if not isinstance(node, yaml.MappingNode):
            return self._no_group(node, kind, key)
        fields = {field.encode_name: field for field in struct.fields}
        tag = {struct.tag_field} if struct.tag_field else set()
        value: dict[str, Any] = {}
        for word, full, word_node, item in self._keys(node, key):
            if word in tag:
                value[word] = item.value
            elif word not in fields:
                self.wrong(word_node, full, f"unknown key; {_suggest(word, [*fields, *tag])}")
            else:
                value[word] = self.take(item, fields[word].type, full)
        present = {word.value for word, _ in node.value if isinstance(word, yaml.ScalarNode)}
        for name, field in fields.items():
            if field.required and name not in present:
                self.wrong(node, f"{key}.{name}" if key else name, "is missing", field.type)
        return value

    def _dict(self, node: yaml.Node, kind: inspect.Type, group: inspect.DictType, key: str) -> Any:
        if not isinstance(node, yaml.MappingNode):
            return self._no_group(node, kind, key)
        value: dict[Any, Any] = {}
        for _, full, word_node, item in self._keys(node, key):
            value[self._scalar(word_node, group.key_type, full)] = self.take(item, group.value_type, full)
        self._check_length(node, kind, group, len(value), "entries", key)
        return value

    def _no_group(self, node: yaml.Node, kind: inspect.Type, key: str) -> None:
        self.wrong(node, key, f"{_shown(node)} where a group of keys is expected", kind)

    def _list(self, node: yaml.Node, kind: inspect.Type, row: Any, key: str) -> Any:
        if not isinstance(node, yaml.SequenceNode):
            return self.wrong(node, key, f"{_shown(node)} where a list is expected", kind)
        self._check_length(node, kind, row, len(node.value), "entries", key)
        return [self.take(item, row.item_type, f"{key}[{i}]") for i, item in enumerate(node.value)]

    def _tuple(self, node: yaml.Node, kind: inspect.Type, row: inspect.TupleType, key: str) -> Any:
        if not isinstance(node, yaml.SequenceNode) or len(node.value) != len(row.item_types):
            return self.wrong(node, key, f"{_shown(node)} does not fit", kind)
        pairs = zip(node.value, row.item_types, strict=True)
        return [self.take(item, part, f"{key}[{i}]") for i, (item, part) in enumerate(pairs)]

    def _anything(self, node: yaml.Node, key: str) -> Any:
        if isinstance(node, yaml.MappingNode):
            return {word: self._anything(item, full) for word, full, _, item in self._keys(node, key)}
        if isinstance(node, yaml.SequenceNode):
            return [self._anything(item, f"{key}[{i}]") for i, item in enumerate(node.value)]
        return node.value

    def _union(self, node: yaml.Node, kind: inspect.Type, union: inspect.UnionType, key: str) -> Any:
        parts = [part for part in union.types if not isinstance(part, inspect.NoneType)]
        if len(parts) < len(union.types) and _is_nothing(node):
            return None
        if len(parts) == 1:
            outer = inspect.Metadata(parts[0], *_notes(kind)) if kind is not union else parts[0]
            return self.take(node, outer, key)
        tagged = {part.tag: part for part in map(bare, parts) if isinstance(part, inspect.StructType)}
        if isinstance(node, yaml.MappingNode) and tagged:
            return self._tagged(node, tagged, key)
        return self._anything(node, key)

    def _tagged(self, node: yaml.MappingNode, tagged: dict[Any, inspect.StructType], key: str) -> Any:
        """A group whose tag says which of several it is."""
        name = next(iter(tagged.values())).tag_field or "type"
        full = f"{key}.{name}" if key else name
        said = {word.value: item for word, item in node.value if isinstance(word, yaml.ScalarNode)}
        words = ", ".join(str(tag) for tag in tagged)
        if name not in said:
            return self.wrong(node, full, f"is missing; allowed: one of {words}")
        part = tagged.get(said[name].value)
        if part is None:
            return self.wrong(said[name], full, f"{_shown(said[name])} is not known; allowed: one of {words}")
        return self._struct(node, part, part, key)

    # single values

    def _scalar(self, node: yaml.Node, kind: inspect.Type, key: str) -> Any:
        inner = bare(kind)
        if not isinstance(node, yaml.ScalarNode):
            return self.wrong(
                node, key, f"{_shown(node)} where one value is expected (a text that begins with "
                "{ or [ needs quotes)", kind
            )  # fmt: skip
        text: str = node.value
        if text == "" and node.style is None:
            return self.wrong(node, key, "is empty", kind)
        if isinstance(inner, inspect.BoolType):
            return self._bool(node, kind, text, key)
        if isinstance(inner, inspect.IntType):
            value = int(text) if _INTEGER.fullmatch(text) else None
            return self._number(node, kind, inner, value, key)
        if isinstance(inner, inspect.FloatType):
            number = float(text) if _NUMBER.fullmatch(text) else None
            return self._number(node, kind, inner, number, key)
        if isinstance(inner, inspect.StrType):
            return self._text(node, kind, inner, text, key)
        if isinstance(inner, inspect.EnumType):
            return self._one_of(node, kind, text, [item.value for item in inner.cls], key)
        if isinstance(inner, inspect.LiteralType):
            return self._one_of(node, kind, text, inner.values, key)
        return text

    def _bool(self, node: yaml.Node, kind: inspect.Type, text: str, key: str) -> Any:
        if text in ("true", "false"):
            return text == "true"
        return self.wrong(node, key, f"{_shown(node)} is neither true nor false", kind)

    def _number(self, node: yaml.Node, kind: inspect.Type, inner: Any, value: float | None, key: str) -> Any:
        if value is None or not math.isfinite(value):
            return self.wrong(node, key, f"{_shown(node)} is no number that fits", kind)
        low = (inner.ge is not None and value < inner.ge) or (inner.gt is not None and value <= inner.gt)
        high = (inner.le is not None and value > inner.le) or (inner.lt is not None and value >= inner.lt)
        if low or high:
            return self.wrong(node, key, f"{_shown(node)} is too {'small' if low else 'large'}", kind)
        return value

    def _text(self, node: yaml.Node, kind: inspect.Type, inner: inspect.StrType, text: str, key: str) -> Any:
        self._check_length(node, kind, inner, len(text), "characters", key)
        if inner.pattern is not None and re.search(inner.pattern, text) is None:
            return self.wrong(node, key, f"{_shown(node)} does not have the right form", kind)
        return text

    def _one_of(self, node: yaml.Node, kind: inspect.Type, text: str, values: Iterable[Any], key: str) -> Any:
        for value in values:
            if str(value) == text:
                return value
        return self.wrong(node, key, f"{_shown(node)} is not known", kind)

    def _check_length(
        self, node: yaml.Node, kind: inspect.Type, inner: Any, length: int, things: str, key: str
    ) -> None:
        too_short = inner.min_length is not None and length < inner.min_length
        too_long = inner.max_length is not None and length > inner.max_length
        if too_short or too_long:
            self.wrong(node, key, f"{length} {things} are too {'few' if too_short else 'many'}", kind)


def _notes(kind: inspect.Type) -> tuple[Any, Any]:
    assert isinstance(kind, inspect.Metadata)
    return kind.extra_json_schema, kind.extra


def _is_nothing(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None and node.value in _EMPTY


def _shown(node: yaml.Node) -> str:
    """A wrong value as an error repeats it."""
    if isinstance(node, yaml.MappingNode):
        return "a group of keys"
    if isinstance(node, yaml.SequenceNode):
        return f"a list of {len(node.value)}"
    text = str(node.value)
    return f"'{text[:_SHOWN]}…'" if len(text) > _SHOWN else f"'{text}'"


def _suggest(word: str, known: list[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"known here: {', '.join(known)}" if known else "nothing may stand here"


_PATH = re.compile(r" - at `(?:key in )?\$?\.?([^`]*)`$")


def explain(error: msgspec.ValidationError) -> tuple[str, str]:
    """(key, sentence) of what msgspec alone found: a type of its own, or a check of the Struct itself."""
    text = str(error)
    found = _PATH.search(text)
    problem = text[: found.start()] if found else text
    return (found.group(1) if found else ""), problem[:1].lower() + problem[1:]
