"""Ringing on real sockets: nobody is stuck, nobody is rung twice, the place in the queue is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from protocol.common import GoingAway, MediaReport, Offer, Refused, Renew
from protocol.desk_link import (
    Accept,
    Caption,
    Decline,
    DeskCallUpdate,
    DeskSnapshot,
    EndCall,
    Presence,
    Ring,
    RingEnded,
    SetPresence,
)
from protocol.kiosk_link import Call, CallLeave, CallRequest, Snapshot
from protocol.values import CallState, PresenceState
from tests.fakes.hub_program import JumpClock, RunningHub, running
from tests.hub.conftest import Cast


async def test_an_unanswered_ring_makes_away_and_keeps_the_place(cast: Cast) -> None:
    """B12: the operator is away with the reason, the resident is rung first when somebody is there again."""
    call = await cast.kiosk.touch()
    await cast.desk.rung()
    second = await cast.hub.kiosk("t3")
    async with second:
        younger = await second.touch()
        await cast.hub.jump(20)
        assert (await cast.desk.expect(RingEnded)).message.why == "timeout"
        away = (await cast.desk.expect(Presence, lambda said: said.state == "away")).message
        assert away.reason == "ring_timeout"
        again = await cast.kiosk.expect_call("waiting")
        assert (again.id, again.queued_at, again.position) == (call.id, call.queued_at, 0)
        await cast.hub.jump(15)
        await cast.desk.available()
        assert (await cast.desk.rung()).call == call.id != younger.id


async def test_a_declined_call_rings_the_next_operator(cast: Cast) -> None:
    """The resident keeps the place and never hears of it; who declined is free for others."""
    other = await cast.hub.desk("jiro")
    async with other:
        call = await cast.kiosk.touch()
        await cast.desk.rung()
        await other.available()
        await cast.desk.say(Decline(), call=call.id)
        assert (await cast.desk.expect(RingEnded)).message.why == "declined"
        assert (await other.rung()).call == call.id
        await cast.desk.expect(Presence, lambda said: said.state == "available")
        await other.accept(call.id)
        assert cast.desk.count(Ring) == 1


async def test_a_single_operator_who_declines_is_rung_again_after_a_pause(cast: Cast) -> None:
    """The resident is not forgotten, and the desk does not ring in the same breath."""
    call = await cast.kiosk.touch()
    await cast.desk.rung()
    await cast.desk.say(Decline(), call=call.id)
    await cast.desk.settled()
    assert cast.desk.count(Ring) == 1
    await cast.hub.jump(15)
    assert (await cast.desk.rung()).call == call.id


async def test_leaving_while_it_rings_takes_the_card_away_and_a_late_accept_is_gone(cast: Cast) -> None:
    """No zombie ring, and the operator is free at once."""
    call = await cast.kiosk.touch()
    await cast.desk.rung()
    await cast.kiosk.say(CallLeave(reason="resident"), call=call.id)
    assert (await cast.kiosk.expect_call("abandoned")).ended_by == "resident"
    assert (await cast.desk.expect(RingEnded)).message.why == "left"
    about = await cast.desk.say(Accept(), call=call.id)
    refused = (await cast.desk.expect(Refused)).message
    assert (refused.about, refused.code) == (about, "gone")
    assert refused.text
    second = await cast.kiosk.touch()
    assert (await cast.desk.rung()).call == second.id


async def test_only_the_rung_operator_can_accept(cast: Cast) -> None:
    """A colleague who is not rung gets 'gone'; so does one of the other municipality."""
    other = await cast.hub.desk("jiro")
    async with other:
        call = await cast.kiosk.touch()
        await cast.desk.rung()
        for desk in (other, cast.far_desk):
            await desk.say(Accept(), call=call.id)
            assert (await desk.expect(Refused)).message.code == "gone"
        assert (await cast.desk.accept(call.id)).state is CallState.TALKING


async def test_the_same_touch_said_again_is_one_call(cast: Cast) -> None:
    """Over the same link and over a new one: one call, one ring."""
    await cast.kiosk.say(CallRequest(), id="touch-1")
    first = (await cast.kiosk.expect(Call)).message.call
    await cast.kiosk.say(CallRequest(), id="touch-1")
    assert (await cast.kiosk.expect(Call)).message.call.id == first.id
    await cast.hub.lost(cast.kiosk)
    snapshot = await cast.kiosk.connect()
    assert snapshot.call is not None
    assert snapshot.call.id == first.id
    await cast.kiosk.say(CallRequest(), id="touch-1")
    await cast.kiosk.settled()
    await cast.desk.settled()
    assert cast.desk.count(Ring) == 1


async def test_the_same_word_said_again_has_one_effect(cast: Cast) -> None:
    """An id counts once, even over a reload: a caption repeated is no further revision."""
    call = await cast.talk()
    await cast.desk.say(Caption(text="はい"), call=call, id="word-1")
    first = (await cast.desk.expect(DeskCallUpdate)).message.call.presentation
    await cast.desk.reload()
    await cast.desk.say(Caption(text="はい"), call=call, id="word-1")
    await cast.desk.say(Caption(text="いいえ"), call=call, id="word-2")
    second = (await cast.desk.expect(DeskCallUpdate)).message.call.presentation
    assert (first.revision, second.revision, second.caption) == (1, 2, "いいえ")


async def test_a_second_link_replaces_the_first(cast: Cast) -> None:
    """The older socket of the same terminal or operator is closed with 4009; the newer one is told all."""
    newer = cast.hub.desk_of("hana")
    async with newer:
        assert (await cast.desk.expect_close())[0] == 4009
        await cast.kiosk.touch()
        await newer.rung()


async def test_an_operator_who_reloads_is_back_in_the_call(cast: Cast) -> None:
    """The snapshot holds the call; a renewal makes the terminal offer again; the resident notices nothing."""
    call = await cast.talk()
    snapshot = await cast.desk.reload()
    assert snapshot.call is not None
    assert (snapshot.call.card.call, snapshot.call.state, snapshot.presence) == (call, "talking", "talking")
    await cast.desk.say(Renew(reason="reload"), call=call)
    await cast.kiosk.expect(Renew)
    await cast.kiosk.offer(2)
    assert (await cast.desk.expect(Offer)).envelope.epoch == 2


async def test_a_ring_survives_a_reload(cast: Cast) -> None:
    """The card is in the snapshot and can be accepted."""
    call = await cast.kiosk.touch()
    await cast.desk.rung()
    snapshot = await cast.desk.reload()
    assert snapshot.ring is not None
    assert snapshot.ring.call == call.id
    await cast.desk.accept(call.id)


async def test_a_wrap_up_survives_a_reload(cast: Cast) -> None:
    """Outcome still wanted, call and captures still there to look at."""
    call = await cast.talk()
    await cast.desk.say(EndCall(), call=call)
    await cast.kiosk.expect_call("ended")
    snapshot = await cast.desk.reload()
    assert snapshot.wrap_up is not None
    assert snapshot.call is not None
    assert (snapshot.wrap_up.call, snapshot.call.state) == (call, "ended")


async def test_an_operator_who_is_really_gone_is_replaced(cast: Cast) -> None:
    """Desk away 20 s and no media: another is rung, the terminal offers anew; the old desk finds no call."""
    call = await cast.talk()
    await cast.hub.jump(31)  # beyond the grace after the start
    await cast.kiosk.say(MediaReport(live=False), call=call)
    await cast.hub.lost(cast.desk)
    other = await cast.hub.desk("jiro")
    async with other:
        await other.available()
        await cast.kiosk.settled()
        await cast.hub.jump(19)
        await other.settled()
        assert other.count(Ring) == 0, "19 s may be a reload"
        await cast.hub.jump(2)
        assert (await other.rung()).call == call
        await cast.kiosk.offer(2)
        await cast.kiosk.settled()
        await other.accept(call)
        assert (await other.expect(Offer)).envelope.epoch == 2
        snapshot = await cast.desk.connect()
        assert (snapshot.call, snapshot.presence) == (None, PresenceState.AWAY)


async def test_a_desk_without_its_link_keeps_the_call_while_media_flow(cast: Cast) -> None:
    """An hour without the hub is nothing to two people who hear each other."""
    call = await cast.talk()
    await cast.hub.lost(cast.desk)
    for _ in range(10):
        await cast.kiosk.say(MediaReport(live=True), call=call)
        await cast.kiosk.settled()
        await cast.hub.jump(15)
    snapshot = await cast.desk.connect()
    assert snapshot.call is not None
    assert snapshot.call.card.call == call


async def test_a_terminal_that_stays_away_ends_its_call(cast: Cast) -> None:
    """The desk sees at once that it is away; after 60 s the hub ends the talk, and says that it did."""
    call = await cast.talk()
    await cast.hub.lost(cast.kiosk)
    lost = await cast.desk.expect(DeskCallUpdate, lambda said: not said.call.terminal_connected)
    assert lost.message.call.state is CallState.TALKING
    await cast.hub.jump(59)
    await cast.desk.settled()
    await cast.hub.jump(2)
    ended = await cast.desk.expect(DeskCallUpdate, lambda said: said.call.state == "ended")
    assert (ended.message.call.card.call, ended.message.call.ended_by) == (call, "hub")
    assert (await cast.kiosk.connect()).call is None


async def test_a_terminal_that_comes_back_in_time_is_in_the_same_call(cast: Cast) -> None:
    """Its snapshot has the call; the desk sees it connected again."""
    call = await cast.talk()
    await cast.hub.lost(cast.kiosk)
    await cast.desk.expect(DeskCallUpdate, lambda said: not said.call.terminal_connected)
    await cast.hub.jump(50)
    snapshot = await cast.kiosk.connect()
    assert snapshot.call is not None
    assert (snapshot.call.id, snapshot.call.state, snapshot.call.epoch) == (call, "talking", 1)
    await cast.desk.expect(DeskCallUpdate, lambda said: said.call.terminal_connected)
    await cast.hub.jump(120)
    await cast.kiosk.settled()
    assert cast.kiosk.count(Call) > 0
    assert all(one.message.call.state != "ended" for one in cast.kiosk.heard if isinstance(one.message, Call))


async def test_a_waiting_terminal_without_link_is_not_rung(cast: Cast) -> None:
    """No operator greets an empty line; the place is kept until it is back."""
    await cast.desk.say(SetPresence(state="away"))
    await cast.desk.expect(Presence)
    other = await cast.hub.desk("jiro")
    async with other:
        await other.available()
        busy = await cast.hub.kiosk("t3")
        async with busy:
            first = await busy.touch()
            await other.accept((await other.rung()).call)
            call = await cast.kiosk.touch()
            await cast.hub.lost(cast.kiosk)
            await cast.desk.available()
            await cast.desk.settled()
            assert cast.desk.count(Ring) == 0
            await cast.kiosk.connect()
            assert (await cast.desk.rung()).call == call.id != first.id


async def test_whoever_closes_the_browser_is_not_on_duty_for_long(cast: Cast) -> None:
    """After the patience of a reload the terminal shows 'busy' instead of a button that leads nowhere."""
    assert (await cast.kiosk.expect(Snapshot)).message.site.operators_on_duty
    await cast.hub.jump(31)
    await cast.hub.lost(cast.desk)
    await cast.hub.jump(21)
    assert not (await cast.kiosk.expect(Snapshot)).message.site.operators_on_duty
    await cast.kiosk.say(CallRequest())
    assert (await cast.kiosk.expect(Refused)).message.code == "nobody_on_duty"
    assert (await cast.desk.connect()).presence is PresenceState.AWAY
    await cast.desk.available()
    assert (await cast.kiosk.expect(Snapshot)).message.site.operators_on_duty


async def test_a_presence_that_does_not_fit_is_refused(cast: Cast) -> None:
    """Away while it rings: first the ring wants an answer."""
    await cast.kiosk.touch()
    await cast.desk.rung()
    await cast.desk.say(SetPresence(state="away"))
    assert (await cast.desk.expect(Refused)).message.code == "presence"


async def test_positions_move_up(cast: Cast) -> None:
    """Each waiting terminal hears when one before it is served; the other municipality is not counted."""
    first = await cast.kiosk.touch()
    kiosks = [await cast.hub.kiosk(f"more-{number}") for number in range(2)]
    async with kiosks[0], kiosks[1]:
        second, third = await kiosks[0].touch(), await kiosks[1].touch()
        assert (second.position, third.position) == (0, 1)
        await cast.kiosk.say(CallLeave(reason="resident"), call=first.id)
        assert (await kiosks[0].expect_call("ringing")).position == 0
        moved = await kiosks[1].expect(Call, lambda said: said.call.position == 0)
        assert moved.message.call.state is CallState.WAITING


async def test_a_closed_site_is_told_when_it_opens(tmp_path: Path) -> None:
    """Before the hours a touch is refused; at opening the terminal hears it without asking."""
    early = datetime(2026, 11, 23, 23, 20, tzinfo=UTC)  # Tuesday 8:20 in Japan
    async with running(tmp_path, clock=JumpClock(early)) as hub:
        desk = await hub.desk("hana")
        kiosk = await hub.kiosk("t1", "minami", "honcho")
        async with desk, kiosk:
            await desk.available()
            site = kiosk.heard[2].message.site
            assert (site.open, bool(site.closed_text), bool(site.opens_text)) == (False, True, True)
            await kiosk.say(CallRequest())
            assert (await kiosk.expect(Refused)).message.code == "closed"
            await hub.jump(11 * 60)
            assert (await kiosk.expect(Snapshot, lambda said: said.site.open)).message.site.closed_text == ""
            assert (await kiosk.touch()).state is CallState.RINGING


async def test_a_planned_restart_is_announced(tmp_path: Path) -> None:
    """Both sides hear when to come back before the socket closes."""
    async with running(tmp_path) as hub:
        kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
        async with kiosk, desk:
            hub.server.should_exit = True
            for side in (kiosk, desk):
                assert 0 < (await side.expect(GoingAway)).message.retry_after_s <= 10
                assert (await side.expect_close())[0] == 1012


async def test_the_other_municipality_sees_nothing(cast: Cast) -> None:
    """Through a whole call its desk and terminal hear no word of it."""
    heard = len(cast.far_desk.heard), len(cast.far_kiosk.heard)
    call = await cast.talk()
    await cast.desk.say(EndCall(), call=call)
    await cast.kiosk.expect_call("ended")
    await cast.far_desk.settled()
    await cast.far_kiosk.settled()
    pongs = 1
    assert (len(cast.far_desk.heard) - pongs, len(cast.far_kiosk.heard) - pongs) == heard
    assert cast.far_desk.count(DeskSnapshot) == 1


async def test_a_refused_touch_leaves_no_call(hub: RunningHub) -> None:
    """A touch while nobody is on duty makes no call at all."""
    async with await hub.kiosk("t1") as kiosk:
        await kiosk.say(CallRequest())
        assert (await kiosk.expect(Refused)).message.code == "nobody_on_duty"
        assert hub.house.counter.board.live == {}


async def test_time_alone_never_makes_the_hub_busy(cast: Cast) -> None:
    """After a tick nothing is left that is already due: a deadline that stays would be a busy loop."""
    board = cast.hub.house.counter
    call = await cast.kiosk.touch()
    await cast.desk.rung()
    await cast.desk.say(Decline(), call=call.id)
    await cast.desk.settled()
    for seconds in (1, 14, 1, 20, 3600, 24 * 3600):
        await cast.hub.jump(seconds)
        due = board.deadline()
        assert due is None or due > cast.hub.clock.now(), seconds
    await cast.hub.lost(cast.kiosk)
    await cast.hub.lost(cast.desk)
    for seconds in (1, 21, 61, 3600):
        await cast.hub.jump(seconds)
        due = board.deadline()
        assert due is None or due > cast.hub.clock.now(), seconds
