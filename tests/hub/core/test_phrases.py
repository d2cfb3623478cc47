"""Canned phrases are data: a municipality's own come first, and an author reads what is wrong with a list."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.content_files import load
from hub.core.handbook import handbook
from hub.core.phrases import LONGEST, PhraseFile, problems, together
from protocol.errors import ConfigError, ConfigErrors
from tests.hub.test_content_files import SAMPLES, copy, edit

__all__ = ["copy"]


def found(*phrases: str) -> list[tuple[str, str]]:
    return [(one.key, one.text) for one in problems(PhraseFile(phrases=phrases))]


def test_its_own_come_first_and_nothing_twice() -> None:
    """The keys belong to what a municipality needs most; spaces between phrases become places to break."""
    assert together(["{紙|かみ}を どうぞ", "B"], ["A", "B"]) == ("{紙|かみ}を\u200bどうぞ", "B", "A")


def test_an_operator_gets_them_with_the_handbook() -> None:
    """みなみ市 has two of its own before the shared ones; 北見台町 has the shared ones alone."""
    content = load(SAMPLES)
    minami, far = (handbook(content, id).phrases for id in ("minami", "kitamidai"))
    assert minami[2:] == far
    assert len(far) >= 6  # one for every key
    assert ("書類", "しょるい") in handbook(content, "kitamidai").readings


def test_a_list_that_cannot_be_shown_is_refused() -> None:
    """Markup, length as it is read, and doubles, each where it stands."""
    assert found("{紙|かみ}を どうぞ", "はい") == []
    assert [key for key, _ in found("はい", "{紙を", "は い", "は" * (LONGEST + 1))] == [
        "phrases[1]", "phrases[2]", "phrases[3]",
    ]  # fmt: skip
    assert found("{" + "紙" * LONGEST + "|かみ}") == []  # readings do not count


@pytest.mark.parametrize("where", ["phrases.yaml", "minami/phrases.yaml"])
def test_the_check_names_file_and_line(copy: Path, where: str) -> None:
    """`python -m hub --check` leads to the very line, for the shared list as for a municipality's own."""
    edit(copy / where, '  - "{', '  - "{紙"\n  - "{')
    with pytest.raises(
        (ConfigError, ConfigErrors), match=rf"{where}:\d+: phrases\[0\]: .*belongs to no reading"
    ):
        load(copy)
