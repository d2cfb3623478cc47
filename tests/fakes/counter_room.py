"""The real counter on a real SQLite file, without sockets: sides say a word and have heard the answer.

    async with opened(tmp_path) as room:
        kiosk = await room.kiosk("t1", "minami")
        desk = await room.desk("hana", ["minami"])
        await kiosk.arrive(); await desk.arrive()
        assert await desk.say(SetPresence(state="available")) == ""      # "" or the code of the refusal
        assert await kiosk.say(CallRequest()) == ""
        await desk.say(Accept(), call=desk.ring.call)
        await room.pass_time(20)                                         # every deadline on the way is met
        await room.restart()                                             # a new counter on the same file

What a side believes after all that it was told: `tests/fakes/beliefs.py`.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.engine import Connection

from hub.bus.local import LocalBus
from hub.bus.port import Parcel, desk_topic, guest_topic, kiosk_topic
from hub.core.call import NotNow
from hub.counter.counter import Counter
from hub.counter.guest_door import GuestDoor, Visit
from hub.relays import Relays
from hub.settings import HubSettings
from hub.store import people, places
from hub.store.database import Database, NotWrittenError, Tx
from hub.store.fences import POOL, Towns
from hub.store.people import User
from hub.store.places import Kiosk
from protocol.envelope import Envelope, Message
from protocol.values import Membership, Role
from tests.fakes.beliefs import DeskBelief, KioskBelief
from tests.fakes.hub_program import content, empty_database, settings_in

MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
NOT_WRITTEN = "not_written"

WINDOW_S = 120
"""So long the hub keeps for a side that is away what it was told."""


class SetClock:
    """Stands still until it is moved."""

    def __init__(self, start: datetime = MORNING) -> None:
        self.moment = start

    def now(self) -> datetime:
        """UTC."""
        return self.moment

    def steady(self) -> float:
        """Follows the calendar, but never backwards."""
        return (self.moment - MORNING).total_seconds() + 1e6


@dataclass(frozen=True)
class Said:
    """A word as it was said, to be said again."""

    id: str
    message: Message
    call: str | None
    epoch: int | None


class Side:
    """A terminal or a desk. `heard` is all that reached it."""

    topic: str

    def __init__(self, room: Room) -> None:
        self.room = room
        self.heard: list[Parcel] = []
        self.said: list[Said] = []
        self.token: object | None = None
        self._subscribed = contextlib.ExitStack()
        self._kept_since: datetime | None = None

    @property
    def here(self) -> bool:
        """Whether its link stands."""
        return self.token is not None

    def hear(self, parcel: Parcel) -> None:
        """As a side takes it."""
        self.heard.append(parcel)
        self.believe(parcel.message, parcel.call)

    def believe(self, message: Message, about: str | None = None) -> None:
        """What the word changes for whoever hears it."""

    @property
    def kept(self) -> bool:
        """Whether what it is told while it is away is kept for it: its next link may go on where this was."""
        window = timedelta(seconds=WINDOW_S)
        return self._kept_since is not None and self.room.clock.now() < self._kept_since + window

    def forget(self) -> None:
        """The hub's process is gone, and with it the link and all that was kept."""
        self._subscribed.close()
        self.token = self._kept_since = None

    def _link(self, resumed: bool) -> object:
        token = self.token = object()
        self._kept_since = None
        if not resumed:
            self._subscribed.close()
            self._subscribed.enter_context(self.room.bus.subscribe(self.topic, self.hear))
        return token

    def _unlink(self, token: object | None) -> object:
        """The token that has left: by default the present one."""
        gone = self.token if token is None else token
        assert gone is not None
        if gone is self.token:
            self.token, self._kept_since = None, self.room.clock.now()
        return gone

    async def say(
        self, message: Message, *, call: str | None = None, epoch: int | None = None, id: str | None = None
    ) -> str:
        """Gives the code of the refusal, empty when the word was taken."""
        said = Said(id or uuid.uuid4().hex, message, call, epoch)
        self.said.append(said)
        return await self.say_again(said)

    async def say_again(self, said: Said) -> str:
        """The same word under the same id."""
        tag = str(said.message.__struct_config__.tag)
        envelope = Envelope(v=1, type=tag, id=said.id, call=said.call, epoch=said.epoch)
        try:
            await self._tell(envelope, said.message)
        except NotNow as refused:
            return refused.code
        except NotWrittenError:
            return NOT_WRITTEN
        return ""

    async def _tell(self, envelope: Envelope, message: Message) -> None:
        raise NotImplementedError


class KioskSide(KioskBelief, Side):
    """A terminal."""

    def __init__(self, room: Room, kiosk: Kiosk) -> None:
        KioskBelief.__init__(self)
        Side.__init__(self, room)
        self.kiosk = kiosk
        self.topic = kiosk_topic(kiosk.id)

    async def arrive(self, *, resumed: bool = False) -> None:
        """A new link; an older one is replaced without having left."""
        await self.room.counter.kiosk_arrived(
            self.kiosk, self._link(resumed), simulated=True, software="room", resumed=resumed
        )

    async def leave(self, token: object | None = None) -> None:
        """The hub notices that a link (by default the present one) is gone."""
        await self.room.counter.kiosk_left(self.kiosk.id, self._unlink(token))

    async def _tell(self, envelope: Envelope, message: Message) -> None:
        await self.room.counter.kiosk_says(self.kiosk.id, envelope, message)


