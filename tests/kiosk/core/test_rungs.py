"""A call on a bad line, as the terminal has it: rungs, what the resident reads, answers by key."""

from __future__ import annotations

import pytest

from kiosk.core.effects import Effect, LineSeen, LinkDown, LinkUp, Say, SetRung, StartMedia
from kiosk.core.ladder import SILENT_S, Line
from kiosk.core.screen import view
from kiosk.core.terminal import Terminal
from kiosk.core.view import Layout, Talking, TouchKind, View
from protocol.common import Refused, Renew, Reply, ReplyTaken
from protocol.kiosk_link import Call, Present, Snapshot
from protocol.values import CallState, Focus, Presentation, ReplyWord, Rung, RungCause

from .cast import FALLBACK, PAGE, SITE, at, call, of_kind, said, say, talking, touch

GONE = Line(live=False)
THIN = Line(live=True, estimate_bps=90_000, sent_bps=90_000)


def over(terminal: Terminal, line: Line, start: float, seconds: float) -> list[Effect]:
    """The effects of a line that is seen twice a second."""
    effects: list[Effect] = []
    for step in range(1, int(seconds * 2) + 1):
        effects += terminal.handle(LineSeen(line), at(start + step / 2))
    return effects


def seen(terminal: Terminal, after: float) -> tuple[View, Talking]:
    shown = view(terminal, at(after), 0, FALLBACK)
    assert shown.talking is not None
    return shown, shown.talking


def written() -> Terminal:
    """A call that nothing but the hub carries, 20 s old, with the operator's first words."""
    terminal = talking()
    over(terminal, GONE, 0, 20)
    say(terminal, Present(presentation=Presentation(revision=1, caption="お名前は書けましたか")))
    return terminal


def test_a_thin_line_is_told_to_media_and_to_the_resident() -> None:
    """Once, in plain words, and no longer than it lasts."""
    terminal = talking()
    assert of_kind(over(terminal, THIN, 0, 3), SetRung) == [
        SetRung(Rung.FEWER_FRAMES),
        SetRung(Rung.AUDIO_STILLS),
    ]
    _, body = seen(terminal, 3)
    assert "声|こえ" in body.calm
    assert body.words is None
    over(terminal, Line(live=True), 3, 3)
    _, body = seen(terminal, 6)
    assert body.calm == ""


def test_an_operator_whose_picture_stands_still_is_explained() -> None:
    """Her desk sends sound alone on a thin line: a face that does not move is not left without a word."""
    terminal = talking()
    over(terminal, Line(live=True, picture_age_s=1.0), 0, 2)
    assert seen(terminal, 2)[1].calm == ""
    over(terminal, Line(live=True, picture_age_s=4.5), 2, 1)
    assert "職員|しょくいん" in seen(terminal, 3)[1].calm
    over(terminal, Line(live=True, picture_age_s=0.1), 3, 1)
    assert seen(terminal, 4)[1].calm == ""
    over(terminal, Line(live=True, picture_age_s=None), 4, 60)  # an operator without a camera
    assert seen(terminal, 64)[1].calm == ""


def test_a_call_without_media_goes_on_in_writing() -> None:
    """After fifteen seconds without a packet, and not before: same call, same operator."""
    terminal = talking()
    assert of_kind(over(terminal, GONE, 0, SILENT_S - 1), SetRung) == []
    assert of_kind(over(terminal, GONE, SILENT_S - 1, 2), SetRung) == [SetRung(Rung.TEXT)]
    shown, body = seen(terminal, SILENT_S + 1)
    assert terminal.ladder.cause is RungCause.NO_MEDIA
    assert body.words is not None
    assert "書|か" in body.words.text  # what happens next, until there is a caption
    assert [key.value for key in body.words.keys] == ["yes", "no", "again", "wait", "unheard"]
    assert body.notice == ""
    assert "だれにも" in shown.footer.watching[0]  # nobody sees the resident now
    assert body.person.name == "佐藤"
    say(terminal, Present(presentation=Presentation(revision=1, caption="聞こえますか")))
    _, body = seen(terminal, SILENT_S + 2)
    assert body.words is not None
    assert body.words.text == "聞こえますか"
    assert of_kind(over(terminal, Line(live=True), 20, 1), SetRung) == [SetRung(Rung.VIDEO)]
    _, body = seen(terminal, 21)
    assert body.words is None


