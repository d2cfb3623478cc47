"""The hub's one application service: every word of a terminal or a desk, every deadline, as a turn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from hub.bus.port import Bus, Parcel, desk_topic, kiosk_topic
from hub.clock import Clock
from hub.core.absence import Patience
from hub.core.call import KioskGone, NotNow, OperatorGone, RingExpired, ring_again
from hub.core.captures import CaptureRecord
from hub.core.content import Content
from hub.core.expected_wait import NEWEST
from hub.core.monitor import Step
from hub.core.transfer import Left
from hub.counter import (
    beside,
    deadlines,
    desk_words,
    disaster,
    dispatch,
    guests,
    kiosk_words,
    monitors,
    once,
    relay,
    transfers,
)
from hub.counter.board import Board, DeskSide, KioskSide, Line, Media
from hub.counter.node import Node
from hub.counter.settle import duty_now, settle
from hub.counter.steps import step
from hub.counter.turn import Turn
from hub.relays import Relays
from hub.settings import HubSettings
from hub.store import calls, captures, disasters, nodes, people, places
from hub.store import guests as guest_rows
from hub.store import monitors as monitor_rows
from hub.store import staff as staff_rings
from hub.store import transfers as transfer_rows
from hub.store.database import Database, NotWrittenError, Tx
from hub.store.fences import POOL
from hub.store.people import User
from hub.store.places import Kiosk
from hub.store.together import Together
from protocol import common, desk_link, kiosk_link
from protocol.envelope import Envelope, Message
from protocol.values import CallState

log = logging.getLogger(__name__)


async def _keep_it(_: CaptureRecord) -> None:
    """Without a vault there is nothing to drop: the destroyed key is the deletion."""


ARRIVALS = 8
"""So many who arrive wait for their turns at once: words of a call never wait behind more of them."""


def _yes() -> bool:
    return True


class Counter:
    """Call `start()` first. `on_turn` is called after every turn: deadlines may have moved.

    `drop_still` takes the sealed bytes away whose key has been destroyed.
    """

    def __init__(
        self, *, database: Database, content: Content, settings: HubSettings, bus: Bus, clock: Clock,
        relays: Relays,
    ) -> None:  # fmt: skip
        self.database = database
        self.content = content
        self.settings = settings
        self.bus = bus
        self.clock = clock
        self.relays = relays
        self.board = Board(started=clock.now())
        self.patience = Patience(
            desk_s=settings.patience.desk_s, kiosk_s=settings.patience.kiosk_s,
            start_grace_s=settings.patience.start_grace_s,
        )  # fmt: skip
        self.on_turn: Callable[[], None] = lambda: None
        self.drop_still: Callable[[CaptureRecord], Awaitable[None]] = _keep_it
        self.node: Node | None = None  # among other hubs that share the database
        self.lock = asyncio.Lock()  # one turn after the other
        self._arrivals = asyncio.Semaphore(ARRIVALS)  # the rest of a crowd that comes back waits for these
        self._looks = False  # somebody waits for a turn to look at the queue
        self._kiosks = Together(self._find_kiosks)
        self._seen: dict[str, places.Seen] = {}  # terminals that have linked since that was last written

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """One decision after the other. What was collected is sent when, and only when, all is committed.

        NotWrittenError: nothing of it has happened, neither in the store nor on the board.
        """
        async with self.lock:
            try:
                async with self.database.write_if_needed(POOL) as tx:
                    await self._begin(tx)
                    turn = Turn(
                        tx=tx, now=self.clock.now(), board=self.board, content=self.content,
                        settings=self.settings, relays=self.relays, on_duty=self.board.on_duty,
                        disasters=self.board.disasters,
                    )  # fmt: skip
                    await self._recount(turn)
                    yield turn
                    await settle(turn)
                    moved = self.node is not None and await self.node.end(tx, self.board)
            except NotNow:
                raise
            except BaseException:
                self.board.forget_told()
                if self.node is not None:
                    self.node.undone()
                raise
            for record in turn.written.values():
                self.board.written(record)
            for transfer in turn.moved.values():
                self.board.transferred(transfer)
            for monitor in turn.watched.values():
                self.board.monitored(monitor)
            for done in turn.after_commit:
                done()
            if self.node is None:
                await self.bus.tell(turn.outbox)
            else:
                self.node.had_turn()
                news = bool(moved or turn.written or turn.moved or turn.visits or turn.watched)
                await self.bus.tell(turn.outbox, self.node.turn, news=news)
        self.on_turn()

    async def start(self) -> None:
        """Take up what the last run left: everybody counts as away, rings begin anew, once.

        Where other hubs run, nothing begins anew: this one joins them.
        """
        now = self.board.started
        if self.node is not None:
            await self.node.join(self.database)
        async with self.turn() as turn:
            first = self.node is None or not await nodes.others_run(turn.tx, self.node.id)
            sites = [
                (id, place.id) for id, town in self.content.towns.items() for place in town.municipality.sites
            ]
            await places.know(turn.tx, sites)
            for kiosk in await places.kiosks(turn.tx):
                self.board.kiosks.setdefault(kiosk.id, KioskSide(kiosk, Line(away_since=now)))
            for presence in await people.all_presences(turn.tx):
                user = await people.anyone_with(turn.tx, presence.user)
                if user is not None:
                    self.board.desks.setdefault(user.id, DeskSide(user, Line(away_since=now)))
            self.board.wrap_ups = await people.wrap_ups(turn.tx)
            for monitor in await monitor_rows.open_ones(turn.tx, turn.municipalities):
                turn.watched[monitor.call] = monitor
            self.board.disasters = turn.disasters = await disasters.load(turn.tx)
            for municipality in turn.municipalities:
                for topic, seconds in await calls.handling_times(turn.tx, municipality, NEWEST):
                    self.board.handling.add(municipality, topic, seconds)
            for record in await calls.live(turn.tx, turn.municipalities):
                turn.written[record.id] = record
                if record.state is CallState.RINGING and first:
                    lease = timedelta(seconds=self.settings.queue.ring_s)
                    until = ring_again(await calls.rung_at(turn.tx, record), now, lease)
                    await turn.save(replace(record, ring_until=until))
            for capture in await captures.open_ones(turn.tx, turn.municipalities):
                self.board.capture_due[capture.id] = self.upload_by()
            self.board.staff = await staff_rings.open_ones(turn.tx)
            self.board.guests = await guest_rows.open_ones(turn.tx, turn.municipalities)
            if first:
                await guests.lost_hub(turn, None)
            grace = now + timedelta(seconds=self.settings.patience.start_grace_s)
            for pending in await transfer_rows.open_ones(turn.tx, turn.municipalities) if first else ():
                due = None if pending.until is None else max(pending.until, grace)
                turn.moved[pending.call] = await transfer_rows.rows.save(turn.tx, replace(pending, until=due))
            self.board.next_sweep = now
            turn.duty_changed = turn.queue_changed = True

    # ------------------------------------------------------------------ terminals

    def _changed(self, topic: str) -> None:
        """Something of this side's link is for the other hubs to know."""
        if self.node is not None:
            self.node.unwritten.add(topic)

    async def find_kiosk(self, device: str) -> Kiosk | None:
        """The terminal that may connect under this name; its place must be configured."""
        kiosk = await self._kiosks.ask(device)
        if kiosk is None or kiosk.municipality not in self.content.towns:
            return None
        sites = [place.id for place in self.content.towns[kiosk.municipality].municipality.sites]
        return kiosk if kiosk.site in sites else None

    async def _find_kiosks(self, devices: Collection[str]) -> Mapping[str, Kiosk]:
        async with self.database.read(POOL) as tx:
            return await places.find_kiosks(tx, devices)

    async def kiosk_arrived(
        self, kiosk: Kiosk, token: object, *, simulated: bool, software: str, resumed: bool = False,
        here: Callable[[], bool] = _yes,
    ) -> bool:  # fmt: skip
        """The link `token` speaks for this terminal from now on.

        The snapshot is its first message, unless the link goes on where it was. False: it was no longer
        `here` when it would have been its turn, and nothing has happened.
        """
        async with self._arrival(here) as turn:
            if turn is None:
                return False
            side = self.board.kiosks.setdefault(kiosk.id, KioskSide(kiosk, Line()))
            side.kiosk, side.simulated = kiosk, simulated
            side.line.arrive(token, turn.now)
            self._changed(kiosk_topic(kiosk.id))
            await kiosk_words.arrived(turn, kiosk.id, resumed=resumed)
        if self.board.call_of_kiosk(kiosk.id) is not None:
            await self._look_at_queue()
        self._seen[kiosk.id] = places.Seen(kiosk.id, kiosk.municipality, self.clock.now(), software)
        return True

    @asynccontextmanager
    async def _arrival(self, here: Callable[[], bool]) -> AsyncIterator[Turn | None]:
        """The turn of one who arrives; None for one who has given up waiting: trying again costs no turn."""
        async with self._arrivals:
            if not here():
                yield None
                return
            async with self.turn() as turn:
                yield turn

    async def kiosk_left(self, device: str, token: object) -> None:
        """The link is gone; nothing happens when a newer one has taken its place."""
        side = self.board.kiosks.get(device)  # none, if it never arrived
        if side is None or not side.line.leave(token, self.clock.now()):
            return
        self._changed(kiosk_topic(device))
        alone = self.board.call_of_kiosk(device) is None and self.node is None
        if alone and not beside.talks_at(self.board.live.values(), side.kiosk):
            self.on_turn()
            return
        async with self.turn() as turn:
            kiosk_words.left(turn, device)

    async def write_seen(self) -> None:
        """Telemetry of all terminals that have linked since the last time. What is not written is lost."""
        seen, self._seen = self._seen, {}
        if not seen:
            return
        try:
            async with self.database.telemetry(POOL) as tx:
                await places.seen(tx, seen.values())
        except NotWrittenError as error:
            log.warning("telemetry not written", extra={"why": error.message})

    async def _look_at_queue(self) -> None:
        """Somebody has arrived: ring for every pair that is there now.

        Apart from the arrival, which writes nothing about calls: also on a full disk a side has its snapshot.
        """
        if self._looks:
            return  # whoever looks next will see this one too: a crowd that comes back is looked at once
        self._looks = True
        try:
            async with self.turn() as turn:
                self._looks = False
                turn.queue_changed = True
        except NotWrittenError as error:
            log.error("queue not looked at; tried again soon", extra={"why": error.message})
            self.board.next_chance = self.clock.now()
            self.on_turn()
        finally:
            self._looks = False

    async def kiosk_says(self, device: str, envelope: Envelope, message: Message) -> None:
        """One word of a terminal. NotNow when it has no effect and the terminal should know."""
        call = envelope.call
        match message:
            case common.Candidate():
                await self.abreast()
                async with self.lock:  # an accept that is being written takes the kept ones along
                    await relay.from_kiosk(self.board, self.bus, device, call, envelope.epoch, message)
                return
            case common.MediaReport():
                await self.abreast()
                await self._media_report(device, call, message)
                return
            case common.Reply():
                await self.abreast()
                await relay.from_resident(self.board, self.bus, device, call, message)
                return
            case common.Refused() | common.Unsupported():
                log.info("terminal refused a message", extra={"device": device, "about": message.about})
                return
            case kiosk_link.DeviceReport():  # the whole state: said twice it is the same
                async with self.turn() as turn:
                    self._changed(kiosk_topic(device))
                    kiosk_words.devices(turn, device, message)
                return
        async with self.turn() as turn:
            if await once.again(turn, kiosk_topic(device), envelope.id):
                if isinstance(message, kiosk_link.CallRequest):
                    await kiosk_words.tell_call(turn, device, envelope.id)
                return
            await dispatch.of_kiosk(turn, device, envelope, message)
            await once.keep(turn, kiosk_topic(device), envelope.id)

    async def _media_report(self, device: str, call: str | None, said: common.MediaReport) -> None:
        record = self.board.call_of_kiosk(device)
        if record is None or record.id != call:
            return
        media = self.board.media.setdefault(record.id, Media())
        was_live, media.reported_live = media.reported_live, said.live
        media.reported_at = self.clock.now()
        if record.connected and record.operator:
            await self.bus.publish(desk_topic(record.operator), Parcel(said, record.id))
        if was_live and not said.live:
            self.on_turn()
        if said.live and self.board.hands_over(record.id, said.epoch):
            async with self.turn() as turn:
                await transfers.media_stand(turn, record.id, said.epoch)

    # ------------------------------------------------------------------ desks

    async def desk_arrived(
        self, user: User, token: object, *, resumed: bool = False, here: Callable[[], bool] = _yes
    ) -> bool:
        """The link `token` speaks for this operator from now on; the rest is as for a terminal."""
        async with self._arrival(here) as turn:
            if turn is None:
                return False
            side = self.board.desks.setdefault(user.id, DeskSide(user, Line()))
            side.user, side.vanished = user, False
            side.watches, side.told_board = side.watches and resumed, None
            side.line.arrive(token, turn.now)
            self._changed(desk_topic(user.id))
            await desk_words.arrived(turn, user.id, resumed=resumed)
        await self._look_at_queue()
        return True

    async def desk_left(self, user: str, token: object) -> None:
        """The link is gone: no new ring until it is back; a call goes on."""
        side = self.board.desks.get(user)  # none, if it never arrived
        if side is None or not side.line.leave(token, self.clock.now()):
            return
        self._changed(desk_topic(user))
        if self.node is None:
            self.on_turn()
            return
        async with self.turn():
            pass  # the other hubs read it

    async def desk_says(self, user: str, envelope: Envelope, message: Message) -> None:
        """One word of a desk. NotNow when it has no effect and the operator should know."""
        match message:
            case common.Answer() | common.Candidate() | common.Renew():
                await self.abreast()
                await relay.from_desk(self.board, self.bus, user, envelope.call, envelope.epoch, message)
                return
            case common.Pointer() | common.Ink() | common.InkClear():
                await relay.from_hand(self.board, self.bus, user, envelope.call, message)
                return
            case (
                desk_link.SideOffer() | desk_link.SideAnswer() | desk_link.SideCandidate()
                | desk_link.SideRenew()
            ):  # fmt: skip
                await self.abreast()
                await relay.between_sides(self.board, self.bus, desk_topic(user), message)
                return
            case desk_link.WatchBoard():
                side = self.board.desks[user]
                side.watches, side.told_board = message.on, None
                return
            case common.Refused() | common.Unsupported():
                log.info("desk refused a message", extra={"user": user, "about": message.about})
                return
        async with self.turn() as turn:
            if not await once.again(turn, desk_topic(user), envelope.id):
                await dispatch.of_desk(turn, user, envelope, message)
                await once.keep(turn, desk_topic(user), envelope.id)

    async def look_at_disasters(self) -> None:
        """A switch may have been turned by somebody else: its terminals and its queue follow."""
        async with self.database.read(POOL) as tx:
            written = await disasters.load(tx)
        if written == self.board.disasters and not disaster.behind(self.board, written):
            return
        async with self.turn() as turn:
            await disaster.read_anew(turn)

    async def put_kiosk_out(self, call: str) -> None:
        """Its terminal may not be here any more: the call ends, if it has not yet."""
        async with self.turn() as turn:
            record = await turn.call(call)
            if record.live:
                await step(turn, record, KioskGone(), "hub")

    async def put_operator_out(self, call: str, operator: str) -> None:
        """This operator may not be here any more: the call waits for another, if it is still hers."""
        async with self.turn() as turn:
            record = await turn.call(call)
            if record.operator == operator and record.live:
                event = OperatorGone() if record.connected else RingExpired()
                await step(turn, record, event, "hub")
            transfer = turn.transfer(record.id)
            if transfer is not None and transfer.specialist == operator:
                await transfers.move(turn, transfer, Left(), "hub")

    async def put_supervisor_out(self, call: str, supervisor: str) -> None:
        """She may not take part in calls here any more."""
        async with self.turn() as turn:
            monitor = turn.monitor(call)
            if monitor is not None and monitor.supervisor == supervisor:
                await monitors.move(turn, monitor, Step.GONE, "hub")

    # ------------------------------------------------------------------ other hubs, see among.py

    def upload_by(self) -> datetime:
        """When a still that is asked for now has failed."""
        return self.clock.now() + timedelta(seconds=self.settings.captures.upload_s)

    async def catch_up(self) -> None:
        """Between turns: the board knows what other hubs have written."""
        assert self.node is not None
        async with self.lock, self.database.read(POOL) as tx:
            for topic, parcel in await self.node.look(tx, self.board, self.upload_by()):
                await self.bus.publish(topic, parcel)
        self.on_turn()

    async def abreast(self) -> None:
        """Before a word that is no turn: it may answer what another hub has said a moment ago."""
        if self.node is not None and self.node.lags:
            await self.catch_up()

    async def _begin(self, tx: Tx) -> None:
        """FencedError when the others have given this hub up."""
        if self.node is not None:
            for topic, parcel in await self.node.begin(tx, self.board, self.upload_by()):
                await self.bus.publish(topic, parcel)

    async def _recount(self, turn: Turn) -> None:
        """Who is on duty, after another hub has had a turn; it has told the terminals."""
        if self.node is not None and self.node.duty_stale:
            turn.on_duty = self.board.on_duty = await duty_now(turn)
            self.node.duty_stale = False

    # ------------------------------------------------------------------ time

    def deadline(self) -> datetime | None:
        """When `tick` is next due."""
        return deadlines.next_due(self.board, self.patience)

    async def tick(self) -> None:
        """Do what is due now."""
        async with self.turn() as turn:
            unreadable = await deadlines.run(turn, self.patience)
        for capture in unreadable:
            await self.drop_still(capture)
