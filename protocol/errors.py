"""Whose fault it is, so that a caller can tell what to do next.

MadoguchiError
├── LocalError      this program, its configuration or its machine: a person here must act
│   └── ConfigError     a settings file: file, line, key and what is allowed
│       └── ConfigErrors    several of them at once, so that a person mends all in one go
└── PeerError       the other side of a link said something that it must not say
    └── DecodeError     bytes that are no message; `code` says why, for the answer `refused`

Device faults (`DeviceError`) are declared in `hardware.errors`, because hardware imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Sequence


class MadoguchiError(Exception):
    """Carries `code`, a short stable word for logs and technicians, beside the sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class LocalError(MadoguchiError):
    """This program cannot go on until somebody here changes something."""


class ConfigError(LocalError):
    """A settings file is wrong. The message reads 'FILE:LINE: KEY: what is wrong; what is allowed'."""

    def __init__(self, file: str, line: int | None, key: str, problem: str) -> None:
        place = file if line is None else f"{file}:{line}"
        super().__init__("config", f"{place}: {key}: {problem}" if key else f"{place}: {problem}")
        self.file = file
        self.line = line
        self.key = key
        self.problem = problem


class ConfigErrors(ConfigError):  # noqa: N818  # the plural is what it says
    """Everything that is wrong with a set of files, one line each; `errors` holds them one by one."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        first = errors[0]
        super().__init__(first.file, first.line, first.key, first.problem)
        self.errors: tuple[ConfigError, ...] = tuple(errors)
        self.message = "\n".join(error.message for error in errors)
        self.args = (self.message,)


def one_or_all(errors: Sequence[ConfigError]) -> ConfigError:
    """What to raise for a list of at least one: the error itself, or all of them together."""
    return errors[0] if len(errors) == 1 else ConfigErrors(errors)


class PeerError(MadoguchiError):
    """The other side broke the protocol; answer it, do not end for it."""


class DecodeError(PeerError):
    """Bytes or a value that are no message of ours."""
