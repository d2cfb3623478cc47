"""One touch to one face, and back to a clean terminal: what the machine promises."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kiosk.core.call import TRANSITIONS, CallAction, CallEvent, CallMachine, Phase
from kiosk.core.effects import (
    CheckLink,
    CloseDevices,
    DevicesChanged,
    Drawn,
    LinkDown,
    LinkUp,
    LookedAt,
    MediaChanged,
    OfferMade,
    OpenDevices,
    RestartDevice,
    Say,
    SetCameras,
    SetFrozen,
    SetVolume,
    StartMedia,
    TakeAnswer,
    TakeCandidate,
    Wipe,
    WipeDone,
    WipeInk,
)
from kiosk.core.terminal import ENDED_S, GIVE_UP_S, Terminal
from kiosk.core.view import TextSize, TouchKind
from protocol import common
from protocol.common import Answer, Candidate, Offer, Refused, Renew
from protocol.kiosk_link import (
    Call,
    CallLeave,
    CallRequest,
    DeviceReport,
    DevicesClosed,
    Present,
    Presented,
    Snapshot,
    Wiped,
)
from protocol.values import (
    CallState,
    CameraRole,
    Cameras,
    CameraSetting,
    DeviceState,
    IceServer,
    Presentation,
    Region,
)
from tests.kiosk.core.cast import PAGE, SITE, at, call, new_terminal, of_kind, said, say, talking, touch


def test_one_touch_opens_the_devices_and_asks_the_hub() -> None:
    """One touch is all that a resident ever has to do."""
    effects = touch(new_terminal(), TouchKind.START)
    assert of_kind(effects, OpenDevices)
    assert said(effects, CallRequest) == [CallRequest(topic="", language="ja")]


def test_a_second_touch_is_no_second_call() -> None:
    """A trembling finger makes one call."""
    terminal = new_terminal()
    touch(terminal, TouchKind.START)
    assert touch(terminal, TouchKind.START) == []


def test_the_touch_is_said_again_with_the_same_id_after_a_lost_link() -> None:
    """A touch is neither lost nor doubled when the link drops at that moment."""
    terminal = new_terminal()
    first = of_kind(touch(terminal, TouchKind.START), Say)
    terminal.handle(LinkDown(), at(1))
    terminal.handle(LinkUp(), at(2))
    again = [
        s
        for s in of_kind(say(terminal, Snapshot(site=SITE), after=2), Say)
        if isinstance(s.message, CallRequest)
    ]
    assert [s.id for s in again] == [first[0].id]
    assert first[0].id


def test_two_calls_have_two_ids() -> None:
    """The next resident's touch is not taken for the last one's."""
    terminal = new_terminal()
    first = of_kind(touch(terminal, TouchKind.START), Say)[0].id
    touch(terminal, TouchKind.LEAVE_YES)
    touch(terminal, TouchKind.DONE)
    second = of_kind(touch(terminal, TouchKind.START), Say)[0].id
    assert first != second


def test_the_terminal_offers_while_the_operator_is_rung() -> None:
    """The kiosk always offers, and gathers while it waits."""
    terminal = new_terminal()
    touch(terminal, TouchKind.START)
    effects = say(terminal, Call(call=call(CallState.WAITING)))
    assert of_kind(effects, StartMedia) == [StartMedia("call-1", 1)]
    offer = terminal.handle(OfferMade(1, "v=0", {}), at())
    assert offer == [Say(Offer(sdp="v=0", mids={}), call="call-1", epoch=1)]


def test_an_offer_of_an_old_epoch_is_not_sent() -> None:
    """What belongs to an old connection never reaches the desk."""
    terminal = talking()
    say(terminal, Renew(reason="reload"))
    assert terminal.handle(OfferMade(1, "v=0", {}), at()) == []


def test_answers_and_candidates_of_an_old_epoch_are_dropped() -> None:
    """An answer to an older offer never touches the newer connection."""
    terminal = talking()
    assert say(terminal, Answer(sdp="v=0"), epoch=1) == [TakeAnswer(1, "v=0")]
    say(terminal, Renew(reason="reload"))
    assert say(terminal, Answer(sdp="v=0"), epoch=1) == []
    assert say(terminal, Candidate(candidate="c", mid="0"), epoch=1) == []
    assert say(terminal, Candidate(candidate="c", mid="0"), epoch=2) == [TakeCandidate(2, "c", "0")]


def test_a_desk_that_renews_gets_a_new_epoch_in_the_same_call() -> None:
    """A reloaded desk is back in its call."""
    assert of_kind(say(talking(), Renew(reason="reload")), StartMedia) == [StartMedia("call-1", 2)]


def test_lost_media_starts_a_new_epoch_by_itself() -> None:
    """A connection that died is rebuilt inside the call; an old epoch's end is nobody's business."""
    terminal = talking()
    terminal.handle(MediaChanged(1, "live"), at())
    lost = terminal.handle(MediaChanged(1, "lost"), at())
    assert lost == [CheckLink(), StartMedia("call-1", 2, doubt=True)]
    assert terminal.handle(MediaChanged(1, "lost"), at()) == []


def test_silent_media_ask_whether_the_link_still_stands() -> None:
    """A cut that silences the media is noticed on the link in seconds, and so is the end of the cut."""
    terminal = talking()
    terminal.handle(MediaChanged(1, "live"), at())
    assert terminal.handle(MediaChanged(1, "silent"), at()) == [CheckLink()]
    terminal.handle(LinkDown(), at(1))
    assert terminal.handle(MediaChanged(1, "silent"), at(1)) == []
    assert terminal.handle(MediaChanged(1, "live"), at(2)) == [CheckLink()]  # the line is back


def test_a_link_that_returns_to_dead_media_brings_a_new_epoch_at_once() -> None:
    """What was offered in the outage was heard by nobody: nobody waits for the desk to notice."""
    terminal = talking()
    terminal.handle(MediaChanged(1, "live"), at())
    terminal.handle(MediaChanged(1, "lost"), at())  # offers epoch 2 into the void
    terminal.handle(LinkDown(), at(1))
    terminal.handle(LinkUp(), at(20))
    back = say(terminal, Snapshot(site=SITE, call=call(CallState.TALKING, epoch=1)), after=20)
    assert [start.epoch for start in of_kind(back, StartMedia)] == [3]


def test_a_link_that_returns_to_live_media_changes_nothing() -> None:
    """A restarted hub costs no picture and no new epoch."""
    terminal = talking()
    terminal.handle(MediaChanged(1, "live"), at())
    terminal.handle(LinkDown(), at(1))
    terminal.handle(LinkUp(), at(20))
    back = say(terminal, Snapshot(site=SITE, call=call(CallState.TALKING, epoch=1)), after=20)
    assert of_kind(back, StartMedia) == []


def lose(terminal: Terminal, epoch: int, *, live: bool = False) -> tuple[bool, bool]:
    """The epoch is lost: (doubt, relay_only) of the next."""
    if live:
        terminal.handle(MediaChanged(epoch, "live"), at())
    (start,) = of_kind(terminal.handle(MediaChanged(epoch, "lost"), at()), StartMedia)
    assert start.epoch == epoch + 1
    return start.doubt, start.relay_only


def test_after_a_lost_epoch_and_one_without_media_only_the_relay_is_left() -> None:
    """First everything again, then TURN over TLS and nothing else, then everything again: never stuck."""
    terminal = talking()
    assert lose(terminal, 1, live=True) == (True, False)
    assert lose(terminal, 2) == (True, True)
    assert lose(terminal, 3) == (True, False)


def test_a_first_epoch_without_media_is_not_tried_the_same_way_twice() -> None:
    """A resident who never saw the operator does not wait ten seconds more for the same."""
    assert lose(talking(), 1) == (True, True)


def test_what_carried_is_kept_for_the_rest_of_the_call() -> None:
    """A lost or renewed epoch goes on through the relay alone; the next call begins openly."""
    terminal = talking()
    lose(terminal, 1)
    assert lose(terminal, 2, live=True) == (True, True)
    terminal.handle(MediaChanged(3, "live"), at())
    (renewed,) = of_kind(say(terminal, Renew(reason="reload")), StartMedia)
    assert (renewed.doubt, renewed.relay_only) == (False, True), "a reload says nothing of the network"
    say(terminal, Call(call=call(CallState.ENDED)))
    touch(terminal, TouchKind.DONE)
    touch(terminal, TouchKind.START)
    (first,) = of_kind(say(terminal, Call(call=call(CallState.WAITING, id="call-2"))), StartMedia)
    assert not first.relay_only


def test_an_agent_that_was_killed_takes_the_call_up_again() -> None:
    """A restarted agent is back in the same call with an epoch beyond the last one."""
    terminal = new_terminal(linked=False)
    terminal.handle(LinkUp(), at())
    effects = say(terminal, Snapshot(site=SITE, call=call(CallState.TALKING, epoch=3)))
    assert of_kind(effects, OpenDevices)
    assert of_kind(effects, StartMedia) == [StartMedia("call-1", 4)]


def test_a_new_epoch_uses_the_newest_relay_credentials() -> None:
    """A connection that is renewed an hour into a call is not refused by the relay; the end forgets them."""
    old, new = (IceServer(urls=("turn:relay",), username=name, credential="c") for name in ("old", "new"))
    terminal = new_terminal()
    touch(terminal, TouchKind.START)
    effects = say(terminal, Call(call=call(CallState.WAITING, ice_servers=(old,))))
    assert of_kind(effects, StartMedia) == [StartMedia("call-1", 1, (old,))]
    say(terminal, Call(call=call(CallState.TALKING, epoch=1, ice_servers=(new,))))
    say(terminal, Present(presentation=Presentation(revision=1)))
    terminal.handle(MediaChanged(1, "live"), at())
    lost = of_kind(terminal.handle(MediaChanged(1, "lost"), at()), StartMedia)
    assert lost == [StartMedia("call-1", 2, (new,), doubt=True)]
    touch(terminal, TouchKind.LEAVE)
    touch(terminal, TouchKind.LEAVE_YES)
    assert terminal.call is not None
    assert terminal.call.ice_servers == ()


def test_every_failed_try_says_why_and_the_newest_cause_stands() -> None:
    """A technician who mends the proxy's password sees the next fault, without a call in between."""
    terminal = new_terminal(linked=False)
    since = terminal.link_since
    terminal.handle(LinkDown("proxy_unreachable"), at(3))
    terminal.handle(LinkDown("proxy_auth"), at(5))
    assert (terminal.link_fault, terminal.link_since) == ("proxy_auth", since)


