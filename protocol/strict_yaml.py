"""The one YAML reader: every scalar arrives as text, the schema gives the types, errors name the line.

Plain YAML turns 8:30 into 510 and `no` into False; here `hours: 8:30` is the text '8:30' and a field of
type bool accepts true and false alone. Duplicate keys, anchors and unknown keys are refused.
A setting is a msgspec Struct whose fields carry `setting(description, unit=..., ge=..., le=...)`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from protocol.errors import ConfigError

T = TypeVar("T")
Where = dict[str, int]
"""JSON path of a value ('$.cameras[0].width') to its line, from 1."""


def setting(description: str, *, unit: str = "", **limits: Any) -> msgspec.Meta:
    """Annotation of a settings field: what it means, its unit, and limits (ge, le, pattern, min_length...)."""
    return msgspec.Meta(description=description, extra={"unit": unit} if unit else {}, **limits)


def load(path: Path, schema: type[T]) -> T:
    """The settings in a file. ConfigError names file, line, key and what is allowed; nothing is half read."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError(
            str(path), None, "", "no such file; copy one from config/ or name another"
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), None, "", f"byte {error.start} is not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(str(path), None, "", f"cannot be read: {error.strerror}") from None
    return loads(text, schema, name=str(path))


def loads(text: str, schema: type[T], *, name: str) -> T:
    """Like `load` for a text; `name` stands for the file in errors."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise ConfigError(name, line, "", f"not YAML: {error.problem}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError(name, None, "", f"not YAML: {error}") from None
    where: Where = {}
    value = _plain(node, "$", where, name) if node is not None else {}
    try:
        return msgspec.convert(value, schema, strict=False)
    except msgspec.ValidationError as error:
        raise _explain(error, where, name) from None


def _plain(node: yaml.Node, path: str, where: Where, name: str) -> Any:
    line = node.start_mark.line + 1
    where[path] = line
    if isinstance(node, yaml.ScalarNode):
        return None if node.value in ("", "null", "~") and node.style is None else _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, f"{path}[{i}]", where, name) for i, item in enumerate(node.value)]
    assert isinstance(node, yaml.MappingNode)
    value: dict[str, Any] = {}
    for key_node, item in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise ConfigError(name, key_node.start_mark.line + 1, path, "a key must be a word")
        key = key_node.value
        if key in value:
            raise ConfigError(
                name, key_node.start_mark.line + 1, f"{path[2:]}.{key}".lstrip("."), "stands twice"
            )
        value[key] = _plain(item, f"{path}.{key}", where, name)
        where[f"{path}.{key}"] = key_node.start_mark.line + 1
    return value


def _scalar(node: yaml.ScalarNode) -> str:
    # msgspec's lax mode also takes 0 and 1 for bool; only the words are ours, and it reads no 'yes'/'no'
    return str(node.value)


_PATH = re.compile(r" - at `(?:key in )?`?(\$[^`]*)`?")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")
_MISSING = re.compile(r"missing required field `([^`]+)`")


def _explain(error: msgspec.ValidationError, where: Where, name: str) -> ConfigError:
    """A validation error as file, line, key and sentence."""
    text = str(error)
    found = _PATH.search(text)
    path = found.group(1) if found else "$"
    problem = text[: found.start()] if found else text
    if unknown := _UNKNOWN.search(problem):
        path = f"{path}.{unknown.group(1)}"
        problem = "unknown key; remove it or correct its spelling"
    elif missing := _MISSING.search(problem):
        problem = f"the key '{missing.group(1)}' is missing"
    line = where.get(path)
    parent = path
    while line is None and parent:
        parent = parent.rpartition("." if parent.rfind(".") > parent.rfind("[") else "[")[0]
        line = where.get(parent)
    return ConfigError(name, line, path[2:], problem[:1].lower() + problem[1:])
