"""Log lines of every program: static text, then the fields beside it as key=value. Ids only, no contents.

An id may be what a stranger has sent: no value ends a line, imitates another field or steers a terminal.
"""

from __future__ import annotations

import logging
import time

_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}

LONGEST = 300
"""Characters of a value."""


class Line(logging.Formatter):
    """One line per record; times in UTC."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the base class's name
        """The text and the fields given in `extra`."""
        fields = [f"{name}={_value(value)}" for name, value in vars(record).items() if name not in _KNOWN]
        return " ".join((_printable(super().formatMessage(record)), *fields))


def _value(value: object) -> str:
    """As it is while it is one word; else in quotes."""
    text = str(value)
    text = _printable(text if len(text) <= LONGEST else text[:LONGEST] + "…")
    if text and not set(text) & {" ", "=", '"'}:
        return text
    return '"' + text.replace('"', '\\"') + '"'


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def set_up(level: str, *quiet: str) -> None:
    """To standard error, for the journal; loggers named in `quiet` speak from warnings on."""
    handler = logging.StreamHandler()
    formatter = Line()
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in quiet:
        logging.getLogger(name).setLevel(logging.WARNING)
