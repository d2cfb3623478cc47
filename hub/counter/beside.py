"""What goes on at the other terminals of a counter: whoever greets knows who else sits there (B15)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from hub.core.call import CallRecord
from hub.counter import views
from hub.counter.board import KioskSide
from hub.counter.turn import Turn
from hub.store.places import Kiosk
from protocol.values import CallState, Neighbour, NeighbourState

MOST = 4
"""Terminals of one counter that are shown together; a hall full of them is no pair."""

_QUEUED = (CallState.WAITING, CallState.RINGING)


def neighbours(turn: Turn, kiosk: Kiosk) -> tuple[Neighbour, ...]:
    """The other terminals of its counter, by name."""
    others = _others(turn, kiosk)
    if not others:
        return ()
    calls = {one.kiosk: one for one in turn.live().values()}
    shown = (
        Neighbour(
            name=views.place_names(side.kiosk, turn.content, turn.now)[1],
            state=_state(side, calls.get(side.kiosk.id)),
        )
        for side in others
    )
    return tuple(sorted(shown, key=lambda one: one.name))


def _others(turn: Turn, kiosk: Kiosk) -> list[KioskSide]:
    place = kiosk.municipality, kiosk.site
    found = (
        side
        for side in turn.board.kiosks.values()
        if (side.kiosk.municipality, side.kiosk.site) == place
        and side.kiosk.id != kiosk.id
        and not side.kiosk.revoked
    )
    first = list(islice(found, MOST))
    return first if len(first) < MOST else []


def _state(side: KioskSide, call: CallRecord | None) -> NeighbourState:
    if call is None:
        return NeighbourState.FREE if side.line.here else NeighbourState.OFF
    return NeighbourState.WAITING if call.state in _QUEUED else NeighbourState.TALKING


def tell(turn: Turn, kiosk: Kiosk) -> None:
    """Something began or ended at this terminal: whoever is in a call at the same counter sees it."""
    talks = talks_at(turn.live().values(), kiosk)
    for record in talks if talks and _others(turn, kiosk) else ():
        assert record.operator is not None, "who is connected has an operator"
        turn.tell_desks_of.setdefault(record.id, record.operator)


def talks_at(calls: Iterable[CallRecord], kiosk: Kiosk) -> list[CallRecord]:
    """Those of these calls that somebody is in at another terminal of the same site."""
    place = kiosk.municipality, kiosk.site
    return [
        one
        for one in calls
        if one.connected and (one.municipality, one.site) == place and one.kiosk != kiosk.id
    ]
