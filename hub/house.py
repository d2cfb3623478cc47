"""Everything that one running hub consists of, put together in one place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hub.bus.local import LocalBus
from hub.bus.nats import NatsCarrier
from hub.bus.notify import NotifyCarrier
from hub.bus.shared import SharedBus
from hub.clock import Clock, SystemClock
from hub.core.audit import Action, Entry
from hub.core.content import Content
from hub.core.passkey_site import site
from hub.counter.among import Among
from hub.counter.counter import Counter
from hub.counter.guest_door import GuestDoor
from hub.counter.node import Node
from hub.counter.stills import Stills
from hub.counter.wallboards import Wallboards
from hub.factors import Factors
from hub.logins import Logins
from hub.nodes import Nodes
from hub.passkeys import Passkeys
from hub.passwords import Passwords
from hub.relays import Relays
from hub.settings import HubSettings
from hub.sockets.inspection import Inspection
from hub.sockets.postbox import Postboxes
from hub.sockets.registry import Registry
from hub.store import captures, factors, trail
from hub.store.database import Database, open_database
from hub.store.fences import NOBODY
from hub.store.places import Kiosk
from hub.vault.keys import KeyDirectory
from hub.vault.people import PeopleKey
from hub.vault.shelf import DirectoryShelf
from protocol.errors import LocalError
from protocol.values import IceServer

DESK = Path(__file__).parent / "desk" / "dist"


@dataclass(frozen=True, slots=True)
class Trail:
    """Audit entries that belong to no other write."""

    database: Database
    clock: Clock

    async def add(
        self, action: Action, actor: str, municipality: str | None = None, subject: str = ""
    ) -> None:
        """One entry in a transaction of its own."""
        entry = Entry(
            at=self.clock.now(), municipality=municipality, actor=actor, action=action, subject=subject
        )
        async with self.database.write(NOBODY if municipality is None else [municipality]) as tx:
            await trail.append(tx, entry)

    async def kiosk_refused(self, kiosk: Kiosk) -> None:
        """Somebody used a terminal's name without its key."""
        await self.add(Action.KIOSK_REFUSED, f"kiosk:{kiosk.id}", kiosk.municipality)


@dataclass(frozen=True, slots=True)
class House:
    """The parts; nothing in it knows the web framework."""

    settings: HubSettings
    content: Content
    clock: Clock
    database: Database
    bus: LocalBus | SharedBus
    counter: Counter
    guests: GuestDoor
    stills: Stills
    logins: Logins
    passkeys: Passkeys
    passwords: Passwords
    registry: Registry
    boxes: Postboxes
    inspection: Inspection
    wallboards: Wallboards
    trail: Trail
    desk: Path
    nodes: Nodes | None  # among several hubs

    def ice_servers(self) -> tuple[IceServer, ...]:
        """What a side may use for media that has just linked; in a call it is given newer ones."""
        return self.counter.relays.servers(self.clock.now())

    async def close(self) -> None:
        """After the last request."""
        await self.counter.write_seen()
        if self.nodes is not None:
            await self.nodes.leave()
        self.boxes.close()
        self.passwords.close()
        if isinstance(self.bus, SharedBus):
            await self.bus.close()
        await self.database.close()


async def build(
    settings: HubSettings,
    content: Content,
    *,
    clock: Clock | None = None,
    passwords: Passwords | None = None,
    desk: Path = DESK,
) -> House:
    """A house that is ready to serve. LocalError when database, keys or relays cannot be used."""
    clock = clock or SystemClock()
    relays = Relays(settings.ice_servers)
    database = await open_database(settings.store, settings.database.owner_url)
    try:
        async with database.read(content.towns) as tx:
            sealed = await captures.newest_keys(tx, content.towns)
            factor = await factors.any_sealed(tx)
        keys = KeyDirectory(Path(settings.keys.directory), content.towns, sealed)
        people_key = PeopleKey(Path(settings.keys.directory), factor)
        bus = _bus(settings)
        if isinstance(bus, SharedBus):
            await bus.start()
    except LocalError:
        await database.close()
        raise
    passwords = passwords or Passwords()
    counter = Counter(
        database=database, content=content, settings=settings, bus=bus, clock=clock, relays=relays
    )
    stills = Stills(keys, DirectoryShelf(Path(settings.captures.directory)))
    counter.drop_still = stills.drop
    door = GuestDoor(counter)
    boxes = Postboxes(bus, clock)
    registry = Registry(settings.links.per_address)
    passkeys = Passkeys(database=database, clock=clock, site=site(settings.logins.passkey_address))
    among = _nodes(counter, bus, registry, boxes)
    if among is not None:
        among.start()
    await counter.start()
    return House(
        settings=settings, content=content, clock=clock, database=database, bus=bus, counter=counter,
        guests=door, stills=stills,
        logins=Logins(
            database=database, passwords=passwords, clock=clock, settings=settings.logins, passkeys=passkeys,
            factors=Factors(database=database, key=people_key, clock=clock, issuer=settings.name),
            strict=[id for id, town in content.towns.items() if town.municipality.second_factor],
        ),
        passkeys=passkeys, passwords=passwords, registry=registry, boxes=boxes,
        inspection=Inspection(registry, counter, door, database, clock),
        wallboards=Wallboards(counter),
        trail=Trail(database, clock), desk=desk, nodes=among,
    )  # fmt: skip


def _bus(settings: HubSettings) -> LocalBus | SharedBus:
    """Alone, a dictionary; with a shared database, whatever reaches its other hubs."""
    if not settings.database.url:
        return LocalBus()
    if settings.bus.nats:
        return SharedBus(NatsCarrier(settings.bus.nats, settings.name, settings.bus.nats_credentials))
    return SharedBus(NotifyCarrier(settings.database.url))


def _nodes(counter: Counter, bus: LocalBus | SharedBus, registry: Registry, boxes: Postboxes) -> Nodes | None:
    """What makes this hub one of several, where it may be one."""
    if not isinstance(bus, SharedBus):
        return None

    def moved(topic: str) -> None:
        registry.replaced(topic)
        boxes.drop(topic)

    def put_out() -> None:
        registry.put_out()
        boxes.close()

    node = Node(
        bus.hub, counter.content.towns.keys(), joined=bus.joined, moved=moved, passed_on=bus.passed_on
    )
    among = Among(counter, node)
    return Nodes(among, bus, counter.clock, put_out=put_out, forget_away=boxes.forget_away)
