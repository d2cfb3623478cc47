"""The one JSON reader: refuses what `json` lets pass, so that a peer cannot mean two things with one text.

Refused: more than `LIMIT` bytes, bad UTF-8 and halves of surrogate pairs, duplicate keys, NaN, infinities
(1e400 too) and integers beyond 64 bits, nesting beyond `DEPTH` (measured before parsing, so that no
recursion limit decides), and anything that is not one object. What passes can be written again.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, Never

from protocol.errors import DecodeError

LIMIT = 64 * 1024
"""Bytes of the largest message; pictures travel by HTTPS."""

DEPTH = 24
"""Nesting of the deepest message; ours need seven."""

DIGITS = 18
"""Figures of the longest integer: fits in 64 bits, in a database and in a header."""


def loads(data: bytes | str, *, limit: int = LIMIT) -> dict[str, Any]:
    """One JSON object out of untrusted bytes. DecodeError with code too_large, not_utf8, not_json, ... ."""
    text = _text(data, limit)
    if _too_deep(text):
        raise DecodeError("too_deep", f"nested deeper than {DEPTH} levels")
    try:
        value = _DECODER.decode(text)
        if "\\u" in text:  # half a character can be escaped in JSON, but neither stored nor sent on
            json.dumps(value, ensure_ascii=False).encode()
    except DecodeError:
        raise
    except UnicodeEncodeError:
        raise DecodeError("not_utf8", "half of a surrogate pair is no character") from None
    except (ValueError, RecursionError) as error:
        raise DecodeError("not_json", f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise DecodeError("not_object", f"a {type(value).__name__} where an object is expected")
    return value


def _text(data: bytes | str, limit: int) -> str:
    if isinstance(data, str) and data.isascii() and len(data) <= limit:
        return data
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > limit:
        raise DecodeError("too_large", f"{len(raw)} bytes; at most {limit} are read")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DecodeError("not_utf8", f"byte {error.start} is not UTF-8") from None


_TEXT = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


def _too_deep(text: str) -> bool:
    """Whether brackets outside texts nest deeper than DEPTH. Most messages have too few of them for that."""
    if text.count("{") + text.count("[") <= DEPTH:
        return False
    depth = 0
    for bracket in _BRACKET.findall(_TEXT.sub("", text)):
        depth += 1 if bracket in "{[" else -1
        if depth > DEPTH:
            return True
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise DecodeError("duplicate_key", f"key {twice!r} stands twice in one object")
    return value


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > DIGITS:
        raise DecodeError("not_finite", f"an integer of {len(text)} figures; at most {DIGITS} are read")
    return int(text)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise DecodeError("not_finite", f"{text[:20]} is beyond all numbers")
    return value


def _no_constant(name: str) -> Never:
    raise DecodeError("not_finite", f"{name} is no number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_integer, parse_float=_finite
)
