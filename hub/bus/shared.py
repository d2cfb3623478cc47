"""The bus of several hubs: to our own receivers, and to the other hubs by a carrier.

    bus = SharedBus(NotifyCarrier(url))        # or NatsCarrier(servers, name)
    bus.on_gap = look_again                    # something was missed: tables are the truth
    bus.on_news = look                         # another hub has had a turn
    await bus.start() ... await bus.close()
    bus.joined(turn)                           # from here on turns are passed on in their order

A carrier moves texts to every hub, in the order of each sender, and may lose some: `number` shows it. Turns
of several hubs are put into one order here (`hub/bus/order.py`), for our own words as for those of others.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from hub.bus import parcels
from hub.bus.local import LocalBus
from hub.bus.order import FREE, Order
from hub.bus.parcels import END, NEWS, Note, UnreadableNoteError
from hub.bus.port import Parcel, Receiver, Subscription

log = logging.getLogger(__name__)

BACKLOG = 20_000
"""Texts that wait for a carrier that is away; the oldest are given up, and the others notice."""

BATCH = 200

DELAYS_S = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Before a carrier that has failed is tried again."""

CLOSE_S = 1.0
"""For what is being sent when the hub ends."""

TICK_S, TICKS = 0.25, 4
"""A turn that others wait for is given up after so many ticks: of a process that stood still all are one."""

Heard = tuple[str, Parcel | str]
"""Topic and what is said there; a foreign word is read only where somebody listens."""


class CarrierError(Exception):
    """The texts could not be carried; they are tried again."""


class Carrier(Protocol):
    """Moves texts between hubs. Lost connections are its own matter; it says when it has listened anew."""

    async def open(self, heard: Callable[[str], None], missed: Callable[[], None]) -> None:
        """Listen from now on. `missed` is called after every time in which nothing was heard."""

    async def send(self, texts: Sequence[str]) -> None:
        """To every hub, in this order. CarrierError when it cannot now."""

    async def close(self) -> None:
        """Stop listening."""


