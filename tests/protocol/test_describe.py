"""The settings tables of the manual."""

from __future__ import annotations

from typing import Annotated

import msgspec
import pytest

from protocol.describe import HEAD, main, rows, table, undescribed
from protocol.strict_yaml import setting


class Usb(msgspec.Struct, tag="usb"):
    """One kind of source."""

    path: Annotated[str, setting("Stable path", example="/dev/v4l/by-path/x")]


class Drawn(msgspec.Struct, tag="drawn", frozen=True):
    """Another kind."""

    seed: int = 0


class Settings(msgspec.Struct):
    """Settings of the tests."""

    port: Annotated[int, setting("Port of the hub", ge=1, le=65535)]
    wait: Annotated[float, setting("Patience | a little", unit="s", ge=0.5, le=60)] = 2.0
    loud: Annotated[bool, setting("Whether it rings")] = True
    link: Usb | None = None
    drawn: Drawn = Drawn()
    sources: Annotated[list[Usb | Drawn], setting("Cameras")] = []


def test_every_key_has_its_row() -> None:
    """Groups in lists and choices of groups are opened."""
    keys = [row.key for row in rows(Settings)]
    assert keys[:7] == ["port", "wait", "loud", "link", "link(usb).path", "drawn", "drawn.seed"]
    assert keys[7] == "sources"
    assert sorted(keys[8:]) == ["sources[](drawn).seed", "sources[](usb).path"]


def test_a_row_says_unit_range_and_default() -> None:
    """And a sign of the table inside a text does not break it."""
    text = table(Settings)
    assert text.startswith(HEAD)
    assert "| `port` | Port of the hub |  | whole number from 1 to 65535 | must be given |\n" in text
    assert "| `wait` | Patience \\| a little | s | number from 0.5 to 60 | `2` |\n" in text
    assert "| `loud` | Whether it rings |  | true or false | `true` |\n" in text
    assert "| text, such as /dev/v4l/by-path/x | must be given |\n" in text


def test_a_key_without_a_word_is_found() -> None:
    """A setting that nobody described does not ship."""
    assert undescribed(Settings) == ["link", "drawn.seed", "sources[](drawn).seed"]


def test_a_group_is_described_by_its_struct() -> None:
    """Nobody has to say it twice."""
    (row,) = [row for row in rows(Settings) if row.key == "drawn"]
    assert row.meaning == "Another kind"


def test_the_table_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """For the manual: MODULE:STRUCT."""
    assert main(["protocol.envelope:Envelope"]) == 0
    assert "| `seq` |" in capsys.readouterr().out
