"""Family and interpreters who join a call by a code, on real sockets: nobody gets in by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.core.audit import Action
from hub.core.permissions import GUEST_WORDS
from hub.store import guests, trail
from hub.store.fences import POOL
from protocol.common import Refused, Unsupported
from protocol.desk_link import (
    Accept,
    DeskCallUpdate,
    DeskSnapshot,
    EndCall,
    GuestInvited,
    HoldCall,
    InviteGuest,
    ResumeCall,
    SetPresence,
    SideAnswer,
    SideCandidate,
    SideOffer,
    SideRenew,
    StepGuest,
)
from protocol.envelope import Message
from protocol.guest_link import GUEST_SAYS, GuestAsk, GuestLeave, GuestSnapshot
from protocol.kiosk_link import Call, CallLeave, CallRequest
from protocol.values import (
    Guest,
    GuestKind,
    GuestState,
    GuestStep,
    MediaRole,
    TerminalCall,
    WatcherKind,
)
from tests.fakes.counter_room import opened
from tests.fakes.hub_client import FakeDesk, FakeGuest
from tests.fakes.hub_program import JumpClock, RunningHub, running
from tests.hub.conftest import Cast

OFFER = {"turn": 1, "sdp": "v=0\r\ndesk", "mids": {"0": MediaRole.AUDIO, "1": MediaRole.FACE}}


@dataclass
class Company:
    """A call that talks with `cast.desk`, and pages of guests."""

    cast: Cast
    call: str

    async def invite(self, kind: GuestKind = GuestKind.FAMILY, name: str | None = None) -> GuestInvited:
        """A code, as the operator is told it."""
        await self.cast.desk.say(InviteGuest(kind=kind, name=name), call=self.call)
        return (await self.cast.desk.expect(GuestInvited)).message

    def page(self, invited: GuestInvited) -> FakeGuest:
        """A page that knows the code."""
        return FakeGuest(self.cast.hub.url, invited.code)

    async def lobby(self, name: str = "花子", kind: GuestKind = GuestKind.FAMILY) -> tuple[FakeGuest, str]:
        """A guest who asks to be let in, and the id."""
        page = self.page(await self.invite(kind))
        place = await page.connect()
        await page.ask(name)
        await self.sees(place.guest, GuestState.LOBBY)
        return page, place.guest

    async def inside(self, name: str = "花子", kind: GuestKind = GuestKind.FAMILY) -> tuple[FakeGuest, str]:
        """A guest who has been let in, and the id."""
        page, guest = await self.lobby(name, kind)
        await self.step(guest, GuestStep.ADMIT)
        await page.stands("inside")
        return page, guest

    async def step(self, guest: str, step: GuestStep, desk: FakeDesk | None = None) -> None:
        """The operator decides."""
        await (desk or self.cast.desk).say(StepGuest(guest=guest, step=step), call=self.call)

    async def sees(self, guest: str, state: GuestState, desk: FakeDesk | None = None) -> Guest:
        """Wait until the operator's desk is told that the guest stands so."""

        def fits(said: DeskCallUpdate) -> bool:
            return any(one.id == guest and one.state is state for one in said.call.guests)

        said = (await (desk or self.cast.desk).expect(DeskCallUpdate, fits)).message
        return next(one for one in said.call.guests if one.id == guest)

    async def named(self, *names: str) -> TerminalCall:
        """Wait until the resident's screen names these guests and no others."""

        def fits(said: Call) -> bool:
            shown = [one.name for one in said.call.watchers if one.kind is not WatcherKind.OPERATOR]
            return shown == list(names)

        return (await self.cast.kiosk.expect(Call, fits)).message.call

    async def refused(self, link: FakeGuest | FakeDesk) -> str:
        """The code of the next refusal."""
        return (await link.expect(Refused)).message.code


@pytest.fixture
async def company(cast: Cast) -> Company:
    """Everybody connected and talking."""
    return Company(cast, await cast.talk())


# ---------------------------------------------------------------------- the way in


