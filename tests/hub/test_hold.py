"""A hold on real sockets: the resident reads why, nothing is asked of her, and nobody is held for ever."""

from __future__ import annotations

from protocol.common import MediaReport, Refused
from protocol.desk_link import DeskCallUpdate, EndCall, HoldCall, RequestCapture, ResumeCall
from protocol.kiosk_link import CallLeave, CancelCapture, TakeCapture
from protocol.values import CallState, CaptureKind
from tests.hub.conftest import Cast


async def test_the_resident_reads_why_she_waits_until_the_operator_is_back(cast: Cast) -> None:
    """B10: state and reason reach both sides, the reason may change, and a reload finds the hold."""
    call = await cast.talk()
    await cast.desk.say(HoldCall(reason="checking"), call=call)
    held = await cast.kiosk.expect_call("held")
    assert (held.id, held.held_reason) == (call, "checking")
    assert held.operator is not None, "the resident still sees who it is"
    await cast.desk.say(HoldCall(reason="印鑑証明を確かめています"), call=call)
    assert (await cast.kiosk.expect_call("held")).held_reason == "印鑑証明を確かめています"
    snapshot = await cast.desk.reload()
    assert snapshot.call is not None
    assert (snapshot.call.state, snapshot.call.held_reason) == (CallState.HELD, "印鑑証明を確かめています")
    await cast.desk.say(ResumeCall(), call=call)
    assert (await cast.kiosk.expect_call("talking")).held_reason == ""


async def test_nothing_is_asked_of_a_resident_on_hold(cast: Cast) -> None:
    """A still that was asked for ends with the hold, and none can be asked for during it."""
    call = await cast.talk()
    await cast.desk.say(RequestCapture(kind=CaptureKind.ID_PHOTO), call=call)
    await cast.kiosk.expect(TakeCapture)
    await cast.desk.say(HoldCall(reason="moment"), call=call)
    await cast.kiosk.expect(CancelCapture)
    await cast.desk.say(RequestCapture(kind=CaptureKind.ID_PHOTO), call=call)
    assert (await cast.desk.expect(Refused)).message.code == "on_hold"


async def test_only_the_operator_of_the_call_holds_it(cast: Cast) -> None:
    """A colleague and the other municipality get 'gone'; so does a second resume."""
    call = await cast.talk()
    other = await cast.hub.desk("jiro")
    async with other:
        for desk in (other, cast.far_desk):
            await desk.say(HoldCall(), call=call)
            assert (await desk.expect(Refused)).message.code == "gone"
    await cast.desk.say(ResumeCall(), call=call)
    assert (await cast.desk.expect(Refused)).message.code == "gone"


async def test_a_call_on_hold_can_be_left_and_ended(cast: Cast) -> None:
    """The resident may go at any time, and so may the operator end it."""
    call = await cast.talk()
    await cast.desk.say(HoldCall(), call=call)
    await cast.kiosk.expect_call("held")
    await cast.kiosk.say(CallLeave(reason="resident"), call=call)
    assert (await cast.kiosk.expect_call("ended")).ended_by == "resident"
    ended = await cast.desk.expect(DeskCallUpdate, lambda said: said.call.state == "ended")
    assert ended.message.call.held_reason == ""


async def test_the_operator_ends_a_call_on_hold(cast: Cast) -> None:
    """No need to resume first."""
    call = await cast.talk()
    await cast.desk.say(HoldCall(), call=call)
    await cast.desk.say(EndCall(), call=call)
    assert (await cast.kiosk.expect_call("ended")).ended_by == "operator"


async def test_nobody_waits_on_hold_for_an_operator_who_is_gone(cast: Cast) -> None:
    """Desk away and no media: the resident stands at the head of the queue again, without the reason."""
    call = await cast.talk()
    await cast.desk.say(HoldCall(reason="papers"), call=call)
    await cast.hub.jump(31)
    await cast.kiosk.say(MediaReport(live=False), call=call)
    await cast.kiosk.settled()
    await cast.hub.lost(cast.desk)
    await cast.hub.jump(21)
    waiting = await cast.kiosk.expect_call("waiting")
    assert (waiting.id, waiting.held_reason, waiting.operator) == (call, "", None)
