"""A log says what happened, whatever a stranger has sent."""

from __future__ import annotations

import logging

import pytest

from protocol.records import LONGEST, Line


def line(message: str, *arguments: object, **fields: object) -> str:
    """As it stands in the journal, without its time."""
    record = logging.makeLogRecord(
        {"name": "hub.x", "levelname": "INFO", "msg": message, "args": arguments} | fields
    )
    return Line().format(record).partition("Z ")[2]


def test_text_and_fields_stand_in_one_line() -> None:
    """Words as they are, sentences in quotes."""
    assert (
        line("call moved", call="c1", left=0, was=None) == "INFO    hub.x: call moved call=c1 left=0 was=None"
    )
    assert line("not written", why="disk is full") == 'INFO    hub.x: not written why="disk is full"'
    assert line("name", name_="佐藤", empty="") == 'INFO    hub.x: name name_=佐藤 empty=""'


@pytest.mark.parametrize(
    "sent", ["a\n2026-01-01T00:00:00Z ERROR hub: forged", "a\r\x1b[2J", "a\u2028b", "\u202ea", "\udc80", "\0"]
)
def test_what_a_stranger_sent_forges_nothing(sent: str) -> None:
    """Neither as a field nor within a text: one line, nothing that steers a terminal."""
    for said in (line("terminal unknown", device=sent), line("terminal %s unknown", sent)):
        assert said.isprintable()
        assert len(said.splitlines()) == 1


def test_a_value_imitates_no_other_field() -> None:
    """Where one begins and ends can be seen."""
    assert line("refused", device='t1" code=0 x="') == 'INFO    hub.x: refused device="t1\\" code=0 x=\\""'
    assert line("refused", device="t1 code=0").endswith('device="t1 code=0"')


def test_a_long_value_is_cut() -> None:
    """A line stays readable."""
    assert len(line("x", device="a" * 10_000)) < LONGEST + 60