def test_a_key_is_said_once_shown_as_chosen_and_confirmed() -> None:
    """The resident sees what was answered, and when it has arrived."""
    terminal = written()
    effects = touch(terminal, TouchKind.REPLY, "yes", after=21)
    (reply,) = said(effects, Reply)
    (sent,) = of_kind(effects, Say)
    assert (reply.word, reply.revision, sent.id, sent.call) == (ReplyWord.YES, 1, reply.id, "call-1")
    _, body = seen(terminal, 21)
    assert body.words is not None
    assert "送|おく" in body.words.said
    assert [key.value for key in body.words.keys if key.selected] == ["yes"]
    say(terminal, ReplyTaken(id=reply.id))
    _, body = seen(terminal, 22)
    assert body.words is not None
    assert "「はい」" in body.words.said
    assert "伝|つた" in body.words.said


def test_an_answer_that_the_link_lost_is_said_again_under_the_same_id() -> None:
    """Nobody has to press twice because the link was away."""
    terminal = written()
    (reply,) = said(touch(terminal, TouchKind.REPLY, "no", after=21), Reply)
    terminal.handle(LinkDown(), at(22))
    terminal.handle(LinkUp(), at(25))
    back = say(terminal, Snapshot(site=SITE, call=call(CallState.TALKING, epoch=1)), after=25)
    assert said(back, Reply) == [reply]
    say(terminal, ReplyTaken(id=reply.id))
    again = say(terminal, Snapshot(site=SITE, call=call(CallState.TALKING, epoch=1)), after=26)
    assert said(again, Reply) == []


def test_new_words_free_the_keys_and_an_answer_keeps_its_question() -> None:
    """The next question has no answer yet; the one before goes to the words that it was for."""
    terminal = written()
    (first,) = said(touch(terminal, TouchKind.REPLY, "yes", after=21), Reply)
    say(terminal, Present(presentation=Presentation(revision=2, caption="では写真を撮ります")))
    _, body = seen(terminal, 22)
    assert body.words is not None
    assert not any(key.selected for key in body.words.keys)
    assert body.words.said == ""
    (second,) = said(touch(terminal, TouchKind.REPLY, "again", after=23), Reply)
    assert (first.revision, second.revision) == (1, 2)
    assert first.id != second.id


def test_an_answer_that_nobody_can_have_is_given_up() -> None:
    """The hub refused it: the call is over there, or waits for another operator."""
    terminal = written()
    (reply,) = said(touch(terminal, TouchKind.REPLY, "yes", after=21), Reply)
    say(terminal, Refused(about=reply.id, code="gone", text=""))
    assert terminal.replies.waiting is None


@pytest.mark.parametrize("value", ["", "maybe", "answer"])
def test_a_key_without_a_meaning_says_nothing(value: str) -> None:
    """What the screen sends is checked as well."""
    assert touch(written(), TouchKind.REPLY, value, after=21) == []


def test_nobody_answers_outside_of_a_talk() -> None:
    """A touch that was on its way when the call ended reaches nobody."""
    terminal = written()
    say(terminal, Call(call=call(CallState.ENDED)))
    assert touch(terminal, TouchKind.REPLY, "yes", after=22) == []
    assert terminal.replies.chosen is None


def test_the_next_operator_and_the_next_call_start_on_video() -> None:
    """What was wrong with the line before is not held against anybody."""
    terminal = written()
    effects = say(terminal, Call(call=call(CallState.WAITING, epoch=1)), after=30)
    assert SetRung(Rung.VIDEO) in effects
    assert of_kind(over(terminal, GONE, 30, 60), SetRung) == []  # while it rings, silence is no fault
    say(terminal, Call(call=call(CallState.TALKING, epoch=2)), after=90)
    assert of_kind(over(terminal, GONE, 90, SILENT_S - 1), SetRung) == []


def test_a_hold_is_no_new_connection() -> None:
    """Held and resumed, the rung is the same."""
    terminal = talking()
    over(terminal, THIN, 0, 3)
    say(terminal, Call(call=call(CallState.HELD, epoch=1)), after=3)
    _, body = seen(terminal, 3)
    assert body.words is None
    say(terminal, Call(call=call(CallState.TALKING, epoch=1)), after=5)
    assert terminal.ladder.rung is Rung.AUDIO_STILLS


def test_a_page_is_shown_in_a_written_call_too() -> None:
    """Guidance comes through the hub: the operator decides which of both is large."""
    terminal = written()
    shown = Presentation(revision=2, page=PAGE, focus=Focus.PAGE, caption="ご覧ください")
    say(terminal, Present(presentation=shown))
    _, body = seen(terminal, 22)
    assert (body.layout, body.words, body.caption) == (Layout.PAGE, None, "ご覧ください")


def test_a_new_connection_may_try_at_once() -> None:
    """An operator who asks for one does not wait for what failed before."""
    terminal = talking()
    terminal.ladder._backoff_s = 60
    effects = say(terminal, Renew(reason="operator"), after=1)
    assert of_kind(effects, StartMedia)
    assert terminal.ladder._backoff_s == 0
