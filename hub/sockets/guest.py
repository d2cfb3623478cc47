"""A guest's socket: Origin at the handshake, a code or the page's own secret in the hello, then a few words.

It is open to everybody, so it says little: whoever brings neither hears why not and is closed, and each
address has few tries.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from litestar.types import Receive, Scope, Send

from hub.bus.port import guest_topic
from hub.core import guest_code
from hub.core.audit import Action
from hub.core.call import NotNow
from hub.core.limits import Tries
from hub.core.networks import network
from hub.counter.guest_door import Visit
from hub.house import House
from hub.origin import same_origin
from hub.sockets.link import FLOOD, NO_LOGIN, VERSION, Link, LinkClose
from hub.sockets.port import AsgiSocket
from hub.sockets.postbox import Postbox
from protocol import versions
from protocol.common import Refused
from protocol.envelope import Envelope, Message
from protocol.guest_link import GUEST_SAYS, GuestHello, GuestWelcome

log = logging.getLogger(__name__)

Incoming = AsyncIterator[tuple[Envelope, Message]]

TRIES, TRIES_PER_MINUTE = 10, 6
"""Wrong codes of one address: at once, and then each minute. An office behind one router is one address."""

NOTED_PER_MINUTE = 3
"""Wrong codes that are written down; the trail names no address, so more would say nothing."""


class GuestSocket:
    """One per hub; called by the ASGI server for each connection."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._tries = Tries(burst=TRIES, per_minute=TRIES_PER_MINUTE)
        self._noted = Tries(burst=NOTED_PER_MINUTE, per_minute=NOTED_PER_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The whole life of a connection."""
        socket = AsgiSocket(scope, receive, send)
        origin, host = socket.header("origin"), socket.header("host")
        if not same_origin(origin, socket.scheme, host, self._house.settings.listen.names):
            log.warning("guest link of a foreign origin refused")
            await socket.deny()
            return
        await socket.accept()
        if not self._house.registry.room(socket.address):
            await socket.close(FLOOD, "too many connections of this address")
            return
        link = Link(socket, may_say=GUEST_SAYS, clock=self._house.clock, limits=self._house.settings.links)
        await link.run(self._talk(link, socket.address))

    async def _talk(self, link: Link, address: str) -> None:
        house = self._house
        incoming = link.incoming()
        with house.registry.unproven(address):
            visit, hello = await self._let_in(link, incoming, address)
        topic = guest_topic(visit.guest)
        try:
            await house.registry.enter(topic, link, visit)
            box, again = house.boxes.take_up(topic, link, hello.resume_token, hello.received)
            resumed = again is not None
            link.say(self._welcome(link, box, resumed=resumed))
            box.go_on(again or ())
            try:
                await house.guests.arrived(visit, link, resumed=resumed)
                log.info("guest linked", extra={"guest": visit.guest, "resumed": resumed})
                async for envelope, message in incoming:
                    await link.obey(envelope, house.guests.says(visit, envelope, message), guest=visit.guest)
            finally:
                house.boxes.lost(topic, link)
                await house.guests.left(visit, link)
                log.info("guest link ended", extra={"guest": visit.guest})
        finally:
            house.registry.leave(topic, link)

    async def _let_in(self, link: Link, incoming: Incoming, address: str) -> tuple[Visit, GuestHello]:
        """Whose page this is. LinkClose 4000 or 4001; in that case the page has read why."""
        try:
            async with asyncio.timeout(self._house.settings.links.hello_s):
                async for envelope, message in incoming:
                    if isinstance(message, GuestHello):
                        link.version = versions.negotiate(versions.SUPPORTED, message.versions)
                        return await self._find(link, envelope, message, address), message
                    link.refuse(envelope.id, "hello_first", "接続の手続きが済んでいません。")
        except TimeoutError:
            raise LinkClose(VERSION, "no hello in time") from None
        raise LinkClose(VERSION, "left without a hello")

    async def _find(self, link: Link, envelope: Envelope, hello: GuestHello, address: str) -> Visit:
        key, now = network(address), self._house.clock.steady()
        try:
            if not self._tries.take(key, now):
                raise guest_code.SLOW_DOWN
            visit = await self._house.guests.find(hello.code, hello.secret)
        except NotNow as no:
            log.info("guest refused", extra={"code": no.code})
            if no.code == guest_code.UNKNOWN.code and self._noted.take("", now):
                await self._house.trail.add(Action.GUEST_REFUSED, "hub")
            link.say(Refused(about=envelope.id, code=no.code, text=no.message))
            raise LinkClose(NO_LOGIN, "no guest of any call") from None
        self._tries.give_back(key)
        return visit

    def _welcome(self, link: Link, box: Postbox, *, resumed: bool) -> GuestWelcome:
        limits = self._house.settings.links
        return GuestWelcome(
            version=link.version, resume_token=box.token, server_time=self._house.clock.now(),
            heartbeat_s=limits.heartbeat_s, dead_s=limits.dead_s,
            idle_heartbeat_s=limits.idle_heartbeat_s, idle_dead_s=limits.idle_dead_s, resumed=resumed,
            received=box.delivery.taken,
        )  # fmt: skip
