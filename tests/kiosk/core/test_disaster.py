"""In a disaster the page stands on the screen, whatever else is wrong with the terminal."""

from __future__ import annotations

from msgspec.structs import replace

from kiosk.core.effects import DevicesChanged, LinkDown
from kiosk.core.screen import view
from kiosk.core.terminal import Terminal
from kiosk.core.view import Idle, Screen, TouchKind
from protocol.kiosk_link import CallRequest, Snapshot
from protocol.values import DeviceState
from tests.kiosk.core.cast import FALLBACK, PAGE, SITE, at, new_terminal, said, say, touch

PLACE = replace(SITE, disaster=PAGE, topics=())


def terminal(*, on_duty: bool = True) -> Terminal:
    made = new_terminal()
    say(made, Snapshot(site=replace(PLACE, operators_on_duty=on_duty)), call=None)
    return made


def shown(one: Terminal, after: float = 0) -> Idle:
    seen = view(one, at(after), 1, FALLBACK)
    assert seen.screen is Screen.IDLE
    assert seen.idle is not None
    assert seen.idle.page is not None
    assert seen.idle.page.title == PAGE.title
    return seen.idle


def test_one_page_and_one_key_that_starts_a_call() -> None:
    """D11: no topics, no tiles, no hours."""
    one = terminal()
    idle = shown(one)
    assert idle.start is not None
    assert (idle.tiles, idle.topics, idle.hours, idle.telephone) == ((), (), "", "")
    (request,) = said(touch(one, TouchKind.START), CallRequest)
    assert request.topic == ""


def test_without_anybody_to_reach_the_telephone_takes_the_place_of_the_key() -> None:
    """Nobody on duty, no sound, no link: the page stays, and the way to a person is never a dead key."""
    silent, alone = terminal(), terminal()
    silent.handle(DevicesChanged((DeviceState(name="audio", state="lost"),), ()), at())
    alone.handle(LinkDown("link_down"), at())
    for one in (terminal(on_duty=False), silent, alone):
        idle = shown(one, 60)
        assert (idle.start, idle.telephone) == (None, SITE.telephone)
        assert idle.lines


def test_switched_back_the_counter_is_as_before() -> None:
    """The same way back."""
    one = terminal()
    say(one, Snapshot(site=SITE), call=None)
    seen = view(one, at(), 1, FALLBACK).idle
    assert seen is not None
    assert seen.page is None
    assert seen.start is not None
