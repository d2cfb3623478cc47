"""A still that was taken, with what was checked on it. A check advises; the operator decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from hardware.ports import Frame

GOOD: Final = "good"
CAUTION: Final = "caution"
BAD: Final = "bad"
_RANK: Final = {GOOD: 0, CAUTION: 1, BAD: 2}


class Check(NamedTuple):
    """One thing that was looked at, in Japanese; `state` is good, caution or bad, always with its word."""

    label: str
    state: str
    word: str


@dataclass(frozen=True, slots=True)
class Still:
    """A JPEG of width x height, its SHA-256, the checks in the order they are shown.

    `picture` is the same view as I420 for a screen; its sides are even and may be a pixel smaller.
    """

    jpeg: bytes
    width: int
    height: int
    sha256: str
    checks: tuple[Check, ...]
    picture: Frame


def worst(checks: tuple[Check, ...]) -> str:
    """The worst state among the checks; 'good' for none."""
    return max((check.state for check in checks), key=_RANK.__getitem__, default=GOOD)
