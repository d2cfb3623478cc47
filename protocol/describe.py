"""The settings tables of the manual: key, meaning, unit, what is allowed, default, out of a settings Struct.

`python -m protocol.describe hub.settings:Settings` prints the Markdown for one Struct.
"""

from __future__ import annotations

import argparse
import enum
import importlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import inspect

from protocol.allowed import allowed as allowed_in
from protocol.allowed import bare, description, example, unit

HEAD = "| key | meaning | unit | allowed | default |\n|---|---|---|---|---|\n"


@dataclass(frozen=True, slots=True)
class Row:
    """One key of a settings file; `default` is as one would write it, 'must be given' without one."""

    key: str
    meaning: str
    unit: str
    allowed: str
    default: str


def rows(schema: type[msgspec.Struct]) -> list[Row]:
    """All keys in the order of the Struct; groups are flattened to 'group.key', lists to 'list[].key'."""
    info = inspect.type_info(schema)
    assert isinstance(info, inspect.StructType)
    return list(_struct(info, "", set()))


def table(schema: type[msgspec.Struct]) -> str:
    """The rows as a Markdown table."""
    lines = (
        f"| `{row.key}` | "
        + " | ".join(map(_cell, (row.meaning, row.unit, row.allowed, row.default)))
        + " |\n"
        for row in rows(schema)
    )
    return HEAD + "".join(lines)


def undescribed(schema: type[msgspec.Struct]) -> list[str]:
    """Keys that nobody described; a test keeps this empty."""
    return [row.key for row in rows(schema) if not row.meaning]


def _struct(struct: inspect.StructType, before: str, seen: set[type]) -> Iterator[Row]:
    if struct.cls in seen:
        return  # a group that holds itself
    for field in struct.fields:
        key = f"{before}{field.encode_name}"
        yield Row(key, _meaning(field.type), unit(field.type), _allowed(field.type), _default(field))
        for inner, mark in _groups(field.type):
            yield from _struct(inner, f"{key}{mark}.", seen | {struct.cls})


def _meaning(kind: inspect.Type) -> str:
    """The description of a key; a group without one is described by the first line of its Struct."""
    inner = bare(kind)
    if not description(kind) and isinstance(inner, inspect.StructType):
        return (inner.cls.__doc__ or "").strip().partition("\n")[0].removesuffix(".")
    return description(kind)


def _groups(kind: inspect.Type, mark: str = "") -> Iterator[tuple[inspect.StructType, str]]:
    """Groups under a key, with what stands between its name and theirs."""
    kind = bare(kind)
    if isinstance(kind, inspect.StructType):
        yield kind, mark
    elif isinstance(kind, inspect.ListType | inspect.VarTupleType):
        yield from _groups(kind.item_type, f"{mark}[]")
    elif isinstance(kind, inspect.DictType):
        yield from _groups(kind.value_type, f"{mark}.*")
    elif isinstance(kind, inspect.UnionType):
        for part in map(bare, kind.types):
            tagged = isinstance(part, inspect.StructType) and part.tag is not None
            yield from _groups(part, f"{mark}({part.tag})" if tagged else mark)  # type: ignore[attr-defined]


def _allowed(kind: inspect.Type) -> str:
    """Without the unit, which has a column of its own."""
    words = allowed_in(bare(kind))
    return f"{words}, such as {example(kind)}" if example(kind) else words


def _default(field: inspect.Field) -> str:
    if field.required:
        return "must be given"
    value: Any = field.default
    if value is msgspec.NODEFAULT:
        value = msgspec.to_builtins(field.default_factory())
        return "" if value in ({}, []) or isinstance(value, dict) else f"`{_written(value)}`"
    return "" if isinstance(value, msgspec.Struct) else f"`{_written(value)}`"


def _written(value: Any) -> str:
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value) or "''"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table of MODULE:STRUCT."""
    parser = argparse.ArgumentParser(prog="python -m protocol.describe", description=__doc__)
    parser.add_argument("struct", metavar="MODULE:STRUCT", help="for example hub.core.content:Municipality")
    module, _, name = parser.parse_args(arguments).struct.partition(":")
    sys.stdout.write(table(getattr(importlib.import_module(module), name)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
