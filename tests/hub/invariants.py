"""The invariants of the queue as sentences: each check gives what is broken, nothing when all is well.

    tables = read(connection)                       # one consistent look at the store
    broken = at_rest(tables) + told(...)            # a list of sentences, empty when everything holds

`at_rest` needs the tables alone and holds between any two turns, on any store. `between` compares two looks.
`unrung` and `overtaken` know besides who is here. All are written from the rules in words, not from the code:
only the history is replayed through its table, because equality is what is claimed there.

The numbers are those of the list in docs/design.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from hub.core.call import TRANSITIONS
from hub.store import tables as t
from protocol.values import CallState, PresenceState

Row = Mapping[str, Any]

LIVE = {"waiting", "ringing", "talking", "held", "consulting"}
OCCUPIED = {"ringing", "talking", "held", "consulting"}
CONNECTED = {"talking", "held", "consulting"}
OVER = {"ended", "abandoned", "callback"}
PASSED_ON = {"gone", "passed_on", "handed_over"}
CONSULTS = {"ringing", "consulting", "joined", "handing"}
OPEN_GUESTS = {"invited", "lobby", "inside"}
OPEN_TRANSFERS = CONSULTS | {"asking", "passed"}

_NEXT = {(str(state), event.__name__): str(step.to) for (state, event), step in TRANSITIONS.items()}


@dataclass(frozen=True)
class Tables:
    """What was written at one moment."""

    calls: Mapping[str, Row]
    legs: tuple[Row, ...]  # in the order in which they began
    events: tuple[Row, ...]
    presences: Mapping[str, Row]
    members: Mapping[str, frozenset[str]]  # user -> municipalities, whatever she is there
    operators: Mapping[str, frozenset[str]]  # user -> municipalities whose residents she serves
    specialists: Mapping[str, frozenset[tuple[str, str]]]  # user -> (municipality, department)
    transfers: Mapping[str, Row] = field(default_factory=dict)
    guests: tuple[Row, ...] = ()
    monitors: Mapping[str, Row] = field(default_factory=dict)
    supervisors: Mapping[str, frozenset[str]] = field(default_factory=dict)  # user -> municipalities

    def open_transfer(self, call: str) -> Row | None:
        """The transfer that the call is in."""
        found = [one for one in self.transfers.values() if one["call"] == call and one["ended_at"] is None]
        return found[-1] if found else None


def read(connection: Connection) -> Tables:
    """One look, within one transaction."""

    def rows(table: Any, order_by: Any) -> list[Row]:
        return [dict(row) for row in connection.execute(select(table).order_by(order_by)).mappings()]

    members: dict[str, set[str]] = {}
    operators: dict[str, set[str]] = {}
    specialists: dict[str, set[tuple[str, str]]] = {}
    supervisors: dict[str, set[str]] = {}
    for row in rows(t.membership, t.membership.c.user):
        members.setdefault(row["user"], set()).add(row["municipality"])
        if row["role"] == "operator":
            operators.setdefault(row["user"], set()).add(row["municipality"])
        if row["role"] == "supervisor":
            supervisors.setdefault(row["user"], set()).add(row["municipality"])
        if row["role"] == "specialist":
            specialists.setdefault(row["user"], set()).add((row["municipality"], row["department"]))
    return Tables(
        calls={row["id"]: row for row in rows(t.call, t.call.c.queued_at)},
        legs=tuple(rows(t.call_leg, t.call_leg.c.id)),
        events=tuple(rows(t.call_event, t.call_event.c.id)),
        presences={row["user"]: row for row in rows(t.presence, t.presence.c.user)},
        members={user: frozenset(all_) for user, all_ in members.items()},
        operators={user: frozenset(all_) for user, all_ in operators.items()},
        specialists={user: frozenset(all_) for user, all_ in specialists.items()},
        transfers={row["id"]: row for row in rows(t.transfer, t.transfer.c.asked_at)},
        guests=tuple(rows(t.guest, t.guest.c.invited_at)),
        monitors={row["id"]: row for row in rows(t.monitor, t.monitor.c.began_at)},
        supervisors={user: frozenset(all_) for user, all_ in supervisors.items()},
    )


# ---------------------------------------------------------------------- the tables alone


def at_rest(tables: Tables) -> list[str]:
    """Everything that must hold between two turns."""
    checks = (
        one_call_each, states_fit, presences_agree, legs_agree, history_replays, one_municipality,
        transfers_agree, guests_agree, monitors_agree,
    )  # fmt: skip
    return [f"{check.__name__}: {sentence}" for check in checks for sentence in check(tables)]


def one_call_each(tables: Tables) -> Iterator[str]:
    """1: an operator and a terminal have at most one live call."""
    for side, states in (("kiosk", LIVE), ("operator", OCCUPIED)):
        tally = Counter(call[side] for call in tables.calls.values() if call["state"] in states)
        yield from (f"{side} {who} has {number} live calls" for who, number in tally.items() if number > 1)


def states_fit(tables: Tables) -> Iterator[str]:
    """1, 2, 3: a call has what its state says, and nothing else."""
    for call in tables.calls.values():
        state, name = call["state"], f"call {call['id']} is {call['state']}"
        if (state in OCCUPIED) and call["operator"] is None:
            yield f"{name} without an operator"
        if state in {"waiting", "abandoned"} and call["operator"] is not None:
            yield f"{name} and still has operator {call['operator']}"
        if (state == "ringing") != (call["ring_until"] is not None):
            yield f"{name} with ring_until {call['ring_until']}"
        if state in CONNECTED and call["accepted_at"] is None:
            yield f"{name} and was never accepted"
        if (state in OVER) != (call["ended_at"] is not None):
            yield f"{name} with ended_at {call['ended_at']}"
        if state not in LIVE | OVER:
            yield f"{name}, which is no state"


def presences_agree(tables: Tables) -> Iterator[str]:
    """3: whoever is reserved has a call that says so, and the other way round."""
    occupied = {call["operator"]: call for call in tables.calls.values() if call["state"] in OCCUPIED}
    consulted = {one["specialist"]: one for one in tables.transfers.values() if one["state"] in CONSULTS}
    for user, presence in tables.presences.items():
        state, call = presence["state"], tables.calls.get(presence["call"] or "")
        if user in consulted:
            one = consulted[user]
            wanted_state = "ringing" if one["state"] == "ringing" else "talking"
            if (state, presence["call"]) != (wanted_state, one["call"]):
                yield f"specialist {user} is {state} for {presence['call']}, consulted: {one['state']}"
            continue
        mine = occupied.pop(user, None)
        who = f"operator {user} is {state}"
        if state in {"ringing", "talking"}:
            wanted = {"ringing"} if state == "ringing" else CONNECTED
            if call is None or call["operator"] != user or call["state"] not in wanted:
                yield f"{who} for {call and (call['id'], call['state'], call['operator'])}"
        elif mine is not None:
            yield f"{who}, and call {mine['id']} is {mine['state']} with her"
        if state in {"wrap_up", "overdue"} and not _to_wrap_up(tables, call, user):
            yield f"{who} for {call and (call['id'], call['state'], call['outcome'])}"
        if state not in {"ringing", "talking", "wrap_up", "overdue"} and presence["call"] is not None:
            yield f"{who} and still holds call {presence['call']}"
        if presence["until"] is not None and state != "wrap_up":
            yield f"{who} and her wrap-up may take until {presence['until']}"
    yield from (f"operator {user} has a call and no presence" for user in occupied)


def _to_wrap_up(tables: Tables, call: Row | None, user: str) -> bool:
    """Her own call that is over, or one that she has handed on."""
    if call is None:
        return False
    if call["state"] in OVER and call["operator"] == user and not call["outcome"]:
        return True
    return any(
        one["call"] == call["id"] and one["origin"] == user and not one["outcome"]
        for one in tables.transfers.values()
    )


def transfers_agree(tables: Tables) -> Iterator[str]:
    """9: a resident in a transfer is never without somebody: her operator until another has taken over."""
    for one in tables.transfers.values():
        call, name = tables.calls[one["call"]], f"transfer {one['id']} is {one['state']}"
        if (one["state"] in OPEN_TRANSFERS) != (one["ended_at"] is None):
            yield f"{name} with ended_at {one['ended_at']}"
        if one["ended_at"] is not None:
            continue
        if call["state"] in OVER:
            yield f"{name} and its call {call['id']} is {call['state']}"
        if one["state"] == "passed":
            if call["state"] not in {"waiting", "ringing"}:
                yield f"{name} and its call {call['id']} is {call['state']}"
        elif call["state"] not in CONNECTED or call["operator"] != one["origin"]:
            yield f"{name} by {one['origin']}, its call is {call['state']} with {call['operator']}"
        if (one["state"] in CONSULTS) != (one["specialist"] is not None):
            yield f"{name} with specialist {one['specialist']}"
        if call["state"] == "consulting" and one["state"] not in {"consulting", "handing"}:
            yield f"{name} and its resident is on hold"
    for call in tables.calls.values():
        if call["state"] == "consulting" and tables.open_transfer(call["id"]) is None:
            yield f"call {call['id']} is consulting with nobody"


def guests_agree(tables: Tables) -> Iterator[str]:
    """13: nobody is in a call but by the operator who has it now, and nobody outlives it."""
    tally = Counter(one["call"] for one in tables.guests if one["ended_at"] is None)
    yield from (f"call {call} has {number} guests" for call, number in tally.items() if number > 2)
    for one in tables.guests:
        call, name = tables.calls[one["call"]], f"guest {one['id']} is {one['state']}"
        if (one["state"] in OPEN_GUESTS) != (one["ended_at"] is None):
            yield f"{name} with ended_at {one['ended_at']}"
        if one["ended_at"] is None and call["state"] in OVER:
            yield f"{name} and its call {call['id']} is {call['state']}"
        inside = one["state"] == "inside"
        if inside and (call["state"] not in CONNECTED or call["operator"] != one["admitted_by"]):
            yield f"{name} by {one['admitted_by']}, its call is {call['state']} with {call['operator']}"
        if not inside and (one["admitted_by"] is not None or one["sees"]):
            yield f"{name}, let in by {one['admitted_by']}, sees: {one['sees']}"
        if one["state"] == "invited" and (one["until"] is None or one["secret_digest"]):
            yield f"{name} until {one['until']}, and its code is used"
        if one["state"] in {"lobby", "inside"} and (one["node"] is None) != (one["until"] is not None):
            yield f"{name}, linked at {one['node']}, and has until {one['until']}"


def monitors_agree(tables: Tables) -> Iterator[str]:
    """12, and no secret listening: a supervisor of the town, in a call with this operator, never rung."""
    open_legs = {
        (leg["call"], leg["user"])
        for leg in tables.legs if leg["role"] == "monitor" and leg["ended_at"] is None
    }  # fmt: skip
    for one in tables.monitors.values():
        call, name = tables.calls[one["call"]], f"monitor {one['id']} is {one['state']}"
        if (one["state"] == "over") != (one["ended_at"] is not None):
            yield f"{name} with ended_at {one['ended_at']}"
        if one["municipality"] != call["municipality"]:
            yield f"{name} in {one['municipality']}, its call is of {call['municipality']}"
        if one["ended_at"] is not None:
            continue
        if call["state"] not in CONNECTED or call["operator"] != one["operator"]:
            yield f"{name} with {one['operator']}, its call is {call['state']} with {call['operator']}"
        if call["municipality"] not in tables.supervisors.get(one["supervisor"], frozenset()):
            yield f"{name} by {one['supervisor']}, who is no supervisor of {call['municipality']}"
        presence = tables.presences[one["supervisor"]]["state"]
        if presence not in {"away", "offline"}:
            yield f"{name} by {one['supervisor']}, who is {presence}"
        if (one["call"], one["supervisor"]) not in open_legs:
            yield f"{name} without a leg"
        open_legs.discard((one["call"], one["supervisor"]))
    yield from (f"call {call} has a leg of supervisor {user}, who is not in it" for call, user in open_legs)


def legs_agree(tables: Tables) -> Iterator[str]:
    """1, 3: a leg is open exactly while there is an operator; a call is answered once unless it was lost."""
    open_legs: dict[str, list[str]] = {}
    for leg in tables.legs:
        if leg["ended_at"] is None and leg["role"] != "monitor":
            open_legs.setdefault(leg["call"], []).append(leg["user"])
    consulted = {one["call"]: one for one in tables.transfers.values() if one["state"] in CONSULTS}
    for id, call in tables.calls.items():
        wanted = [call["operator"]] if call["state"] in OCCUPIED else []
        wanted += [consulted[id]["specialist"]] if id in consulted else []
        if open_legs.get(id, []) != wanted:
            yield f"call {id} is {call['state']} with {wanted} and has open legs {open_legs.get(id, [])}"
    accepted = Counter(leg["call"] for leg in _primary(tables) if leg["accepted_at"] is not None)
    lost = Counter(leg["call"] for leg in _primary(tables) if leg["outcome"] in PASSED_ON)
    for id, number in accepted.items():
        if number > lost[id] + 1:
            yield f"call {id} was answered {number} times and lost or passed on {lost[id]} times"


def _primary(tables: Tables) -> list[Row]:
    """Legs of whoever is rung for a call, or responsible for it."""
    return [leg for leg in tables.legs if leg["role"] == "primary"]


def history_replays(tables: Tables) -> Iterator[str]:
    """11: the events alone lead to the state, and count what the legs count."""
    state: dict[str, str] = {}
    counts: dict[str, Counter[str]] = {}
    for event in tables.events:
        id, kind = event["call"], event["kind"]
        counts.setdefault(id, Counter())[kind] += 1
        if kind == "Requested":
            state[id] = "waiting"
        else:
            state[id] = _NEXT.get((state.get(id, "nothing"), kind), state.get(id, "nothing"))
        if event["state"] != state[id]:
            yield f"call {id}: after {kind} the events say {state[id]}, the row said {event['state']}"
    rung = Counter(leg["call"] for leg in _primary(tables))
    accepted = Counter(leg["call"] for leg in _primary(tables) if leg["accepted_at"] is not None)
    for id, call in tables.calls.items():
        if state.get(id) != call["state"]:
            yield f"call {id} is {call['state']}, its events lead to {state.get(id)}"
        told = counts.get(id, Counter())
        at_once = told["HandedOver"] + told["TakenBack"]  # a leg that begins with the talk
        if (told["Rung"] + at_once, told["Accepted"] + at_once) != (rung[id], accepted[id]):
            yield f"call {id}: {told} and {rung[id]} legs, {accepted[id]} of them accepted"


def one_municipality(tables: Tables) -> Iterator[str]:
    """7, 12: every row of a call is of its municipality, and so is whoever was rung."""
    for row in (*tables.legs, *tables.events, *tables.guests):
        home = tables.calls[row["call"]]["municipality"]
        if row["municipality"] != home:
            yield f"call {row['call']} of {home} has a row of {row['municipality']}"
    for leg in tables.legs:
        home = tables.calls[leg["call"]]["municipality"]
        if home not in tables.members.get(leg["user"], frozenset()):
            yield f"operator {leg['user']} was rung for {home}"


# ---------------------------------------------------------------------- two looks, and time


def legs_in_turn(tables: Tables) -> Iterator[str]:
    """1: an operator's legs never overlap, where no clock was ever set back."""
    of_user: dict[str, list[Row]] = {}
    for leg in tables.legs:
        of_user.setdefault(leg["user"], []).append(leg)
    for user, legs in of_user.items():
        for before, after in pairwise(legs):
            if before["ended_at"] is None or before["ended_at"] > after["rung_at"]:
                yield f"operator {user} was rung for {after['call']} within call {before['call']}"


