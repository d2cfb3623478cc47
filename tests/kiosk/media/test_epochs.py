"""Make before break over media epochs, with a clock that jumps."""

from __future__ import annotations

import pytest

from kiosk.media.epochs import Activate, CloseEpoch, EpochEvent, EpochMachine

STARTED, CONNECTED, SOUND, PICTURE = (
    EpochEvent.STARTED,
    EpochEvent.CONNECTED,
    EpochEvent.SOUND,
    EpochEvent.PICTURE,
)
LOST, CLOSED = EpochEvent.LOST, EpochEvent.CLOSED


def talking() -> EpochMachine:
    machine = EpochMachine()
    machine.handle(STARTED, 1, 0)
    machine.handle(CONNECTED, 1, 1)
    assert machine.handle(SOUND, 1, 1) == (Activate(1),)
    return machine


def test_the_first_epoch_is_heard_from_its_first_packet() -> None:
    """Nobody waits for a picture when there is nothing else to show."""
    assert talking().active == 1


def test_the_old_epoch_stays_until_the_new_one_has_a_picture() -> None:
    """A renewed connection is never a hole in the call."""
    machine = talking()
    assert machine.handle(STARTED, 2, 10) == ()
    assert machine.handle(CONNECTED, 2, 11) == ()
    assert machine.active == 1
    assert machine.handle(PICTURE, 2, 11.2) == (Activate(2), CloseEpoch(1))
    assert machine.deadline() is None


def test_sound_alone_takes_over_after_a_second() -> None:
    """An operator without a camera is heard on the new connection all the same."""
    machine = talking()
    machine.handle(STARTED, 2, 10)
    machine.handle(CONNECTED, 2, 11)
    assert machine.handle(SOUND, 2, 11.1) == ()
    assert machine.deadline() == pytest.approx(12.1)
    assert machine.tick(12) == ()
    assert machine.tick(12.1) == (Activate(2), CloseEpoch(1))


def test_a_connected_epoch_without_media_takes_over_after_five_seconds() -> None:
    """An operator with neither camera nor microphone does not keep two connections open for ever."""
    machine = talking()
    machine.handle(STARTED, 2, 10)
    machine.handle(CONNECTED, 2, 11)
    assert machine.deadline() == 16
    assert machine.tick(16) == (Activate(2), CloseEpoch(1))


def test_an_epoch_that_never_connects_leaves_the_old_one_alone() -> None:
    """A failed renewal does not end a call that works."""
    machine = talking()
    machine.handle(STARTED, 2, 10)
    assert machine.deadline() is None
    assert machine.handle(LOST, 2, 20) == ()
    assert machine.handle(CLOSED, 2, 30) == ()
    assert machine.active == 1


def test_a_newer_offer_replaces_one_that_is_still_waiting() -> None:
    """Two renewals in a row leave two connections at most."""
    machine = talking()
    machine.handle(STARTED, 2, 10)
    assert machine.handle(STARTED, 3, 11) == (CloseEpoch(2),)
    assert machine.handle(PICTURE, 2, 12) == ()
    assert machine.handle(PICTURE, 3, 12) == (Activate(3), CloseEpoch(1))


def test_a_lost_epoch_gives_way_at_once() -> None:
    """When the old line is dead the new one does not wait for its picture."""
    machine = talking()
    machine.handle(LOST, 1, 10)
    machine.handle(STARTED, 2, 10)
    assert machine.handle(CONNECTED, 2, 11) == (Activate(2), CloseEpoch(1))
    machine = talking()
    machine.handle(STARTED, 2, 10)
    machine.handle(CONNECTED, 2, 10.5)
    assert machine.handle(CLOSED, 1, 11) == (Activate(2),)


def test_a_line_that_came_back_keeps_its_place() -> None:
    """A short loss before the new connection is up does not make the switch rougher."""
    machine = talking()
    machine.handle(LOST, 1, 10)
    machine.handle(STARTED, 2, 10)
    machine.handle(SOUND, 1, 10.5)
    assert machine.handle(CONNECTED, 2, 11) == ()


def test_an_old_number_is_refused() -> None:
    """Epochs only rise; a repeated start is the caller's mistake."""
    machine = talking()
    for epoch in (0, 1):
        with pytest.raises(ValueError, match="not beyond 1"):
            machine.handle(STARTED, epoch, 5)
