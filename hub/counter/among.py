"""What the counter does because other hubs share its database: catch up, take over, give in, say again.

Each of these is a turn, or stands between two turns, as everything at the counter does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from hub.counter import guests, kiosk_words
from hub.counter.board import DeskSide, KioskSide
from hub.counter.counter import Counter
from hub.counter.node import Node
from hub.counter.settle import tell_site
from hub.counter.turn import Turn
from hub.store import nodes
from hub.store.database import NotWrittenError
from hub.store.fences import POOL

log = logging.getLogger(__name__)


class Among:
    """The counter of one hub among others; `node` is what it has in the store."""

    def __init__(self, counter: Counter, node: Node) -> None:
        self.counter = counter
        self.node = node
        counter.node = node

    async def look_around(self) -> list[str]:
        """Catch up between turns. Gives the hubs whose lease has run out.

        A turn that goes on catches up by itself, so none is waited for: in a crowd there is always one.
        """
        counter = self.counter
        async with counter.database.read(POOL) as tx:
            behind = await self.node.behind(tx)
            late = await nodes.expired(tx, self.node.id)
        if behind and not counter.lock.locked():
            await counter.catch_up()
        return late

    async def give_up(self, hub: str) -> None:
        """Another hub is gone: whoever was linked to it is away, and what it had to look after is ours."""
        read = False
        try:
            async with self.counter.turn() as turn:
                if await nodes.give_up(turn.tx, hub, turn.now):
                    log.warning("another hub has gone", extra={"hub": hub})
                    read = True
                    await self._take_over(turn, hub)
        except BaseException:
            if read:
                self.node.forget()  # it was read before it was written
            raise

    async def _take_over(self, turn: Turn, hub: str) -> None:
        board = self.counter.board
        here = {one.id for one in board.live.values() if board.kiosk_here(one.kiosk)}
        await self.node.catch_up(turn.tx, board, self.counter.upload_by())
        for record in board.live.values():
            if record.id in here and not board.kiosk_here(record.kiosk):
                kiosk_words.left(turn, record.kiosk)
        await guests.lost_hub(turn, hub)
        turn.queue_changed = turn.duty_changed = True

    async def begin_anew(self, put_out: Callable[[], None]) -> None:
        """The others have given this hub up: a new fence; every link that it still has is of the old one."""
        counter = self.counter
        async with counter.lock:
            put_out()
            now = counter.clock.now()
            sides: list[KioskSide | DeskSide] = [
                *counter.board.kiosks.values(), *counter.board.desks.values()
            ]  # fmt: skip
            for line in [side.line for side in sides if self.node.local(side.line)]:
                line.leave(line.token, now)
            await self.node.join(counter.database)

    async def say_again(self) -> None:
        """Words between hubs were lost: whoever is linked here is told the whole truth."""
        board = self.counter.board
        async with self.counter.turn() as turn:
            for device, kiosk in board.kiosks.items():
                if self.node.local(kiosk.line):
                    await tell_site(turn, device, always=True)
            await guests.tell_again(turn)
            turn.snapshots_for |= {user for user, desk in board.desks.items() if self.node.local(desk.line)}

    async def leave(self) -> None:
        """A planned end: the others need not wait for the lease."""
        counter = self.counter
        try:
            async with counter.lock:
                turn = await self.node.leave(counter.database, counter.clock.now())
        except NotWrittenError as error:
            log.warning("end not written; the lease will run out", extra={"why": error.message})
            return
        if turn is not None:
            await counter.bus.tell((), turn, news=True)
