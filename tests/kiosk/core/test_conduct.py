"""An operator's warning on the terminal: calm words under the head, as long as call and warning last."""

from __future__ import annotations

from msgspec.structs import replace

from kiosk.core.screen import view
from kiosk.core.terminal import Terminal
from kiosk.core.view import Band, TouchKind
from protocol.kiosk_link import Call, Present, Snapshot, Staff
from protocol.ruby import plain
from protocol.values import CallState, Conduct, Presentation, StaffState
from tests.kiosk.core.cast import FALLBACK, SITE, at, call, new_terminal, say, touch


def band(terminal: Terminal) -> Band | None:
    return view(terminal, at(), 1, FALLBACK).band


def test_calm_words_stand_until_all_is_well_or_over() -> None:
    """They come before a ring for staff, leave with the warning, and never outlive the call."""
    terminal = new_terminal()
    say(terminal, Snapshot(site=replace(SITE, staff=True)))
    touch(terminal, TouchKind.START)
    say(terminal, Call(call=call(CallState.TALKING)))
    say(terminal, Staff(state=StaffState.CALLING, by_resident=False))
    say(terminal, Present(presentation=Presentation(revision=1, conduct=Conduct.WARNED)))
    shown = band(terminal)
    assert shown is not None
    assert "おだやか" in plain(shown.text)
    say(terminal, Present(presentation=Presentation(revision=2, conduct=Conduct.FINE)))
    shown = band(terminal)
    assert shown is not None
    assert "呼んで" in plain(shown.text)
    say(terminal, Present(presentation=Presentation(revision=3, conduct=Conduct.SUPERVISOR)))
    say(terminal, Staff(state=StaffState.DONE, by_resident=False))
    assert band(terminal) is not None
    say(terminal, Call(call=call(CallState.ENDED)))
    assert band(terminal) is None
