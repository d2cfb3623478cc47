"""Log lines of every program: static text, then the fields beside it as key=value. Ids only, no contents."""

from __future__ import annotations

import logging
import time

_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class Line(logging.Formatter):
    """One line per record; times in UTC."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%SZ")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the base class's name
        """The text and the fields given in `extra`."""
        fields = " ".join(f"{name}={value}" for name, value in vars(record).items() if name not in _KNOWN)
        line = super().formatMessage(record)
        return f"{line} {fields}" if fields else line


def set_up(level: str, *quiet: str) -> None:
    """To standard error, for the journal; loggers named in `quiet` speak from warnings on."""
    handler = logging.StreamHandler()
    formatter = Line()
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in quiet:
        logging.getLogger(name).setLevel(logging.WARNING)
