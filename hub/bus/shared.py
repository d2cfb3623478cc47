"""The bus of several hubs: to our own receivers at once, to the other hubs by a carrier.

    bus = SharedBus(NotifyCarrier(url))        # or NatsCarrier(servers, name)
    bus.on_gap = look_again                    # something was missed: tables are the truth
    await bus.start() ... await bus.close()

A carrier moves texts to every hub, in the order of each sender, and may lose some: `number` shows it.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from hub.bus import parcels
from hub.bus.local import LocalBus
from hub.bus.parcels import Note, UnreadableNoteError
from hub.bus.port import Parcel, Receiver

log = logging.getLogger(__name__)

BACKLOG = 20_000
"""Texts that wait for a carrier that is away; the oldest are given up, and the others notice."""

BATCH = 200

DELAYS_S = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Before a carrier that has failed is tried again."""


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
        self.overtaken: Callable[[Parcel], bool] = lambda parcel: False  # order is kept for each sender only
        self._carrier = carrier
        self._local = LocalBus()
        self._number = 0
        self._waiting: list[str] = []
        self._more = asyncio.Event()
        self._numbers: dict[str, int] = {}  # of each other hub, the newest that was heard
        self._sender: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Once, before the first link."""
        await self._carrier.open(self._heard, self._missed)
        self._sender = asyncio.create_task(self._send())

    async def close(self) -> None:
        """What still waits is sent if the carrier takes it now."""
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.gather(self._sender, return_exceptions=True)
        try:
            await self._carrier.send(self._waiting)
        except CarrierError:
            log.warning("bus closed with texts unsent", extra={"count": len(self._waiting)})
        await self._carrier.close()

    async def publish(self, topic: str, parcel: Parcel) -> None:
        """To our own receivers before this returns, to the other hubs soon."""
        await self._local.publish(topic, parcel)
        self._number += 1
        self._waiting.append(parcels.write(Note(self.hub, self._number, topic, parcels.body(parcel))))
        if len(self._waiting) > BACKLOG:
            del self._waiting[: BACKLOG // 2]
        self._more.set()

    def subscribe(self, topic: str, receiver: Receiver) -> AbstractContextManager[None]:
        """Receive within the block."""
        return self._local.subscribe(topic, receiver)

    async def _send(self) -> None:
        failures = 0
        while True:
            await self._more.wait()
            self._more.clear()
            while self._waiting:
                batch = self._waiting[:BATCH]
                try:
                    await self._carrier.send(batch)
                except CarrierError as error:
                    if not failures:
                        log.warning("other hubs not reached; tried again", extra={"why": str(error)})
                    await asyncio.sleep(DELAYS_S[min(failures, len(DELAYS_S) - 1)])
                    failures += 1
                    continue
                failures = 0
                del self._waiting[: len(batch)]

    def _heard(self, text: str) -> None:
        try:
            note = parcels.read(text)
            if note.hub == self.hub:
                return
            before = self._numbers.get(note.hub)
            self._numbers[note.hub] = note.number
            if before is not None and note.number > before + 1:
                self._missed()
            if self._local.listens(note.topic):
                parcel = parcels.parcel(note.body)
                if not self.overtaken(parcel):
                    self._local.deliver(note.topic, parcel)
        except UnreadableNoteError as error:
            log.warning("word of another hub not understood", extra={"why": error.message})

    def _missed(self) -> None:
        log.warning("words of other hubs were missed; looking at the tables again")
        self.on_gap()
