"""What follows an epoch that failed: everything anew, or the relay alone; never the same dead way twice."""

from __future__ import annotations

import pytest

from kiosk.core.effects import StartMedia
from kiosk.core.renewal import AGAIN_S, YOUNG_S, Renewal
from protocol.common import Renew
from tests.kiosk.core.cast import of_kind, say, talking


def begun(*, carried: bool = False) -> Renewal:
    """A first epoch that began at 0 s."""
    renewal = Renewal()
    renewal.begun(0.0)
    if carried:
        renewal.carried()
    return renewal


def wish(renewal: Renewal) -> tuple[bool, bool]:
    return renewal.doubt, renewal.relay_only


def test_a_first_epoch_begins_openly() -> None:
    """Nobody is sent through a relay for nothing."""
    assert wish(Renewal()) == (False, False)


def test_an_epoch_that_carried_is_tried_again_over_everything() -> None:
    """The network may have changed: it is asked anew, and every way is open."""
    renewal = begun(carried=True)
    renewal.lost()
    assert wish(renewal) == (True, False)
    renewal.begun(6.0)
    assert wish(renewal) == (False, False), "doubt is for one epoch"


@pytest.mark.parametrize("reason", ["no_media", "failed"])
def test_a_desk_that_hears_nothing_counts_as_no_media(reason: str) -> None:
    """A desk gives up sooner than the terminal: its word is enough to leave a dead way."""
    renewal = begun()
    assert renewal.asked(reason, YOUNG_S)
    assert wish(renewal) == (True, True)


def test_a_late_complaint_is_about_an_epoch_that_is_gone() -> None:
    """Both sides notice an outage in the same second; that makes one new epoch and not two."""
    renewal = begun(carried=True)
    renewal.lost()
    renewal.begun(6.0)
    assert not renewal.asked("no_media", 6.0 + YOUNG_S - 0.1)
    assert wish(renewal) == (False, False)
    assert renewal.asked("reload", 6.1), "other wishes are always granted"


@pytest.mark.parametrize("reason", ["reload", "operator", "no_offer", "offer_lost"])
def test_other_wishes_say_nothing_about_the_network(reason: str) -> None:
    """A reloaded page does not send the call through a relay."""
    renewal = begun()
    assert renewal.asked(reason, 20.0)
    assert wish(renewal) == (False, False)


def test_a_line_that_is_dead_in_one_direction_is_left() -> None:
    """The terminal sees the operator, who sees nothing: the second complaint in a row tells."""
    renewal = begun(carried=True)
    assert renewal.asked("no_media", 10.0)
    assert wish(renewal) == (True, False)
    renewal.begun(10.0)
    renewal.carried()
    assert renewal.asked("no_media", 10.0 + AGAIN_S - 1)
    assert wish(renewal) == (True, True)
    renewal.begun(50.0)
    renewal.carried()
    assert renewal.asked("no_media", 60.0)
    assert wish(renewal) == (True, True), "and the relay is given a second chance as well"


def test_two_complaints_with_a_good_while_between_are_two_outages() -> None:
    """A bad moment in every half hour never leads to the relay."""
    renewal = begun(carried=True)
    assert renewal.asked("no_media", 10.0)
    renewal.begun(10.0)
    renewal.carried()
    assert renewal.asked("no_media", 10.0 + AGAIN_S)
    assert wish(renewal) == (True, False)


def test_the_terminal_obeys_a_complaining_desk() -> None:
    """As it stands in the call: the desk's word leads to an epoch through the relay alone."""
    terminal = talking()
    assert say(terminal, Renew(reason="no_media"), after=1) == []
    (start,) = of_kind(say(terminal, Renew(reason="no_media"), after=YOUNG_S), StartMedia)
    assert (start.epoch, start.doubt, start.relay_only) == (2, True, True)
