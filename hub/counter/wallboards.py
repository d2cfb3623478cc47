"""Tells every open wallboard how things stand: looked at once a second, said when it has changed.

Apart from turns: it decides nothing about a call, so it waits for nobody and nobody waits for it. Among
several hubs each one tells the desks that are linked to it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from hub.bus.port import Parcel, desk_topic
from hub.clock import Clock
from hub.core import away, permissions, roles, wallboard
from hub.core.content import Content, Town, spoken
from hub.core.opening import JAPAN, moment_of
from hub.core.presence import PresenceRecord
from hub.core.wallboard import Offered, Rules
from hub.counter import views
from hub.counter.board import Board, DeskSide
from hub.counter.counter import Counter
from hub.settings import HubSettings
from hub.store import people
from hub.store.wallboard import offered
from protocol.desk_link import WallboardUpdate
from protocol.values import Conduct, PresenceState, Role, WallCall, WallFigures, WallPerson, WallTown

log = logging.getLogger(__name__)

EVERY_S = 1.0
"""Between two looks: more often nobody could read."""

DAY = timedelta(seconds=5)
"""How old the figures of the day may be; they ask for every call of it."""

SERVE = frozenset({Role.OPERATOR, Role.SPECIALIST})


class Wallboards:
    """Run `run()` as a task. Without an open wallboard it asks for nothing."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._clock: Clock = counter.clock
        self._today: Sequence[Offered] = ()
        self._of: tuple[frozenset[str], datetime] | None = None  # municipalities and moment of `_today`

    async def run(self) -> None:
        """Until cancelled. A look that fails is logged and tried again."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.look()
            except Exception:
                log.exception("wallboard not looked at")

    async def look(self) -> None:
        """Say to each open wallboard what has changed for it."""
        counter = self._counter
        open_ones = [
            (user, side) for user, side in counter.board.desks.items()
            if side.watches and side.line.here and (counter.node is None or counter.node.local(side.line))
        ]  # fmt: skip
        if not open_ones:
            return
        towns = {user: self._towns(side) for user, side in open_ones}
        now = self._clock.now()
        wanted = frozenset(one for some in towns.values() for one in some)
        async with counter.database.read(wanted) as tx:
            presences = await people.all_presences(tx)
            if self._of is None or self._of[0] != wanted or not now - DAY < self._of[1] <= now:
                midnight = moment_of(now.astimezone(JAPAN).date(), 0)
                self._today, self._of = await offered(tx, wanted, midnight), (wanted, now)
        for user, side in open_ones:
            said = self._board(towns[user], presences, now)
            if said != side.told_board:
                side.told_board = said
                counter.bus.deliver(desk_topic(user), Parcel(said))

    def _towns(self, side: DeskSide) -> Sequence[str]:
        seen = permissions.seen(side.user.memberships, "wallboard")
        return [one for one in seen if one in self._counter.content.towns]

    def _board(
        self, towns: Sequence[str], presences: Sequence[PresenceRecord], now: datetime
    ) -> WallboardUpdate:
        counter = self._counter
        limits = counter.settings.supervision
        rules = Rules(*(timedelta(seconds=s) for s in (limits.service_s, limits.waiting_s, limits.wrap_up_s)))
        today = {
            id: wallboard.figures([one for one in self._today if one.municipality == id], now, rules.service)
            for id in towns
        }
        all_of_them = [one for one in self._today if one.municipality in towns]
        return wallboard.board(
            towns=_town_rows(counter.board, counter.content, towns, presences, today, now),
            calls=list(_call_rows(counter.board, counter.content, towns)),
            people=list(_people_rows(counter.board, counter.content, counter.settings, towns, presences)),
            today=wallboard.figures(all_of_them, now, rules.service), rules=rules, now=now,
        )  # fmt: skip


def _town_rows(
    board: Board, content: Content, towns: Sequence[str], presences: Sequence[PresenceRecord],
    today: Mapping[str, WallFigures], now: datetime,
) -> list[WallTown]:  # fmt: skip
    free = [
        board.desks[one.user].user.memberships for one in presences
        if one.state is PresenceState.AVAILABLE and board.desk_here(one.user)
    ]  # fmt: skip
    return [
        WallTown(
            municipality=id, name=content.town(id).municipality.name,
            brand=content.town(id).municipality.brand, open=_open(content.town(id), now),
            waiting=sum(one.municipality == id and not one.connected for one in board.live.values()),
            on_duty=board.on_duty.get(id, 0),
            free=sum(id in roles.where(one, {Role.OPERATOR}) for one in free),
            staff_rings=sum(one.municipality == id for one in board.staff.values()),
            disaster=_disaster(content.town(id), board.disasters.get(id)), today=today[id],
        )
        for id in towns
    ]  # fmt: skip


def _open(town: Town, now: datetime) -> bool:
    """Whether a resident can call from any of its terminals."""
    return any(
        town.opening(site, terminal.id).is_open(now)
        for site in town.municipality.sites for terminal in site.terminals
    )  # fmt: skip


def _disaster(town: Town, page: str | None) -> str:
    found = town.pages.get(page or "")
    return spoken(found.title) if found else (page or "")


def _call_rows(board: Board, content: Content, towns: Collection[str]) -> Iterator[WallCall]:
    for record in board.live.values():
        if record.municipality not in towns:
            continue
        line = views.waiting_line(record, board.kiosks[record.kiosk].kiosk, content)
        monitor = board.monitors.get(record.id)
        yield WallCall(
            call=record.id, state=record.state, municipality=record.municipality,
            municipality_name=line.municipality_name, brand=line.brand, site_name=line.site_name,
            terminal_name=line.terminal_name, queued_at=record.queued_at, topic_title=line.topic_title,
            wait=board.waits.get(record.id) if record.operator is None else None,
            accepted_at=record.accepted_at if record.connected else None,
            operator_name=views.name(board, record.operator),
            monitor_name=views.name(board, monitor.supervisor) if monitor else "",
            wanted=record.presentation.conduct is Conduct.SUPERVISOR,
        )  # fmt: skip


def _people_rows(
    board: Board, content: Content, settings: HubSettings, towns: Collection[str],
    presences: Sequence[PresenceRecord],
) -> Iterator[WallPerson]:  # fmt: skip
    """Whoever serves one of these municipalities; what she does for others is nobody's business here."""
    for one in presences:
        side = board.desks.get(one.user)
        if side is None or not set(roles.where(side.user.memberships, SERVE)) & set(towns):
            continue
        call = board.live.get(one.call or "")
        shown = call is not None and call.municipality in towns
        place = views.waiting_line(call, board.kiosks[call.kiosk].kiosk, content) if call and shown else None
        yield WallPerson(
            user=one.user, name=side.user.name, role=roles.title(side.user.memberships), state=one.state,
            since=one.since, reason=away.words(one.reason, settings.reasons), until=one.until,
            municipality_name=place.municipality_name if place else "",
            site_name=place.site_name if place else "",
        )  # fmt: skip