def test_a_lost_link_does_not_end_a_call() -> None:
    """The hub is off the media path: its absence ends nothing."""
    terminal = talking()
    assert terminal.handle(LinkDown(), at()) == []
    terminal.tick(at(600))
    assert terminal.calls.phase is Phase.TALKING


def test_the_operator_ends_and_everything_is_closed_and_wiped() -> None:
    """After a call nothing is open and nothing is left."""
    terminal = talking(presentation=Presentation(revision=1, caption="お名前"))
    effects = say(terminal, Call(call=call(CallState.ENDED, ended_by="operator")))
    assert of_kind(effects, CloseDevices)
    assert of_kind(effects, Wipe) == [Wipe("call-1")]
    assert terminal.presentation == Presentation()
    proof = terminal.handle(WipeDone("call-1", buffers=4, files=0, left=0, ui=True), at())
    assert said(proof, Wiped) == [Wiped(buffers=4, files=0, left=0, ui=True)]


def test_leaving_is_asked_first_and_then_said_to_the_hub() -> None:
    """A finger that slips on やめる ends nothing."""
    terminal = talking()
    assert touch(terminal, TouchKind.LEAVE) == []
    assert terminal.calls.phase is Phase.TALKING
    effects = touch(terminal, TouchKind.LEAVE_YES)
    assert said(effects, CallLeave) == [CallLeave(reason="resident")]
    assert terminal.calls.phase is Phase.ENDED


