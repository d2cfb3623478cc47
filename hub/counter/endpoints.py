"""A side of the board as the other hubs read it in the store, and as they have written it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from hub.bus.port import kiosk_topic
from hub.counter.board import Board, DeskSide, KioskSide, Line
from hub.store import people, places
from hub.store.database import Tx
from hub.store.nodes import Endpoint
from protocol.kiosk_link import DevicesClosed
from protocol.values import AttachedCamera, DeviceState


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """In place of a link: it is at another hub."""

    node: str


class Facts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a terminal has said of itself, for the hub where its operator is linked."""

    simulated: bool = False
    devices: tuple[DeviceState, ...] = ()
    attached: tuple[AttachedCamera, ...] = ()
    volume: int = 0
    closed: DevicesClosed | None = None
    closed_at: datetime | None = None


def known(board: Board, topic: str) -> KioskSide | DeskSide | None:
    """The side behind a topic of the bus, if the board has it."""
    id = topic.partition(":")[2]
    return board.kiosks.get(id) if topic == kiosk_topic(id) else board.desks.get(id)


def of(topic: str, side: KioskSide | DeskSide, node: str, fence: int) -> Endpoint:
    """What this hub writes about a side that is, or was last, linked to it."""
    facts: dict[str, Any] = {}
    if isinstance(side, KioskSide):
        said = Facts(side.simulated, side.devices, side.attached, side.volume, side.closed, side.closed_at)
        facts = msgspec.to_builtins(said)
    return Endpoint(
        topic=topic, node=node, fence=fence, here_since=side.line.here_since,
        away_since=side.line.away_since, facts=facts,
    )  # fmt: skip


async def side(tx: Tx, board: Board, topic: str) -> KioskSide | DeskSide | None:
    """A side that another hub has written about. Who it is may have changed with its link: read again."""
    id = topic.partition(":")[2]
    if topic == kiosk_topic(id):
        if (kiosk := await places.anyone(tx, id)) is None:
            return None
        terminal = board.kiosks.setdefault(id, KioskSide(kiosk, Line()))
        terminal.kiosk = kiosk
        return terminal
    if (user := await people.anyone_with(tx, id)) is None:
        return None
    desk = board.desks.setdefault(id, DeskSide(user, Line()))
    desk.user = user
    return desk


def follow(side: KioskSide | DeskSide, one: Endpoint) -> None:
    """The side is as another hub has written it."""
    line = side.line
    line.token = Elsewhere(one.node) if one.node is not None and one.away_since is None else None
    line.node = one.node
    line.here_since, line.away_since = one.here_since, one.away_since
    if isinstance(side, KioskSide):
        facts = msgspec.convert(one.facts, Facts)
        side.simulated, side.volume = facts.simulated, facts.volume
        side.devices, side.attached = facts.devices, facts.attached
        side.closed, side.closed_at = facts.closed, facts.closed_at