async def test_a_guest_waits_until_the_operator_lets_them_in(company: Company) -> None:
    """A22: code, lobby, admitted, named on the resident's screen (L8), gone with the call."""
    invited = await company.invite(GuestKind.INTERPRETER)
    assert len(invited.code) == 12
    page = company.page(invited)
    place = await page.connect()
    assert (place.state, place.kind, place.municipality_name) == ("invited", "interpreter", "みなみ市")
    assert place.operator_name == "", "nobody is named before somebody is let in"
    await page.ask("ラン")
    waiting = await company.sees(place.guest, GuestState.LOBBY)
    assert (waiting.name, waiting.here) == ("ラン", True)
    await company.step(place.guest, GuestStep.ADMIT)
    inside = await page.stands("inside")
    assert (inside.operator_name, inside.sees, inside.muted) == ("hana さん", False, False)
    told = await company.named("ラン")
    assert [one.kind for one in told.watchers] == [WatcherKind.OPERATOR, WatcherKind.INTERPRETER]
    assert [(one.hears, one.sees, one.speaks) for one in told.watchers[1:]] == [(True, False, True)]
    assert [(one.role, one.name) for one in told.others] == [("通訳", "ラン")], (
        "older terminals name them too"
    )
    await company.cast.desk.say(EndCall(), call=company.call)
    assert (await page.stands("over")).guest == place.guest
    await page.expect_close(within=5)


async def test_a_code_is_for_one_page_and_one_use(company: Company) -> None:
    """Whoever asks first has it; everybody else reads that it is used, and hears nothing else."""
    invited = await company.invite()
    page = company.page(invited)
    await page.connect()
    await page.ask()
    other = company.page(invited)
    await other.hello()
    assert await company.refused(other) == "used_code"
    assert (await other.expect_close())[0] == 4001
    assert other.count(GuestSnapshot) == 0


async def test_wrong_codes_are_few(company: Company) -> None:
    """An address has some tries at once, then one every ten seconds; a few of them stand in the trail."""
    for _ in range(10):
        stranger = FakeGuest(company.cast.hub.url, "000000000000")
        await stranger.hello()
        assert await company.refused(stranger) == "unknown_code"
        await stranger.leave()
    late = FakeGuest(company.cast.hub.url, (await company.invite()).code)
    await late.hello()
    assert await company.refused(late) == "slow_down", "even the right one waits now"
    company.cast.hub.clock.jump_steady(10)
    assert (await late.reload()).state == "invited"
    assert await _noted(company, Action.GUEST_REFUSED) == 3


async def test_a_code_ends_by_itself_and_can_be_taken_back(company: Company) -> None:
    """The open page reads it too, and a page that comes later reads which it was."""
    first, second = await company.invite(), await company.invite()
    page = company.page(first)
    await page.connect()
    await company.step(second.guest, GuestStep.REMOVE)
    await company.cast.desk.settled()
    await company.cast.hub.jump(15 * 60)
    assert (await page.stands("expired")).guest == first.guest
    for invited, code in ((first, "expired_code"), (second, "withdrawn_code")):
        late = company.page(invited)
        await late.hello()
        assert await company.refused(late) == code


async def test_two_guests_at_most(company: Company) -> None:
    """Each is a connection of the operator's browser."""
    await company.invite()
    second = await company.invite(GuestKind.INTERPRETER)
    await company.cast.desk.say(InviteGuest(kind=GuestKind.FAMILY), call=company.call)
    assert await company.refused(company.cast.desk) == "too_many_guests"
    await company.step(second.guest, GuestStep.REMOVE)
    assert (await company.invite()).code


async def test_codes_and_secrets_are_kept_as_digests(company: Company) -> None:
    """Whoever reads the database can join nothing."""
    invited = await company.invite()
    page = company.page(invited)
    await page.connect()
    await page.ask()
    async with company.cast.hub.house.database.read(POOL) as tx:
        record = await guests.get(tx, invited.guest, ["minami"])
    assert record is not None
    assert invited.code not in repr(record)
    assert page.secret not in repr(record)


# ---------------------------------------------------------------------- inside