def test_a_leave_that_the_hub_missed_is_said_again() -> None:
    """No operator waits for a resident who has left."""
    terminal = talking()
    terminal.handle(LinkDown(), at())
    touch(terminal, TouchKind.LEAVE_YES)
    terminal.handle(LinkUp(), at(3))
    effects = say(terminal, Snapshot(site=SITE, call=call(CallState.TALKING, epoch=1)), after=3)
    assert said(effects, CallLeave)
    assert not of_kind(effects, OpenDevices)


def test_leaving_before_the_hub_answered_leaves_the_call_that_then_comes() -> None:
    """A resident who walks off at once is not called."""
    terminal = new_terminal()
    touch(terminal, TouchKind.START)
    touch(terminal, TouchKind.LEAVE_YES)
    effects = say(terminal, Call(call=call(CallState.WAITING)))
    assert [s.call for s in of_kind(effects, Say)] == ["call-1"]
    assert said(effects, CallLeave)


def test_the_thank_you_goes_away_by_itself_and_resets_what_the_resident_set() -> None:
    """The next resident finds the terminal as the first one did."""
    terminal = talking()
    touch(terminal, TouchKind.TEXT_SIZE)
    touch(terminal, TouchKind.VOLUME_UP)
    assert terminal.preferences.text_size is TextSize.LARGE
    say(terminal, Call(call=call(CallState.ENDED)))
    due = terminal.deadline()
    assert due == at(ENDED_S).mono
    effects = terminal.tick(at(ENDED_S))
    assert terminal.calls.phase is Phase.NONE
    assert terminal.preferences.text_size is TextSize.NORMAL
    assert of_kind(effects, SetVolume) == [SetVolume(3)]


