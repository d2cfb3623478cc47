"""A day at the counter out of arbitrary moves: the state machine whose every step keeps every invariant.

    run_state_machine_as_test(Counters, settings=settings(max_examples=500, stateful_step_count=100))

Four terminals, three operators, two specialists and a supervisor of two municipalities; one operator serves
both. The counter, its store and bus are the real ones; only sockets and clock are not
(`tests/fakes/counter_room.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Coroutine, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from protocol.common import MediaReport, Offer
from protocol.desk_link import (
    Accept,
    Caption,
    Decline,
    EndCall,
    GuestInvited,
    HoldCall,
    InviteGuest,
    MonitorCall,
    ResumeCall,
    SetPresence,
    StartTransfer,
    StepGuest,
    StepTransfer,
    WrapUp,
)
from protocol.envelope import Message
from protocol.guest_link import GuestAsk, GuestLeave
from protocol.kiosk_link import CallLeave, CallRequest
from protocol.values import (
    CallState,
    GuestKind,
    GuestStep,
    MediaRole,
    MonitorState,
    PresenceState,
    Role,
    TransferKind,
    TransferStep,
)
from tests.fakes.counter_room import NOT_WRITTEN, DeskSide, KioskSide, Room, Said, Side, fill, reading
from tests.hub import invariants
from tests.hub.invariants import CONNECTED, LIVE, OCCUPIED, PASSED_ON, Here, Tables
from tests.hub.told import desk_errors, foreign, kiosk_errors

T = TypeVar("T")

WHO = st.integers(0, 11)
"""Which side, of however many there are; hypothesis makes it small when it shrinks."""

SECONDS = st.sampled_from([1, 0.5, 3, 12, 14.9, 15, 20, 31, 61, 600])
JUMPS = st.sampled_from([-1.0, -20.0, 25.0, 90.0, 86_400.0])
REMEMBERED = timedelta(hours=24)
BOSS = "user-boss"
OFFER = Offer(sdp="v=0", mids={"0": MediaRole.AUDIO})


def pick(some: Sequence[T], number: int) -> T:
    """One of them."""
    return some[number % len(some)]


class Counters(RuleBasedStateMachine):
    """`before` is the store as the last step left it."""

    steps = 0  # of all days together
    calls = 0

    def __init__(self) -> None:
        super().__init__()
        self._stack = contextlib.ExitStack()
        shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        directory = Path(self._stack.enter_context(tempfile.TemporaryDirectory(dir=shared)))
        self._runner = self._stack.enter_context(asyncio.Runner())
        self.room = Room(directory)
        fill(self.room.path)
        self.run(self.room.open())
        self._connection = self._stack.enter_context(reading(self.room.path))
        self.done_at: dict[str, datetime] = {}  # word's id -> when it had its effect
        self.looked_at: dict[Side, int] = {}  # how much of what it heard was checked
        self.before = self.look()

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        """In the machine's own loop."""
        return self._runner.run(what)

    def look(self) -> Tables:
        """The store now."""
        with self._connection.begin():
            return invariants.read(self._connection)

    @property
    def here(self) -> Here:
        """Who is linked."""
        return Here(
            kiosks={one.kiosk.id for one in self.room.kiosks if one.here},
            desks={one.user.id for one in self.room.desks if one.here},
            now=self.room.clock.now(),
            pause=timedelta(seconds=self.room.settings.queue.decline_pause_s),
        )

    def kiosks(self, *, here: bool = True) -> list[KioskSide]:
        """Those with a link, or without."""
        return [one for one in self.room.kiosks if one.here is here]

    def desks(self, *, here: bool = True) -> list[DeskSide]:
        """Those with a link, or without."""
        return [one for one in self.room.desks if one.here is here]

    def say(self, side: KioskSide | DeskSide, message: Message, call: str | None = None, **more: Any) -> str:
        """The answer's code; what came due meanwhile is done."""
        code = self.run(side.say(message, call=call, **more))
        if not code:
            self.done_at[side.said[-1].id] = self.room.clock.now()
        self.settle()
        return code

    def settle(self) -> None:
        """As the scheduler does after every turn; no two moves come in the same moment."""
        self.run(self.room.pass_time(0.01))

    # ------------------------------------------------------------------ the cast

    @initialize(available=st.sampled_from([3, 2, 1]), calls=st.sampled_from([2, 1, 3, 0]))
    def everybody_comes(self, available: int, calls: int) -> None:
        """All are linked, some operators are available, some talk already."""
        for number, town in enumerate(("minami", "minami", "kitamidai", "minami")):
            self.run(self.run(self.room.kiosk(f"t{number}", town)).arrive())
        self.run(self.run(self.room.desk("boss", ["minami"], role=Role.SUPERVISOR)).arrive())
        for name, towns in (("hana", ["minami"]), ("taro", ["kitamidai"]), ("jiro", ["minami", "kitamidai"])):
            self.run(self.run(self.room.desk(name, towns)).arrive())
        for name in ("kaigo", "kaigo-2"):
            self.run(self.run(self.room.desk(name, ["minami"], "kaigo")).arrive())
        for desk in self.room.desks[-available - 2 :]:
            self.say(desk, SetPresence(state="available"))
        for kiosk in self.room.kiosks[:calls]:
            self._touch(kiosk)
        for desk in self.room.desks:
            if desk.ring is not None:
                self._accept(desk)

    # ------------------------------------------------------------------ residents

    @precondition(lambda self: self.kiosks())
    @rule(who=WHO)
    def touch(self, who: int) -> None:
        """The other of the two."""
        self._touch(pick(self.kiosks(), who))

    def _touch(self, kiosk: KioskSide) -> None:
        """A call, the one that she has, or the reason why there is none."""
        code = self.say(kiosk, CallRequest())
        assert code in ("", "nobody_on_duty"), code
        assert (kiosk.call is not None) == (code == ""), "a touch that was taken is a call"

    @precondition(lambda self: self.kiosks())
    @rule(who=WHO)
    def one_more_touch(self, who: int) -> None:
        """Twice in the list of moves, because a day without calls proves nothing."""
        self._touch(pick(self.kiosks(), who))

    @precondition(lambda self: any(one.call for one in self.kiosks()))
    @rule(who=WHO)
    def leave(self, who: int) -> None:
        """Leaving always works, whatever the call is doing."""
        kiosk = pick([one for one in self.kiosks() if one.call], who)
        assert kiosk.call is not None
        assert self.say(kiosk, CallLeave(reason="resident"), kiosk.call.id) == ""
        assert kiosk.call is None

    @precondition(lambda self: any(one.call for one in self.kiosks()))
    @rule(who=WHO, newer=st.sampled_from([0, 1, 1, 2]))
    def offer(self, who: int, newer: int) -> None:
        """A media generation counts only when it is newer than all before."""
        kiosk = pick([one for one in self.kiosks() if one.call], who)
        assert kiosk.call is not None
        epoch = self.look().calls[kiosk.call.id]["epoch"] + newer
        assert self.say(kiosk, OFFER, kiosk.call.id, epoch=epoch) == ("" if newer else "old_epoch")

    @precondition(lambda self: any(one.call for one in self.kiosks()))
    @rule(who=WHO, live=st.booleans())
    def media(self, who: int, live: bool) -> None:
        """The terminal says whether anything arrives."""
        kiosk = pick([one for one in self.kiosks() if one.call], who)
        assert kiosk.call is not None
        self.say(kiosk, MediaReport(live=live), kiosk.call.id)

    # ------------------------------------------------------------------ operators

    @precondition(lambda self: self.desks())
    @rule(who=WHO)
    def work(self, who: int) -> None:
        """Three of the moves, as most of a day is this."""
        self._work(pick(self.desks(), who))

    @precondition(lambda self: self.desks())
    @rule(who=WHO)
    def more_work(self, who: int) -> None:
        """The second."""
        self._work(pick(self.desks(), who))

    @precondition(lambda self: any(one.presence not in (None, "available") for one in self.desks()))
    @rule(who=WHO)
    def work_where_it_is_wanted(self, who: int) -> None:
        """The third."""
        self._work(pick([one for one in self.desks() if one.presence != "available"], who))

    def _work(self, desk: DeskSide) -> None:
        """An operator does what her desk asks for: say that she is there, accept, end, wrap up."""
        match desk.presence:
            case PresenceState.AWAY:
                code = self.say(desk, SetPresence(state="available"))
                assert code == ("monitoring" if desk.monitoring else "")
            case PresenceState.RINGING:
                self._accept(desk)
            case PresenceState.TALKING:
                self._end(desk)
            case PresenceState.WRAP_UP | PresenceState.OVERDUE:
                self._wrap_up(desk)

    def _accept(self, desk: DeskSide) -> None:
        """Whoever sees the ring card may take the call."""
        assert desk.ring is not None
        call = desk.ring.call
        assert self.say(desk, Accept(), call) == ""
        assert desk.call is not None
        assert (desk.call.card.call, desk.ring) == (call, None)
        assert desk.call.state in (CallState.TALKING, CallState.CONSULTING)

    def _end(self, desk: DeskSide) -> None:
        """Whoever is responsible ends the call; a specialist who was asked leaves it."""
        assert desk.call is not None
        if self.before.calls[desk.call.card.call]["operator"] != desk.user.id:
            assert desk.call.transfer is not None
            leaves = StepTransfer(transfer=desk.call.transfer.id, step=TransferStep.LEAVE)
            assert self.say(desk, leaves, desk.call.card.call) == ""
            assert desk.presence in ("available", "ringing")
            return
        assert self.say(desk, EndCall(), desk.call.card.call) == ""
        assert desk.presence == "wrap_up"

    def _wrap_up(self, desk: DeskSide) -> None:
        """Once; then the operator is there for the next."""
        assert desk.call is not None
        call, outcome = desk.call.card.call, WrapUp(procedure="other", outcome="completed")
        assert self.say(desk, outcome, call) == ""
        assert desk.presence in ("available", "ringing")
        assert self.say(desk, outcome, call) == "no_wrap_up"

    @precondition(lambda self: self.desks())
    @rule(who=WHO, state=st.sampled_from(["available", "away"]))
    def presence(self, who: int, state: str) -> None:
        """Away or available, unless a call wants something first."""
        desk = pick(self.desks(), who)
        busy = desk.presence in ("ringing", "talking", "wrap_up", "overdue")
        listens = desk.monitoring is not None and state == "available"
        code = self.say(desk, SetPresence(state=state))
        assert code == ("presence" if busy else "monitoring" if listens else "")

    @precondition(lambda self: any(one.ring for one in self.desks()))
    @rule(who=WHO)
    def decline(self, who: int) -> None:
        """The call rings elsewhere or waits on."""
        desk = pick([one for one in self.desks() if one.ring], who)
        assert desk.ring is not None
        call = desk.ring.call
        assert self.say(desk, Decline(), call) == ""
        assert desk.ring is None or desk.ring.call != call

    @precondition(lambda self: any(one.presence == "talking" for one in self.desks()))
    @rule(who=WHO, word=st.sampled_from([HoldCall(reason="確認します"), ResumeCall(), Caption(text="はい")]))
    def in_the_call(self, who: int, word: Message) -> None:
        """The resident waits for her own operator, reads what she types, and is taken back from a hold."""
        desk = pick([one for one in self.desks() if one.presence == "talking"], who)
        assert desk.call is not None
        state, code = str(desk.call.state), self.say(desk, word, desk.call.card.call)
        wanted = {HoldCall: "held", ResumeCall: "talking"}.get(type(word), state) if not code else state
        assert desk.call.state == wanted
        hers = self.before.calls[desk.call.card.call]["operator"] == desk.user.id
        resumes = isinstance(word, ResumeCall) and state != "held"
        assert hers or code == "gone"
        assert code in (("gone", "in_transfer") if resumes or not hers else ("", "in_transfer"))

    # ------------------------------------------------------------------ departments

    @precondition(lambda self: any(one.presence == "talking" for one in self.desks()))
    @rule(who=WHO, kind=st.sampled_from(TransferKind), department=st.sampled_from(["kaigo", "shimin"]))
    def transfer(self, who: int, kind: TransferKind, department: str) -> None:
        """9: consult or pass on; who may not, or finds nobody, is told so."""
        desk = pick([one for one in self.desks() if one.presence == "talking"], who)
        assert desk.call is not None
        word = StartTransfer(kind=kind, department=department, reason="介護の相談")
        code = self.say(desk, word, desk.call.card.call)
        assert code in ("", "in_transfer", "unknown_department", "department_absent", "gone"), code

    @precondition(lambda self: any(one.call and one.call.transfer for one in self.desks()))
    @rule(who=WHO, step=st.sampled_from(TransferStep))
    def step_transfer(self, who: int, step: TransferStep) -> None:
        """9: one of the two wants the next step, in whatever order; most are refused."""
        desk = pick([one for one in self.desks() if one.call and one.call.transfer], who)
        assert desk.call is not None
        assert desk.call.transfer is not None
        self.say(desk, StepTransfer(transfer=desk.call.transfer.id, step=step), desk.call.card.call)

    # ------------------------------------------------------------------ family and interpreters

    @precondition(lambda self: any(one.presence == "talking" for one in self.desks()))
    @rule(who=WHO, kind=st.sampled_from(GuestKind), comes=st.sampled_from(["inside", "inside", "asks", ""]))
    def invite(self, who: int, kind: GuestKind, comes: str) -> None:
        """13: a code for a guest, who mostly comes; a specialist in a consult has no say in it."""
        desk = pick([one for one in self.desks() if one.presence == "talking"], who)
        assert desk.call is not None
        call = desk.call.card.call
        code = self.say(desk, InviteGuest(kind=kind), call)
        hers = self.before.calls[call]["operator"] == desk.user.id
        assert code in (("", "too_many_guests") if hers else ("gone",)), code
        if code or not comes:
            return
        told = [one.message for one in desk.heard if isinstance(one.message, GuestInvited)]
        page = self.run(self.room.guest(told[-1].code))
        assert page is not None, "a new code is good"
        assert self.run(page.say(GuestAsk(name="花子"))) == ""
        self.settle()
        if comes == "inside":
            assert self.say(desk, StepGuest(guest=page.visit.guest, step=GuestStep.ADMIT), call) == ""

    @precondition(lambda self: self._codes())
    @rule(which=WHO, asks=st.sampled_from([True, True, False]))
    def a_guest_comes(self, which: int, asks: bool) -> None:
        """13: with a code that somebody was once told, good or not."""
        page = self.run(self.room.guest(pick(self._codes()[::-1], which)))
        if page is not None and asks:
            assert self.run(page.say(GuestAsk(name="花子"))) == ""
        self.settle()

    @precondition(lambda self: any(one.call and one.call.guests for one in self.desks()))
    @rule(who=WHO, which=WHO, step=st.sampled_from([GuestStep.ADMIT, GuestStep.ADMIT, *GuestStep]))
    def step_guest(self, who: int, which: int, step: GuestStep) -> None:
        """13: what an operator decides about a guest, whether it fits or not."""
        desk = pick([one for one in self.desks() if one.call and one.call.guests], who)
        assert desk.call is not None
        word = StepGuest(guest=pick(desk.call.guests, which).id, step=step)
        assert self.say(desk, word, desk.call.card.call) in ("", "gone", "guest_away")

    @precondition(lambda self: self.room.guests)
    @rule(who=WHO, word=st.sampled_from(["lost", "back", "leaves"]))
    def a_guest_goes_or_returns(self, who: int, word: str) -> None:
        """13: its page is closed or loaded again, or the guest has heard enough."""
        page = pick(self.room.guests[::-1], who)
        if word == "back":
            self.run(page.arrive())
        elif page.here:
            self.run(page.leave() if word == "lost" else page.say(GuestLeave()))
        self.settle()

    def _codes(self) -> list[str]:
        heard = (one.message for desk in self.room.desks for one in desk.heard)
        return [one.code for one in heard if isinstance(one, GuestInvited)]

    @precondition(lambda self: any(one["state"] == "handing" for one in self.before.transfers.values()))
    @rule()
    def the_new_media_stand(self) -> None:
        """9: only then is another person responsible, and from that moment on she alone."""
        one = next(one for one in self.before.transfers.values() if one["state"] == "handing")
        call = self.before.calls[one["call"]]
        kiosk = next(side for side in self.room.kiosks if side.kiosk.id == call["kiosk"])
        if not kiosk.here:
            return
        epoch = max(call["epoch"], one["epoch"]) + 1
        assert self.say(kiosk, OFFER, call["id"], epoch=epoch) == ""
        self.say(kiosk, MediaReport(live=True, epoch=epoch), call["id"])
        after = self.look()
        assert after.transfers[one["id"]]["state"] == "done"
        assert after.calls[call["id"]]["operator"] == one["specialist"]

    # ------------------------------------------------------------------ supervisors

    @precondition(lambda self: self.before.calls and self.desks())
    @rule(which=WHO, wanted=st.sampled_from(MonitorState))
    def takes_part(self, which: int, wanted: MonitorState) -> None:
        """12: in calls of her own town that have an operator, and in one at a time; everybody is told."""
        boss = next(one for one in self.room.desks if one.user.id == BOSS)
        if not boss.here:
            return
        call = pick(list(self.before.calls.values())[::-1], which)
        code = self.say(boss, MonitorCall(state=wanted), call["id"])
        may = call["municipality"] == "minami" and call["state"] in CONNECTED
        assert may or code == "gone"
        assert code in ("", "gone"), code
        mine = [one for one in self.look().monitors.values() if one["ended_at"] is None]
        assert code or [one["state"] for one in mine] == [wanted] * (wanted is not MonitorState.OVER)

    # ------------------------------------------------------------------ words that come late, twice, at once

    @precondition(lambda self: self.before.calls and self.desks())
    @rule(who=WHO, which=WHO, word=st.sampled_from([Accept(), Decline(), EndCall()]))
    def a_word_for_any_call(self, who: int, which: int, word: Message) -> None:
        """8: whoever is not in a call has no say in it, and is told so."""
        desk, before = pick(self.desks(), who), self.look()
        call = pick(list(before.calls.values())[::-1], which)
        states = OCCUPIED - {"ringing"} if isinstance(word, EndCall) else {"ringing"}
        hers = call["operator"] == desk.user.id and call["state"] in states
        consult = before.open_transfer(call["id"])
        if consult is not None and consult["state"] == "ringing" and not isinstance(word, EndCall):
            hers = hers or consult["specialist"] == desk.user.id
        code = self.say(desk, word, call["id"])
        assert code == ("" if hers else "gone")
        assert hers or self.look() == before, "a word that is refused changes nothing"

    @precondition(lambda self: self.before.calls and self.kiosks())
    @rule(who=WHO, which=WHO)
    def leaving_any_call(self, who: int, which: int) -> None:
        """A terminal ends its own live call; leaving again, or another's, changes nothing."""
        kiosk, before = pick(self.kiosks(), who), self.look()
        call = pick(list(before.calls.values())[::-1], which)
        own = call["kiosk"] == kiosk.kiosk.id
        assert self.say(kiosk, CallLeave(reason="resident"), call["id"]) == ("" if own else "gone")
        assert (own and call["state"] in LIVE) or self.look() == before

    @precondition(lambda self: any(one.said for one in (*self.kiosks(), *self.desks())))
    @rule(who=WHO, which=WHO)
    def the_same_word_again(self, who: int, which: int) -> None:
        """10: an id has its effect once, across links and restarts of the hub; a touch for ever."""
        side = pick([one for one in (*self.kiosks(), *self.desks()) if one.said], who)
        said = pick(side.said[::-1], which)
        before = self.look()
        code = self.run(side.say_again(said))
        if self._had_its_effect(said, before):
            assert self.look() == before
        elif not code:
            self.done_at[said.id] = self.room.clock.now()
        self.settle()

    def _had_its_effect(self, said: Said, before: Tables) -> bool:
        if isinstance(said.message, CallRequest):
            return any(call["request_id"] == said.id for call in before.calls.values())
        done = self.done_at.get(said.id)
        return done is not None and self.room.clock.now() < done + REMEMBERED

    @precondition(lambda self: any(one.ring for one in self.desks()))
    @rule(who=WHO, leaves=st.booleans(), first=st.booleans())
    def accepts_at_once(self, who: int, leaves: bool, first: bool) -> None:
        """1, 8: the card is pressed twice while the resident leaves: one outcome, the same for everybody."""
        desk = pick([one for one in self.desks() if one.ring], who)
        assert desk.ring is not None
        call = desk.ring.call
        kiosk = next(one for one in self.room.kiosks if one.kiosk.id == self.before.calls[call]["kiosk"])

        async def race() -> list[str]:
            words = [desk.say(Accept(), call=call), desk.say(Accept(), call=call)]
            if leaves and kiosk.here:
                words.insert(0 if first else 2, kiosk.say(CallLeave(reason="resident"), call=call))
            return await asyncio.gather(*words)

        codes = self.run(race())
        self.settle()
        assert set(codes) <= {"", "gone"}
        taken = [leg for leg in self.look().legs if leg["call"] == call and leg["accepted_at"]]
        assert len([leg for leg in taken if leg["user"] == desk.user.id]) <= 1 + sum(
            leg["outcome"] in PASSED_ON for leg in taken
        )

    # ------------------------------------------------------------------ links, time, restarts

    @precondition(lambda self: self.kiosks() or self.desks())
    @rule(who=WHO)
    def a_link_is_lost(self, who: int) -> None:
        """The hub has noticed."""
        self.run(pick([*self.kiosks(), *self.desks()], who).leave())
        self.settle()

    @precondition(lambda self: self.kiosks(here=False) or self.desks(here=False))
    @rule(who=WHO, resumes=st.booleans())
    def a_link_comes_back(self, who: int, resumes: bool) -> None:
        """10: with the same name it is in the same call, by a snapshot or by all that it has missed."""
        side = pick([*self.kiosks(here=False), *self.desks(here=False)], who)
        self.run(side.arrive(resumed=resumes and side.kept))
        self.settle()

    @precondition(lambda self: self.kiosks() or self.desks())
    @rule(who=WHO)
    def a_newer_link_replaces(self, who: int) -> None:
        """10: the old link's farewell, which comes after the new one's hello, changes nothing."""
        side = pick([*self.kiosks(), *self.desks()], who)
        old = side.token
        self.run(side.arrive())
        before = self.look()
        self.run(side.leave(old))
        assert side.here
        assert self.look() == before
        self.settle()

    @rule(seconds=SECONDS)
    def time_passes(self, seconds: float) -> None:
        """Every deadline is met on the way."""
        self.run(self.room.pass_time(seconds))

    @rule(seconds=JUMPS)
    def the_clock_jumps(self, seconds: float) -> None:
        """It was set, or the machine slept."""
        self.run(self.room.jump(seconds))

    @rule(back=st.sampled_from([True, True, False]))
    def the_hub_restarts(self, back: bool) -> None:
        """All links are gone, all that was said is written; mostly everybody comes back."""
        before = self.look()
        self.run(self.room.restart())
        after = self.look()
        assert {id: call["state"] for id, call in after.calls.items()} == {
            id: call["state"] for id, call in before.calls.items()
        }, "a restart decides nothing"
        if back:
            for side in (*self.room.kiosks, *self.room.desks):
                self.run(side.arrive())
        self.settle()

    @precondition(lambda self: self.kiosks())
    @rule(who=WHO, restarts=st.booleans())
    def the_disk_is_full(self, who: int, restarts: bool) -> None:
        """What is not written has not happened, and the same word works later."""
        kiosk, before = pick(self.kiosks(), who), self.look()
        self.room.database.full = True
        code = self.run(kiosk.say(CallRequest() if kiosk.call is None else CallLeave(reason="resident")))
        self.room.database.full = False
        assert code in (NOT_WRITTEN, "nobody_on_duty")
        assert self.look() == before
        if restarts:
            self.the_hub_restarts(back=True)
        else:
            self.run(kiosk.say_again(kiosk.said[-1]))
            self.settle()

    # ------------------------------------------------------------------ what always holds

    @invariant()
    def everything_holds(self) -> None:
        """The tables, what changed since the last step, and what everybody believes."""
        before, after = self.before, self.look()
        self.before = after
        Counters.steps += 1
        here = self.here
        broken = invariants.all_of(
            invariants.at_rest(after),
            invariants.between(before, after),
            invariants.overdue(after, here.now, timedelta(seconds=self.room.settings.queue.ring_s)),
            invariants.unrung(after, here),
            invariants.unasked(after, here),
            invariants.overtaken(before, after, here),
            invariants.counted(after, self.room.counter.board.on_duty),
            self._board(after),
            *(kiosk_errors(after, one) for one in self.kiosks()),
            *(desk_errors(after, one) for one in self.desks()),
            *(foreign(side, side.heard[self.looked_at.get(side, 0) :]) for side in self.room.desks),
        )
        self.looked_at = {side: len(side.heard) for side in self.room.desks}
        assert not broken, "\n".join(broken)

    def _board(self, tables: Tables) -> Iterator[str]:
        board = {id: (str(one.state), one.version) for id, one in self.room.counter.board.live.items()}
        rows = {
            id: (one["state"], one["version"]) for id, one in tables.calls.items() if one["state"] in LIVE
        }
        if board != rows:
            yield f"the board has {board}, the store {rows}"

    def teardown(self) -> None:
        """When everybody has gone home, nothing is left over."""
        try:
            for side in (*self.kiosks(), *self.desks(), *(one for one in self.room.guests if one.here)):
                self.run(side.leave())
            self.run(self.room.pass_time(3600))
            last = self.look()
            Counters.calls += len(last.calls)
            left = list(invariants.finished(last))
            assert not left, "\n".join(left)
        finally:
            self.run(self.room.close())
            self._stack.close()
