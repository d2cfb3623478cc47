"""Whose connections go through an operator's browser: which two parties a connection's id stands for."""

from __future__ import annotations

from typing import NamedTuple

from hub.bus.port import desk_topic, guest_topic
from hub.core.transfer import TOGETHER
from hub.counter.board import Board
from protocol.values import GuestState


class Ends(NamedTuple):
    """Where both ends of a connection listen. The origin's desk offers, the other answers."""

    call: str
    origin: str
    other: str


def ends(board: Board, connection: str) -> Ends | None:
    """Both ends of a connection that may stand now: two who talk in a transfer, a guest, a supervisor."""
    transfer = next((one for one in board.transfers.values() if one.id == connection), None)
    if transfer is not None:
        together = transfer.state in TOGETHER and transfer.specialist is not None
        other = desk_topic(transfer.specialist or "")
        return Ends(transfer.call, desk_topic(transfer.origin), other) if together else None
    guest = board.guests.get(connection)
    if guest is not None and guest.state is GuestState.INSIDE and guest.admitted_by is not None:
        return Ends(guest.call, desk_topic(guest.admitted_by), guest_topic(guest.id))
    monitor = next((one for one in board.monitors.values() if one.id == connection), None)
    if monitor is not None:
        return Ends(monitor.call, desk_topic(monitor.operator), desk_topic(monitor.supervisor))
    return None