async def test_the_operator_decides_what_a_guest_sees_and_says(company: Company) -> None:
    """Muted, shown the face, held out: guest and resident read each as it is."""
    page, guest = await company.inside()
    await company.named("花子")
    await company.step(guest, GuestStep.SHOW_FACE)
    assert (await page.expect(GuestSnapshot, lambda said: said.place.sees)).message.place.state == "inside"
    seen = await company.cast.kiosk.expect(Call, lambda said: said.call.watchers[-1].sees)
    assert seen.message.call.watchers[-1].name == "花子"
    await company.step(guest, GuestStep.MUTE)
    await page.expect(GuestSnapshot, lambda said: said.place.muted)
    await company.cast.kiosk.expect(Call, lambda said: not said.call.watchers[-1].speaks)
    await company.step(guest, GuestStep.HOLD_OUT)
    assert not (await page.stands("lobby")).sees
    await company.named()
    await company.step(guest, GuestStep.ADMIT)
    assert (await page.stands("inside")).sees is False, "what was allowed is asked anew"
    await company.step(guest, GuestStep.REMOVE)
    await page.stands("removed")
    await company.named()
    assert await _noted(company, Action.CALL_GUEST) == 8


async def test_connections_go_between_the_operator_and_a_guest_inside(company: Company) -> None:
    """Offer and answer pass while the guest is inside; from the lobby nothing does, in either direction."""
    page, guest = await company.lobby()
    desk = company.cast.desk
    await desk.say(SideOffer(transfer=guest, **OFFER), call=company.call)  # type: ignore[arg-type]
    assert await company.refused(desk) == "gone"
    await page.say(SideRenew(transfer=guest))
    assert await company.refused(page) == "gone"
    await company.step(guest, GuestStep.ADMIT)
    await page.stands("inside")
    await page.say(SideRenew(transfer=guest))
    assert (await desk.expect(SideRenew)).message.transfer == guest
    await desk.say(SideOffer(transfer=guest, **OFFER), call=company.call)  # type: ignore[arg-type]
    heard = await page.expect(SideOffer)
    assert heard.message.sdp == OFFER["sdp"]
    assert heard.envelope.call is None, "a guest is not told the call's id"
    await page.say(SideAnswer(transfer=guest, turn=1, sdp="v=0\r\nguest"))
    assert (await desk.expect(SideAnswer)).message.sdp == "v=0\r\nguest"
    await page.say(SideCandidate(transfer=guest, turn=1, candidate="c"))
    assert (await desk.expect(SideCandidate)).envelope.call == company.call
    await company.step(guest, GuestStep.HOLD_OUT)
    await page.stands("lobby")
    await page.say(SideCandidate(transfer=guest, turn=1, candidate="c"))
    assert await company.refused(page) == "gone"


async def test_one_guest_cannot_speak_for_another(company: Company) -> None:
    """The connection's id is the guest's own or none."""
    first, _ = await company.inside("花子")
    _, other = await company.inside("ラン", GuestKind.INTERPRETER)
    await first.say(SideRenew(transfer=other))
    assert await company.refused(first) == "gone"
    await company.cast.desk.settled()
    assert company.cast.desk.count(SideRenew) == 0


async def test_a_guest_hears_when_the_resident_is_asked_to_wait(company: Company) -> None:
    """On hold nobody hears anybody, and the resident's screen names nobody but says so itself."""
    page, _ = await company.inside()
    await company.cast.desk.say(HoldCall(), call=company.call)
    await page.expect(GuestSnapshot, lambda said: said.place.paused)
    held = await company.cast.kiosk.expect_call("held")
    assert [one.kind for one in held.watchers] == [WatcherKind.OPERATOR]
    await company.cast.desk.say(ResumeCall(), call=company.call)
    await page.expect(GuestSnapshot, lambda said: not said.place.paused)


# ---------------------------------------------------------------------- coming and going


async def test_a_reloaded_page_is_back_where_it_was(company: Company) -> None:
    """Within its time, by its secret alone: the code is long used up."""
    page, guest = await company.inside()
    page.code = ""
    assert (await page.reload()).state == "inside"
    await page.drop()
    away = await company.sees(guest, GuestState.INSIDE)
    while away.here:
        away = await company.sees(guest, GuestState.INSIDE)
    await company.cast.hub.jump(59)
    assert (await page.connect()).state == "inside"
    assert (await company.sees(guest, GuestState.INSIDE)).here


async def test_a_page_that_stays_away_has_left(company: Company) -> None:
    """After a minute; it reads so when it comes, and nobody is named any more."""
    page, guest = await company.inside()
    await company.named("花子")
    await page.drop()
    await _away(company, guest)
    await company.cast.hub.jump(60)
    await company.named()
    await page.hello()
    assert await company.refused(page) == "left"


