"""The one YAML reader: what it reads, and that a mistake is told with file, line, key and what is allowed."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from protocol.errors import ConfigError, ConfigErrors
from protocol.strict_yaml import DEPTH, LIMIT, load, loads, parse, setting


class Fit(StrEnum):
    """How a picture fills its place."""

    FILL = "fill"
    WHOLE = "whole"


class Camera(msgspec.Struct, kw_only=True):
    """A group with one key of each kind."""

    width: Annotated[int, setting("Width of the picture", unit="px", ge=160, le=1920)] = 1280
    pace: Annotated[float, setting("Pictures per second", unit="Hz", ge=1, le=30)] = 15.0
    mirror: Annotated[bool, setting("Show as in a mirror")] = False
    fit: Annotated[Fit, setting("How it fills its place")] = Fit.FILL
    label: Annotated[str, setting("Word on screens", max_length=8)] = ""
    note: str | None = None


class Usb(msgspec.Struct, kw_only=True, tag="usb"):
    """One of two kinds of source."""

    path: str


class Drawn(msgspec.Struct, kw_only=True, tag="drawn"):
    """The other kind."""

    seed: int = 0


class Settings(msgspec.Struct, kw_only=True):
    """A settings file of the tests."""

    hours: Annotated[str, setting("When it is open", example="8:30-17:15")]
    cameras: Annotated[list[Camera], setting("Cameras", max_length=2)] = []
    names: dict[str, str] = {}
    corner: tuple[int, int] = (0, 0)
    source: Usb | Drawn | None = None


class Span(msgspec.Struct):
    """A group that checks itself."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if self.high < self.low:
            raise ValueError("high is below low")


class Spans(msgspec.Struct):
    """A list of such groups."""

    spans: list[Span]


def read(text: str) -> Settings:
    """The settings in a text."""
    return loads(text, Settings, name="kiosk.yaml")


def complaints(text: str) -> list[str]:
    """All that is wrong with a text, one line each."""
    with pytest.raises(ConfigError) as caught:
        read(text)
    return caught.value.message.splitlines()


def complaint(text: str) -> str:
    """The one thing that is wrong."""
    (line,) = complaints(text)
    return line


# What is read


def test_words_stay_what_the_author_wrote() -> None:
    """8:30 is a time and no is a word: neither becomes 510 or False."""
    settings = read("hours: 8:30\nnames: {a: no, b: 0o17, c: 1e3, d: null, e: 2026-11-23, f: ''}\n")
    assert settings.hours == "8:30"
    assert settings.names == {"a": "no", "b": "0o17", "c": "1e3", "d": "null", "e": "2026-11-23", "f": ""}


def test_types_come_from_the_schema() -> None:
    """Numbers, truth, choices, pairs and groups are made of texts."""
    settings = read(
        "hours: x\ncorner: [1, -2]\nsource: {type: usb, path: /dev/v4l/by-path/a}\n"
        "cameras:\n  - {width: 640, pace: 7.5, mirror: true, fit: whole, note: ~}\n"
    )
    assert settings.cameras == [Camera(width=640, pace=7.5, mirror=True, fit=Fit.WHOLE)]
    assert settings.corner == (1, -2)
    assert settings.source == Usb(path="/dev/v4l/by-path/a")


def test_an_empty_file_has_all_defaults() -> None:
    """A file of comments alone says nothing, and what must be said is missed."""
    assert loads("# nothing\n", Camera, name="c.yaml") == Camera()
    missing = "kiosk.yaml:1: hours: is missing; allowed: text such as 8:30-17:15 (When it is open)"
    assert complaint("") == missing


