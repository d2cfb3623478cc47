"""The operator's pointer and pen: shown while they talk, gone when they should be."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kiosk.core import strokes, view
from kiosk.core.effects import DrawInk, Point, WipeInk
from kiosk.core.hand import AWAY, POINTS_FOR_S
from kiosk.core.strokes import MOST_POINTS, Strokes
from kiosk.core.terminal import Terminal
from protocol.common import Ink, InkClear, Pointer
from protocol.kiosk_link import Call, Present
from protocol.values import CallState, CameraRole, Presentation
from tests.kiosk.core.cast import at, call, new_terminal, of_kind, say, talking

POINTER = Pointer(x=0.25, y=0.5, on=True)
INK = Ink(stroke="s1", points=((0.1, 0.2), (0.3, 0.4)))


def present(terminal: Terminal, revision: int, *frozen: CameraRole) -> list[WipeInk]:
    """The operator freezes these pictures and no other."""
    shown = Presentation(revision=revision, frozen=frozen)
    return of_kind(say(terminal, Present(presentation=shown)), WipeInk)


def test_pointer_and_ink_go_to_the_screen_at_once() -> None:
    """They are no part of the View: nothing else is drawn again for them."""
    terminal = talking()
    assert say(terminal, POINTER) == [Point(view.Pointer(x=0.25, y=0.5, on=True))]
    assert say(terminal, INK) == [DrawInk(view.Ink(stroke="s1", points=INK.points))]
    assert say(terminal, InkClear()) == [WipeInk()]


@pytest.mark.parametrize("word", [POINTER, INK, InkClear()], ids=["pointer", "ink", "clear"])
def test_outside_of_the_talk_they_have_no_effect(word: Pointer | Ink | InkClear) -> None:
    """Idle, another call, on hold, ended: nobody writes on anybody's paper."""
    assert say(new_terminal(), word) == []
    terminal = talking()
    assert say(terminal, word, call="call-2") == []
    assert say(terminal, word, call=None) == []
    say(terminal, Call(call=call(CallState.HELD, epoch=1)))
    assert say(terminal, word) == []
    say(terminal, Call(call=call(CallState.ENDED, epoch=1)))
    assert say(terminal, word) == []


def test_a_pointer_that_is_not_said_again_disappears() -> None:
    """A desk that was closed in the middle points at nothing."""
    terminal = talking()
    say(terminal, POINTER)
    say(terminal, POINTER, after=1)
    assert terminal.deadline() == at(1 + POINTS_FOR_S).mono
    assert terminal.tick(at(1 + POINTS_FOR_S - 0.1)) == []
    assert terminal.tick(at(1 + POINTS_FOR_S)) == [Point(AWAY)]
    assert terminal.tick(at(60)) == []


def test_a_pointer_that_was_taken_away_is_not_taken_away_again() -> None:
    """Off is off."""
    terminal = talking()
    say(terminal, POINTER)
    say(terminal, Pointer(x=0.25, y=0.5, on=False))
    assert terminal.tick(at(60)) == []


def test_ink_goes_when_the_paper_moves_again_and_not_before() -> None:
    """Freezing keeps what was written; thawing wipes it; the face has nothing to do with it."""
    terminal = talking()
    assert present(terminal, 1, CameraRole.DOCUMENT) == []
    assert present(terminal, 2, CameraRole.DOCUMENT, CameraRole.FACE) == []
    assert present(terminal, 3, CameraRole.DOCUMENT) == []
    assert present(terminal, 4) == [WipeInk()]
    assert present(terminal, 5, CameraRole.FACE) == []
    assert present(terminal, 6) == []


def test_ink_goes_as_well_when_a_snapshot_says_that_the_paper_moves() -> None:
    """The thaw may be heard only after the link is back."""
    frozen = Presentation(revision=3, frozen=(CameraRole.DOCUMENT,))
    terminal = talking(presentation=frozen)
    thawed = replace(frozen, revision=4, frozen=())
    effects = say(terminal, Call(call=call(CallState.TALKING, epoch=1, presentation=thawed)))
    assert of_kind(effects, WipeInk) == [WipeInk()]


def test_the_next_operator_of_a_call_begins_on_clean_paper() -> None:
    """A call that goes back to the queue takes nothing of its first operator along."""
    terminal = talking()
    say(terminal, POINTER)
    effects = say(terminal, Call(call=call(CallState.WAITING, epoch=1)))
    assert [effect for effect in effects if isinstance(effect, WipeInk | Point)] == [WipeInk(), Point(AWAY)]
    assert terminal.tick(at(10)) == []


def test_strokes_are_told_again_as_they_came() -> None:
    """Parts of one stroke are one stroke, in the order in which strokes were begun."""
    kept = Strokes()
    kept.add(view.Ink(stroke="a", points=((0.1, 0.1),)))
    kept.add(view.Ink(stroke="b", points=((0.5, 0.5),)))
    kept.add(view.Ink(stroke="a", points=((0.2, 0.2),)))
    assert list(kept.parts()) == [
        view.Ink(stroke="a", points=((0.1, 0.1), (0.2, 0.2))),
        view.Ink(stroke="b", points=((0.5, 0.5),)),
    ]
    assert (kept.clear(), len(kept), list(kept.parts())) == (2, 0, [])


def test_ink_without_end_costs_the_oldest_strokes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory has an end; the newest stroke is the one that is being talked about."""
    monkeypatch.setattr(strokes, "MOST_POINTS", 10)
    kept = Strokes()
    for name in "abc":
        kept.add(view.Ink(stroke=name, points=((0.1, 0.1),) * 4))
    assert list(kept.all) == ["b", "c"]
    assert MOST_POINTS >= 10 * 60 * 10, "ten minutes of ten points a second"
