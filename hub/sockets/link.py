"""One socket of a link: reads, decodes, limits and beats. What the messages mean is its handler's matter.

    link = Link(socket, may_say=KIOSK_SAYS, clock=clock, limits=settings.links)
    await link.run(handler(link))        # handler: `async for envelope, message in link.incoming(): ...`

What is said is numbered and kept by the `Postbox` that the handler puts behind the link once the peer has
proved who it is; before that, words carry no number. A word counts as taken when the handler asks for the
next one: then its effect is written. A handler's command is never cancelled in the middle: ending a link
only ends its reading.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Coroutine
from datetime import datetime
from functools import cache
from typing import Any

from hub.bus.port import Parcel
from hub.clock import Clock
from hub.core.call import NotNow
from hub.core.limits import Bucket, Strikes, fleeting, messages
from hub.core.pace import Beat, Due, Pace
from hub.settings import Links
from hub.sockets.port import Socket
from hub.sockets.postbox import Postbox, encode
from hub.store.database import NotWrittenError
from protocol import versions
from protocol.common import FLEETING, Ping, Pong, Refused, Unsupported
from protocol.delivery import WORDS, Heard
from protocol.envelope import Envelope, Message, Vocabulary, expired, read_body, read_envelope
from protocol.errors import DecodeError, PeerError

log = logging.getLogger(__name__)

VERSION, NO_LOGIN, UNKNOWN_DEVICE, FLOOD, REPLACED, GAP = 4000, 4001, 4003, 4008, 4009, 4010
GOING_AWAY, INTERNAL, TRY_LATER = 1012, 1011, 1013
MAILBOX = 2 * WORDS
"""Texts that may wait for a slow receiver; then the link is closed. What is kept for it has room twice."""

FLUSH_S = 1.0
"""Seconds that a peer has for our last words."""

FAILED = "内部のエラーのため、実行できませんでした。管理者に連絡してください。"
NOT_WRITTEN = "記録を保存できないため、実行しませんでした。通話は続けられます。管理者に連絡してください。"


class LinkClose(Exception):  # noqa: N818 - not an error: how a handler says goodbye
    """Raised by a handler: close with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@cache
def _beats(limits: Links) -> tuple[Beat, Beat]:
    """In a call and outside of calls; one pair for all links."""
    return (
        Beat(limits.heartbeat_s, limits.dead_s),
        Beat(limits.idle_heartbeat_s, limits.idle_dead_s),
    )


