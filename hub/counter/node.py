"""This hub among those that share its database: before each turn its board is brought up to what they wrote.

The store is the truth, and writers follow one another, so a turn that has caught up decides on the same facts
as any other hub would. Alone on a file there is no node, and the board is right by itself.

What a call's terminal has offered stays in the memory of the hub where it is linked. That hub sees here that
another one has let an operator accept, and hands it over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn

from hub.bus.port import Parcel, desk_topic
from hub.core.call import CallRecord
from hub.counter import endpoints, relay
from hub.counter.board import Board, Line
from hub.counter.endpoints import Elsewhere
from hub.store import calls, captures, disasters, guests, monitors, nodes, people, staff, transfers
from hub.store.database import Database, NotWrittenError, Tx
from hub.store.fences import NOBODY

LEASE = timedelta(seconds=3)
"""A hub that does not renew it for so long is given up; its links count as lost from then on."""


class FencedError(NotWrittenError):
    """The others have given this hub up: nothing that it still holds may have an effect."""


@dataclass(slots=True)
class Node:
    """`join` first. `joined(turn)` hears with which turn; `moved(topic)` that another hub has the newer link
    of a side that is here; `fenced()` that the others have given this hub up. `passed_on()` is the newest
    turn whose words our sides have heard.
    """

    id: str
    municipalities: Collection[str]
    fence: int = 0  # 0: this hub is not among the others now
    turn: int = 0  # number of the turn that is going on, or was last
    unwritten: set[str] = field(default_factory=set)  # topics of sides whose row is not what the board says
    joined: Callable[[int], None] = lambda turn: None
    moved: Callable[[str], None] = lambda topic: None
    fenced: Callable[[], None] = lambda: None
    passed_on: Callable[[], int] = lambda: 0
    duty_stale: bool = False  # the next turn counts anew who is on duty
    _known: int = -1  # newest turn, of any hub, that the board knows of
    _changed: int = 0  # newest endpoint that the board knows of
    _writing: set[str] = field(default_factory=set)  # topics whose row is written by the turn that goes on
    _stages: dict[str, int] = field(default_factory=dict)  # open capture -> version, to see that it moved

    async def join(self, database: Database) -> None:
        """A new lease under a new fence."""
        async with database.write(NOBODY) as tx:
            fence, turn = await nodes.join(tx, self.id, LEASE)
        self.fence, self.turn = fence, turn
        self.joined(turn)

    async def renew(self, database: Database) -> None:
        """Keep the lease. FencedError when it is too late."""
        fence = self.fence
        if not fence:
            return
        async with database.telemetry(NOBODY) as tx:
            kept = await nodes.renew(tx, self.id, fence, LEASE)
        if not kept and fence == self.fence:  # else it has begun anew meanwhile
            self._refuse()

    async def leave(self, database: Database, now: datetime) -> int | None:
        """A planned end; the number of this last turn. None when the others have given this hub up before."""
        async with database.write(NOBODY) as tx:
            turn = await nodes.leave(tx, self.id, self.fence, now)
        self.fence = 0
        return turn

    def _refuse(self) -> NoReturn:
        self.fenced()
        raise FencedError("not_written", "the other hubs have given this one up; it begins anew")

    async def begin(self, tx: Tx, board: Board, upload: datetime) -> list[tuple[str, Parcel]]:
        """At the beginning of a turn: refuse an old fence, then catch up. Gives what is to be said for it."""
        turn = await nodes.count_turn(tx, self.id, self.fence)
        if turn is None:
            self._refuse()
        self.turn = turn
        return await self._up_to(turn - 1, tx, board, upload)

    def had_turn(self) -> None:
        """The turn that was begun is written, and the board knows of it."""
        self._known = self.turn
        self._writing.clear()

    def undone(self) -> None:
        """The turn that was begun has failed."""
        self.unwritten |= self._writing
        self._writing.clear()

    def forget(self) -> None:
        """What was read may not be so. The next turn reads everything anew."""
        self._known = -1
        self._changed = 0

    @property
    def lags(self) -> bool:
        """Whether our sides have heard of a turn of which the board does not know."""
        return self.passed_on() > self._known

    async def behind(self, tx: Tx) -> bool:
        """Whether another hub has had a turn of which the board does not know."""
        return await nodes.newest_turn(tx) != self._known

    async def look(self, tx: Tx, board: Board, upload: datetime) -> list[tuple[str, Parcel]]:
        """Between turns: catch up. Gives what is to be said."""
        return await self._up_to(await nodes.newest_turn(tx), tx, board, upload)

    async def _up_to(self, turn: int, tx: Tx, board: Board, upload: datetime) -> list[tuple[str, Parcel]]:
        if turn == self._known:
            return []
        said = await self.catch_up(tx, board, upload)
        self._known = turn
        return said

    def local(self, line: Line) -> bool:
        """Whether this side is linked here and nowhere newer."""
        return line.here and not isinstance(line.token, Elsewhere)

    async def end(self, tx: Tx, board: Board) -> bool:
        """At the end of a turn: write where our sides are. Gives whether there was anything to write.

        A side that moves while this is being written is written again, by the next turn.
        """
        self._writing |= self.unwritten
        self.unwritten.clear()
        for topic in sorted(self._writing):
            side = endpoints.known(board, topic)
            if side is not None and not isinstance(side.line.token, Elsewhere):
                side.line.node = None
                await nodes.write(tx, endpoints.of(topic, side, self.id, self.fence))
        return bool(self._writing)

    # ------------------------------------------------------------------ what the others have written

    async def catch_up(self, tx: Tx, board: Board, upload: datetime) -> list[tuple[str, Parcel]]:
        """Read what has moved. `upload` is when an open still has failed by now."""
        before = {id: board.media_party(record) for id, record in board.live.items()}
        await self._calls(tx, board)
        arrived = await self._endpoints(tx, board)
        await self._caches(tx, board, upload)
        board.forget_told()
        return self._kept(board, before, arrived)

    async def _calls(self, tx: Tx, board: Board) -> None:
        versions = await calls.live_versions(tx, self.municipalities)
        stale = [id for id, version in versions.items() if _version(board.live.get(id)) != version]
        gone = board.live.keys() - versions.keys()
        for record in await calls.several(tx, [*stale, *gone], self.municipalities):
            board.written(record)

    async def _endpoints(self, tx: Tx, board: Board) -> set[str]:
        """Gives the topics that are linked anew at another hub."""
        arrived = set()
        for one in await nodes.endpoints_after(tx, self._changed):
            self._changed = one.changed
            if one.node == self.id and one.fence == self.fence:
                continue
            side = await endpoints.side(tx, board, one.topic)
            if side is None:
                continue
            if self.local(side.line):
                self.moved(one.topic)
                self.unwritten.discard(one.topic)
            endpoints.follow(side, one)
            if side.line.here:
                arrived.add(one.topic)
        return arrived

    async def _caches(self, tx: Tx, board: Board, upload: datetime) -> None:
        """What the board knows of other tables."""
        self.duty_stale = True
        found = await transfers.open_ones(tx, self.municipalities)
        board.transfers = {one.call: one for one in found}
        board.guests = await guests.open_ones(tx, self.municipalities)
        board.monitors = {one.call: one for one in await monitors.open_ones(tx, self.municipalities)}
        board.wrap_ups = await people.wrap_ups(tx)
        board.disasters = await disasters.load(tx)
        board.staff = await staff.open_ones(tx)
        open_stills = await captures.open_ones(tx, self.municipalities)
        stages = {one.id: one.version for one in open_stills}
        for id in board.capture_due.keys() - stages.keys():
            del board.capture_due[id]
        for id, version in stages.items():
            if self._stages.get(id) != version:
                board.capture_due[id] = upload
        self._stages = stages

    def _kept(
        self, board: Board, before: Mapping[str, str | None], arrived: Collection[str]
    ) -> list[tuple[str, Parcel]]:
        """What this hub keeps for an operator who has accepted, or come back, at another hub."""
        said: list[tuple[str, Parcel]] = []
        for record in board.live.values():
            party = board.media_party(record)
            if party is None or party != record.operator or board.kiosks[record.kiosk].line.node is not None:
                continue
            if before.get(record.id) != party:
                said += relay.kept_for(board, record)
            elif desk_topic(party) in arrived:
                said += relay.reply_for(board, record)
        return said


def _version(record: CallRecord | None) -> int:
    return 0 if record is None else record.version