def between(before: Tables, after: Tables) -> Iterator[str]:
    """2, 4, 11: nothing is forgotten, a place is kept, what is over stays over, history is only added to."""
    for id, was in before.calls.items():
        now = after.calls.get(id)
        if now is None:
            yield f"call {id} is gone from the table"
            continue
        if now["queued_at"] != was["queued_at"]:
            yield f"call {id} lost its place: {was['queued_at']} -> {now['queued_at']}"
        if was["state"] in OVER and now["state"] != was["state"]:
            yield f"call {id} was {was['state']} and is {now['state']} again"
        if now["epoch"] < was["epoch"] or now["version"] < was["version"]:
            yield f"call {id} went back: epoch {now['epoch']}, version {now['version']}"
    if after.events[: len(before.events)] != before.events:
        yield "written history has changed"


def overdue(tables: Tables, now: datetime, lease: timedelta) -> Iterator[str]:
    """3: once what was due has been done, no ring is past its time; restarts double it at most."""
    for leg in tables.legs:
        if leg["accepted_at"] is None and leg["ended_at"] is None and leg["rung_at"] + 2 * lease <= now:
            yield f"operator {leg['user']} is rung for call {leg['call']} since {leg['rung_at']}"
    for call in tables.calls.values():
        if call["state"] == "ringing" and call["ring_until"] is not None and call["ring_until"] <= now:
            yield f"call {call['id']} rings on since {call['ring_until']}"
    for one in tables.guests:
        if one["until"] is not None and one["until"] <= now:
            yield f"guest {one['id']} is {one['state']} since {one['until']}"


