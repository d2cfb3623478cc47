"""Moves bytes between the core and the hub. `kiosk.core.link` decides when, `protocol.delivery` what again.

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
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from kiosk.core.effects import Event, HubSaid, LinkDown, LinkUp, Say
from kiosk.core.link import Beats, LinkAction, LinkEvent, LinkMachine
from kiosk.media import tunnel
from protocol import envelope as wire
from protocol import strict_json, versions
from protocol.common import GoingAway, Ping, Pong, Refused, Unsupported
from protocol.delivery import OUTSIDE, PASSED_ON, WORDS, Delivery, Heard
from protocol.errors import DecodeError, PeerError
from protocol.kiosk_link import HUB_SAYS_TO_KIOSK, Challenge, Hello, Welcome
from protocol.signing import connect_statement
from protocol.values import IceServer
from protocol.versions import negotiate

log = logging.getLogger(__name__)

QUEUE = 2 * WORDS
"""Texts that may wait for a slow line; what is kept for the hub has room twice."""

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
    """One connection."""

    connection: ClientConnection
    version: int = field(default_factory=lambda: min(versions.SUPPORTED))
    """Until both have agreed: the oldest hub reads it too."""
    greeted: int = 0
    """Highest number that the hub gave to its greeting; an older one counts it."""


@dataclass(frozen=True)
class _Word:
    """What is needed to say something, again if need be."""

    message: wire.Message
    id: str
    call: str | None = None
    epoch: int | None = None
    expires: datetime | None = None

    def write(self, version: int, seq: int, ack: int) -> str:
        """As it stands on the wire. ValueError when it is larger than a hub reads."""
        return wire.write(
            self.message, version=version, id=self.id, seq=seq, ack=ack, call=self.call, epoch=self.epoch,
            expires=self.expires,
        )  # fmt: skip


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
        self._outbox: asyncio.Queue[tuple[_Socket, str]] = asyncio.Queue(QUEUE)
        self._delivery: Delivery[_Word] = Delivery()
        self._resume_token = ""
        self._version = min(versions.SUPPORTED)  # of the newest welcome
        self._ahead = timedelta()  # the hub's clock beside ours, which may be wrong
        self.ice_servers: tuple[IceServer, ...] = ()
        self._resumed = False  # at the newest welcome
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
        """Sends; while the link is down for a moment it is kept for the next socket, in order."""
        expires = None
        if effect.within_s is not None:
            expires = self._hub_now() + timedelta(seconds=effect.within_s)
        word = _Word(effect.message, effect.id or uuid.uuid4().hex, effect.call, effect.epoch, expires)
        kind = str(effect.message.__struct_config__.tag)
        if self._socket is None and (kind in OUTSIDE or not self._delivery.keeps(time.monotonic())):
            log.info("not said, the link is down: %s", type(effect.message).__name__)
        elif self._socket is not None and kind in OUTSIDE:
            self._post(self._socket, word)
        else:
            self._keep(word)

    def hurry(self, urgent: bool) -> None:
        """While a resident is in a call no delay between two tries grows long."""
        for action in self._machine.hurry(urgent, time.monotonic()):
            self._obey(action)
        self._changed.set()

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
                if self._socket is not None:
                    self._answer(self._socket, Ping())
            case LinkAction.DROP:
                if self._talk is not None:
                    self._talk.cancel()
            case LinkAction.TELL_UP:
                self._on_event(LinkUp(resumed=self._resumed))
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
            self._delivery.lost(time.monotonic())
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
            self._answer(socket, Refused(about="", code=error.code, text="読み取れない電文です"))
            return None
        if socket is not self._socket:
            socket.greeted = max(socket.greeted, envelope.seq)
            return self._act(socket, envelope, message)
        match self._delivery.hear(envelope.seq, envelope.ack):
            case Heard.AGAIN:
                return None
            case Heard.GAP:
                raise PeerError("gap", f"words of the hub are missing before {envelope.seq}")
        stay_away = self._act(socket, envelope, message)
        self._delivery.took(envelope.seq)
        return stay_away

    def _act(self, socket: _Socket, envelope: wire.Envelope, message: wire.Message | None) -> float | None:
        match message:
            case None:
                self._answer(socket, Unsupported(about=envelope.id, unknown=envelope.type[:64]))
            case Challenge():
                self._answer_challenge(socket, message)
            case Welcome():
                self._welcomed(socket, message)
            case Ping():
                self._answer(socket, Pong(about=envelope.id))
            case Pong():
                pass
            case GoingAway(retry_after_s=seconds):
                return seconds
            case _ if wire.expired(envelope, self._hub_now()):
                log.warning("expired, not done: %s", envelope.type)
                self._answer(socket, Refused(about=envelope.id, code="expired", text="期限の切れた指示です"))
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
        goes_on = self._delivery.may_resume(time.monotonic())
        self._answer(
            socket,
            Hello(
                device=me.device,
                boot_id=me.boot_id,
                versions=versions.SUPPORTED,
                software=me.software,
                signature=base64.b64encode(me.key.sign(statement)).decode(),
                simulated=me.simulated,
                resume_token=self._resume_token,
                received=self._delivery.taken if goes_on else None,
            ),
        )

    def _welcomed(self, socket: _Socket, welcome: Welcome) -> None:
        socket.version = self._version = welcome.version
        self._resume_token = welcome.resume_token
        self._ahead = welcome.server_time - datetime.now(UTC)
        self.ice_servers = welcome.ice_servers
        self._machine.beats = Beats(
            welcome.heartbeat_s, welcome.dead_s,
            welcome.idle_heartbeat_s or welcome.heartbeat_s, welcome.idle_dead_s or welcome.dead_s,
        )  # fmt: skip
        self._resumed = welcome.resumed
        now = time.monotonic()
        if welcome.resumed:
            again = self._delivery.resume(welcome.received, now)
            if again is None:
                raise PeerError("resume", "the hub lacks words that this terminal no longer has")
            self._socket = socket
            for one in again:
                self._post(socket, one.item, seq=one.seq)
        else:
            unheard = self._delivery.begin(now, heard=socket.greeted)
            self._socket = socket
            for word in unheard:  # their ids keep them from being done twice
                if word.message.__struct_config__.tag not in PASSED_ON:
                    self._keep(word)
        self._tell(LinkEvent.WELCOMED)

    def _hub_now(self) -> datetime:
        """The hub's time: a terminal whose clock is wrong must not take every command for late."""
        return datetime.now(UTC) + self._ahead

    # ------------------------------------------------------------------ writing

    def _keep(self, word: _Word) -> None:
        """Under a number of its own, until the hub has it."""
        try:
            size = len(word.write(self._version, self._delivery.next_seq, 0).encode())
        except ValueError as error:
            log.error("not said: %s", error)
            return
        seq = self._delivery.say(word, size)
        if self._socket is not None:
            self._post(self._socket, word, seq=seq)

    def _answer(self, socket: _Socket, message: wire.Message) -> None:
        """What belongs to this socket alone."""
        self._post(socket, _Word(message, uuid.uuid4().hex))

    def _post(self, socket: _Socket, word: _Word, *, seq: int = 0) -> None:
        ack = self._delivery.taken if socket is self._socket else 0
        try:
            self._outbox.put_nowait((socket, word.write(socket.version, seq, ack)))
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
