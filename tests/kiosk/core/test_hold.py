"""A hold at the terminal: nothing leaves, nothing is heard, the resident reads why and can always go."""

from __future__ import annotations

import pytest

from kiosk.core import screen
from kiosk.core.effects import CloseDevices, SetHold, StartMedia
from kiosk.core.terminal import Terminal
from kiosk.core.view import Talking, TouchKind
from protocol.kiosk_link import Call, Snapshot
from protocol.values import CallState, HoldReason, Person, Watcher, WatcherKind
from tests.kiosk.core.cast import FALLBACK, SITE, at, call, new_terminal, of_kind, say, talking, touch
from tests.kiosk.core.test_screen import plain


def shown(terminal: Terminal) -> Talking:
    """What stands on the screen of a call."""
    body = screen.view(terminal, at(), 1, FALLBACK).talking
    assert body is not None
    return body


def watching(terminal: Terminal) -> tuple[str, ...]:
    """Who sees the resident, as the foot of the screen says it."""
    return screen.view(terminal, at(), 1, FALLBACK).footer.watching


@pytest.mark.parametrize("state", [CallState.HELD, CallState.CONSULTING])
def test_a_hold_silences_both_ways_once_and_the_end_of_it_brings_both_back(state: CallState) -> None:
    """The connection stays; only what it carries stops. A changed reason changes nothing of it."""
    terminal = talking()
    effects = say(terminal, Call(call=call(state, epoch=1, held_reason="checking")))
    assert of_kind(effects, SetHold) == [SetHold(on=True)]
    assert not of_kind(effects, StartMedia)
    again = say(terminal, Call(call=call(state, epoch=1, held_reason="papers")))
    assert not of_kind(again, SetHold)
    back = say(terminal, Call(call=call(CallState.TALKING, epoch=1)))
    assert of_kind(back, SetHold) == [SetHold(on=False)]


def test_an_agent_that_is_started_again_during_a_hold_sends_nothing() -> None:
    """What the last agent knew is gone; the snapshot says that the call is held."""
    terminal = new_terminal()
    effects = say(terminal, Snapshot(site=SITE, call=call(CallState.HELD, epoch=3)))
    assert SetHold(on=True) in effects
    assert of_kind(effects, StartMedia)


def test_between_two_operators_the_first_hears_nothing_more() -> None:
    """A resident who waits for somebody else is not overheard; with the next accept all flows."""
    terminal = talking()
    assert SetHold(on=True) in say(terminal, Call(call=call(CallState.WAITING, epoch=1)))
    assert SetHold(on=False) in say(terminal, Call(call=call(CallState.TALKING, epoch=2)))


def test_a_first_wait_is_no_hold() -> None:
    """Nobody has been there yet: the first operator is seen and heard at once."""
    terminal = new_terminal()
    touch(terminal, TouchKind.START)
    assert not of_kind(say(terminal, Call(call=call(CallState.WAITING))), SetHold)


def test_the_resident_reads_why_she_waits_and_that_nobody_sees_her() -> None:
    """Each reason has a sentence; the operator's own words stand as they are; none is still polite."""
    terminal = talking()
    sentences = set()
    for reason in HoldReason:
        say(terminal, Call(call=call(CallState.HELD, epoch=1, held_reason=reason)))
        sentences.add(shown(terminal).held)
    assert len(sentences) == len(HoldReason)
    assert all("ちください" in sentence for sentence in sentences)
    say(terminal, Call(call=call(CallState.HELD, epoch=1, held_reason="台帳を見ています")))
    assert shown(terminal).held.endswith("台帳を見ています")
    say(terminal, Call(call=call(CallState.HELD, epoch=1)))
    assert "ちください" in shown(terminal).held
    assert "{見|み}えて" in watching(terminal)[0]
    say(terminal, Call(call=call(CallState.TALKING, epoch=1)))
    assert shown(terminal).held == ""
    assert "佐藤" in watching(terminal)[0]


def test_a_resident_reads_everybody_who_sees_her() -> None:
    """A specialist who has joined is named beside the operator, and no longer than she is there."""
    terminal = talking()
    ken = Person(name="健", role="介護保険係", municipality="みなみ市")
    say(terminal, Call(call=call(CallState.TALKING, epoch=1, others=(ken,))))
    assert ["健" in one for one in watching(terminal)] == [False, True]
    say(terminal, Call(call=call(CallState.TALKING, epoch=1)))
    assert len(watching(terminal)) == 1


def test_a_resident_reads_who_has_joined_and_what_they_do() -> None:
    """L8: family, interpreter and supervisor by name, and whether they see, speak or only listen."""
    terminal = talking()
    operator = Watcher(kind=WatcherKind.OPERATOR, name="佐藤", role="オペレーター", municipality="みなみ市")
    heard = Watcher(kind=WatcherKind.FAMILY, name="花子", sees=False)
    seen = Watcher(kind=WatcherKind.INTERPRETER, name="ラン", sees=True, speaks=False)
    silent = Watcher(
        kind=WatcherKind.SUPERVISOR, name="誠", municipality="みなみ市", sees=False, speaks=False
    )
    company = (operator, heard, seen, silent)
    say(terminal, Call(call=call(CallState.TALKING, epoch=1, watchers=company)))
    assert [plain(one) for one in watching(terminal)] == [
        "みなみ市のオペレーター 佐藤が見ています", "ご家族の花子さんが声で参加しています",
        "通訳のランさんが見て、聞いています", "みなみ市の管理者 誠が聞いています",
    ]  # fmt: skip


def test_a_resident_on_hold_can_leave() -> None:
    """やめる is always there."""
    terminal = talking()
    say(terminal, Call(call=call(CallState.HELD, epoch=1)))
    touch(terminal, TouchKind.LEAVE)
    assert of_kind(touch(terminal, TouchKind.LEAVE_YES), CloseDevices)
