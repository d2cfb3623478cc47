"""Stills are taken only with consent, one step at a time, and always come to an end."""

from __future__ import annotations

import pytest

from kiosk.core.capture import AIM_S, CONSENT_S, COUNT_FROM, TRANSITIONS, CaptureEvent, CaptureMachine
from kiosk.core.effects import DropStill, Sound, StillFailed, StillTaken, TakeStill, Upload, Uploaded
from kiosk.core.terminal import Terminal
from kiosk.core.view import PhotoStage, TouchKind
from protocol.kiosk_link import CancelCapture, CaptureProgress, TakeCapture
from protocol.values import CaptureKind, CaptureStage
from tests.kiosk.core.cast import at, new_terminal, of_kind, said, say, talking, touch

TOKEN = "t" * 32


def ask(terminal: Terminal, kind: CaptureKind = CaptureKind.ID_PHOTO) -> list[CaptureProgress]:
    return said(say(terminal, TakeCapture(capture="c1", kind=kind, upload_token=TOKEN)), CaptureProgress)


def stages(progress: list[CaptureProgress]) -> list[CaptureStage]:
    return [p.stage for p in progress]


def test_nothing_is_taken_before_the_resident_says_yes() -> None:
    """A still without consent does not exist."""
    terminal = talking()
    assert stages(ask(terminal)) == [CaptureStage.ASKING]
    for second in range(int(CONSENT_S) - 1):
        assert not of_kind(terminal.tick(at(second)), TakeStill)


def test_no_answer_is_a_no() -> None:
    """Silence is not consent, and the operator hears of it."""
    terminal = talking()
    ask(terminal)
    effects = terminal.tick(at(CONSENT_S))
    assert stages(said(effects, CaptureProgress)) == [CaptureStage.DECLINED]
    assert terminal.capture is None


def test_an_id_photo_goes_from_consent_over_the_count_down_to_the_upload() -> None:
    """The whole way of an ID photo, with three ticks, one shutter and one upload under its token."""
    terminal = talking()
    ask(terminal)
    touch(terminal, TouchKind.CONSENT_YES)
    effects = terminal.tick(at(AIM_S))
    for half in range(1, COUNT_FROM * 2 + 1):
        effects += terminal.tick(at(AIM_S + half / 2))
    assert [s.name for s in of_kind(effects, Sound)] == ["tick", "tick", "tick", "shutter"]
    assert of_kind(effects, TakeStill) == [TakeStill("c1", CaptureKind.ID_PHOTO)]
    taken = terminal.handle(StillTaken("c1", (("ピント", "good", "よい"),)), at(8))
    assert of_kind(taken, Upload) == [Upload("c1", TOKEN)]
    assert said(taken, CaptureProgress)[0].checks == (("ピント", "good", "よい"),)
    terminal.handle(Uploaded("c1"), at(9))
    assert terminal.capture is not None
    assert terminal.capture.stage is PhotoStage.SHOWN
    over = terminal.tick(at(9 + 5))
    assert of_kind(over, DropStill) == [DropStill("c1")]
    assert terminal.capture is None


def test_paper_needs_no_count_down() -> None:
    """Paper holds still: yes is followed by the shutter."""
    terminal = talking()
    ask(terminal, CaptureKind.DOCUMENT_STILL)
    assert of_kind(touch(terminal, TouchKind.CONSENT_YES), TakeStill)


def test_a_failed_still_says_why_and_goes_back_to_the_call() -> None:
    """A fault of a camera costs one still, never the call."""
    terminal = talking()
    ask(terminal, CaptureKind.DOCUMENT_STILL)
    touch(terminal, TouchKind.CONSENT_YES)
    progress = said(terminal.handle(StillFailed("c1", "device_hung", "応答なし"), at(1)), CaptureProgress)
    assert (progress[0].stage, progress[0].code, progress[0].cause) == (
        CaptureStage.FAILED,
        "device_hung",
        "応答なし",
    )
    terminal.tick(at(30))
    assert terminal.capture is None
    assert terminal.calls.live


def test_the_operator_may_change_her_mind_at_any_stage() -> None:
    """A cancelled question disappears from the screen."""
    terminal = talking()
    ask(terminal)
    say(terminal, CancelCapture(capture="c1"))
    assert terminal.capture is None


def test_a_second_still_waits_for_the_first() -> None:
    """Two questions never stand over each other."""
    terminal = talking()
    ask(terminal)
    second = said(
        say(terminal, TakeCapture(capture="c2", kind=CaptureKind.ID_PHOTO, upload_token=TOKEN)),
        CaptureProgress,
    )
    assert (second[0].capture, second[0].stage, second[0].code) == ("c2", CaptureStage.FAILED, "busy")


def test_the_next_still_need_not_wait_until_the_last_one_has_been_looked_at() -> None:
    """A still that is only shown any more makes room at once, and is dropped."""
    terminal = talking()
    ask(terminal, CaptureKind.DOCUMENT_STILL)
    touch(terminal, TouchKind.CONSENT_YES)
    terminal.handle(StillTaken("c1", ()), at(1))
    terminal.handle(Uploaded("c1"), at(2))
    take = TakeCapture(capture="c2", kind=CaptureKind.ID_PHOTO, upload_token=TOKEN)
    effects = say(terminal, take, after=2.5)
    assert of_kind(effects, DropStill) == [DropStill("c1")]
    assert stages(said(effects, CaptureProgress)) == [CaptureStage.ASKING]


def test_a_still_for_another_call_is_ignored() -> None:
    """A command is valid for the current call alone."""
    terminal = talking()
    take = TakeCapture(capture="c1", kind=CaptureKind.ID_PHOTO, upload_token=TOKEN)
    assert say(terminal, take, call="another") == []


def test_a_still_without_a_call_is_ignored() -> None:
    """An idle terminal never photographs anybody."""
    take = TakeCapture(capture="c1", kind=CaptureKind.ID_PHOTO, upload_token=TOKEN)
    assert say(new_terminal(), take) == []


def test_a_still_that_comes_too_late_is_forgotten() -> None:
    """What nobody waits for is not kept."""
    assert talking().handle(StillTaken("old", ()), at()) == [DropStill("old")]


@pytest.mark.parametrize("stage", list(PhotoStage))
def test_every_stage_ends_by_itself(stage: PhotoStage) -> None:
    """No stage waits for ever."""
    assert (stage, CaptureEvent.DUE) in TRANSITIONS


def test_the_count_is_shown_as_three_two_one() -> None:
    """What is counted is what is read."""
    machine = CaptureMachine("c", CaptureKind.ID_PHOTO, 0.0)
    machine.handle(CaptureEvent.YES, 0.0)
    machine.tick(AIM_S)
    assert [machine.count(AIM_S + t) for t in (0.0, 0.9, 1.0, 1.9, 2.0, 2.9)] == [3, 3, 2, 2, 1, 1]
