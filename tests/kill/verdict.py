"""After the day: what is written, and what everybody was told, held against the invariants.

Three sources that do not know each other: the store at its end, looks into the store while hubs were being
killed (`Watch`), and the diaries.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from protocol.kiosk_link import Call, Snapshot
from protocol.values import LIVE_STATES, TerminalCall
from tests.hub import invariants
from tests.hub.invariants import Here, Tables
from tests.kill.people import Operator, Resident, Seen

LONG_S = 2.0
"""So long a pair may be apart, or a ring overdue, before somebody counts as stuck."""

BELIEF_S = 4.0
"""So long a side may believe something else than is written: a turn that a killed hub never told is looked
up by the others after a second, if the machine lets them."""

BELIEVES = " believes "


@dataclass
class Watch:
    """Looks into the store while the day goes on; a fault that stands for LONG_S is a violation."""

    pause: timedelta
    lease: timedelta
    found: set[str] = field(default_factory=set)
    _since: dict[str, float] = field(default_factory=dict)
    _before: Tables | None = None

    def look(
        self, tables: Tables, kiosks: Sequence[Seen], desks: Sequence[Seen], seen_at: float,
        quiet_since: float | None,
    ) -> None:  # fmt: skip
        """One consistent look; sides, as they were at `seen_at`, count as here once linked for LONG_S.

        `quiet_since`: since when every hub is well; None while one is down. What stands is what was written
        at one look and had not changed when sides were seen for another, long enough after it.
        """
        kiosks, desks = _settled(kiosks, seen_at), _settled(desks, seen_at)
        now = time.monotonic()
        here = Here(
            kiosks={one.id for one in kiosks}, desks={one.id for one in desks},
            now=datetime.now(UTC), pause=self.pause,
        )  # fmt: skip
        if self._before is not None:
            self.found.update(invariants.between(self._before, tables))
        self._before = tables
        self.found.update(invariants.at_rest(tables))
        if quiet_since is None or seen_at - quiet_since < LONG_S:
            self._since.clear()
            return
        late = here.now - timedelta(seconds=LONG_S)
        standing = {
            *invariants.unrung(tables, here), *invariants.unasked(tables, here),
            *invariants.overdue(tables, late, self.lease), *astray(tables, kiosks, desks),
        }  # fmt: skip
        self._since = {fault: self._since.get(fault, now) for fault in standing}
        self.found.update(
            fault
            for fault, since in self._since.items()
            if seen_at - since >= (BELIEF_S if BELIEVES in fault else LONG_S)
        )


def _settled(sides: Iterable[Seen], now: float) -> list[Seen]:
    return [one for one in sides if one.linked_at is not None and now - one.linked_at >= LONG_S]


def astray(tables: Tables, kiosks: Sequence[Seen], desks: Sequence[Seen]) -> Iterator[str]:
    """Sides that believe something else than is written: a word was lost, or came too late."""
    live = {call["kiosk"]: call for call in tables.calls.values() if call["state"] in invariants.LIVE}
    for one in kiosks:
        call = live.get(one.id)
        written = None if call is None else (call["id"], call["state"])
        if (None if one.call is None else (one.call, one.state)) != written:
            yield f"terminal {one.id}{BELIEVES}{one.call, one.state}, written is {written}"
    for one in desks:
        presence = tables.presences.get(one.id)
        if presence is None:
            continue
        rung = presence["call"] if presence["state"] == "ringing" else None
        if (one.state, one.ring) != (presence["state"], rung):
            yield f"operator {one.id}{BELIEVES}{one.state, one.ring}, written is {presence['state'], rung}"


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
