"""The terminal's socket: challenge, signed hello, then words to the counter."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import secrets
from collections.abc import AsyncIterator

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from litestar.types import Receive, Scope, Send

from hub.bus.port import kiosk_topic
from hub.core.limits import Tries
from hub.house import House
from hub.sockets.link import FLOOD, UNKNOWN_DEVICE, VERSION, Link, LinkClose
from hub.sockets.port import AsgiSocket
from hub.sockets.postbox import Postbox
from hub.store.places import Kiosk
from protocol import versions
from protocol.envelope import Envelope, Message
from protocol.kiosk_link import KIOSK_SAYS, Challenge, Hello, Welcome
from protocol.signing import connect_statement

log = logging.getLogger(__name__)

Incoming = AsyncIterator[tuple[Envelope, Message]]


REFUSALS_PER_MINUTE = 3
"""Wrong signatures of one device that are written down; the trail names no address, so more say nothing."""


class KioskSocket:
    """One per hub; called by the ASGI server for each connection."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._refusals = Tries(burst=REFUSALS_PER_MINUTE, per_minute=REFUSALS_PER_MINUTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The whole life of a connection."""
        socket = AsgiSocket(scope, receive, send)
        await socket.accept()
        if not self._house.registry.room(socket.address):
            await socket.close(FLOOD, "too many connections of this address")
            return
        link = Link(socket, may_say=KIOSK_SAYS, clock=self._house.clock, limits=self._house.settings.links)
        await link.run(self._talk(link, socket.address))

    async def _talk(self, link: Link, address: str) -> None:
        house = self._house
        incoming = link.incoming()
        with house.registry.unproven(address):
            kiosk, hello = await self._prove(link, incoming)
        topic = kiosk_topic(kiosk.id)
        try:
            await house.registry.enter(topic, link, kiosk)
            resumed = self._take_up(link, topic, hello)
            try:
                if not await house.counter.kiosk_arrived(
                    kiosk, link, simulated=hello.simulated, software=hello.software, resumed=resumed,
                    here=link.here,
                ):  # fmt: skip
                    return
                log.info(
                    "terminal linked", extra={"device": kiosk.id, "boot": hello.boot_id, "resumed": resumed}
                )
                del hello  # thousands wait here
                async for envelope, message in incoming:
                    effect = house.counter.kiosk_says(kiosk.id, envelope, message)
                    await link.obey(envelope, effect, device=kiosk.id)
            finally:
                house.boxes.lost(topic, link)
                await house.counter.kiosk_left(kiosk.id, link)
                log.info("terminal link ended", extra={"device": kiosk.id})
        finally:
            house.registry.leave(topic, link)

    def _take_up(self, link: Link, topic: str, hello: Hello) -> bool:
        """Welcome; whether the link goes on where an older one was."""
        box, again = self._house.boxes.take_up(topic, link, hello.resume_token, hello.received)
        link.say(self._welcome(link, box, resumed=again is not None))
        box.go_on(again or ())
        return again is not None

    async def _prove(self, link: Link, incoming: Incoming) -> tuple[Kiosk, Hello]:
        """Who is there. LinkClose 4000 or 4003."""
        nonce = secrets.token_urlsafe(24)
        hub = self._house.settings.name
        link.say(Challenge(hub=hub, nonce=nonce, versions=versions.SUPPORTED))
        hello = await self._hello(link, incoming)
        link.version = versions.negotiate(versions.SUPPORTED, hello.versions)
        kiosk = await self._house.counter.find_kiosk(hello.device)
        if kiosk is None:
            log.warning("terminal unknown", extra={"device": hello.device})
            raise LinkClose(UNKNOWN_DEVICE, "unknown or revoked device")
        statement = connect_statement(hub=hub, nonce=nonce, device=kiosk.id, boot_id=hello.boot_id)
        if not _signed(kiosk.public_key, hello.signature, statement):
            await self._note_refusal(kiosk)
            raise LinkClose(UNKNOWN_DEVICE, "unknown or revoked device")
        return kiosk, hello

    async def _note_refusal(self, kiosk: Kiosk) -> None:
        """A few a minute: whoever has no key must not fill the trail."""
        if not self._refusals.take(kiosk.id, self._house.clock.steady()):
            return
        log.warning("terminal with a wrong signature", extra={"device": kiosk.id})
        await self._house.trail.kiosk_refused(kiosk)

    async def _hello(self, link: Link, incoming: Incoming) -> Hello:
        try:
            async with asyncio.timeout(self._house.settings.links.hello_s):
                async for envelope, message in incoming:
                    if isinstance(message, Hello):
                        return message
                    link.refuse(envelope.id, "hello_first", "接続の手続きが済んでいません。")
        except TimeoutError:
            raise LinkClose(VERSION, "no hello in time") from None
        raise LinkClose(VERSION, "left without a hello")

    def _welcome(self, link: Link, box: Postbox, *, resumed: bool) -> Welcome:
        limits = self._house.settings.links
        return Welcome(
            version=link.version, resume_token=box.token, server_time=self._house.clock.now(),
            heartbeat_s=limits.heartbeat_s, dead_s=limits.dead_s,
            idle_heartbeat_s=limits.idle_heartbeat_s, idle_dead_s=limits.idle_dead_s, resumed=resumed,
            received=box.delivery.taken, ice_servers=self._house.ice_servers(),
        )  # fmt: skip


def _signed(public_key: bytes, signature: str, statement: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            base64.b64decode(signature, validate=True), statement
        )
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
