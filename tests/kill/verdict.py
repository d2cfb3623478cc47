"""After the day: what is written, and what everybody was told, held against the invariants.

Three sources that do not know each other: the store at its end, looks into the store while hubs were being
killed (`Watch`), and the diaries.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from protocol.kiosk_link import Call, Snapshot
from protocol.values import LIVE_STATES, TerminalCall
from tests.hub import invariants
from tests.hub.invariants import Here, Tables
from tests.kill.people import Operator, Resident

LONG_S = 2.0
"""So long a pair may be apart, or a ring overdue, before somebody counts as stuck."""


@dataclass
class Watch:
    """Looks into the store while the day goes on; a fault that stands for LONG_S is a violation."""

    quiet_since: Callable[[], float | None]  # since when every hub is well; None while one is down
    pause: timedelta
    lease: timedelta
    found: set[str] = field(default_factory=set)
    looks: int = 0
    _since: dict[str, float] = field(default_factory=dict)
    _before: Tables | None = None

    def look(self, tables: Tables, residents: Sequence[Resident], operators: Sequence[Operator]) -> None:
        """One consistent look; sides count as here once their link has stood for LONG_S."""
        self.looks += 1
        now = time.monotonic()
        here = Here(
            kiosks=_settled([(one.name, one.linked_at) for one in residents], now),
            desks=_settled([(one.link.user, one.linked_at) for one in operators], now),
            now=datetime.now(UTC),
            pause=self.pause,
        )
        if self._before is not None:
            self.found.update(invariants.between(self._before, tables))
        self._before = tables
        self.found.update(invariants.at_rest(tables))
        quiet = self.quiet_since()
        if quiet is None or now - quiet < LONG_S:
            self._since.clear()
            return
        late = here.now - timedelta(seconds=LONG_S)
        standing = {
            *invariants.unrung(tables, here), *invariants.unasked(tables, here),
            *invariants.overdue(tables, late, self.lease),
        }  # fmt: skip
        self._since = {fault: self._since.get(fault, now) for fault in standing}
        self.found.update(fault for fault, since in self._since.items() if now - since >= LONG_S)


def _settled(sides: Iterable[tuple[str, float | None]], now: float) -> set[str]:
    return {name for name, linked_at in sides if linked_at is not None and now - linked_at >= LONG_S}


def at_the_end(tables: Tables) -> Iterator[str]:
    """Everybody has gone home: nothing is left over, and no operator ever had two calls at once."""
    yield from invariants.at_rest(tables)
    yield from invariants.legs_in_turn(tables)
    yield from invariants.finished(tables)


def residents_told(tables: Tables, residents: Sequence[Resident]) -> Iterator[str]:
    """What a resident was told was written, once said to be over it stayed so, and a touch was one call."""
    for one in residents:
        places: dict[str, datetime] = {}
        over: set[str] = set()
        for call in _calls(one):
            row = tables.calls.get(call.id)
            if row is None or row["kiosk"] != one.name:
                yield f"{one.name} was told of call {call.id}, which is not written"
                continue
            if places.setdefault(call.id, call.queued_at) != call.queued_at:
                yield f"{one.name} lost its place in call {call.id}"
            if call.id in over and call.state in LIVE_STATES:
                yield f"{one.name}: call {call.id} was over and came back"
            if call.state not in LIVE_STATES:
                over.add(call.id)
                if row["state"] != call.state:
                    yield f"{one.name} heard that call {call.id} is {call.state}, written is {row['state']}"
        for touch, calls in one.touches.items():
            if len(calls) > 1:
                yield f"{one.name}: touch {touch} became {len(calls)} calls"


def _calls(one: Resident) -> Iterator[TerminalCall]:
    for entry in one.diary:
        match entry.message:
            case Call(call=call) | Snapshot(call=call) if call is not None:
                yield call


def operators_told(tables: Tables, operators: Sequence[Operator]) -> Iterator[str]:
    """Whoever was told that she has a call had it: no accept was said that is not written."""
    accepted = {(leg["user"], leg["call"]) for leg in tables.legs if leg["accepted_at"] is not None}
    for one in operators:
        for call in one.talked:
            if (one.link.user, call) not in accepted:
                yield f"operator {one.name} was told that she has call {call}, which is not written"
