"""One link: numbers, decodes, limits and beats. What the messages mean is its handler's matter.

    link = Link(socket, may_say=KIOSK_SAYS, clock=clock, limits=settings.links)
    await link.run(handler(link))        # handler: `async for envelope, message in link.incoming(): ...`

A handler's command is never cancelled in the middle: ending a link only ends its reading.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Awaitable, Coroutine
from datetime import datetime
from typing import Any

from hub.bus.port import Parcel
from hub.clock import Clock
from hub.core.call import NotNow
from hub.core.limits import Strikes, fleeting, messages
from hub.settings import Links
from hub.sockets.port import Socket
from hub.store.database import NotWrittenError
from protocol import versions
from protocol.common import FLEETING, Ping, Pong, Refused, Unsupported
from protocol.desk_link import DeskSnapshot
from protocol.envelope import Envelope, Message, Vocabulary, expired, read_body, read_envelope, write
from protocol.errors import DecodeError, PeerError
from protocol.kiosk_link import Snapshot

log = logging.getLogger(__name__)

VERSION, NO_LOGIN, UNKNOWN_DEVICE, FLOOD, REPLACED = 4000, 4001, 4003, 4008, 4009
GOING_AWAY, INTERNAL, TRY_LATER = 1012, 1011, 1013
MAILBOX = 512
"""Messages that may wait for a slow receiver; then the link is closed and its snapshot will do."""

FLUSH_S = 1.0

NOT_WRITTEN = "記録を保存できないため、実行しませんでした。通話は続けられます。管理者に連絡してください。"


class LinkClose(Exception):  # noqa: N818 - not an error: how a handler says goodbye
    """Raised by a handler: close with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Link:
    """Numbers and limits of one socket. `version` is what both sides speak, once they have agreed."""

    def __init__(self, socket: Socket, *, may_say: Vocabulary, clock: Clock, limits: Links) -> None:
        self.version = min(versions.SUPPORTED)  # until both have agreed: the oldest peer reads it too
        self.closes_at: datetime | None = None  # a login's end
        self._socket = socket
        self._may_say = may_say
        self._clock = clock
        self._limits = limits
        self._sent = 0  # last seq that we wrote
        self._taken = 0  # highest seq that we read
        self._mailbox: asyncio.Queue[Parcel] = asyncio.Queue(MAILBOX)
        self._ended: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._bucket = messages(limits.messages_per_minute, clock.steady())
        self._fleeting = fleeting(clock.steady())
        self._too_fleeting = fleeting(clock.steady())
        self._strikes = Strikes(limits.bad_per_minute, 60.0)
        self._heard = clock.steady()
        self._listening = False  # True once a snapshot was taken: what came before it is void

    # ------------------------------------------------------------------ saying

    def say(self, message: Message) -> None:
        """Queue a message of the link itself."""
        self._put(Parcel(message))

    def deliver(self, parcel: Parcel) -> None:
        """Queue a parcel of the bus; before the first snapshot it would be out of order."""
        if isinstance(parcel.message, Snapshot | DeskSnapshot):
            self._listening = True
        if self._listening:
            self._put(parcel)

    def _put(self, parcel: Parcel) -> None:
        try:
            self._mailbox.put_nowait(parcel)
        except asyncio.QueueFull:
            self.end(FLOOD, "too slow")

    def refuse(self, about: str, code: str, text: str) -> None:
        """Tell the peer that a message had no effect."""
        self.say(Refused(about=about, code=code, text=text))

    async def obey(self, envelope: Envelope, effect: Awaitable[None], **who: str) -> None:
        """Let a message have its effect; when it can have none, the peer is told and the link goes on.

        `who` stands in the log.
        """
        try:
            await effect
        except NotNow as refused:
            log.info("message refused", extra={"type": envelope.type, "code": refused.code} | who)
            self.refuse(envelope.id, refused.code, refused.message)
        except NotWrittenError as error:
            log.error("message not written", extra={"type": envelope.type, "why": error.message} | who)
            self.refuse(envelope.id, error.code, NOT_WRITTEN)

    def end(self, code: int, reason: str) -> None:
        """Close soon; the first reason counts."""
        if not self._ended.done():
            self._ended.set_result((code, reason))

    # ------------------------------------------------------------------ hearing

    async def incoming(self) -> AsyncIterator[tuple[Envelope, Message]]:
        """Messages that mean something, each once. Ends with the link."""
        while (data := await self._frame()) is not None:
            self._heard = self._clock.steady()
            envelope = self._envelope(data)
            wanted = self._wanted(envelope)
            if wanted is None:
                self.end(FLOOD, "too many messages")
                return
            if envelope is not None and wanted and (message := self._message(envelope)) is not None:
                yield envelope, message

    def _wanted(self, envelope: Envelope | None) -> bool | None:
        """Whether there is room for one more; False drops it quietly, None is a flood."""
        if envelope is None or envelope.type not in FLEETING or envelope.type not in self._may_say:
            return True if self._bucket.take(self._heard) else None
        if self._fleeting.take(self._heard):
            return True
        return False if self._too_fleeting.take(self._heard) else None

    async def _frame(self) -> str | bytes | None:
        receiving = asyncio.ensure_future(self._socket.receive())
        either: set[asyncio.Future[Any]] = {receiving, self._ended}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if receiving.done():
            return receiving.result()
        receiving.cancel()
        return None

    def _envelope(self, data: str | bytes) -> Envelope | None:
        """What has not been taken before; None for a duplicate and for what is no envelope."""
        about = ""
        try:
            if isinstance(data, bytes):
                raise DecodeError("not_text", "a binary frame")
            envelope = read_envelope(data)
            about = envelope.id
            if envelope.v not in versions.SUPPORTED:
                raise DecodeError("version", f"version {envelope.v} is not spoken here")
            if 0 < envelope.seq <= self._taken:
                return None  # a duplicate
        except DecodeError as error:
            self._bad(about, error)
            return None
        self._taken = max(self._taken, envelope.seq)
        return envelope

    def _message(self, envelope: Envelope) -> Message | None:
        """What the handler is to hear; beats, bad and late words are answered here."""
        try:
            message = read_body(envelope, self._may_say, steps=versions.STEPS)
        except DecodeError as error:
            self._bad(envelope.id, error)
            return None
        if message is None:
            self.say(Unsupported(about=envelope.id, unknown=envelope.type[:64]))
            return None
        if isinstance(message, Ping):
            self.say(Pong(about=envelope.id))
            return None
        if isinstance(message, Pong):
            return None
        if expired(envelope, self._clock.now()):
            self.refuse(envelope.id, "expired", "時間が過ぎたため、実行しませんでした。")
            return None
        return message

    def _bad(self, about: str, error: DecodeError) -> None:
        log.warning("bad message", extra={"code": error.code})
        self.refuse(about, error.code, "通信の内容を読み取れませんでした。")
        if self._strikes.strike(self._clock.steady()):
            self.end(VERSION, "too many bad messages")

    # ------------------------------------------------------------------ living

    async def run(self, handler: Coroutine[Any, Any, None]) -> None:
        """Until the handler returns, the peer leaves or somebody ends the link; then it is closed."""
        writer = asyncio.ensure_future(self._write())
        heart = asyncio.ensure_future(self._beat())
        try:
            await handler
        except LinkClose as close:
            self.end(close.code, close.reason)
        except PeerError as error:
            self.end(VERSION, error.message)
        except NotWrittenError as error:
            log.error("link not taken up", extra={"why": error.message})
            self.end(TRY_LATER, "cannot write")
        except Exception:
            log.exception("link failed")
            self.end(INTERNAL, "internal error")
        finally:
            for task in (writer, heart):
                task.cancel()
            await asyncio.gather(writer, heart, return_exceptions=True)
            await self._close()

    async def _close(self) -> None:
        """Say what is still to be said (why, when to come back), then close."""
        code, reason = self._ended.result() if self._ended.done() else (1000, "")
        try:
            async with asyncio.timeout(FLUSH_S):
                while not self._mailbox.empty():
                    await self._send(self._mailbox.get_nowait())
                await self._socket.close(code, reason)
        except (OSError, TimeoutError):
            log.debug("peer gone before the link was closed")

    async def _write(self) -> None:
        while True:
            parcel = await self._mailbox.get()
            try:
                await self._send(parcel)
            except OSError:
                self.end(1006, "peer gone")
                return

    async def _send(self, parcel: Parcel) -> None:
        """In the peer's version; what that has no word for is left out, without a gap in the numbers."""
        kind = str(parcel.message.__struct_config__.tag)
        if not versions.speaks(kind, self.version, steps=versions.STEPS):
            return
        try:
            text = write(
                parcel.message, version=self.version, id=uuid.uuid4().hex, seq=self._sent + 1,
                ack=self._taken, call=parcel.call, epoch=parcel.epoch, expires=parcel.expires,
                steps=versions.STEPS,
            )  # fmt: skip
        except ValueError:
            log.exception("message not sent", extra={"type": kind})
            return
        self._sent += 1
        await self._socket.send(text)

    async def _beat(self) -> None:
        """Ping; end a link that is silent or whose login is over."""
        while True:
            await asyncio.sleep(self._limits.heartbeat_s)
            if self._clock.steady() - self._heard > self._limits.dead_s:
                self.end(FLOOD, "silent")
            if self.closes_at is not None and self._clock.now() >= self.closes_at:
                self.end(NO_LOGIN, "login expired")
            self.say(Ping())