class Link:
    """One socket. `version` is what both sides speak, once they have agreed.

    A hub holds thousands of them that say nothing: what only a busy link needs is made when it is needed.
    """

    __slots__ = (
        "_bucket", "_clock", "_end", "_hand", "_hushed", "_limits", "_look_at", "_may_say", "_pace",
        "_reader", "_running", "_silence", "_socket", "_strikes", "_waiting", "_writer", "box", "closes_at",
        "greeted", "version",
    )  # fmt: skip

    def __init__(self, socket: Socket, *, may_say: Vocabulary, clock: Clock, limits: Links) -> None:
        self.version = min(versions.SUPPORTED)  # until both have agreed: the oldest peer reads it too
        self.closes_at: datetime | None = None  # a login's end
        self.box: Postbox | None = None  # once the peer has proved who it is
        self.greeted = 0  # highest number that was read before that: an older peer counts its greeting
        self._socket = socket
        self._may_say = may_say
        self._clock = clock
        self._limits = limits
        now = clock.steady()
        self._waiting: list[str] = []  # texts that the network does not take yet; the first is being sent
        self._writer: asyncio.Task[None] | None = None  # while some wait
        self._reader: asyncio.Task[Any] | None = None  # while it waits for a frame
        self._end: tuple[int, str] | None = None  # how it is closed, once that is decided
        self._hushed = False  # no word is having its effect, and none will any more
        self._silence: asyncio.Event | None = None  # of whoever waits for that
        self._bucket = messages(limits.messages_per_minute, now)
        self._hand: tuple[Bucket, Bucket] | None = None  # for fleeting words, and for those beyond the limit
        self._strikes: Strikes | None = None  # once something was bad
        busy, idle = _beats(limits)
        self._pace = Pace(busy=busy, idle=idle, now=now)
        self._running = False
        self._look_at: asyncio.TimerHandle | None = None  # when the pace has something to say

    # ------------------------------------------------------------------ saying

    def say(self, message: Message) -> None:
        """Queue a message of the link itself."""
        if self.box is not None:
            self.box.say(Parcel(message))
        elif (text := encode(Parcel(message), self.version, seq=0, ack=0)) is not None:
            self.put(text, message)

    def put(self, text: str, message: Message | None = None) -> None:
        """Say what is written already; `message`, where it is said for the first time, sets the pace."""
        if message is not None and self._pace.told(message, self._clock.steady()):
            self._set_timer()
        if not self._waiting and self._socket.send_now(text):
            return
        if len(self._waiting) >= MAILBOX:
            self.end(FLOOD, "too slow")
            return
        self._waiting.append(text)
        if self._writer is None:
            self._writer = asyncio.ensure_future(self._write())

    def refuse(self, about: str, code: str, text: str) -> None:
        """Tell the peer that a message had no effect."""
        self.say(Refused(about=about, code=code, text=text))

    async def obey(self, envelope: Envelope, effect: Awaitable[None], **who: str) -> None:
        """Let a message have its effect; when it can have none, the peer is told and the link goes on.

        `who` stands in the log. A failure of ours ends the link: the peer must not say that word again, and
        gets its whole truth anew.
        """
        try:
            await effect
        except NotNow as refused:
            log.info("message refused", extra={"type": envelope.type, "code": refused.code} | who)
            self.refuse(envelope.id, refused.code, refused.message)
        except NotWrittenError as error:
            log.error("message not written", extra={"type": envelope.type, "why": error.message} | who)
            self.refuse(envelope.id, error.code, NOT_WRITTEN)
        except Exception:
            self._took(envelope)
            self.refuse(envelope.id, "failed", FAILED)
            if self.box is not None:
                self.box.delivery.broken()
            raise

    def end(self, code: int, reason: str) -> None:
        """Close soon; the first reason counts."""
        if self._end is None:
            self._end = (code, reason)
            if self._reader is not None:
                self._reader.cancel()  # only its waiting: see `_frame`

    def here(self) -> bool:
        """Whether somebody may still be at the other end."""
        return self._end is None and not self._socket.gone

    async def quiet(self) -> None:
        """After `end`: no word of this link will have an effect any more."""
        if not self._hushed:
            self._silence = self._silence or asyncio.Event()
            await self._silence.wait()

    def _hush(self) -> None:
        self._hushed = True
        if self._silence is not None:
            self._silence.set()

    # ------------------------------------------------------------------ hearing

    async def incoming(self) -> AsyncIterator[tuple[Envelope, Message]]:
        """Messages that mean something, each once. Ends with the link."""
        while (data := await self._frame()) is not None:
            self._pace.heard(self._clock.steady())
            envelope = self._envelope(data)
            wanted = self._wanted(envelope)
            if wanted is None:
                self.end(FLOOD, "too many messages")
                break
            if envelope is None:
                continue
            if wanted and (message := self._message(envelope)) is not None:
                yield envelope, message
            self._took(envelope)
        self._hush()

    def _wanted(self, envelope: Envelope | None) -> bool | None:
        """Whether there is room for one more; False drops it quietly, None is a flood."""
        now = self._clock.steady()
        if envelope is None or envelope.type not in FLEETING or envelope.type not in self._may_say:
            return True if self._bucket.take(now) else None
        within, beyond = self._hand = self._hand or (fleeting(now), fleeting(now))
        if within.take(now):
            return True
        return False if beyond.take(now) else None

    async def _frame(self) -> str | bytes | None:
        """The next one; None once the link is ended, also while one is awaited."""
        if self._end is not None:
            return None
        self._reader = task = asyncio.current_task()
        try:
            return await self._socket.receive()
        except asyncio.CancelledError:
            if self._end is None or task is None:
                raise
            task.uncancel()  # `end` wanted no more than this
            return None
        finally:
            self._reader = None

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
        except DecodeError as error:
            self._bad(about, error)
            return None
        if self.box is None:
            self.greeted = max(self.greeted, envelope.seq)
            return envelope
        match self.box.delivery.hear(envelope.seq, envelope.ack):
            case Heard.AGAIN:
                return None
            case Heard.GAP:
                log.warning("words of a peer are missing", extra={"seq": envelope.seq})
                self.end(GAP, "words are missing")
                return None
        return envelope

    def _took(self, envelope: Envelope) -> None:
        if self.box is not None and envelope.seq:
            self.box.delivery.took(envelope.seq)

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
        self._strikes = self._strikes or Strikes(self._limits.bad_per_minute, 60.0)
        if self._strikes.strike(self._clock.steady()):
            self.end(VERSION, "too many bad messages")

    # ------------------------------------------------------------------ living

    async def run(self, handler: Coroutine[Any, Any, None]) -> None:
        """Until the handler returns, the peer leaves or somebody ends the link; then it is closed."""
        self._running = True
        self._set_timer()
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
            self._running = False
            self._set_timer()
            self._hush()
            await self._close()

    async def _close(self) -> None:
        """Say what is still to be said (why, when to come back), then close."""
        code, reason = self._end or (1000, "")
        try:
            async with asyncio.timeout(FLUSH_S):
                if self._writer is not None:
                    await self._writer
                await self._socket.close(code, reason)
        except (OSError, TimeoutError):
            log.debug("peer gone before the link was closed")

    async def _write(self) -> None:
        """Say what waits, as the network takes it."""
        try:
            while self._waiting:
                await self._socket.send(self._waiting[0])
                del self._waiting[0]
        except OSError:
            self.end(1006, "peer gone")
        finally:
            self._writer = None

    def _set_timer(self) -> None:
        """Look again when the pace has something to say."""
        if self._look_at is not None:
            self._look_at.cancel()
            self._look_at = None
        if self._running:
            left = max(0.0, self._pace.deadline() - self._clock.steady())
            self._look_at = asyncio.get_running_loop().call_later(left, self._look)

    def _look(self) -> None:
        """Ping; end a link that is silent or whose login is over."""
        now = self._clock.steady()
        if self._reader is None:  # it is we who are busy: what the peer has said lies unread
            self._pace.heard(now)
        match self._pace.tick(now):
            case Due.DEAD:
                self.end(FLOOD, "silent")
            case Due.PING:
                self.say(Ping())
        if self.closes_at is not None and self._clock.now() >= self.closes_at:
            self.end(NO_LOGIN, "login expired")
        self._running = self._running and self._end is None
        self._set_timer()
