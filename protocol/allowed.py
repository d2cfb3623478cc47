"""What a settings key may hold, in words; for error messages and for the tables of the manual.

Works on what `msgspec.inspect` says of an annotation; `strict_yaml.setting` put description, unit and
example there. Decides nothing: whether a value fits is for `yaml_types`.
"""

from __future__ import annotations

from typing import Any

from msgspec import inspect


def bare(kind: inspect.Type) -> inspect.Type:
    """The type under its description, unit and example."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    return kind


def _extra(kind: inspect.Type, name: str) -> str:
    while isinstance(kind, inspect.Metadata):
        found = (kind.extra or {}).get(name)
        if found:
            return str(found)
        kind = kind.type
    return ""


def unit(kind: inspect.Type) -> str:
    """The unit of a key ('s', 'px'), empty when it has none."""
    return _extra(kind, "unit")


def example(kind: inspect.Type) -> str:
    """A value as one may write it, empty when none was given."""
    return _extra(kind, "example")


def description(kind: inspect.Type) -> str:
    """What the key means, empty when nobody said."""
    while isinstance(kind, inspect.Metadata):
        found = (kind.extra_json_schema or {}).get("description")
        if found:
            return str(found)
        kind = kind.type
    return ""


def allowed(kind: inspect.Type) -> str:
    """What may stand there: 'whole number from 1 to 5 s', 'one of fit, fill', 'text such as 8:30-17:15'."""
    words = _words(bare(kind))
    if with_unit := unit(kind):
        words = f"{words} {with_unit}"
    if sample := example(kind):
        words = f"{words} such as {sample}"
    return words


def _words(kind: inspect.Type) -> str:
    if isinstance(kind, inspect.BoolType):
        return "true or false"
    if isinstance(kind, inspect.IntType):
        return f"whole number{_range(kind)}"
    if isinstance(kind, inspect.FloatType):
        return f"number{_range(kind)}"
    if isinstance(kind, inspect.StrType):
        return f"text{_length(kind, 'characters')}"
    if isinstance(kind, inspect.EnumType):
        return "one of " + ", ".join(str(item.value) for item in kind.cls)
    if isinstance(kind, inspect.LiteralType):
        return "one of " + ", ".join(str(value) for value in kind.values)
    if isinstance(kind, inspect.ListType | inspect.SetType | inspect.FrozenSetType | inspect.VarTupleType):
        return f"list{_length(kind, 'entries')} of: {allowed(kind.item_type)}"
    if isinstance(kind, inspect.TupleType):
        return f"list of {len(kind.item_types)} entries"
    if isinstance(kind, inspect.StructType | inspect.DictType):
        return "group of keys"
    if isinstance(kind, inspect.UnionType):
        return " or ".join(_words(bare(part)) for part in kind.types)
    if isinstance(kind, inspect.NoneType):
        return "nothing"
    return type(kind).__name__.removesuffix("Type").lower()


def _range(kind: inspect.IntType | inspect.FloatType) -> str:
    low, high = kind.ge, kind.le
    if low is not None and high is not None:
        return f" from {_figure(low)} to {_figure(high)}"
    if low is not None:
        return f" from {_figure(low)} upwards"
    if high is not None:
        return f" up to {_figure(high)}"
    if kind.gt is not None:
        return f" above {_figure(kind.gt)}"
    if kind.lt is not None:
        return f" below {_figure(kind.lt)}"
    return ""


def _figure(value: float) -> str:
    return f"{value:g}" if abs(value) < 1_000_000 else f"{value:.0f}"


def _length(kind: Any, things: str) -> str:
    low, high = kind.min_length, kind.max_length
    if low and high and low == high:
        return f" of {low} {things}"
    if low and high:
        return f" of {low} to {high} {things}"
    if high:
        return f" of at most {high} {things}"
    return f" of at least {low} {things}" if low and low > 1 else ""