class SharedBus:
    """A `Bus`; `hub` is the name that this process has among the others."""

    def __init__(self, carrier: Carrier) -> None:
        self.hub = uuid.uuid4().hex[:12]
        self.on_gap: Callable[[], None] = lambda: None
        self.on_news: Callable[[], None] = lambda: None
        self._carrier = carrier
        self._local = LocalBus()
        self._order: Order[Heard] = Order()
        self._missing: int | None = None  # the turn that is waited for
        self._waited = 0  # ticks
        self._tick: asyncio.TimerHandle | None = None
        self._number = 0
        self._waiting: list[str] = []
        self._more = asyncio.Event()
        self._cut = False  # the carrier takes nothing now
        self._numbers: dict[str, int] = {}  # of each other hub, the newest that was heard
        self._sender: asyncio.Task[None] | None = None
        self._closing = False

    async def start(self) -> None:
        """Once, before the first link."""
        await self._carrier.open(self._heard, self._missed)
        self._sender = asyncio.create_task(self._send())

    async def close(self) -> None:
        """What still waits is sent if the carrier takes it now."""
        if self._tick is not None:
            self._tick.cancel()
        self._closing = True
        if self._sender is not None:
            self._more.set()
            await asyncio.wait({self._sender}, timeout=CLOSE_S)  # a text is not broken off in the middle
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
        try:
            await self._carrier.send(self._waiting)
        except CarrierError:
            log.warning("bus closed with texts unsent", extra={"count": len(self._waiting)})
        await self._carrier.close()

    # ------------------------------------------------------------------ saying

    def joined(self, turn: int) -> None:
        """This hub has joined the others with this turn; what was before it is known from the tables."""
        self._pass_on(self._order.begin(turn))
        self._say(Note(self.hub, self._numbered(), turn, END, NEWS))

    def passed_on(self) -> int:
        """The newest turn that our receivers have heard of."""
        return self._order.passed

    async def publish(self, topic: str, parcel: Parcel) -> None:
        """To our own receivers before this returns, unless a turn before it waits; to the others soon."""
        self._publish(topic, parcel, FREE)

    async def tell(
        self, words: Sequence[tuple[str, Parcel]], turn: int = FREE, *, news: bool = False
    ) -> None:
        """In the order of all turns. A turn that says nothing is told as well: the next ones wait for it."""
        for topic, parcel in words:
            self._publish(topic, parcel, turn)
        if turn != FREE:
            self._pass_on(self._order.heard(self.hub, turn, None))
            self._say(Note(self.hub, self._numbered(), turn, END, NEWS if news else ""))

    def deliver(self, topic: str, parcel: Parcel) -> None:
        """To our own receivers alone."""
        self._local.deliver(topic, parcel)

    def subscribe(self, topic: str, receiver: Receiver) -> Subscription:
        """Receive from now on."""
        return self._local.subscribe(topic, receiver)

    def _publish(self, topic: str, parcel: Parcel, turn: int) -> None:
        self._pass_on(self._order.heard(self.hub, turn, (topic, parcel)))
        self._say(Note(self.hub, self._numbered(), turn, topic, parcels.body(parcel)))

    def _numbered(self) -> int:
        self._number += 1
        return self._number

    def _say(self, note: Note) -> None:
        self._waiting.append(parcels.write(note))
        if len(self._waiting) > BACKLOG:
            del self._waiting[: BACKLOG // 2]
        self._more.set()

    async def _send(self) -> None:
        failures = 0
        while not self._closing:
            await self._more.wait()
            self._more.clear()
            while self._waiting:
                batch = self._waiting[:BATCH]
                try:
                    await self._carrier.send(batch)
                except CarrierError as error:
                    if not failures:
                        log.warning("other hubs not reached; tried again", extra={"why": str(error)})
                    self._cut = True
                    await asyncio.sleep(DELAYS_S[min(failures, len(DELAYS_S) - 1)])
                    failures += 1
                    continue
                self._cut, failures = False, 0
                del self._waiting[: len(batch)]

    # ------------------------------------------------------------------ hearing

    def _heard(self, text: str) -> None:
        try:
            note = parcels.read(text)
        except UnreadableNoteError as error:
            log.warning("word of another hub not understood", extra={"why": error.message})
            return
        if note.hub == self.hub:
            return
        before = self._numbers.get(note.hub)
        self._numbers[note.hub] = note.number
        if before is not None and note.number > before + 1:
            self._missed()
        end = note.topic == END
        self._pass_on(self._order.heard(note.hub, note.turn, None if end else (note.topic, note.body)))
        if end and note.body == NEWS:
            self.on_news()

    def _pass_on(self, words: Iterable[Heard]) -> None:
        for topic, said in words:
            if not self._local.listens(topic):
                continue
            try:
                parcel = said if isinstance(said, Parcel) else parcels.parcel(said)
            except UnreadableNoteError as error:
                log.warning("word of another hub not understood", extra={"why": error.message})
                continue
            self._local.deliver(topic, parcel)
        self._wait()

    def _wait(self) -> None:
        """A turn whose words are on their way may be late, but not for ever."""
        missing = self._order.missing
        if missing is None and self._tick is not None:
            self._tick.cancel()
            self._tick = None
        elif missing is not None and self._tick is None:
            self._tick = asyncio.get_running_loop().call_later(TICK_S, self._look_for_missing)
        if missing != self._missing:
            self._missing, self._waited = missing, 0

    def _look_for_missing(self) -> None:
        self._tick = None
        self._waited += 1
        if self._cut:
            self._pass_on(self._order.skip())  # nobody is heard now; everything is told once that is over
        elif self._waited >= TICKS:
            log.warning("a turn of another hub was not heard", extra={"turn": self._missing})
            self._pass_on(self._order.skip())
            self.on_gap()
        else:
            self._wait()

    def _missed(self) -> None:
        log.warning("words of other hubs were missed; looking at the tables again")
        self.on_gap()
