"""Decides how the resident's screen names everybody who hears or sees them: a sentence each, nobody left out.

Who is in the call is the hub's word; here it only becomes a sentence. Nothing is left out for want of room:
the head of the screen grows.
"""

from __future__ import annotations

from collections.abc import Callable

from protocol.values import TerminalCall, Watcher, WatcherKind

Say = Callable[..., str]
"""Makes a text out of its key and what stands in it."""

_HOW = {(True, True): "joins", (True, False): "talks", (False, True): "watches", (False, False): "hears"}
"""By whether they speak to the resident, and whether they see her; everybody here hears."""

_STAFF = frozenset({WatcherKind.OPERATOR, WatcherKind.SPECIALIST})


def sentences(call: TerminalCall | None, say: Say) -> tuple[str, ...]:
    """Of a call in which nobody is on hold; empty when nobody is in it yet."""
    if call is None:
        return ()
    if call.watchers:
        return tuple(_sentence(one, say) for one in call.watchers)
    known = (call.operator, *call.others)  # a hub of before
    return tuple(
        say("watching", municipality=one.municipality, role=one.role, name=one.name)
        for one in known
        if one is not None
    )


def _sentence(one: Watcher, say: Say) -> str:
    if one.kind in _STAFF:
        return say("watching", municipality=one.municipality, role=one.role, name=one.name)
    how = _HOW[one.speaks, one.sees]
    return say(f"watching_{one.kind}_{how}", municipality=one.municipality, name=one.name)
