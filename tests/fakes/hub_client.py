"""A terminal and a desk that speak to a real hub over real sockets, for tests of every part.

    async with FakeKiosk(url, "t1", key=key) as kiosk, FakeDesk(url, "hana", "password") as desk:
        await desk.available()
        call = await kiosk.touch()                      # -> TerminalCall (waiting or ringing)
        card = await desk.rung()                        # -> RingCard
        await kiosk.offer(epoch=1)
        await desk.accept(card.call)                    # waits for desk_call (talking)
        offer = await desk.expect(Offer)                # -> Heard(envelope, message)
        await desk.say(Answer(sdp="v=0"), call=card.call, epoch=1)
        await kiosk.expect(Answer)
        await desk.say(EndCall(), call=card.call)
        await kiosk.expect_call("ended")

`url` is "http://127.0.0.1:PORT". `expect` waits for the next message of a type, passes over others, and
fails with what was heard instead. Both fakes number their messages and answer pings as a real one does.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import time
import uuid
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from protocol.common import Offer, Ping, Pong
from protocol.desk_link import (
    HUB_SAYS_TO_DESK,
    Accept,
    DeskCallUpdate,
    DeskHello,
    DeskSnapshot,
    DeskWelcome,
    Presence,
    Ring,
    SetPresence,
)
from protocol.envelope import Envelope, Message, Vocabulary, read_body, write
from protocol.guest_link import HUB_SAYS_TO_GUEST, GuestAsk, GuestHello, GuestSnapshot, GuestWelcome
from protocol.kiosk_link import (
    HUB_SAYS_TO_KIOSK,
    Call,
    CallRequest,
    Challenge,
    Hello,
    Snapshot,
    Welcome,
)
from protocol.rest import HalfLogin, LoggedIn
from protocol.signing import connect_statement
from protocol.values import DeskCall, GuestPlace, MediaRole, RingCard, TerminalCall

M = TypeVar("M", bound=Message)
COOKIE = "__Host-madoguchi"
PATIENCE_S = 5.0


@dataclass(frozen=True)
class Heard(Generic[M]):
    """A message and its envelope."""

    envelope: Envelope
    message: M


class FakeLink:
    """What both fakes share: numbering, pongs, waiting for a message."""

    def __init__(self, may_hear: Vocabulary) -> None:
        self.heard: list[Heard[Any]] = []  # all of it, in order
        self.closed: tuple[int, str] | None = None
        self.speaks: tuple[int, ...] = (1,)  # protocol versions that the hello names
        self.version = 1  # in which messages are written
        self.numbers: list[int] = []  # of every frame that was heard on this socket
        self._may_hear = may_hear
        self._next = 0  # index of the first message that no `expect` has looked at
        self._news = asyncio.Event()
        self._seq = 0
        self._taken = 0
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def socket(self) -> ClientConnection:
        """The raw socket, to send what a real client never would."""
        assert self._socket is not None, "not connected"
        return self._socket

    async def _open(self, url: str, headers: dict[str, str]) -> None:
        self._seq = self._taken = 0
        self.closed, self.version, self.numbers = None, 1, []
        self._socket = await connect(
            url.replace("http", "ws", 1), additional_headers=headers, compression=None, ping_interval=None,
            max_size=None, proxy=None,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for data in self.socket:
                envelope = msgspec.json.decode(data, type=Envelope)  # quick: a crowd lives in one process
                self._taken = max(self._taken, envelope.seq)
                self.numbers.append(envelope.seq)
                message = read_body(envelope, self._may_hear)
                assert message is not None, f"unknown type {envelope.type}"
                if isinstance(message, Ping):
                    await self.say(Pong(about=envelope.id))
                    continue
                self.heard.append(Heard(envelope, message))
                self._news.set()
        except ConnectionClosed:
            pass
        finally:
            self.closed = (self.socket.close_code or 1006, self.socket.close_reason or "")
            self._news.set()

    async def say(
        self, message: Message, *, call: str | None = None, epoch: int | None = None, id: str | None = None,
        expires: datetime | None = None,
    ) -> str:  # fmt: skip
        """Send; gives the envelope's id."""
        id = id or uuid.uuid4().hex
        hello = isinstance(message, Hello) and message.received is not None
        self._seq += 0 if hello else 1  # whoever goes on counts no greeting
        text = write(
            message,
            version=self.version,
            id=id,
            seq=0 if hello else self._seq,
            ack=self._taken,
            call=call,
            epoch=epoch,
            expires=expires,
        )
        await self.socket.send(text)
        return id

    async def expect(
        self, kind: type[M], fits: Callable[[M], bool] = lambda _: True, *, within: float = PATIENCE_S
    ) -> Heard[M]:
        """The next message of this type that fits; those before it are passed over."""
        try:
            async with asyncio.timeout(within):
                while True:
                    while self._next < len(self.heard):
                        found = self.heard[self._next]
                        self._next += 1
                        if isinstance(found.message, kind) and fits(found.message):
                            return found
                    assert self.closed is None, f"closed with {self.closed} while waiting for {kind.__name__}"
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            heard = [type(one.message).__name__ for one in self.heard[-12:]]
            raise AssertionError(f"no {kind.__name__} within {within} s; heard last: {heard}") from None

    async def more(self, than: int) -> None:
        """Wait until more than so many messages were heard at all, or the link is closed."""
        while len(self.heard) == than and self.closed is None:
            self._news.clear()
            await self._news.wait()

    def count(self, kind: type[Message]) -> int:
        """How many of this type were heard at all."""
        return sum(isinstance(one.message, kind) for one in self.heard)

    async def expect_close(self, *, within: float = PATIENCE_S) -> tuple[int, str]:
        """Code and reason with which the hub closed."""
        async with asyncio.timeout(within):
            while self.closed is None:
                self._news.clear()
                await self._news.wait()
        return self.closed

    async def settled(self) -> None:
        """Everything that was said before has been worked off: the hub answers in order."""
        id = await self.say(Ping())
        async with asyncio.timeout(PATIENCE_S):
            while not any(isinstance(one.message, Pong) and one.message.about == id for one in self.heard):
                assert self.closed is None, f"closed with {self.closed}"
                self._news.clear()
                await self._news.wait()

    async def drop(self) -> None:
        """Lose the connection without a goodbye."""
        if self._socket is not None:
            self._socket.transport.abort()
        await self._done()

    async def leave(self) -> None:
        """Close politely."""
        if self._socket is not None:
            await self._socket.close()
        await self._done()

    async def _done(self) -> None:
        if self._reader is not None:
            try:
                with contextlib.suppress(asyncio.CancelledError):
                    await self._reader
            finally:  # what it could not read is told once
                self._socket = self._reader = None
        self._socket = None

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()


