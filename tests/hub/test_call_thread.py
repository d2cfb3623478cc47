"""The main job end to end on real sockets: touch, ring, accept, media words, pages, end, wrap-up."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from hub.store.fences import POOL
from hub.store.tables import call as call_table
from protocol.common import Answer, Candidate, MediaReport, Offer, Renew
from protocol.desk_link import (
    Caption,
    DeskCallUpdate,
    DeskSnapshot,
    EndCall,
    Presence,
    Queue,
    Ring,
    ShowPage,
    WrappedUp,
    WrapUp,
)
from protocol.kiosk_link import CallLeave, Present, Presented
from protocol.values import CallState, Focus
from tests.hub.conftest import Cast


async def test_a_touch_leads_to_a_talk(cast: Cast) -> None:
    """One touch rings the operator, who accepts, and both read the other's name."""
    call = await cast.kiosk.touch("mynumber-card")
    assert call.state is CallState.RINGING
    card = await cast.desk.rung()
    assert (card.call, card.municipality_name, card.topic) == (call.id, "みなみ市", "mynumber-card")
    assert card.greeting
    desk_call = await cast.desk.accept(call.id)
    assert desk_call.state is CallState.TALKING
    told = await cast.kiosk.expect_call("talking")
    assert told.operator is not None
    assert told.operator.name == "hana さん"
    assert told.operator.municipality == "みなみ市"


async def test_media_words_pass_between_the_two_parties_only(cast: Cast) -> None:
    """Offer, answer and addresses reach the other party; the second municipality hears nothing of it."""
    call = await cast.kiosk.touch()
    await cast.desk.rung()
    await cast.kiosk.offer(1, "v=0 first")
    await cast.kiosk.say(Candidate(candidate="one", mid="0"), call=call.id, epoch=1)
    await cast.kiosk.settled()
    assert cast.desk.count(Offer) == 0, "nothing before the accept"
    await cast.desk.accept(call.id)
    offer = await cast.desk.expect(Offer)
    assert (offer.message.sdp, offer.envelope.epoch, offer.envelope.call) == ("v=0 first", 1, call.id)
    assert (await cast.desk.expect(Candidate)).message.candidate == "one"
    await cast.desk.say(Answer(sdp="v=0 answer"), call=call.id, epoch=1)
    await cast.desk.say(Candidate(candidate="two", mid="0"), call=call.id, epoch=1)
    assert (await cast.kiosk.expect(Answer)).message.sdp == "v=0 answer"
    assert (await cast.kiosk.expect(Candidate)).message.candidate == "two"
    await cast.kiosk.say(MediaReport(live=True, received_frames=50), call=call.id)
    assert (await cast.desk.expect(MediaReport)).message.received_frames == 50
    await cast.far_desk.settled()
    for kind in (Offer, Candidate, MediaReport, Ring, DeskCallUpdate):
        assert cast.far_desk.count(kind) == 0


async def test_words_of_an_old_epoch_are_dropped(cast: Cast) -> None:
    """After a renewal an answer to the old offer reaches nobody, and an old offer is refused."""
    call = await cast.talk()
    await cast.desk.say(Renew(reason="reload"), call=call)
    await cast.kiosk.expect(Renew)
    await cast.kiosk.offer(2, "v=0 second")
    assert (await cast.desk.expect(Offer, lambda said: said.sdp == "v=0 second")).envelope.epoch == 2
    await cast.desk.say(Answer(sdp="late"), call=call, epoch=1)
    await cast.desk.say(Answer(sdp="right"), call=call, epoch=2)
    assert (await cast.kiosk.expect(Answer)).message.sdp == "right"
    await cast.kiosk.offer(1)
    await cast.kiosk.settled()
    assert cast.kiosk.heard[-2].message.code == "old_epoch"


async def test_a_page_is_pushed_and_seen_to_be_drawn(cast: Cast) -> None:
    """show_page reaches the terminal as the next revision; `presented` comes back to the desk."""
    call = await cast.talk()
    await cast.desk.say(ShowPage(page="card-flow"), call=call)
    shown = (await cast.kiosk.expect(Present)).message.presentation
    assert shown.page is not None
    assert (shown.page.id, shown.focus, shown.revision) == ("card-flow", Focus.PAGE, 1)
    await cast.kiosk.say(Presented(revision=1), call=call)
    drawn = await cast.desk.expect(DeskCallUpdate, lambda said: said.call.presented == 1)
    assert drawn.message.call.presentation == shown


@pytest.mark.parametrize("who", ["operator", "resident", "hub"])
async def test_the_record_of_an_ended_call_holds_nothing_that_was_shown(cast: Cast, who: str) -> None:
    """Whoever ends it: caption and page are gone from the row, and both sides hear the call without them."""
    call = await cast.talk()
    await cast.desk.say(ShowPage(page="card-flow"), call=call)
    await cast.desk.say(Caption(text="暗証番号の控えは要りません"), call=call)
    await cast.kiosk.expect(Present, lambda said: bool(said.presentation.caption))
    if who == "operator":
        await cast.desk.say(EndCall(), call=call)
    elif who == "resident":
        await cast.kiosk.say(CallLeave(reason="resident"), call=call)
    else:
        await cast.hub.lost(cast.kiosk)
        await cast.hub.jump(61)
    ended = (await cast.desk.expect(DeskCallUpdate, lambda said: said.call.state == "ended")).message.call
    assert ended.ended_by == who
    assert (ended.presentation.caption, ended.presentation.page) == ("", None)
    async with cast.hub.house.database.read(POOL) as tx:
        row = (await tx.execute(select(call_table).where(call_table.c.id == call))).mappings().one()
    written = json.dumps(dict(row), ensure_ascii=False, default=str)
    assert "暗証番号" not in written
    assert "card-flow" not in written


async def test_the_operator_ends_and_wraps_up(cast: Cast) -> None:
    """end_call ends it on both sides; the terminal is free at once, the operator after her wrap-up."""
    call = await cast.talk()
    await cast.desk.say(EndCall(), call=call)
    assert (await cast.kiosk.expect_call("ended")).ended_by == "operator"
    snapshot = (await cast.desk.expect(DeskSnapshot)).message
    assert snapshot.wrap_up is not None
    assert (snapshot.wrap_up.call, snapshot.presence) == (call, "wrap_up")
    second = await cast.kiosk.touch()
    assert second.state is CallState.WAITING, "nobody else is there, but the place in the queue is taken"
    await cast.desk.say(WrapUp(procedure="mynumber-card", outcome="completed"), call=call)
    await cast.desk.expect(WrappedUp)
    await cast.desk.expect(Presence, lambda said: said.state == "available")
    assert (await cast.desk.rung()).call == second.id


async def test_the_resident_leaves(cast: Cast) -> None:
    """やめる ends a talk for both sides, and says who ended it."""
    call = await cast.talk()
    await cast.kiosk.say(CallLeave(reason="resident"), call=call)
    ended = await cast.desk.expect(DeskCallUpdate, lambda said: said.call.state == "ended")
    assert ended.message.call.ended_by == "resident"
    assert (await cast.kiosk.expect_call("ended")).ended_by == "resident"


async def test_the_queue_shows_only_own_municipalities(cast: Cast) -> None:
    """A waiting call is a line at its own municipality's desks and nowhere else."""
    await cast.kiosk.touch()
    assert (await cast.desk.expect(Queue)).message.waiting[0].municipality == "minami"
    await cast.far_desk.settled()
    assert cast.far_desk.count(Queue) == 0