def test_a_touch_without_an_answer_gives_up() -> None:
    """Nobody waits for ever for a hub that does not answer."""
    terminal = new_terminal()
    touch(terminal, TouchKind.START)
    assert terminal.deadline() == at(GIVE_UP_S).mono
    assert of_kind(terminal.tick(at(GIVE_UP_S)), CloseDevices)
    assert not terminal.calls.live


def test_a_refused_touch_closes_the_devices() -> None:
    """'Nobody on duty' leaves no camera open."""
    terminal = new_terminal()
    request = of_kind(touch(terminal, TouchKind.START), Say)[0]
    effects = say(terminal, Refused(about=request.id, code="nobody_on_duty", text=""))
    assert of_kind(effects, CloseDevices)
    assert terminal.busy


def test_an_operator_who_is_gone_means_waiting_again_with_a_new_offer() -> None:
    """The next operator gets an offer of her own."""
    terminal = talking()
    effects = say(terminal, Call(call=call(CallState.WAITING, epoch=1)))
    assert of_kind(effects, StartMedia) == [StartMedia("call-1", 2)]
    assert terminal.calls.phase is Phase.WAITING


def test_a_touch_while_closed_does_nothing() -> None:
    """What cannot be started is not started."""
    terminal = new_terminal()
    say(terminal, Snapshot(site=replace(SITE, open=False)))
    assert touch(terminal, TouchKind.START) == []


def test_a_touch_in_the_moment_of_a_lost_link_is_kept() -> None:
    """The finger was on the glass before the screen could change: the call follows the next snapshot."""
    terminal = new_terminal()
    terminal.handle(LinkDown(), at())
    touch(terminal, TouchKind.START)
    terminal.handle(LinkUp(), at(1))
    assert said(say(terminal, Snapshot(site=SITE), after=1), CallRequest)


