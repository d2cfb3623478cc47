"""Statements about calls: the record, its legs and its events."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from hub.core.call import CallRecord
from hub.store.database import StaleWriteError, Tx
from hub.store.rows import Rows
from hub.store.tables import call, call_event, call_leg
from protocol.values import LIVE_STATES, CallState, Presentation

rows = Rows(
    table=call, record=CallRecord, key="id", words={"state": CallState}, packed={"presentation": Presentation}
)

_LIVE = sorted(LIVE_STATES)


async def get(tx: Tx, id: str, municipalities: Collection[str]) -> CallRecord | None:
    """A call, if it belongs to one of these municipalities."""
    return await rows.one(tx, call.c.id == id, call.c.municipality.in_(municipalities))


async def municipality_of(tx: Tx, id: str) -> str | None:
    """Whose call it is: asked before anything else may be read of it."""
    found: str | None = (await tx.execute(select(call.c.municipality).where(call.c.id == id))).scalar()
    return found


async def of_request(tx: Tx, kiosk: str, municipality: str, request_id: str) -> CallRecord | None:
    """The call that a touch has made already."""
    return await rows.one(
        tx, call.c.kiosk == kiosk, call.c.municipality == municipality, call.c.request_id == request_id
    )


async def live(tx: Tx, municipalities: Collection[str]) -> list[CallRecord]:
    """All live calls, oldest first."""
    return await rows.all(
        tx, call.c.municipality.in_(municipalities), call.c.state.in_(_LIVE), order_by=call.c.queued_at
    )


async def live_versions(tx: Tx, municipalities: Collection[str]) -> dict[str, int]:
    """Every live call with the version that is written: what a board compares itself with."""
    result = await tx.execute(
        select(call.c.id, call.c.version).where(
            call.c.municipality.in_(municipalities), call.c.state.in_(_LIVE)
        )
    )
    return {row[0]: row[1] for row in result}


async def several(tx: Tx, ids: Collection[str], municipalities: Collection[str]) -> list[CallRecord]:
    """These calls, oldest first."""
    if not ids:
        return []
    return await rows.all(
        tx, call.c.id.in_(ids), call.c.municipality.in_(municipalities), order_by=call.c.queued_at
    )


async def add_event(
    tx: Tx, record: CallRecord, kind: str, at: datetime, detail: Mapping[str, Any] | None = None
) -> None:
    """Append to the call's history."""
    await tx.execute(
        insert(call_event).values(
            municipality=record.municipality, call=record.id, at=at, kind=kind, state=str(record.state),
            detail=dict(detail or {}),
        )
    )  # fmt: skip


async def events(tx: Tx, id: str, municipality: str) -> list[tuple[str, dict[str, Any]]]:
    """The call's history as (kind, detail), in order."""
    result = await tx.execute(
        select(call_event.c.kind, call_event.c.detail)
        .where(call_event.c.call == id, call_event.c.municipality == municipality)
        .order_by(call_event.c.id)
    )
    return [(kind, detail) for kind, detail in result]


PRIMARY = "primary"
"""Role of the leg of whoever is rung for a call, or responsible for it."""

CONSULT = "consult"
"""Role of the leg of a specialist whom the operator asks."""

MONITOR = "monitor"
"""Role of the leg of a supervisor who takes part."""


async def open_leg(
    tx: Tx, record: CallRecord, user: str, at: datetime, *, role: str = PRIMARY, accepted: bool = False
) -> None:
    """A ring begins; or a talk at once, with `accepted`."""
    await tx.execute(
        insert(call_leg).values(
            municipality=record.municipality, call=record.id, user=user, rung_at=at, role=role,
            accepted_at=at if accepted else None,
        )
    )  # fmt: skip


async def rung_at(tx: Tx, record: CallRecord) -> datetime:
    """When the present ring of a ringing call began."""
    began = select(call_leg.c.rung_at).where(
        call_leg.c.call == record.id,
        call_leg.c.municipality == record.municipality,
        call_leg.c.role == PRIMARY,
        call_leg.c.ended_at.is_(None),
    )
    found: datetime = (await tx.execute(began)).scalar_one()
    return found


async def accept_leg(tx: Tx, record: CallRecord, at: datetime, *, role: str = PRIMARY) -> None:
    """The ring became a talk. StaleWriteError when there is no open leg."""
    await _change_leg(tx, record, role, {"accepted_at": at})