class DeskSide(DeskBelief, Side):
    """An operator's desk."""

    def __init__(self, room: Room, user: User) -> None:
        DeskBelief.__init__(self)
        Side.__init__(self, room)
        self.user = user
        self.topic = desk_topic(user.id)

    async def arrive(self, *, resumed: bool = False) -> None:
        """A new link; an older one is replaced without having left."""
        await self.room.counter.desk_arrived(self.user, self._link(resumed), resumed=resumed)

    async def leave(self, token: object | None = None) -> None:
        """The hub notices that a link (by default the present one) is gone."""
        await self.room.counter.desk_left(self.user.id, self._unlink(token))

    async def _tell(self, envelope: Envelope, message: Message) -> None:
        await self.room.counter.desk_says(self.user.id, envelope, message)


class GuestSide(Side):
    """A guest's page that has been let as far as the door."""

    def __init__(self, room: Room, visit: Visit) -> None:
        super().__init__(room)
        self.visit = visit
        self.topic = guest_topic(visit.guest)

    async def arrive(self, *, resumed: bool = False) -> None:
        """A new link."""
        await self.room.door.arrived(self.visit, self._link(resumed), resumed=resumed)

    async def leave(self, token: object | None = None) -> None:
        """The hub notices that a link (by default the present one) is gone."""
        await self.room.door.left(self.visit, self._unlink(token))

    async def _tell(self, envelope: Envelope, message: Message) -> None:
        await self.room.door.says(self.visit, envelope, message)


class FallibleDatabase(Database):
    """The real one, whose disk takes nothing while `full`: every transaction is rolled back at its end."""

    full = False

    @contextlib.asynccontextmanager
    async def write(self, towns: Towns) -> AsyncIterator[Tx]:
        """As the real one."""
        async with super().write(towns) as tx:
            yield tx
            if self.full:
                raise NotWrittenError(NOT_WRITTEN, "the disk is full")


class Room:
    """Open it with `opened`. `counter` and `bus` are new after each restart."""

    def __init__(self, directory: Path, **changes: object) -> None:
        self.clock = SetClock()
        self.settings: HubSettings = settings_in(directory, **changes)
        self.path = self.settings.database_path
        self.kiosks: list[KioskSide] = []
        self.desks: list[DeskSide] = []
        self.guests: list[GuestSide] = []
        self.database = FallibleDatabase(self.path)  # one for all starts: its statements stay compiled
        self.counter: Counter
        self.door: GuestDoor
        self.bus: LocalBus

    async def open(self) -> None:
        """A hub starts: everybody's link is gone, the file is what it was."""
        self.bus = LocalBus()
        self.counter = await self.one_more_counter(self.database, self.bus)
        self.door = GuestDoor(self.counter)

    async def one_more_counter(self, database: Database, bus: LocalBus) -> Counter:
        """A counter that has started, as a second process would have it."""
        counter = Counter(
            database=database, content=content(), settings=self.settings, bus=bus, clock=self.clock,
            relays=Relays(()),
        )  # fmt: skip
        await counter.start()
        return counter

    async def close(self) -> None:
        """Give the file back."""
        await self.database.close()

    async def restart(self) -> None:
        """The hub's process dies between two turns and another takes its place."""
        for side in (*self.kiosks, *self.desks, *self.guests):
            side.forget()
        await self.open()

    async def kiosk(self, device: str, municipality: str = "minami", site: str = "taiken") -> KioskSide:
        """A registered terminal, not yet linked."""
        new = Kiosk(
            id=device, municipality=municipality, site=site, terminal=device, public_key=device.encode()
        )
        async with self.database.write(POOL) as tx:
            await places.add_kiosk(tx, new)
        self.kiosks.append(KioskSide(self, new))
        return self.kiosks[-1]

    async def desk(
        self, name: str, municipalities: Sequence[str] = ("minami",), department: str | None = None,
        role: Role | None = None,
    ) -> DeskSide:  # fmt: skip
        """An operator, not yet linked; a specialist, where a department is named; or this role."""
        role = role or (Role.OPERATOR if department is None else Role.SPECIALIST)
        user = User(
            id=f"user-{name}", login_name=name, name=name, password_hash="-",
            memberships=tuple(
                Membership(municipality=one, role=role, department=department) for one in municipalities
            ),
        )  # fmt: skip
        async with self.database.write(POOL) as tx:
            await people.add_user(tx, user)
        self.desks.append(DeskSide(self, user))
        return self.desks[-1]

    async def guest(self, code: str) -> GuestSide | None:
        """A new page with this code, linked; None when the code is refused."""
        try:
            visit = await self.door.find(code, uuid.uuid4().hex)
        except NotNow:
            return None
        self.guests.append(GuestSide(self, visit))
        await self.guests[-1].arrive()
        return self.guests[-1]

    async def pass_time(self, seconds: float) -> None:
        """As the scheduler does it: the clock stops at every deadline on its way, and a tick meets it."""
        until = self.clock.moment + timedelta(seconds=seconds)
        for _ in range(10_000):
            due = self.counter.deadline()
            if due is None or due > until:
                break
            self.clock.moment = max(self.clock.moment, due)
            await self.counter.tick()
        else:
            raise AssertionError(f"a deadline that no tick moves: {due}")
        self.clock.moment = max(self.clock.moment, until)

    async def jump(self, seconds: float) -> None:
        """The clock is set, or the machine slept: one look once it is noticed, then as ever."""
        self.clock.moment += timedelta(seconds=seconds)
        await self.counter.tick()
        await self.pass_time(0)


def fill(path: Path) -> None:
    """Lay a migrated database without rows at `path`."""
    path.write_bytes(empty_database())


@contextlib.contextmanager
def reading(path: Path) -> Iterator[Connection]:
    """A connection for looking into the file from outside, one consistent look after the other."""
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextlib.asynccontextmanager
async def opened(directory: Path, **changes: object) -> AsyncIterator[Room]:
    """A room whose hub runs until the block ends."""
    room = Room(directory, **changes)
    fill(room.path)
    await room.open()
    try:
        yield room
    finally:
        await room.close()