class FakeKiosk(FakeLink):
    """A terminal with a key of its own; `public_key` is what `add-kiosk` wants."""

    def __init__(
        self, url: str, device: str, *, key: Ed25519PrivateKey | None = None, simulated: bool = True
    ):
        super().__init__(HUB_SAYS_TO_KIOSK)
        self.url = url
        self.device = device
        self.key = key or Ed25519PrivateKey.generate()
        self.simulated = simulated
        self.welcome: Welcome | None = None
        self.call: str | None = None  # the call of the newest snapshot or touch

    @property
    def raw_public_key(self) -> bytes:
        """32 bytes."""
        return self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def public_key(self) -> str:
        """Base64, for the command line."""
        return base64.b64encode(self.raw_public_key).decode()

    async def connect(self) -> Snapshot:
        """Challenge, hello, welcome; gives the snapshot. Numbers its greeting, as older ones do."""
        await self._greet()
        return await self._begun()

    async def resume(self, token: str) -> bool:
        """A new socket that would go on where the last one was; whether the hub lets it."""
        seq, taken = self._seq, self._taken
        await self.drop()
        await self._greet(token, taken)
        assert self.welcome is not None
        if self.welcome.resumed:
            self._seq, self._taken = seq, taken
        else:
            self._seq = 0
            await self._begun()
        return self.welcome.resumed

    def skip(self, numbers: int) -> None:
        """Lose words of ours that were never said."""
        self._seq += numbers

    async def _begun(self) -> Snapshot:
        snapshot = (await self.expect(Snapshot)).message
        self.call = snapshot.call.id if snapshot.call else None
        return snapshot

    async def _greet(self, token: str = "", received: int | None = None) -> None:
        await self._open(f"{self.url}/ws/kiosk", {})
        challenge = await self.expect(Challenge)
        boot = uuid.uuid4().hex
        statement = connect_statement(
            hub=challenge.message.hub, nonce=challenge.message.nonce, device=self.device, boot_id=boot
        )
        signature = base64.b64encode(self.key.sign(statement)).decode()
        await self.say(
            Hello(
                device=self.device, boot_id=boot, versions=self.speaks, software="fake", signature=signature,
                simulated=self.simulated, resume_token=token, received=received,
            )
        )  # fmt: skip
        self.welcome = (await self.expect(Welcome)).message
        self.version = self.welcome.version

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def touch(self, topic: str = "") -> TerminalCall:
        """Ask for a call; gives it as the hub wrote it."""
        await self.say(CallRequest(topic=topic))
        call = (await self.expect(Call)).message.call
        self.call = call.id
        return call

    async def offer(self, epoch: int, sdp: str = "v=0\r\nkiosk") -> None:
        """Offer media for the present call."""
        mids = {"0": MediaRole.AUDIO, "1": MediaRole.FACE, "2": MediaRole.DOCUMENT}
        await self.say(Offer(sdp=sdp, mids=mids), call=self.call, epoch=epoch)

    async def expect_call(self, state: str, *, within: float = PATIENCE_S) -> TerminalCall:
        """Wait until the hub says that the call is in this state."""
        return (await self.expect(Call, lambda said: said.call.state == state, within=within)).message.call

    async def upload(self, capture: str, token: str, picture: bytes, *, sha256: str | None = None,
                     content_type: str = "image/jpeg") -> httpx.Response:  # fmt: skip
        """PUT a still as the terminal does."""
        headers = {
            "Authorization": f"Bearer {token}",
            "X-Madoguchi-Sha256": sha256 or hashlib.sha256(picture).hexdigest(),
            "Content-Type": content_type,
        }
        async with httpx.AsyncClient(trust_env=False, verify=False) as http:
            return await http.put(
                f"{self.url}/api/kiosk/captures/{capture}", content=picture, headers=headers, timeout=10
            )


