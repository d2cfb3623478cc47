"""What follows when a disaster switch has been turned: terminals, and who is rung first."""

from __future__ import annotations

from functools import partial

from hub.counter.settle import tell_site
from hub.counter.turn import Turn
from hub.store import disasters


async def read_anew(turn: Turn) -> None:
    """Take up what is written; every terminal of a municipality whose switch was turned is told."""
    before, now = turn.disasters, await disasters.load(turn.tx)
    turn.disasters = now
    turn.after_commit.append(partial(setattr, turn.board, "disasters", now))
    turned = {one for one in before.keys() | now.keys() if before.get(one) != now.get(one)}
    for device, side in turn.board.kiosks.items():
        if side.line.here and side.kiosk.municipality in turned:
            await tell_site(turn, device)
    turn.queue_changed = True