async def test_a_guest_leaves(company: Company) -> None:
    """For good: the page cannot come back by itself."""
    page, _ = await company.inside()
    await page.say(GuestLeave())
    await page.stands("left")
    await page.expect_close(within=5)
    await page.hello()
    assert await company.refused(page) == "left"


async def test_somebody_who_is_away_is_not_let_in(company: Company) -> None:
    """The operator reads why."""
    page, guest = await company.lobby()
    await page.drop()
    await _away(company, guest)
    await company.step(guest, GuestStep.ADMIT)
    assert await company.refused(company.cast.desk) == "guest_away"


async def test_a_reloaded_desk_finds_its_guests_but_no_code(company: Company) -> None:
    """The hub has told the code once and keeps its digest."""
    invited = await company.invite()
    _, inside = await company.inside("ラン", GuestKind.INTERPRETER)
    snapshot = await company.cast.desk.reload()
    assert snapshot.call is not None
    assert [(one.id, one.state) for one in snapshot.call.guests] == [
        (invited.guest, GuestState.INVITED), (inside, GuestState.INSIDE),
    ]  # fmt: skip
    assert company.cast.desk.count(GuestInvited) == 2


async def test_another_operator_lets_in_anew(company: Company) -> None:
    """The first one is gone for good: whoever takes over has admitted nobody."""
    page, guest = await company.inside()
    second = await company.cast.hub.desk("ken")
    async with second:
        await second.available()
        await company.cast.hub.lost(company.cast.desk)
        await company.cast.hub.jump(40)
        assert (await page.stands("lobby")).state == "lobby"
        await second.rung()
        taken = await second.accept(company.call)
        assert [one.state for one in taken.guests] == [GuestState.LOBBY]
        await company.step(guest, GuestStep.ADMIT, second)
        assert (await page.stands("inside")).operator_name == "ken さん"


async def test_a_restart_of_the_hub_keeps_guests(tmp_path: Path) -> None:
    """Their pages come back into the same place; who does not come has left."""
    clock, pages = JumpClock(), list[FakeGuest]()
    async with running(tmp_path, clock=clock) as hub:
        kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
        async with kiosk, desk:
            await desk.available()
            company = Company(Cast(hub, kiosk, desk, kiosk, desk), (await kiosk.touch()).id)
            await desk.rung()
            await desk.accept(company.call)
            for kind in GuestKind:
                page, _ = await company.inside(str(kind), kind)
                pages.append(page)
            await _written(hub, 2)
    async with running(tmp_path, clock=clock) as hub, hub.desk_of("hana"):
        kiosk.url, pages[0].url = hub.url, hub.url
        await kiosk.connect()
        assert (await pages[0].reload()).state == "inside"
        await hub.jump(60)
        await kiosk.expect(Call, lambda said: [one.name for one in said.call.watchers[1:]] == ["family"])
        assert len(hub.house.counter.board.guests) == 1
        for link in (kiosk, *pages):
            await link.leave()


async def test_pages_of_a_hub_that_was_killed_have_time_to_come_back(tmp_path: Path) -> None:
    """Nothing was written when it went; the next start gives every guest a minute, and no more."""
    async with opened(tmp_path) as room:
        kiosk, desk = await room.kiosk("t1"), await room.desk("hana")
        await kiosk.arrive()
        await desk.arrive()
        await desk.say(SetPresence(state="available"))
        await kiosk.say(CallRequest())
        assert desk.ring is not None
        call = desk.ring.call
        await desk.say(Accept(), call=call)
        for kind in GuestKind:
            await desk.say(InviteGuest(kind=kind), call=call)
        codes = [one.message.code for one in desk.heard if isinstance(one.message, GuestInvited)]
        for code in codes:
            page = await room.guest(code)
            assert page is not None
            await page.say(GuestAsk(name="花子"))
            await desk.say(StepGuest(guest=page.visit.guest, step=GuestStep.ADMIT), call=call)
        await room.restart()
        for side in (kiosk, desk, room.guests[0]):
            await side.arrive()
        await room.pass_time(60)
        kept = list(room.counter.board.guests.values())
        assert [(one.id, one.state) for one in kept] == [(room.guests[0].visit.guest, GuestState.INSIDE)]