class FakeDesk(FakeLink):
    """An operator's browser: logs in by HTTP, carries the cookie itself (it is 'secure', the test is not)."""

    def __init__(self, url: str, name: str, password: str) -> None:
        super().__init__(HUB_SAYS_TO_DESK)
        self.url = url
        self.name = name
        self.password = password
        self.token = ""
        self.csrf = ""
        self.user = ""  # id, once logged in
        self.secret = b""  # of the second factor, once it is set up
        self.recovery: list[str] = []  # codes that are left
        self.now: Callable[[], float] = time.time  # of the telephone with the app
        self.http = httpx.AsyncClient(
            base_url=url, headers={"Origin": url}, trust_env=False, verify=False, timeout=10
        )

    async def log_in(self) -> LoggedIn:
        """POST /api/login and, where it is wanted, the second factor; keeps cookie and CSRF value."""
        answer = await self.http.post("/api/login", json={"name": self.name, "password": self.password})
        if answer.status_code == 202:
            half = msgspec.json.decode(answer.content, type=HalfLogin)
            self._take_cookie(answer)
            self.csrf = half.csrf
            answer = await (self.enrol() if half.step == "enrol" else self.prove(self.recovery.pop()))
        assert answer.status_code == 200, answer.text
        self._take_cookie(answer)
        said = answer.json()
        who = msgspec.convert(said.get("login", said), LoggedIn)
        self.recovery = said.get("recovery", self.recovery)
        self.csrf = who.csrf
        self.user = who.me.user
        return who

    async def enrol(self) -> httpx.Response:
        """Set up a second factor with its first code; the answer brings the recovery codes."""
        said = (await self.post("/api/login/enrol")).json()
        self.secret = base64.b32decode(said["secret"].replace(" ", ""))
        return await self.post("/api/login/enrol/code", {"code": self.code()})

    def code(self, later_s: float = 0) -> str:
        """What the app shows."""
        totp = TOTP(self.secret, 6, SHA1(), 30)
        return totp.generate(self.now() + later_s).decode()

    async def prove(self, code: str) -> httpx.Response:
        """The second half of a login."""
        return await self.post("/api/login/code", {"code": code})

    def _take_cookie(self, answer: httpx.Response) -> None:
        self.token = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]

    @property
    def cookie(self) -> dict[str, str]:
        """The Cookie header of this login."""
        return {"Cookie": f"{COOKIE}={self.token}"} if self.token else {}

    async def get(self, path: str) -> httpx.Response:
        """GET with the cookie."""
        return await self.http.get(path, headers=self.cookie)

    async def post(self, path: str, body: object = None, *, csrf: str | None = None) -> httpx.Response:
        """POST with cookie and CSRF value."""
        proof = {"X-Madoguchi-CSRF": self.csrf if csrf is None else csrf}
        return await self.http.post(path, headers=self.cookie | proof, json=body)

    async def connect(self, *, origin: str | None = None) -> DeskSnapshot:
        """Open the socket with the login; gives the snapshot."""
        await self._open(f"{self.url}/ws/desk", self.cookie | {"Origin": origin or self.url})
        with contextlib.suppress(ConnectionClosed):  # `expect` says with which code
            await self.say(DeskHello(versions=self.speaks))
        self.version = (await self.expect(DeskWelcome)).message.version
        return (await self.expect(DeskSnapshot)).message

    async def __aenter__(self) -> Self:
        await self.log_in()
        await self.connect()
        return self

    async def reload(self) -> DeskSnapshot:
        """The browser loads the page again."""
        await self.drop()
        return await self.connect()

    async def leave(self) -> None:
        """Close socket and HTTP."""
        await super().leave()
        await self.http.aclose()

    async def available(self) -> None:
        """Press 受付可."""
        await self.say(SetPresence(state="available"))
        await self.expect(Presence, lambda said: said.state == "available")

    async def rung(self, *, within: float = PATIENCE_S) -> RingCard:
        """Wait for a ring card."""
        return (await self.expect(Ring, within=within)).message.card

    async def accept(self, call: str) -> DeskCall:
        """Take the call; gives it as the hub wrote it."""
        await self.say(Accept(), call=call)
        return (await self.expect(DeskCallUpdate, lambda said: said.call.card.call == call)).message.call