def test_freezing_reaches_the_gate_once() -> None:
    """The desk's freeze holds the picture for both sides."""
    terminal = talking()
    frozen = Presentation(revision=1, frozen=(CameraRole.DOCUMENT,))
    effects = say(terminal, Present(presentation=frozen))
    assert effects == [SetFrozen(frozenset({CameraRole.DOCUMENT}))]
    assert say(terminal, Present(presentation=frozen)) == []


def test_an_older_presentation_never_replaces_a_newer_one() -> None:
    """The newest revision wins."""
    terminal = talking()
    say(terminal, Present(presentation=Presentation(revision=5, caption="新")))
    say(terminal, Present(presentation=Presentation(revision=4, caption="旧")))
    assert terminal.presentation.caption == "新"


def test_presented_is_said_only_after_the_screen_has_drawn_it() -> None:
    """'On the resident's screen' is never a guess."""
    terminal = talking()
    say(terminal, Present(presentation=Presentation(revision=2, page=PAGE)))
    terminal.showing(17)
    assert terminal.handle(Drawn(16), at()) == []
    assert said(terminal.handle(Drawn(17), at()), Presented) == [Presented(revision=2)]
    assert terminal.handle(Drawn(18), at()) == []


def test_a_presentation_that_changes_no_word_is_drawn_with_the_view_that_stands() -> None:
    """A turned camera changes the picture, not the View: the desk does not wait for ever for its drawing."""
    terminal = talking()
    say(terminal, Present(presentation=Presentation(revision=2)))
    assert terminal.showing(17) == [], "the View of this revision is still on its way"
    terminal.handle(Drawn(17), at())
    turned = Cameras(document=CameraSetting(turned=90))
    say(terminal, Present(presentation=Presentation(revision=3, cameras=turned)))
    assert said(terminal.showing(17), Presented) == [Presented(revision=3)]
    assert terminal.showing(17) == []


def test_what_is_drawn_after_the_end_is_nobody_s_business() -> None:
    """The thank-you screen is not told to the hub as a page of a call that is over."""
    terminal = talking(presentation=Presentation(revision=2))
    say(terminal, Call(call=call(CallState.ENDED)))
    terminal.showing(18)
    assert terminal.handle(Drawn(18), at()) == []


def test_devices_are_reported_at_every_change_and_after_every_snapshot() -> None:
    """The desk always knows how the cameras are."""
    terminal = new_terminal()
    devices = (DeviceState(name="face", state="lost", code="device_missing"),)
    assert said(terminal.handle(DevicesChanged(devices), at()), DeviceReport) == [
        DeviceReport(devices=devices, volume=3)
    ]
    report = DeviceReport(devices=devices, volume=3)
    assert said(say(terminal, Snapshot(site=SITE)), DeviceReport) == [report]


def test_cameras_are_set_as_the_operator_wants_and_set_back_at_the_end() -> None:
    """What the newest presentation says; the next resident finds the terminal as it was set up."""
    terminal = talking()
    cameras = Cameras(document=CameraSetting(turned=90, exposure=2))
    effects = say(terminal, Present(presentation=Presentation(revision=1, cameras=cameras)))
    assert of_kind(effects, SetCameras) == [SetCameras(cameras)]
    caption = Presentation(revision=2, cameras=cameras, caption="はい")
    assert of_kind(say(terminal, Present(presentation=caption)), SetCameras) == []
    ended = say(terminal, Call(call=call(CallState.ENDED)))
    assert of_kind(ended, SetCameras)[-1] == SetCameras(Cameras())


def test_a_paper_that_lies_otherwise_loses_what_was_written_on_it() -> None:
    """Ink keeps its place in the picture, and the place is another part of the paper now."""
    for number, change in enumerate(
        (CameraSetting(turned=90), CameraSetting(region=Region(side=0.5)), CameraSetting(source="spare-1"))
    ):
        terminal = talking()
        shown = Presentation(revision=number + 1, cameras=Cameras(document=change))
        assert of_kind(say(terminal, Present(presentation=shown)), WipeInk) == [WipeInk()]
    lighter = Presentation(revision=1, cameras=Cameras(document=CameraSetting(exposure=1)))
    assert of_kind(say(talking(), Present(presentation=lighter)), WipeInk) == []


