"""What is read from the store for the words that both desks of a call are told: ring card, call, transfer."""

from __future__ import annotations

from hub.core import departments
from hub.core.call import CallRecord
from hub.core.transfer import HAS_SPECIALIST, TransferRecord
from hub.counter import queueing, views
from hub.counter.beside import neighbours
from hub.counter.turn import Turn
from hub.store import captures, transfers
from protocol.values import DepartmentPresence, DeskCall, RingCard, TransferState


async def ring_card(turn: Turn, record: CallRecord) -> RingCard:
    """All that one needs to greet; for a specialist also why, and what has been taken so far."""
    kiosk = turn.board.kiosks[record.kiosk].kiosk
    transfer = turn.transfer(record.id)
    meant = transfer is not None and transfer.state in (TransferState.RINGING, TransferState.PASSED)
    if transfer is None or not meant:
        return views.ring_card(record, kiosk, turn.content, beside=neighbours(turn, kiosk))
    stills = await captures.of_call(turn.tx, record.id, record.municipality)
    return views.ring_card(
        record, kiosk, turn.content, transfer=views.transfer(transfer, turn.board, turn.content),
        captures=stills, expires_at=record.ring_until or transfer.until,
    )  # fmt: skip


async def desk_call(turn: Turn, record: CallRecord, user: str) -> DeskCall:
    """The call as one of its desks sees it: the operator's, a specialist's, or whose it was."""
    stills = await captures.of_call(turn.tx, record.id, record.municipality)
    known = await transfers.of_call(turn.tx, record.id, record.municipality)
    newest = known[-1] if known else None
    party = record.operator == user or _is_specialist(newest, user)
    places = await department_presence(turn, record) if record.connected and record.operator == user else ()
    company = turn.guests_of(record.id) if record.operator == user else ()
    return views.desk_call(
        record, stills, turn.board, turn.content, turn.ice_servers(record) if party else (),
        transfer=views.transfer(newest, turn.board, turn.content) if newest else None,
        departments=places, over_for_her=not party,
        beside=neighbours(turn, turn.board.kiosks[record.kiosk].kiosk) if party else (),
        guests=tuple(views.guest(one) for one in company),
        monitor=turn.monitor(record.id) if party else None,
    )  # fmt: skip


def _is_specialist(transfer: TransferRecord | None, user: str) -> bool:
    return transfer is not None and transfer.state in HAS_SPECIALIST and transfer.specialist == user


async def department_presence(turn: Turn, record: CallRecord) -> tuple[DepartmentPresence, ...]:
    """Who is there now in the departments of the call's municipality."""
    town = turn.content.town(record.municipality).municipality
    if not town.departments:
        return ()
    staff = [who for _, who in await queueing.people(turn)]
    return departments.presence(town.departments, record.municipality, staff)