class FakeGuest(FakeLink):
    """A guest's page: a code that somebody told, and a secret of its own."""

    def __init__(self, url: str, code: str = "", *, secret: str = "") -> None:
        super().__init__(HUB_SAYS_TO_GUEST)
        self.url = url
        self.code = code
        self.secret = secret or uuid.uuid4().hex

    async def hello(self, *, origin: str | None = None) -> None:
        """Open the socket and say the first word; what follows is to be expected."""
        await self._open(f"{self.url}/ws/guest", {"Origin": origin or self.url})
        with contextlib.suppress(ConnectionClosed):
            await self.say(GuestHello(versions=self.speaks, code=self.code, secret=self.secret))

    async def connect(self) -> GuestPlace:
        """Where this guest stands."""
        await self.hello()
        await self.expect(GuestWelcome)
        return (await self.expect(GuestSnapshot)).message.place

    async def ask(self, name: str = "花子") -> GuestPlace:
        """Ask to be let in; gives the place in the lobby."""
        await self.say(GuestAsk(name=name))
        return await self.stands("lobby")

    async def stands(self, state: str) -> GuestPlace:
        """Wait until the hub says that this guest stands so."""
        said = await self.expect(GuestSnapshot, lambda said: said.place.state == state)
        return said.message.place

    async def reload(self) -> GuestPlace:
        """The browser loads the page again."""
        await self.drop()
        return await self.connect()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self


@contextlib.asynccontextmanager
async def all_of(links: Collection[FakeKiosk | FakeDesk]) -> AsyncIterator[None]:
    """Enter many fakes one after the other, leave them together."""
    async with contextlib.AsyncExitStack() as stack:
        for link in links:
            await stack.enter_async_context(link)
        yield