def test_the_operator_sets_the_volume_and_both_know_it() -> None:
    """The resident's keys and the operator's word move the same bar, and the hub is told where it stands."""
    terminal = talking()
    effects = say(terminal, common.SetVolume(level=5))
    assert of_kind(effects, SetVolume) == [SetVolume(5)]
    assert said(effects, DeviceReport)[0].volume == 5
    assert said(touch(terminal, TouchKind.VOLUME_DOWN), DeviceReport)[0].volume == 4


def test_a_word_to_the_devices_counts_only_in_its_call() -> None:
    """Not of another call, not while waiting, not after the end: nobody turns up an empty room."""
    waiting = new_terminal()
    touch(waiting, TouchKind.START)
    say(waiting, Call(call=call(CallState.WAITING)))
    ended = talking()
    say(ended, Call(call=call(CallState.ENDED)))
    for word in (common.SetVolume(level=5), common.RestartDevice(device="audio")):
        assert say(talking(), word, call="call-2") == []
        assert say(waiting, word) == []
        assert say(ended, word) == []
    assert say(talking(), common.RestartDevice(device="face")) == [RestartDevice("face")]


def test_the_hub_hears_once_that_nothing_is_open() -> None:
    """After each call and after every snapshot while idle; never while somebody is served."""
    terminal = new_terminal()
    closed = DevicesClosed(cameras=0, sounds=0, files=0)
    assert said(terminal.handle(LookedAt(0, 0, 0), at()), DevicesClosed) == [closed]
    assert terminal.handle(LookedAt(0, 0, 0), at()) == [], "said already"
    assert said(terminal.handle(LookedAt(1, 0, 2), at()), DevicesClosed)[0].files == 2
    assert said(say(terminal, Snapshot(site=SITE)), DevicesClosed)[0].cameras == 1
    served = talking()
    assert served.handle(LookedAt(0, 0, 0), at()) == []
    say(served, Call(call=call(CallState.ENDED)))
    assert said(served.handle(LookedAt(0, 0, 0), at()), DevicesClosed) == [closed]


def test_volume_stays_within_its_steps() -> None:
    """The keys stop at the ends."""
    terminal = talking()
    levels = [of_kind(touch(terminal, TouchKind.VOLUME_UP), SetVolume)[0].level for _ in range(6)]
    assert levels == [4, 5, 5, 5, 5, 5]


@pytest.mark.parametrize("phase", list(Phase))
def test_every_phase_of_a_live_call_ends_when_the_hub_says_so(phase: Phase) -> None:
    """Nobody is stuck in a call that is over; REQUESTED asks again."""
    step = TRANSITIONS.get((phase, CallEvent.HUB_OVER))
    if phase in (Phase.WAITING, Phase.TALKING, Phase.HELD):
        assert step is not None
        assert step[0] is Phase.ENDED
        assert CallAction.WIPE in step[1]
    if phase is Phase.REQUESTED:
        assert step == (Phase.REQUESTED, (CallAction.REQUEST,))


def test_no_transition_leaves_a_call_without_wiping() -> None:
    """There is no way out of a live phase into a still one that forgets to wipe and close."""
    live = {Phase.REQUESTED, Phase.WAITING, Phase.TALKING, Phase.HELD}
    for (phase, event), (following, actions) in TRANSITIONS.items():
        if phase in live and following not in live:
            assert CallAction.WIPE in actions, (phase, event)
            assert CallAction.CLOSE in actions, (phase, event)


def test_an_unknown_event_changes_nothing() -> None:
    """An event that a phase does not know is no reason to do anything."""
    machine = CallMachine()
    assert machine.handle(CallEvent.DONE) == ()
    assert machine.phase is Phase.NONE
