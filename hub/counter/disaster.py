"""What follows when a disaster switch has been turned: terminals, and who is rung first.

Compared is what each terminal was told with what is written, so that it does not matter which hub, command or
desk turned the switch, or whether an earlier turn failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from hub.counter.board import Board
from hub.counter.settle import tell_site
from hub.counter.turn import Turn
from hub.store import disasters


def behind(board: Board, switched: Mapping[str, str]) -> list[str]:
    """Terminals that are here and show something else than is written."""
    return [
        device
        for device, side in board.kiosks.items()
        if side.line.here and side.told_site is not None
        and (side.told_site.disaster.id if side.told_site.disaster else None)
        != switched.get(side.kiosk.municipality)
    ]  # fmt: skip


async def read_anew(turn: Turn) -> None:
    """Take up what is written: terminals that are behind are told, and the queue is looked at."""
    turn.disasters = await disasters.load(turn.tx)
    turn.after_commit.append(partial(setattr, turn.board, "disasters", turn.disasters))
    for device in behind(turn.board, turn.disasters):
        await tell_site(turn, device)
    turn.queue_changed = True