@dataclass(frozen=True)
class Here:
    """Who is linked, and the rule for whoever has declined."""

    kiosks: Collection[str]
    desks: Collection[str]
    now: datetime
    pause: timedelta


def may_ring(tables: Tables, call: Row, user: str, here: Here) -> bool:
    """7: whether this operator, if she is idle, may be rung for this call now."""
    transfer = tables.open_transfer(call["id"])
    if transfer is not None:
        asked = (call["municipality"], transfer["department"])
        if asked not in tables.specialists.get(user, frozenset()):
            return False
    elif call["municipality"] not in tables.operators.get(user, frozenset()):
        return False
    refused = [
        leg["ended_at"]
        for leg in tables.legs
        if leg["call"] == call["id"] and leg["user"] == user and leg["outcome"] in {"declined", "timeout"}
    ]
    return not refused or here.now >= max(refused) + here.pause


def unrung(tables: Tables, here: Here) -> Iterator[str]:
    """5: no waiting call and idle operator who may have each other are left apart."""
    idle = [
        user for user, one in tables.presences.items() if one["state"] == "available" and user in here.desks
    ]
    for call in tables.calls.values():
        if call["state"] == "waiting" and call["kiosk"] in here.kiosks:
            yield from (
                f"call {call['id']} waits beside idle operator {user}"
                for user in idle
                if may_ring(tables, call, user, here)
            )


