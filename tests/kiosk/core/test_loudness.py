"""A call begins louder where the place is loud, within the bound, and the resident has the last word."""

from __future__ import annotations

import pytest

from hardware.audio import gain_of
from kiosk.core.effects import AmbientHeard, DevicesChanged, SetVolume
from kiosk.core.loudness import STEPS_DB, Loudness
from kiosk.core.screen import view
from kiosk.core.view import TouchKind
from protocol.kiosk_link import Call
from protocol.values import CallState, DeviceState
from tests.kiosk.core.cast import FALLBACK, at, call, new_terminal, say, touch

QUIET, CAFE, STREET = -60.0, -52.0, -30.0  # 40, 48 and 70 dB in the air at 100 dB of full scale


@pytest.mark.parametrize(
    ("dbfs", "usual", "bound", "level"),
    [
        (QUIET, 3, 2, 3),
        (-55.0, 3, 2, 3),  # 45 dB: 65 are 20 more
        (-54.0, 3, 2, 4),
        (CAFE, 3, 2, 4),
        (-47.0, 3, 2, 5),
        (STREET, 3, 2, 5),
        (STREET, 3, 1, 4),
        (STREET, 3, 0, 3),
        (STREET, 5, 2, 5),
        (STREET, 1, 2, 3),
    ],
)
def test_twenty_decibels_above_the_place_within_the_bound(
    dbfs: float, usual: int, bound: int, level: int
) -> None:
    """And never softer than what was set."""
    assert Loudness(100.0, bound).begins_at(usual, dbfs) == level


def test_the_steps_are_those_of_the_speaker() -> None:
    """What is reckoned here is what is heard there."""
    for level, decibels in STEPS_DB.items():
        assert gain_of(level) == pytest.approx(10 ** (decibels / 20))


def test_the_volume_is_raised_while_one_waits_and_reset_after_the_call() -> None:
    """A loud place is met before the first word; the next resident finds the usual volume."""
    terminal = new_terminal()
    assert terminal.handle(AmbientHeard(STREET), at()) == []
    touch(terminal, TouchKind.START)
    say(terminal, Call(call=call(CallState.RINGING)))
    assert SetVolume(5) in terminal.handle(AmbientHeard(STREET), at())
    assert terminal.handle(AmbientHeard(STREET), at()) == []
    assert SetVolume(4) in terminal.handle(AmbientHeard(CAFE), at())
    say(terminal, Call(call=call(CallState.TALKING)))
    assert terminal.handle(AmbientHeard(STREET), at()) == []
    assert terminal.preferences.volume == 4
    say(terminal, Call(call=call(CallState.ENDED)))
    assert SetVolume(3) in touch(terminal, TouchKind.DONE)


def test_what_the_resident_chose_is_not_overruled() -> None:
    """A hand on the volume ends all reckoning, until the next use."""
    terminal = new_terminal()
    touch(terminal, TouchKind.START)
    say(terminal, Call(call=call(CallState.RINGING)))
    touch(terminal, TouchKind.VOLUME_DOWN)
    assert terminal.handle(AmbientHeard(STREET), at()) == []
    assert terminal.preferences.volume == 2


def test_the_screen_says_when_sound_is_in_the_headset() -> None:
    """Whoever hears nothing from the speaker sees why."""
    terminal = new_terminal()
    touch(terminal, TouchKind.START)
    say(terminal, Call(call=call(CallState.TALKING)))
    assert "イヤホン" not in view(terminal, at(), 1, FALLBACK).footer.volume_label
    terminal.handle(DevicesChanged((DeviceState(name="headset", state="live"),)), at())
    assert view(terminal, at(), 2, FALLBACK).footer.volume_label == "イヤホン"
