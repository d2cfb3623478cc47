"""What the one JSON reader lets in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import strict_json
from protocol.errors import DecodeError


def code_of(data: bytes | str) -> str:
    """The code with which a text is refused."""
    with pytest.raises(DecodeError) as caught:
        strict_json.loads(data)
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ('{"a":1,}', "not_json"),
        ("[1]", "not_object"),
        ("null", "not_object"),
        ('{"a":1,"a":2}', "duplicate_key"),
        ('{"b":{"a":1,"a":1}}', "duplicate_key"),
        ('{"a":NaN}', "not_finite"),
        ('{"a":-Infinity}', "not_finite"),
        ('{"a":1e400}', "not_finite"),
        ('{"a":' + "9" * 19 + "}", "not_finite"),
        ('{"a":-' + "9" * 5000 + "}", "not_finite"),
        ('{"a":"\\ud800"}', "not_utf8"),
        ('{"\\udfff":1}', "not_utf8"),
        ('{"a":"\ud800"}', "not_utf8"),
    ],
)
def test_what_means_two_things_or_nothing_is_refused(text: str, code: str) -> None:
    """Each trick that `json` lets pass has its own refusal."""
    assert code_of(text) == code


def test_bytes_that_are_not_utf8_are_refused() -> None:
    """No other encoding is guessed."""
    assert code_of(b'{"a":"\xff"}') == "not_utf8"
    assert code_of('{"a":1}'.encode("utf-16")) == "not_utf8"


def test_the_largest_message_is_read_and_one_byte_more_is_not() -> None:
    """The limit counts bytes, not characters."""
    text = json.dumps({"a": "あ" * 3000}, ensure_ascii=False)
    fill = strict_json.LIMIT - len(text.encode())
    whole = json.dumps({"a": "あ" * 3000 + "x" * fill}, ensure_ascii=False)
    assert strict_json.loads(whole)["a"].endswith("x")
    assert code_of(whole + " ") == "too_large"


def test_depth_is_refused_before_it_is_parsed() -> None:
    """Neither brackets nor braces by the thousand reach the parser; brackets in texts do not count."""
    deep = strict_json.DEPTH
    assert strict_json.loads('{"a":' + "[" * (deep - 1) + "]" * (deep - 1) + "}")
    assert code_of('{"a":' + "[" * deep + "]" * deep + "}") == "too_deep"
    assert code_of('{"a":' * 5000) == "too_deep"
    assert strict_json.loads('{"a":"' + "[{" * 100 + '\\"' + "[" * 100 + '"}')
    assert code_of('{"a":"\\\\","b":' + "[" * deep + "]" * deep + "}") == "too_deep"


def _nesting(text: str) -> int:
    """Deepest nesting outside texts, one character after the other."""
    deepest = depth = 0
    inside = escaped = False
    for char in text:
        if inside:
            inside = escaped or char != '"'
            escaped = not escaped and char == "\\"
        elif char == '"':
            inside = True
        elif char in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "}]":
            depth -= 1
    return deepest


@given(st.text('{[]}"\\a', max_size=40).map(lambda some: "[{" * 11 + some + "[" * 6))
def test_too_deep_is_what_a_careful_reader_finds_too_deep(text: str) -> None:
    """Whatever stands in texts, escaped or without an end."""
    assert (code_of(text) == "too_deep") == (_nesting(text) > strict_json.DEPTH)


def test_whole_surrogate_pairs_are_characters() -> None:
    """A name kanji outside the first plane arrives, escaped or not."""
    assert strict_json.loads('{"a":"\\ud842\\udfb7"}') == {"a": "𠮷"}
    assert strict_json.loads('{"a":"𠮷"}') == {"a": "𠮷"}


whole_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
finite = st.integers(-(10**17), 10**17) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(
    st.none() | st.booleans() | finite | whole_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(whole_text, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(whole_text, json_values, max_size=5))
def test_what_was_written_is_read_again(value: dict[str, object]) -> None:
    """Every honest object passes unchanged, escaped and not."""
    assert strict_json.loads(json.dumps(value)) == value
    assert strict_json.loads(json.dumps(value, ensure_ascii=False)) == value


CODES = {"too_large", "not_utf8", "too_deep", "not_json", "not_object", "duplicate_key", "not_finite"}
fragments = st.lists(
    st.sampled_from(
        ["{", "}", "[", "]", '"a"', '"b"', ":", ",", "1", "-", "1e999", "NaN", "null", "true", '"', "\\",
         "\\ud83d",
         " ", "é", "0.1", "\x00", "あ", '"\\u0000"', "9" * 400]
    ),
    max_size=60,
).map("".join)  # fmt: skip


@given(st.binary(max_size=400) | fragments | st.text(max_size=200))
def test_only_decode_errors_ever_come_out(data: bytes | str) -> None:
    """Whatever a peer sends: an object that can be written again, or a DecodeError."""
    try:
        value = strict_json.loads(data)
    except DecodeError as error:
        code = error.code
    else:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        return
    assert code in CODES