# ---------------------------------------------------------------------- who may


async def test_the_word_of_a_guest_is_in_the_table_or_has_no_effect(company: Company) -> None:
    """GUEST_WORDS names every word but those of the link, and each is refused in every other state."""
    assert set(GUEST_SAYS) - {"guest_hello", "ping", "pong", "refused", "unsupported"} == set(GUEST_WORDS)
    page = company.page(await company.invite())
    guest = (await page.connect()).guest
    words: list[Message] = [
        GuestLeave(), SideRenew(transfer=guest), SideAnswer(transfer=guest, turn=1, sdp="v=0"),
        SideCandidate(transfer=guest, turn=1, candidate="c"),
    ]  # fmt: skip
    for word in words:
        await page.say(word)
        assert await company.refused(page) == "gone"
    await page.ask()
    await page.say(GuestAsk(name="別人"))
    assert await company.refused(page) == "gone"
    await page.say(EndCall())
    assert (await page.expect(Unsupported)).message.unknown == "end_call"


async def test_only_the_operator_of_the_call_decides_about_its_guests(company: Company) -> None:
    """Not a colleague of the same municipality, and for another municipality it does not exist."""
    _, guest = await company.lobby()
    colleague = await company.cast.hub.desk("ken")
    async with colleague:
        for desk in (colleague, company.cast.far_desk):
            await company.step(guest, GuestStep.ADMIT, desk)
            assert await company.refused(desk) == "gone"
            await desk.say(InviteGuest(kind=GuestKind.FAMILY), call=company.call)
            assert await company.refused(desk) == "gone"
    far_kiosk, far_desk = company.cast.far_kiosk, company.cast.far_desk
    await far_desk.available()
    elsewhere = (await far_kiosk.touch()).id
    await far_desk.rung()
    await far_desk.accept(elsewhere)
    await far_desk.say(StepGuest(guest=guest, step=GuestStep.ADMIT), call=elsewhere)
    assert await company.refused(far_desk) == "gone", (
        "under a call of her own she reaches nobody else's guest"
    )
    record = company.cast.hub.house.counter.board.guests[guest]
    assert record.state is GuestState.LOBBY


async def test_a_page_of_another_origin_gets_no_socket(company: Company) -> None:
    """As with a desk: only what this hub has served may speak."""
    page = company.page(await company.invite())
    with pytest.raises(Exception, match="403"):
        await page.hello(origin="https://elsewhere.example")


async def test_a_name_carries_nothing_for_the_screen(company: Company) -> None:
    """Readings, breaks and directions in a stranger's name are refused, not shown."""
    page = company.page(await company.invite())
    await page.connect()
    for name in ("{偽|ぎ}", "a\u202eb", "a\u200bb", "x" * 41, ""):
        await page.say(GuestAsk(name=name))
        assert (await page.expect(Refused)).message.code == "bad_body", name
    await page.say(GuestAsk(name="   "))
    assert await company.refused(page) == "no_name"


async def test_the_resident_leaves_and_everybody_goes(company: Company) -> None:
    """A guest is never in a call without a resident."""
    page, guest = await company.inside()
    invited = await company.invite()
    await company.cast.kiosk.say(CallLeave(reason="resident"), call=company.call)
    await page.stands("over")
    late = company.page(invited)
    await late.hello()
    assert await company.refused(late) == "call_over"
    assert company.cast.hub.house.counter.board.guests == {}
    snapshot = (await company.cast.desk.expect(DeskSnapshot)).message
    assert snapshot.wrap_up is not None
    assert guest not in str(snapshot)


async def _away(company: Company, guest: str) -> None:
    """Wait until the desk is told that the page is away."""
    while (await company.sees(guest, company.cast.hub.house.counter.board.guests[guest].state)).here:
        pass


async def _written(hub: RunningHub, inside: int) -> None:
    async with hub.house.database.read(POOL) as tx:
        found = await guests.open_ones(tx, ["minami"])
    assert [one.state for one in found.values()] == [GuestState.INSIDE] * inside


async def _noted(company: Company, action: Action) -> int:
    async with company.cast.hub.house.database.read(POOL) as tx:
        return sum(entry.action is action for entry, _ in await trail.entries(tx))
