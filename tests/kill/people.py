"""Residents and operators who never give up: where no answer comes they come back and look.

Each acts on what it believes (`tests/fakes/beliefs.py`), decides by a seeded generator, and keeps a diary of
all that it was told, with the time. Nobody knows anything of the hub's insides.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from websockets.exceptions import WebSocketException

from hub.core.transfer import OPEN
from protocol.common import MediaReport, Offer, Renew
from protocol.desk_link import (
    Accept,
    Decline,
    DeskCallUpdate,
    EndCall,
    SetPresence,
    StartTransfer,
    StepTransfer,
    WrapUp,
)
from protocol.envelope import Message
from protocol.errors import DecodeError
from protocol.kiosk_link import Call, CallLeave, CallRequest, Snapshot
from protocol.values import (
    LIVE_STATES,
    CallState,
    DeskCall,
    MediaRole,
    TerminalCall,
    TransferKind,
    TransferStep,
)
from tests.fakes.beliefs import DeskBelief, KioskBelief
from tests.fakes.hub_client import FakeDesk, FakeKiosk

LOST = (AssertionError, OSError, TimeoutError, WebSocketException)
"""What a broken link looks like from here."""

SAY_AGAIN_S = 3.0
"""A word whose effect is not seen within this time is said again."""

DEPARTMENTS = {"minami": "kaigo", "kitamidai": "fukushi"}

Where = Callable[[], str]
"""The URL of a hub to go to."""


@dataclass
class Plan:
    """What people do, as shares of 1 and in seconds; `left` calls are still to be made by all together."""

    left: int
    seed: int = 1
    decline: float = 0.1
    ignore: float = 0.02
    reload: float = 0.08
    leave_early: float = 0.1
    transfer: float = 0.25
    talk_s: float = 0.3
    closed: asyncio.Event = field(default_factory=asyncio.Event)  # the day is over: nobody comes back

    def take(self) -> bool:
        """Whether one more call is to be made."""
        self.left -= 1
        return self.left >= 0


@dataclass(frozen=True)
class Told:
    """One entry of a diary."""

    at: float
    message: Message


@dataclass(frozen=True)
class Seen:
    """A side as it is now: since when it is linked, and what it believes. Moments are monotonic seconds."""

    id: str  # of the terminal or the operator
    linked_at: float | None
    call: str | None = None
    state: str | None = None  # of a terminal's call, of an operator's presence
    ring: str | None = None  # the call for which an operator is rung


class Somebody:
    """A side with a diary. `returns` holds when a link was lost and when it stood again."""

    link: FakeKiosk | FakeDesk
    belief: KioskBelief | DeskBelief

    def __init__(self, name: str, plan: Plan, where: Where) -> None:
        self.name = name
        self.plan = plan
        self.where = where
        self.dice = random.Random(f"{plan.seed}-{name}")
        self.diary: list[Told] = []
        self.returns: list[tuple[float, float]] = []
        self.unreadable: list[str] = []  # words that the protocol refuses: no hub may ever say one
        self.linked_at: float | None = None
        self.busy = False
        self._lost_at: float | None = None
        self._heard = 0

    async def live(self) -> None:
        """Until the day is over."""
        tries = 0
        while not self.plan.closed.is_set():
            try:
                await self._connect()
                self._linked()
                tries = 0
                await self._act()
            except LOST:
                tries += 1
            except DecodeError as error:
                self.unreadable.append(f"{self.name} was told what cannot be read: {error.message}")
                tries += 1
            self._lost()
            await asyncio.sleep(min(1.0, 0.1 * tries) * self.dice.uniform(0.5, 1.5))

    def last_words(self) -> str:
        """What it believes and heard last, for whoever looks for a fault."""
        call = self.belief.call
        heard = [(round(one.at, 2), str(one.message)[:120]) for one in self.diary[-6:]]
        return f"{self.name}: linked {self.linked_at}, call {call and str(call)[:120]}, heard {heard}"

    def seen(self) -> Seen:
        """How it is now."""
        raise NotImplementedError

    def _linked(self) -> None:
        self.linked_at = time.monotonic()
        if self._lost_at is not None:
            self.returns.append((self._lost_at, self.linked_at))
            self._lost_at = None

    def _lost(self) -> None:
        self.linked_at = None
        if self._lost_at is None:
            self._lost_at = time.monotonic()

    async def _connect(self) -> None:
        await self.link.drop()
        self.link.url = self.where()
        async with asyncio.timeout(5):
            await self.link.connect()
        self._read()

    def _read(self) -> None:
        for heard in self.link.heard[self._heard :]:
            self.diary.append(Told(time.monotonic(), heard.message))
            self.belief.believe(heard.message, heard.envelope.call)
            self._heed(heard.message)
        self._heard = len(self.link.heard)

    async def _news(self, within: float) -> None:
        """The next word, or none in that time. ConnectionError when the link is gone."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.link.more(self._heard)
        self._read()
        if self.link.closed is not None:
            raise ConnectionError

    def _heed(self, message: Message) -> None:
        raise NotImplementedError

    async def _act(self) -> None:
        raise NotImplementedError


