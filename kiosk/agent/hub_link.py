"""Moves bytes between the core and the hub; `kiosk.core.link` decides when.

Everything that comes is decoded in two steps; what is no message is answered and forgotten, never fatal.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import socket
import ssl
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from kiosk.core.effects import Event, HubSaid, LinkDown, LinkUp, Say
from kiosk.core.link import LinkAction, LinkEvent, LinkMachine
from kiosk.media import tunnel
from protocol import envelope as wire
from protocol import strict_json, versions
from protocol.common import GoingAway, Ping, Pong, Refused, Unsupported
from protocol.errors import DecodeError, PeerError
from protocol.kiosk_link import HUB_SAYS_TO_KIOSK, Challenge, Hello, Welcome
from protocol.signing import connect_statement
from protocol.values import IceServer
from protocol.versions import negotiate

log = logging.getLogger(__name__)

CODES = {4000: "link_protocol", 4001: "link_refused", 4003: "device_unknown", 4009: "link_replaced"}
"""Close codes of the hub as a technician reads them at the foot of the offline screen."""

FAULTS = (*CODES.values(), "link_down", "link_certificate", *tunnel.CODES)
"""Everything that can stand there."""


@dataclass
class Identity:
    """Who this terminal is. `hub` is the name that signatures are bound to."""

    device: str
    hub: str
    boot_id: str
    key: Ed25519PrivateKey
    software: str
    simulated: bool


@dataclass
class _Socket:
    """One connection: its numbering starts anew with it."""

    connection: ClientConnection
    version: int = field(default_factory=lambda: min(versions.SUPPORTED))
    """Until both have agreed: the oldest hub reads it too."""
    sent: int = 0
    taken: int = 0


class HubLink:
    """`run` for ever; `say` at any time; events come through `on_event` on the loop's thread."""

    def __init__(
        self,
        url: str,
        identity: Identity,
        on_event: Callable[[Event], None],
        proxy: tunnel.Proxy | None = None,
    ) -> None:
        self._url = url
        self._proxy = proxy
        self._identity = identity
        self._on_event = on_event
        self._machine = LinkMachine(time.monotonic())
        self._changed = asyncio.Event()
        self._socket: _Socket | None = None
        self._talk: asyncio.Task[None] | None = None
        self._outbox: asyncio.Queue[tuple[_Socket, str]] = asyncio.Queue(512)
        self._resume_token = ""
        self.ice_servers: tuple[IceServer, ...] = ()
        self.fault = "link_down"  # why the link is down, for the technician

    async def run(self) -> None:
        """Keeps the link until cancelled."""
        writer = asyncio.create_task(self._write())
        try:
            while True:
                self._changed.clear()
                for action in self._machine.tick(time.monotonic()):
                    self._obey(action)
                wait = max(0.0, self._machine.deadline() - time.monotonic())
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._changed.wait()
        finally:
            for task in (writer, self._talk):
                if task is not None:
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)

    def say(self, effect: Say) -> None:
        """Sends, if the link is up; the core says again what matters after the next snapshot."""
        if self._socket is None:
            log.info("not said, the link is down: %s", type(effect.message).__name__)
            return
        self._post(effect.message, id=effect.id, call=effect.call, epoch=effect.epoch)

    def hurry(self, urgent: bool) -> None:
        """While a resident is in a call no delay between two tries grows long."""
        self._machine.urgent = urgent

    def check(self) -> None:
        """The media fell silent or came back: is the hub there? Asked and answered in seconds."""
        for action in self._machine.check(time.monotonic()):
            self._obey(action)
        self._changed.set()

    # ------------------------------------------------------------------ the machine's wishes

    def _obey(self, action: LinkAction) -> None:
        match action:
            case LinkAction.CONNECT:
                self._talk = asyncio.create_task(self._converse())
            case LinkAction.PING:
                self._post(Ping())
            case LinkAction.DROP:
                if self._talk is not None:
                    self._talk.cancel()
            case LinkAction.TELL_UP:
                self._on_event(LinkUp())
            case LinkAction.TELL_DOWN:
                self._on_event(LinkDown(self.fault))

    def _tell(self, event: LinkEvent, retry_after: float | None = None) -> None:
        for action in self._machine.handle(event, time.monotonic(), retry_after=retry_after):
            self._obey(action)
        self._changed.set()

    # ------------------------------------------------------------------ one connection

    async def _converse(self) -> None:
        retry_after: float | None = None
        try:
            async with connect(
                self._url,
                max_size=strict_json.LIMIT,
                compression=None,
                ping_interval=None,
                open_timeout=None,
                close_timeout=1,
                proxy=None,  # whatever the environment says: only the settings count
                sock=await self._tunnel(),
            ) as connection:
                self._tell(LinkEvent.OPENED)
                socket = _Socket(connection)
                async for data in connection:
                    self._machine.heard(time.monotonic())
                    retry_after = self._take(socket, data) or retry_after
                self._closed_with(connection.close_code)
        except ConnectionClosed as error:
            self._closed_with(error.rcvd.code if error.rcvd else None)
        except tunnel.ProxyError as error:
            self.fault = error.code
            log.warning("no way through the proxy: %s", error)
        except ssl.SSLCertVerificationError as error:
            self.fault = "link_certificate"
            log.warning("the hub's certificate is not trusted: %s", error.verify_message)
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
            self.fault = "link_down"
            log.info("hub not reached: %s", error)
        except PeerError as error:
            self.fault = "link_protocol"
            log.warning("hub speaks otherwise: %s", error)
        finally:
            self._socket = None
            self._tell(LinkEvent.LOST, retry_after)

    async def _tunnel(self) -> socket.socket | None:
        """Through the proxy to the hub; None without one. ProxyError when the proxy does not let us."""
        if self._proxy is None:
            return None
        hub = urlsplit(self._url)
        port = hub.port or (443 if hub.scheme == "wss" else 80)
        return await tunnel.open_tunnel(self._proxy, hub.hostname or "", port)

    def _closed_with(self, code: int | None) -> None:
        self.fault = CODES.get(code or 0, "link_down")
        log.info("hub closed the link: code %s", code)

    def _take(self, socket: _Socket, data: str | bytes) -> float | None:
        """Handles one message; seconds to stay away when the hub announces a restart."""
        try:
            envelope = wire.read_envelope(data)
            message = wire.read_body(envelope, HUB_SAYS_TO_KIOSK)
        except DecodeError as error:
            log.warning("not a message: %s %s", error.code, error)
            self._post_to(socket, Refused(about="", code=error.code, text="読み取れない電文です"))
            return None
        if 0 < envelope.seq <= socket.taken:
            return None
        socket.taken = max(socket.taken, envelope.seq)
        match message:
            case None:
                self._post_to(socket, Unsupported(about=envelope.id, unknown=envelope.type[:64]))
            case Challenge():
                self._answer_challenge(socket, message)
            case Welcome():
                self._welcomed(socket, message)
            case Ping():
                self._post_to(socket, Pong(about=envelope.id))
            case GoingAway(retry_after_s=seconds):
                return seconds
            case _ if wire.expired(envelope, datetime.now(UTC)):
                log.warning("expired, not done: %s", envelope.type)
                self._post_to(socket, Refused(about=envelope.id, code="expired", text="期限の切れた指示です"))
            case _:
                self._on_event(HubSaid(message, envelope.call, envelope.epoch))
        return None

    def _answer_challenge(self, socket: _Socket, challenge: Challenge) -> None:
        me = self._identity
        if challenge.hub != me.hub:
            raise PeerError("hub_name", f"this hub is called {challenge.hub!r}, the settings say {me.hub!r}")
        socket.version = negotiate(versions.SUPPORTED, challenge.versions)
        statement = connect_statement(
            hub=challenge.hub, nonce=challenge.nonce, device=me.device, boot_id=me.boot_id
        )
        self._post_to(
            socket,
            Hello(
                device=me.device,
                boot_id=me.boot_id,
                versions=versions.SUPPORTED,
                software=me.software,
                signature=base64.b64encode(me.key.sign(statement)).decode(),
                simulated=me.simulated,
                resume_token=self._resume_token,
            ),
        )

    def _welcomed(self, socket: _Socket, welcome: Welcome) -> None:
        socket.version = welcome.version
        self._resume_token = welcome.resume_token
        self.ice_servers = welcome.ice_servers
        self._machine.heartbeat_s, self._machine.dead_s = welcome.heartbeat_s, welcome.dead_s
        self._socket = socket
        self._tell(LinkEvent.WELCOMED)

    # ------------------------------------------------------------------ writing

    def _post(
        self, message: wire.Message, *, id: str = "", call: str | None = None, epoch: int | None = None
    ) -> None:
        if self._socket is not None:
            self._post_to(self._socket, message, id=id, call=call, epoch=epoch)

    def _post_to(
        self,
        socket: _Socket,
        message: wire.Message,
        *,
        id: str = "",
        call: str | None = None,
        epoch: int | None = None,
    ) -> None:
        socket.sent += 1
        text = wire.write(
            message,
            version=socket.version,
            id=id or uuid.uuid4().hex,
            seq=socket.sent,
            ack=socket.taken,
            call=call,
            epoch=epoch,
        )
        try:
            self._outbox.put_nowait((socket, text))
        except asyncio.QueueFull:
            log.warning("the hub does not read; the link is dropped")
            if self._talk is not None:
                self._talk.cancel()

    async def _write(self) -> None:
        """One writer, so that messages leave in the order of their numbers."""
        while True:
            socket, text = await self._outbox.get()
            with contextlib.suppress(ConnectionClosed):
                await socket.connection.send(text)
