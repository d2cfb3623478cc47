"""職員を呼ぶ at the terminal: never by an elbow, never unheard without a word, beside every call."""

from __future__ import annotations

from msgspec.structs import replace

from kiosk.core.bell import ASK_S, TOLD_S, UNHEARD_S, Bell, BellState
from kiosk.core.effects import Effect, LinkDown, LinkUp, Say, Sound
from kiosk.core.screen import view
from kiosk.core.terminal import Terminal
from kiosk.core.view import TouchKind, View
from protocol.common import CallStaff, Refused, WithdrawStaff
from protocol.kiosk_link import Call, Snapshot, Staff
from protocol.ruby import plain
from protocol.values import CallState, StaffState
from tests.kiosk.core.cast import FALLBACK, SITE, at, call, new_terminal, say, touch

STAFFED = replace(SITE, staff=True)


def staffed() -> Terminal:
    terminal = new_terminal()
    say(terminal, Snapshot(site=STAFFED))
    return terminal


def seen(terminal: Terminal, seconds: float = 0.0) -> View:
    return view(terminal, at(seconds), 1, FALLBACK)


def line(terminal: Terminal, seconds: float = 0.0) -> str:
    band = seen(terminal, seconds).band
    return plain(band.text) if band else ""


def said(effects: list[Effect], kind: type) -> list[Say]:
    return [one for one in effects if isinstance(one, Say) and isinstance(one.message, kind)]


def ring(terminal: Terminal) -> Say:
    touch(terminal, TouchKind.STAFF)
    (word,) = said(touch(terminal, TouchKind.STAFF_YES), CallStaff)
    return word


def test_the_key_stands_only_where_somebody_can_be_rung() -> None:
    """No staff, or no hub: no key that leads nowhere."""
    terminal = new_terminal()
    assert seen(terminal).footer.staff is None
    say(terminal, Snapshot(site=STAFFED))
    key = seen(terminal).footer.staff
    assert key is not None
    assert key.kind is TouchKind.STAFF
    terminal.handle(LinkDown(), at())
    assert seen(terminal, 5).footer.staff is None


def test_one_question_stands_before_the_ring_and_goes_by_itself() -> None:
    """An elbow rings nobody."""
    terminal = staffed()
    assert said(touch(terminal, TouchKind.STAFF), CallStaff) == []
    dialog = seen(terminal).dialog
    assert dialog is not None
    assert [one.kind for one in dialog.choices] == [TouchKind.STAFF_YES, TouchKind.STAFF_NO]
    touch(terminal, TouchKind.STAFF_NO)
    assert seen(terminal).dialog is None
    touch(terminal, TouchKind.STAFF)
    assert terminal.deadline() == at(ASK_S).mono
    terminal.tick(at(ASK_S))
    assert seen(terminal, ASK_S).dialog is None
    assert said(touch(terminal, TouchKind.STAFF_YES), CallStaff) == []  # the question stands no longer


def test_somebody_comes() -> None:
    """Rung, on the way (with a sound), there; the key takes it back meanwhile."""
    terminal = staffed()
    ring(terminal)
    assert "呼んで" in line(terminal)
    say(terminal, Staff(state=StaffState.CALLING, by_resident=True))
    key = seen(terminal).footer.staff
    assert key is not None
    assert key.kind is TouchKind.STAFF_STOP
    coming = Staff(state=StaffState.COMING, by_resident=True)
    assert Sound("chime") in say(terminal, coming)
    assert Sound("chime") not in say(terminal, coming)  # said again: no second sound
    assert "向かいます" in line(terminal)
    say(terminal, Staff(state=StaffState.DONE, by_resident=True))
    assert line(terminal) == ""


def test_nobody_came_is_said_with_the_telephone_and_not_for_ever() -> None:
    """The way out stands beside the bad news, and one may ring again."""
    terminal = staffed()
    ring(terminal)
    say(terminal, Staff(state=StaffState.UNANSWERED, by_resident=True))
    band = seen(terminal).band
    assert band is not None
    assert band.urgent
    assert SITE.telephone in band.text
    assert ring(terminal).id != ""
    say(terminal, Staff(state=StaffState.UNANSWERED, by_resident=True))
    terminal.tick(at(TOLD_S))
    assert line(terminal, TOLD_S) == ""


def test_a_hub_that_says_nothing_is_no_ring() -> None:
    """Within seconds the resident reads to ask somebody near."""
    terminal = staffed()
    ring(terminal)
    terminal.tick(at(UNHEARD_S))
    assert "お声かけ" in line(terminal, UNHEARD_S)
    other = staffed()
    word = ring(other)
    say(other, Refused(about=word.id, code="no_staff", text=""))
    assert "お声かけ" in line(other)


def test_a_ring_that_the_hub_has_not_heard_is_said_again_as_the_same() -> None:
    """A link that breaks in that moment makes neither two rings nor none."""
    terminal = staffed()
    word = ring(terminal)
    terminal.handle(LinkDown(), at(1))
    terminal.handle(LinkUp(), at(2))
    (again,) = said(say(terminal, Snapshot(site=STAFFED)), CallStaff)
    assert again.id == word.id


def test_the_snapshot_is_the_truth() -> None:
    """After a restart of the agent the ring still stands; one that ended meanwhile does not."""
    terminal = new_terminal()
    say(terminal, Snapshot(site=STAFFED, staff=StaffState.COMING))
    assert "向かいます" in line(terminal)
    say(terminal, Snapshot(site=STAFFED))
    assert line(terminal) == ""


def test_the_resident_takes_it_back() -> None:
    """Nobody comes for nothing."""
    terminal = staffed()
    ring(terminal)
    assert len(said(touch(terminal, TouchKind.STAFF_STOP), WithdrawStaff)) == 1
    assert line(terminal) == ""


def test_the_end_of_a_call_does_not_end_the_ring() -> None:
    """Staff on the way still come, and the screen still says so."""
    terminal = staffed()
    touch(terminal, TouchKind.START)
    say(terminal, Call(call=call(CallState.TALKING)))
    say(terminal, Staff(state=StaffState.COMING, by_resident=False))
    say(terminal, Call(call=call(CallState.ENDED)))
    touch(terminal, TouchKind.DONE)
    assert "向かいます" in line(terminal)


def test_every_state_that_time_may_end_has_its_end() -> None:
    """No sentence stays for ever without the hub's word."""
    for state in BellState:
        bell = Bell()
        bell.state = state
        for _ in range(3):
            due = bell.deadline()
            if due is not None:
                bell.tick(due)
        assert bell.state in (BellState.REST, BellState.CALLING, BellState.COMING)
