"""The one YAML reader: every scalar arrives as text, the schema gives the types, errors name the line.

Plain YAML turns 8:30 into 510 and `no` into False; here `hours: 8:30` is the text '8:30' and a field of
type bool accepts true and false alone. Duplicate keys, anchors, aliases, merge keys, tags and unknown keys
are refused, and all that is wrong with a file is told at once.
A setting is a msgspec Struct whose fields carry `setting(description, unit=..., ge=..., le=...)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
import yaml

from protocol.errors import ConfigError, one_or_all
from protocol.yaml_types import Reading, explain

T = TypeVar("T")

LIMIT = 1024 * 1024
"""Bytes of the largest settings file."""

DEPTH = 16
"""Nesting of the deepest settings file; ours need seven."""


def setting(description: str, *, unit: str = "", example: str = "", **limits: Any) -> msgspec.Meta:
    """Annotation of a settings field: what it means, its unit, a value as one may write it, and limits.

    Limits are those of msgspec.Meta: ge, le, min_length, max_length, pattern. All of it stands in the errors.
    """
    extra = {name: value for name, value in (("unit", unit), ("example", example)) if value}
    return msgspec.Meta(description=description, extra=extra, **limits)


@dataclass(frozen=True, slots=True)
class Document(Generic[T]):
    """What a file holds, and where: a later check across files can still name the line."""

    name: str
    value: T
    lines: dict[str, int] = field(default_factory=dict)  # key such as 'sites[0].hours.mon' to line, from 1

    def error(self, key: str, problem: str) -> ConfigError:
        """A complaint about a key; a key that does not stand in the file has the line of its group."""
        return ConfigError(self.name, nearest_line(self.lines, key), key, problem)


def nearest_line(lines: dict[str, int], key: str) -> int | None:
    """The line of a key or of the nearest group around it."""
    while key and key not in lines:
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    return lines.get(key)


def load(path: Path, schema: type[T]) -> T:
    """The settings in a file. ConfigError names file, line, key and what is allowed; nothing is half read."""
    return read(path, schema).value


def loads(text: str, schema: type[T], *, name: str) -> T:
    """Like `load` for a text; `name` stands for the file in errors."""
    return parse(text, schema, name=name).value


def read(path: Path, schema: type[T]) -> Document[T]:
    """Like `load`, with the lines kept for checks that need more than one file."""
    try:
        if path.stat().st_size > LIMIT:
            raise ConfigError(str(path), None, "", f"larger than {LIMIT} bytes; a settings file is small")
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError(
            str(path), None, "", "no such file; copy one from config/ or name another"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), None, "", f"byte {error.start} is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(str(path), None, "", f"cannot be read: {error.strerror}") from None
    return parse(text, schema, name=str(path))


def parse(text: str, schema: type[T], *, name: str) -> Document[T]:
    """Like `read` for a text. ConfigErrors when more than one thing is wrong."""
    node = _compose(text, name)
    reading = Reading(name)
    value = reading.take(node, msgspec.inspect.type_info(schema))
    if reading.errors:
        raise one_or_all(sorted(reading.errors, key=lambda error: error.line or 0))
    try:
        return Document(name, msgspec.convert(value, schema, strict=False), reading.lines)
    except msgspec.ValidationError as error:
        key, problem = explain(error)
        raise ConfigError(name, nearest_line(reading.lines, key), key, problem) from None


def _compose(text: str, name: str) -> yaml.Node | None:
    try:
        _guard(text, name)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigError(
            name, line, "", f"not YAML: {error.problem}; indent with spaces, and put a text into quotes "
            "when it begins with { [ & * ! % @ or holds ': '"
        ) from None  # fmt: skip
    except yaml.YAMLError as error:
        reason = str(error).replace("\n", " ")
        raise ConfigError(name, None, "", f"not YAML: {reason}") from None


def _guard(text: str, name: str) -> None:
    """Refuse what can make a file mean something else than it shows, before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ConfigError(
                name, line, "", "anchors (&) and aliases (*) are not read; write the value where it is needed"
            )
        if getattr(event, "tag", None):
            raise ConfigError(name, line, "", "tags (!) are not read; the schema gives the type")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH:
                raise ConfigError(name, line, "", f"nested deeper than {DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
