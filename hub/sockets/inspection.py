"""Puts out those whose right was taken away while the hub runs: commands write, this one reads.

Their links are closed; a call of an operator who may not be here goes back to the queue, one of a revoked
terminal ends. The page of a guest who is gone is closed too: it has read why. Whoever is no supervisor any
more hears nothing more.
The disaster switch is noticed in the same way, and what terminals have said of themselves is written along.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from hub.clock import Clock
from hub.counter.counter import Counter
from hub.counter.guest_door import GuestDoor, Visit
from hub.sockets.link import NO_LOGIN, UNKNOWN_DEVICE, Link
from hub.sockets.registry import Proof, Registry
from hub.store import people, places
from hub.store.database import Database
from hub.store.fences import POOL
from hub.store.people import Login
from hub.store.places import Kiosk
from protocol.values import Role

log = logging.getLogger(__name__)

EVERY_S = 2.0
"""A link whose right has ended is closed within five seconds; a look takes milliseconds."""


AT_ONCE = 250
"""Links that are compared together: nobody's ring waits for the comparison of thousands."""


class Inspection:
    """Run `run()` as a task."""

    def __init__(
        self, registry: Registry, counter: Counter, guests: GuestDoor, database: Database, clock: Clock
    ) -> None:
        self._registry = registry
        self._counter = counter
        self._guests = guests
        self._database = database
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled. A look that fails is logged and tried again."""
        while True:
            await asyncio.sleep(EVERY_S)
            try:
                await self.look()
            except Exception:
                log.exception("links not inspected")

    async def look(self) -> None:
        """Compare every open link and every live call with what is written now."""
        await self._links()
        await self._calls()
        await self._counter.look_at_disasters()
        await self._counter.write_seen()

    async def _calls(self) -> None:
        live = list(self._counter.board.live.values())
        monitors = list(self._counter.board.monitors.values())
        if not live:
            return
        async with self._database.read(POOL) as tx:
            serving = await people.serving(tx, {call.operator for call in live if call.operator})
            watching = await people.serving(tx, {one.supervisor for one in monitors}, [Role.SUPERVISOR])
            devices = {call.kiosk for call in live}
            revoked = devices - (await places.good_keys(tx, devices)).keys()
        for call in live:
            if call.kiosk in revoked:
                await self._counter.put_kiosk_out(call.id)
            elif call.operator and (call.operator, call.municipality) not in serving:
                await self._counter.put_operator_out(call.id, call.operator)
        for one in monitors:
            if (one.supervisor, one.municipality) not in watching:
                await self._counter.put_supervisor_out(one.call, one.supervisor)

    async def _links(self) -> None:
        proven = self._registry.proven()
        for first in range(0, len(proven), AT_ONCE):
            await self._some(proven[first : first + AT_ONCE])

    async def _some(self, proven: Sequence[tuple[Link, Proof]]) -> None:
        hashes = [proof.token_hash for _, proof in proven if isinstance(proof, Login)]
        devices = [proof.id for _, proof in proven if isinstance(proof, Kiosk)]
        async with self._database.read(POOL) as tx:
            logins = await people.good_logins(tx, hashes, self._clock.now())
            keys = await places.good_keys(tx, devices)
        for link, proof in proven:
            if isinstance(proof, Visit):
                if not self._guests.open(proof):
                    link.end(NO_LOGIN, "no guest of any call any more")
            elif isinstance(proof, Kiosk):
                if keys.get(proof.id) != proof.public_key:
                    link.end(UNKNOWN_DEVICE, "unknown or revoked device")
            elif proof.token_hash not in logins:
                link.end(NO_LOGIN, "login ended")