async def close_leg(tx: Tx, record: CallRecord, at: datetime, outcome: str, *, role: str = PRIMARY) -> None:
    """Somebody's part is over: declined, timeout, left, ended, gone, passed_on, handed_over, consulted.

    A supervisor's: one of the steps that end it.
    """
    await _change_leg(tx, record, role, {"ended_at": at, "outcome": outcome})


async def _change_leg(tx: Tx, record: CallRecord, role: str, values: Mapping[str, Any]) -> None:
    result = await tx.execute(
        update(call_leg)
        .where(
            call_leg.c.call == record.id,
            call_leg.c.municipality == record.municipality,
            call_leg.c.role == role,
            call_leg.c.ended_at.is_(None),
        )
        .values(**values)
    )
    if result.rowcount != 1:
        raise StaleWriteError(f"call {record.id} has no open leg")


async def legs(tx: Tx, id: str, municipality: str) -> list[tuple[str, str, bool]]:
    """(role, outcome, whether it is open) of every leg of a call, in order."""
    result = await tx.execute(
        select(call_leg.c.role, call_leg.c.outcome, call_leg.c.ended_at)
        .where(call_leg.c.call == id, call_leg.c.municipality == municipality)
        .order_by(call_leg.c.id)
    )
    return [(role, outcome, ended_at is None) for role, outcome, ended_at in result]


async def declines(
    tx: Tx, ids: Collection[str], municipalities: Collection[str]
) -> dict[str, dict[str, datetime]]:
    """For each of these calls: who declined it or let it ring out, and when last."""
    found: dict[str, dict[str, datetime]] = {}
    result = await tx.execute(
        select(call_leg.c.call, call_leg.c.user, call_leg.c.ended_at)
        .where(
            call_leg.c.call.in_(ids),
            call_leg.c.municipality.in_(municipalities),
            call_leg.c.role == PRIMARY,
            call_leg.c.outcome.in_(["declined", "timeout"]),
        )
        .order_by(call_leg.c.id)
    )
    for id, user, at in result:
        found.setdefault(id, {})[user] = at
    return found


async def those(tx: Tx, ids: Collection[str], municipalities: Collection[str]) -> dict[str, CallRecord]:
    """These calls by id, live or not."""
    where = call.c.id.in_(ids), call.c.municipality.in_(municipalities)
    return {one.id: one for one in await rows.all(tx, *where, order_by=call.c.id)}


async def handling_times(tx: Tx, municipality: str, count: int) -> list[tuple[str, float]]:
    """Topic, and seconds from the accept to the end of the wrap-up, of the newest calls; oldest first."""
    result = await tx.execute(
        select(call.c.topic, call.c.accepted_at, call.c.wrapped_at)
        .where(
            call.c.municipality == municipality,
            call.c.accepted_at.is_not(None),
            call.c.wrapped_at.is_not(None),
        )
        .order_by(call.c.wrapped_at.desc())
        .limit(count)
    )
    return [(topic, (over - accepted).total_seconds()) for topic, accepted, over in reversed(result.all())]


async def write_outcome(
    tx: Tx, record: CallRecord, *, at: datetime, outcome: str, procedure: str, reason: str, note: str
) -> bool:
    """Store the wrap-up once; False when it is stored already."""
    result = await tx.execute(
        update(call)
        .where(call.c.id == record.id, call.c.municipality == record.municipality, call.c.outcome == "")
        .values(
            outcome=outcome,
            outcome_procedure=procedure,
            outcome_reason=reason,
            outcome_note=note,
            wrapped_at=at,
        )
    )
    return result.rowcount == 1


async def outcomes(tx: Tx, municipality: str, since: datetime) -> list[tuple[str, str, str, int]]:
    """How often calls were wrapped up since then: (procedure, outcome, reason, calls), in order."""
    columns = (call.c.outcome_procedure, call.c.outcome, call.c.outcome_reason)
    result = await tx.execute(
        select(*columns, func.count())
        .where(call.c.municipality == municipality, call.c.outcome != "", call.c.wrapped_at >= since)
        .group_by(*columns)
        .order_by(*columns)
    )
    return [(row[0], row[1], row[2], row[3]) for row in result]
