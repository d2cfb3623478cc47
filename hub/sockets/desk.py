"""The desk's socket: cookie and Origin at the handshake, hello, then words to the counter."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from litestar.types import Receive, Scope, Send

from hub.bus.port import desk_topic
from hub.house import House
from hub.logins import Whoever
from hub.origin import same_origin
from hub.sockets import permission
from hub.sockets.link import FLOOD, NO_LOGIN, VERSION, Link, LinkClose
from hub.sockets.port import AsgiSocket
from hub.sockets.postbox import Postbox
from hub.store.people import User
from protocol import versions
from protocol.desk_link import DESK_SAYS, DeskHello, DeskWelcome
from protocol.envelope import Envelope, Message

log = logging.getLogger(__name__)

Incoming = AsyncIterator[tuple[Envelope, Message]]


class DeskSocket:
    """One per hub; called by the ASGI server for each connection."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The whole life of a connection."""
        socket = AsgiSocket(scope, receive, send)
        origin, host = socket.header("origin"), socket.header("host")
        if not same_origin(origin, socket.scheme, host, self._house.settings.listen.names):
            log.warning("desk link of a foreign origin refused")
            await socket.deny()
            return
        whoever = await self._house.logins.of_cookie(socket.header("cookie"))
        await socket.accept()
        if whoever is None:
            await socket.close(NO_LOGIN, "login missing or expired")
            return
        if not self._house.registry.room(socket.address):
            await socket.close(FLOOD, "too many connections of this address")
            return
        link = Link(socket, may_say=DESK_SAYS, clock=self._house.clock, limits=self._house.settings.links)
        link.closes_at = whoever.login.expires_at
        await link.run(self._talk(link, socket.address, whoever))

    async def _talk(self, link: Link, address: str, whoever: Whoever) -> None:
        house, user = self._house, whoever.user
        incoming = link.incoming()
        with house.registry.unproven(address):
            hello = await self._hello(link, incoming)
            link.version = versions.negotiate(versions.SUPPORTED, hello.versions)
        topic = desk_topic(user.id)
        try:
            await house.registry.enter(topic, link, whoever.login)
            box, again = house.boxes.take_up(topic, link, hello.resume_token, hello.received)
            resumed = again is not None
            link.say(self._welcome(link, box, resumed=resumed))
            box.go_on(again or ())
            try:
                if not await house.counter.desk_arrived(user, link, resumed=resumed, here=link.here):
                    return
                log.info("desk linked", extra={"user": user.id, "resumed": resumed})
                await self._listen(link, user, incoming)
            finally:
                house.boxes.lost(topic, link)
                await house.counter.desk_left(user.id, link)
                log.info("desk link ended", extra={"user": user.id})
        finally:
            house.registry.leave(topic, link)

    async def _hello(self, link: Link, incoming: Incoming) -> DeskHello:
        try:
            async with asyncio.timeout(self._house.settings.links.hello_s):
                async for envelope, message in incoming:
                    if isinstance(message, DeskHello):
                        return message
                    link.refuse(envelope.id, "hello_first", "接続の手続きが済んでいません。")
        except TimeoutError:
            raise LinkClose(VERSION, "no hello in time") from None
        raise LinkClose(VERSION, "left without a hello")

    def _welcome(self, link: Link, box: Postbox, *, resumed: bool) -> DeskWelcome:
        limits = self._house.settings.links
        return DeskWelcome(
            version=link.version, resume_token=box.token, server_time=self._house.clock.now(),
            heartbeat_s=limits.heartbeat_s, dead_s=limits.dead_s,
            idle_heartbeat_s=limits.idle_heartbeat_s, idle_dead_s=limits.idle_dead_s, resumed=resumed,
            received=box.delivery.taken, ice_servers=self._house.ice_servers(),
        )  # fmt: skip

    async def _listen(self, link: Link, user: User, incoming: Incoming) -> None:
        async for envelope, message in incoming:
            await link.obey(envelope, self._says(user, envelope, message), user=user.id)

    async def _says(self, user: User, envelope: Envelope, message: Message) -> None:
        if await permission.check(self._house, user, envelope):
            await self._house.counter.desk_says(user.id, envelope, message)