def unasked(tables: Tables, here: Here) -> Iterator[str]:
    """5: no free specialist is left apart from a consult that asks for her department."""
    for one in tables.transfers.values():
        if one["state"] != "asking":
            continue
        for user, departments in tables.specialists.items():
            free = user in here.desks and tables.presences.get(user, {}).get("state") == "available"
            mine = (one["municipality"], one["department"]) in departments
            if free and mine and user not in one["tried"] and user != one["origin"]:
                yield f"transfer {one['id']} asks while specialist {user} is free"


def overtaken(before: Tables, after: Tables, here: Here) -> Iterator[str]:
    """6: of two calls that an operator may have, the one that came first is rung first."""
    for leg in after.legs[len(before.legs) :]:
        if leg["role"] != "primary" or leg["rung_at"] == leg["accepted_at"]:
            continue  # a consult, a hand-over or a call taken back: for this call and no other
        rung = after.calls[leg["call"]]
        for call in after.calls.values():
            passed = call["state"] == "waiting" and call["kiosk"] in here.kiosks
            if passed and call["queued_at"] < rung["queued_at"] and may_ring(after, call, leg["user"], here):
                yield f"call {rung['id']} of {rung['queued_at']} overtook {call['id']} of {call['queued_at']}"


def finished(tables: Tables) -> Iterator[str]:
    """2, 3: when everybody has gone, every call is over and nobody is reserved."""
    for call in tables.calls.values():
        if call["state"] not in OVER:
            yield f"call {call['id']} is {call['state']} for ever"
    for user, one in tables.presences.items():
        if one["state"] in {"ringing", "talking"}:
            yield f"operator {user} is {one['state']} for ever"
    for one in tables.transfers.values():
        if one["ended_at"] is None:
            yield f"transfer {one['id']} is {one['state']} for ever"
    for one in tables.guests:
        if one["ended_at"] is None:
            yield f"guest {one['id']} is {one['state']} for ever"
    for one in tables.monitors.values():
        if one["ended_at"] is None:
            yield f"monitor {one['id']} is {one['state']} for ever"


def counted(tables: Tables, on_duty: Mapping[str, int]) -> Iterator[str]:
    """11: the counters are what the tables say."""
    tally: Counter[str] = Counter()
    for user, one in tables.presences.items():
        if one["state"] not in {"offline", "away", "overdue"}:
            tally.update(tables.operators.get(user, frozenset()))
    if +Counter(on_duty) != tally:
        yield f"on duty are {dict(tally)}, counted were {dict(on_duty)}"


def all_of(*checks: Iterable[str]) -> list[str]:
    """What they say together."""
    return [sentence for check in checks for sentence in check]


assert {str(state) for state in CallState} == LIVE | OVER, "a new state of a call: say here what it means"
assert {str(state) for state in PresenceState} == {
    "offline", "away", "available", "ringing", "talking", "wrap_up", "overdue",
}, "a new state of an operator: say here what it means"  # fmt: skip
