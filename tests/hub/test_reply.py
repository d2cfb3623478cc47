"""The resident's answer by a key on its way through the hub: once, to the operator of the call alone."""

from __future__ import annotations

import sqlite3

from protocol.common import MediaReport, Refused, Reply, ReplyTaken
from protocol.desk_link import EndCall
from protocol.kiosk_link import Call
from protocol.values import ReplyWord, Rung, RungCause
from tests.hub.conftest import Cast

YES = Reply(id="reply-1", word=ReplyWord.YES, revision=3)
AGAIN = Reply(id="reply-2", word=ReplyWord.AGAIN, revision=3)


async def test_a_reply_reaches_the_operator_of_the_call_and_nobody_else(cast: Cast) -> None:
    """Word for word; the terminal hears that it is there; the second municipality hears nothing."""
    call = await cast.talk()
    await cast.kiosk.say(YES, call=call, id=YES.id)
    heard = await cast.desk.expect(Reply)
    assert (heard.message, heard.envelope.call) == (YES, call)
    assert (await cast.kiosk.expect(ReplyTaken)).message.id == YES.id
    await cast.far_desk.settled()
    assert cast.far_desk.count(Reply) == 0


async def test_a_reply_that_is_said_twice_is_heard_once(cast: Cast) -> None:
    """A terminal that missed the hub's word says it again, and is told again."""
    call = await cast.talk()
    for _ in range(2):
        await cast.kiosk.say(YES, call=call, id=YES.id)
        assert (await cast.kiosk.expect(ReplyTaken)).message.id == YES.id
    await cast.desk.settled()
    assert cast.desk.count(Reply) == 1


async def test_an_operator_who_reloads_hears_the_newest_reply_again(cast: Cast) -> None:
    """An answer is not lost because her page was just being loaded."""
    call = await cast.talk()
    await cast.desk.drop()
    await cast.kiosk.say(YES, call=call, id=YES.id)
    await cast.kiosk.say(AGAIN, call=call, id=AGAIN.id)
    await cast.kiosk.expect(ReplyTaken, lambda said: said.id == AGAIN.id)
    await cast.desk.connect()
    assert (await cast.desk.expect(Reply)).message == AGAIN
    await cast.desk.settled()
    assert cast.desk.count(Reply) == 1


async def test_nobody_replies_before_the_accept_after_the_end_or_for_another_call(cast: Cast) -> None:
    """A reply belongs to a talk that is going on at this very terminal."""
    waiting = await cast.kiosk.touch()
    await cast.desk.rung()
    await cast.kiosk.say(YES, call=waiting.id)
    assert (await cast.kiosk.expect(Refused)).message.code == "gone"
    await cast.desk.accept(waiting.id)
    await cast.far_kiosk.say(YES, call=waiting.id)
    assert (await cast.far_kiosk.expect(Refused)).message.code == "gone"
    await cast.desk.say(EndCall(), call=waiting.id)
    await cast.kiosk.expect(Call, lambda said: said.call.state == "ended")
    await cast.kiosk.say(YES, call=waiting.id)
    assert (await cast.kiosk.expect(Refused)).message.code == "gone"
    await cast.desk.settled()
    assert cast.desk.count(Reply) == 0


async def test_a_reply_is_never_written_and_is_gone_with_the_call(cast: Cast) -> None:
    """Neither the database nor the hub's memory keeps what a resident answered."""
    call = await cast.talk()
    await cast.kiosk.say(YES, call=call, id=YES.id)
    await cast.desk.expect(Reply)
    await cast.desk.say(EndCall(), call=call)
    await cast.kiosk.expect(Call, lambda said: said.call.state == "ended")
    with sqlite3.connect(cast.hub.house.settings.database.path) as store:
        assert not [line for line in store.iterdump() if YES.id in line]
    assert call not in cast.hub.house.counter.board.media


async def test_what_carries_the_call_and_why_reaches_the_operator(cast: Cast) -> None:
    """The report goes on as the terminal made it."""
    call = await cast.talk()
    report = MediaReport(
        live=True, rung=Rung.AUDIO_STILLS, cause=RungCause.NARROW, uplink_loss=0.25, face_age_ms=40
    )
    await cast.kiosk.say(report, call=call)
    assert (await cast.desk.expect(MediaReport)).message == report