# What is refused, and how it is told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hours: x\ncameras:\n  - width: 9000\n",
         "kiosk.yaml:3: cameras[0].width: '9000' is too large; "
         "allowed: whole number from 160 to 1920 px (Width of the picture)"),
        ("hours: x\ncameras:\n  - pace: 0.5\n",
         "kiosk.yaml:3: cameras[0].pace: '0.5' is too small; "
         "allowed: number from 1 to 30 Hz (Pictures per second)"),
        ("hours: x\ncameras:\n  - fit: streched\n",
         "kiosk.yaml:3: cameras[0].fit: 'streched' is not known; "
         "allowed: one of fill, whole (How it fills its place)"),
        ("hours: x\ncameras:\n  - mirror: yes\n",
         "kiosk.yaml:3: cameras[0].mirror: 'yes' is neither true nor false; "
         "allowed: true or false (Show as in a mirror)"),
        ("hours: x\ncameras:\n  - label: far too long\n",
         "kiosk.yaml:3: cameras[0].label: 12 characters are too many; "
         "allowed: text of at most 8 characters (Word on screens)"),
        ("hours: x\ncameras: [{}, {}, {}]\n",
         "kiosk.yaml:2: cameras: 3 entries are too many; "
         "allowed: list of at most 2 entries of: group of keys (Cameras)"),
        ("hours:\n", "kiosk.yaml:1: hours: is empty; allowed: text such as 8:30-17:15 (When it is open)"),
        ("hours: x\ncameras: 5\n",
         "kiosk.yaml:2: cameras: '5' where a list is expected; "
         "allowed: list of at most 2 entries of: group of keys (Cameras)"),
        ("hours: x\ncameras: [5]\n",
         "kiosk.yaml:2: cameras[0]: '5' where a group of keys is expected; allowed: group of keys"),
        ("hours: x\ncorner: [1]\n",
         "kiosk.yaml:2: corner: a list of 1 does not fit; allowed: list of 2 entries"),
        ("hours: x\nsource: {type: usbb}\n",
         "kiosk.yaml:2: source.type: 'usbb' is not known; allowed: one of usb, drawn"),
        ("hours: x\nsource: {seed: 1}\n",
         "kiosk.yaml:2: source.type: is missing; allowed: one of usb, drawn"),
        ("hours: x\nsource: {type: drawn, path: a}\n",
         "kiosk.yaml:2: source.path: unknown key; known here: seed, type"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_with_what_is_allowed(text: str, said: str) -> None:
    """File, line, key, what is wrong, what is allowed with its unit, and what the key means."""
    assert complaint(text) == said


@pytest.mark.parametrize("figure", ["1_000", "0x10", "1.0", "１２８０", "1e3", "9" * 400, "nan", ".5"])
def test_a_whole_number_has_one_spelling(figure: str) -> None:
    """No spelling means another number to another reader."""
    assert "is no number that fits" in complaint(f"hours: x\ncameras: [{{width: '{figure}'}}]\n")


@pytest.mark.parametrize("figure", ["nan", "inf", "1e999", "1_0.0", "0x1p3", "."])
def test_a_number_is_finite(figure: str) -> None:
    """nan fits into every range and none."""
    assert "is no number that fits" in complaint(f"hours: x\ncameras: [{{pace: {figure}}}]\n")


def test_the_limits_themselves_are_allowed() -> None:
    """'from 160 to 1920' means both ends."""
    settings = read("hours: x\ncameras: [{width: 160, pace: 30, label: 12345678}, {width: 1920, pace: 1}]\n")
    assert [camera.width for camera in settings.cameras] == [160, 1920]


def test_an_unknown_key_names_its_neighbour() -> None:
    """A slip of the finger is mended at one glance; a stranger gets the list."""
    assert complaint("hours: x\ncamera: []\n") == "kiosk.yaml:2: camera: unknown key; did you mean 'cameras'?"
    assert complaint("hours: x\nzzz: 1\n").endswith("known here: hours, cameras, names, corner, source")


def test_everything_wrong_is_told_at_once_in_the_order_of_the_file() -> None:
    """Nobody mends a file by starting the program ten times."""
    text = "cameras:\n  - {width: x, mirror: no}\n  - {fit: a}\ncolour: red\n"
    with pytest.raises(ConfigErrors) as caught:
        read(text)
    assert [(error.line, error.key) for error in caught.value.errors] == [
        (1, "hours"), (2, "cameras[0].width"), (2, "cameras[0].mirror"), (3, "cameras[1].fit"), (4, "colour"),
    ]  # fmt: skip
    assert str(caught.value).count("\n") == 4


def test_a_key_stands_once() -> None:
    """The last of two values does not silently win."""
    assert complaint("hours: a\nhours: b\n") == "kiosk.yaml:2: hours: stands twice; keep one of them"
    assert complaint("hours: x\ncameras:\n  - {width: 640, width: 320}\n").startswith(
        "kiosk.yaml:3: cameras[0].width: stands twice"
    )
    assert complaint("hours: x\nnames: {a: 1, a: 2}\n").startswith("kiosk.yaml:2: names.a: stands twice")


def test_nothing_is_borrowed_from_elsewhere_in_the_file() -> None:
    """Anchors, aliases, merge keys and tags are refused where they stand."""
    assert complaint("hours: &h x\nnames: {a: *h}\n").startswith("kiosk.yaml:1: anchors (&) and aliases (*)")
    assert complaint("hours: x\nnames: {<<: {a: 1}}\n").startswith("kiosk.yaml:2: names.<<: merge keys")
    assert complaint("hours: !!python/object/apply:os.system [ls]\n").startswith("kiosk.yaml:1: tags (!)")
    assert complaint("hours: !!str 5\n").startswith("kiosk.yaml:1: tags (!)")


def test_a_billion_laughs_are_not_laughed() -> None:
    """A small file cannot grow in memory."""
    laughs = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    rows = ["hours: x", "a0: &a0 [x, x]", *laughs]
    assert "anchors" in complaint("\n".join(rows))


def test_depth_and_size_are_limited(tmp_path: Path) -> None:
    """Neither ten thousand brackets nor a film named .yaml keep the reader busy."""
    assert f"deeper than {DEPTH} levels" in complaint("hours: " + "[" * 10_000 + "]" * 10_000)
    film = tmp_path / "film.yaml"
    film.write_bytes(b"#" * (LIMIT + 1))
    with pytest.raises(ConfigError, match="a settings file is small"):
        load(film, Settings)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("hours: x\n\tcameras: []\n", 2, "indent with spaces"),
        ("hours: {今日|きょう}は\n", 1, "begins with {"),
        ("hours: @x\n", 1, "not YAML"),
        ("hours: a: b\n", 1, "not YAML"),
        ("hours: x\n---\nhours: y\n", 2, "not YAML"),
        ("hours: x\x00\n", None, "not YAML"),
        ("[1]: 2\nhours: x\n", 1, "a key is one word"),
        ("- hours\n", 1, "where a group of keys is expected"),
        ("hours\n", 1, "where a group of keys is expected"),
        ("hours: {a: b}\n", 1, "where one value is expected"),
    ],
)
def test_what_is_no_settings_file_says_where(text: str, line: int | None, reason: str) -> None:
    """The line is named wherever the reader knows it."""
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert caught.value.line == line
    assert reason in caught.value.message


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    """Missing, a directory, or saved in another encoding."""
    with pytest.raises(ConfigError, match="no such file"):
        load(tmp_path / "none.yaml", Settings)
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path, Settings)
    sjis = tmp_path / "sjis.yaml"
    sjis.write_bytes("hours: 午前\n".encode("cp932"))
    with pytest.raises(ConfigError, match=r"byte 7 is not UTF-8; save it as UTF-8"):
        load(sjis, Settings)


def test_a_check_of_the_struct_itself_keeps_its_line() -> None:
    """What only the Struct knows is told like everything else."""
    with pytest.raises(ConfigError) as caught:
        loads("spans:\n  - {low: 1, high: 2}\n  - {low: 2, high: 1}\n", Spans, name="s.yaml")
    assert caught.value.message == "s.yaml:3: spans[1]: high is below low"


def test_a_later_check_can_name_the_line() -> None:
    """A key, a key of a group, and a key that is not there all have a line."""
    document = parse("hours: x\ncameras:\n  - width: 640\n", Settings, name="k.yaml")
    assert document.error("cameras[0].width", "is odd").message == "k.yaml:3: cameras[0].width: is odd"
    assert document.error("cameras[0].pace", "is odd").line == 3
    assert document.error("cameras[7].pace", "is odd").line == 2
    assert document.error("names.a", "is odd").line == 1
