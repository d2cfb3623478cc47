"""Which version two sides speak, and how an older body becomes a newer one.

The hub reads N and N-1. A step between two versions is a pair of pure functions over bodies; what a
version never had is simply absent from its step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from protocol.errors import PeerError

CURRENT = 1
SUPPORTED: tuple[int, ...] = (1,)

Body = dict[str, Any]
Change = Callable[[Body], Body]


@dataclass(frozen=True, slots=True)
class Step:
    """From version `to - 1` to `to`: changes by message type; types that stand nowhere pass unchanged."""

    to: int
    up: Mapping[str, Change] = field(default_factory=dict)
    down: Mapping[str, Change] = field(default_factory=dict)
    new_types: frozenset[str] = frozenset()  # unknown to the older side: not sent down


STEPS: tuple[Step, ...] = ()


def negotiate(ours: Sequence[int], theirs: Sequence[int]) -> int:
    """The highest version that both speak. PeerError `version` when there is none."""
    common = set(ours) & set(theirs)
    if not common:
        raise PeerError(
            "version", f"we speak {sorted(ours)}, the other side {sorted(theirs)}; update the older one"
        )
    return max(common)


def readable(steps: Sequence[Step] = STEPS) -> range:
    """Versions whose bodies can be read, oldest first: those we support and those a step leads from."""
    oldest = min((*SUPPORTED, *(step.to - 1 for step in steps)))
    return range(oldest, max((CURRENT, *(step.to for step in steps))) + 1)


def speaks(kind: str, version: int, *, steps: Sequence[Step] = STEPS) -> bool:
    """Whether an older `version` has messages of this type; do not send it what it has no word for."""
    return not any(version < step.to and kind in step.new_types for step in steps)


def upgrade(kind: str, body: Body, version: int, *, to: int = CURRENT, steps: Sequence[Step] = STEPS) -> Body:
    """A body of an older `version` as version `to` has it."""
    for step in sorted(steps, key=lambda s: s.to):
        if version < step.to <= to and kind in step.up:
            body = step.up[kind](body)
    return body


def downgrade(
    kind: str, body: Body, version: int, *, of: int = CURRENT, steps: Sequence[Step] = STEPS
) -> Body | None:
    """A body of version `of` as the older `version` has it; None when that version has no such message."""
    for step in sorted(steps, key=lambda s: -s.to):
        if version < step.to <= of:
            if kind in step.new_types:
                return None
            if kind in step.down:
                body = step.down[kind](body)
    return body