class Resident(Somebody):
    """A terminal whose residents come one after the other."""

    def __init__(self, link: FakeKiosk, plan: Plan, where: Where) -> None:
        super().__init__(link.device, plan, where)
        self.link: FakeKiosk = link
        self.belief: KioskBelief = KioskBelief()
        self.touch: str | None = None  # the id of the touch that wants a call; None while nobody is there
        self.touches: dict[str, set[str]] = {}  # touch -> calls that it was told
        self.over: set[str] = set()  # calls that it was told are over
        self.renew = False  # new media are asked for
        self.epoch = 0
        self._stays: set[str] = set()  # calls for which it was decided to wait

    def seen(self) -> Seen:
        """With the call that it believes in."""
        call = self.belief.call
        if call is None:
            return Seen(self.link.device, self.linked_at)
        return Seen(self.link.device, self.linked_at, call.id, str(call.state))

    def _heed(self, message: Message) -> None:
        match message:
            case Call(call=call) | Snapshot(call=call) if call is not None and call.id not in self.over:
                if self.touch is not None:
                    self.touches.setdefault(self.touch, set()).add(call.id)
                if call.state not in LIVE_STATES:
                    self.over.add(call.id)
                    self.touch, self.busy = None, False
            case Snapshot(call=None) if self.touch in self.touches:
                self.touch, self.busy = None, False  # it was over while we were away
            case Renew():
                self.renew = True

    async def _act(self) -> None:
        """One resident after the other."""
        offered = ""  # the call for which media stand
        while not self.plan.closed.is_set():
            if self.touch is None:
                await self._news(self.dice.uniform(0.02, 0.3))
                if not self.plan.take():
                    await self._news(0.5)
                    continue
                self.touch, self.busy = f"{self.name}-{self.dice.getrandbits(60)}", True
            call = self.belief.call
            if call is None:
                await self.link.say(CallRequest(), id=self.touch)
                await self._news(SAY_AGAIN_S)
                if self.belief.call is None:
                    await self._news(0.3)  # refused: nobody is on duty just now
                continue
            if self.dice.random() < self.plan.reload / 4:
                return
            if call.state in (CallState.WAITING, CallState.RINGING):
                if call.id not in self._stays and self.dice.random() < self.plan.leave_early:
                    await self.link.say(CallLeave(reason="resident"), call=call.id)
                self._stays.add(call.id)
            elif self.renew or offered != call.id:
                self.renew, offered = False, call.id
                await self._offer(call)
            await self._news(self.dice.uniform(0.3, 1.5))

    async def _offer(self, call: TerminalCall) -> None:
        """New media, which stand at once."""
        self.epoch = max(self.epoch, call.epoch) + 1
        offer = Offer(sdp="v=0", mids={"0": MediaRole.AUDIO})
        await self.link.say(offer, call=call.id, epoch=self.epoch)
        await self.link.say(MediaReport(live=True, epoch=self.epoch), call=call.id)


class Operator(Somebody):
    """Takes what rings, mostly."""

    def __init__(self, link: FakeDesk, plan: Plan, where: Where) -> None:
        super().__init__(link.name, plan, where)
        self.link: FakeDesk = link
        self.belief: DeskBelief = DeskBelief()
        self.talked: set[str] = set()  # calls that it was told it has
        self._ignored: set[str] = set()
        self._asked: set[str] = set()  # calls for which it has asked a department once

    def seen(self) -> Seen:
        """With the presence and the ring that its page shows."""
        ring, presence = self.belief.ring, self.belief.presence
        state = None if presence is None else str(presence)
        return Seen(self.link.user, self.linked_at, state=state, ring=ring.call if ring else None)

    def _heed(self, message: Message) -> None:
        match message:
            case DeskCallUpdate(call=call) if call.state is CallState.TALKING:
                self.talked.add(call.card.call)

    async def _act(self) -> None:
        """Whatever the desk asks for, again and again until it shows something else."""
        while not self.plan.closed.is_set():
            self.busy = self.belief.presence in ("ringing", "talking", "wrap_up")
            if self.dice.random() < self.plan.reload / 4:
                return
            belief = self.belief
            match belief.presence:
                case "away":
                    await self.link.say(SetPresence(state="available"))
                case "ringing" if belief.ring is not None:
                    await self._ring(belief.ring.call)
                case "talking" if belief.call is not None:
                    await self._news(self.dice.uniform(0, 2 * self.plan.talk_s))
                    if belief.call is not None and belief.presence == "talking":
                        await self.link.say(self._next_word(belief.call), call=belief.call.card.call)
                case "wrap_up" if belief.call is not None:
                    outcome = WrapUp(procedure="other", outcome="completed")
                    await self.link.say(outcome, call=belief.call.card.call)
            await self._news(SAY_AGAIN_S if belief.presence != "available" else 0.5)

    def _next_word(self, call: DeskCall) -> Message:
        """End it; or bring in a department first, and then whatever comes to mind."""
        transfer = call.transfer
        if transfer is not None and transfer.state in OPEN:
            steps = list(TransferStep) if transfer.origin == self.link.user else [TransferStep.LEAVE]
            return StepTransfer(transfer=transfer.id, step=self.dice.choice(steps))
        if call.card.call not in self._asked and self.dice.random() < self.plan.transfer:
            self._asked.add(call.card.call)
            kind = self.dice.choice(list(TransferKind))
            return StartTransfer(kind=kind, department=DEPARTMENTS[call.card.municipality], reason="相談")
        return EndCall()

    async def _ring(self, call: str) -> None:
        chance = self.dice.random()
        if call in self._ignored or chance < self.plan.ignore:
            self._ignored.add(call)
            return
        await self._news(self.dice.uniform(0, 0.1))
        if self.belief.ring is None or self.belief.ring.call != call:
            return
        await self.link.say(
            Decline() if chance < self.plan.ignore + self.plan.decline else Accept(), call=call
        )
