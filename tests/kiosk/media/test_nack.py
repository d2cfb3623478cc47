"""Asking for lost packets again, with a clock that jumps."""

from __future__ import annotations

from kiosk.media.nack import FIRST_REPEAT_S, NackScheduler


def test_a_gap_is_asked_for_at_once_and_again_until_it_comes() -> None:
    """A lost packet is requested without delay and repeated until it comes."""
    nack = NackScheduler()
    nack.received(10, 0.0)
    assert nack.received(13, 0.01) == [11, 12]
    assert nack.received(14, 0.05) == []
    assert nack.received(15, 0.08) == [11, 12]
    assert nack.received(11, 0.09) == []
    assert nack.received(16, 0.15) == [12]
    assert nack.missing == {12}


def answered(nack: NackScheduler, after: float, count: int = 30) -> None:
    """Losses whose first request is answered after so long."""
    nack.received(100, 0.0)
    for number in range(count):
        at = 1.0 + number
        assert nack.received(102 + 2 * number, at) == [101 + 2 * number]
        nack.received(101 + 2 * number, at + after)


def test_on_a_quick_line_the_next_burst_already_repeats() -> None:
    """Where answers take milliseconds, a lost request costs one picture's interval and no freeze."""
    nack = NackScheduler()
    answered(nack, 0.005)
    assert nack.received(200, 50.0) == list(range(161, 200))
    assert nack.received(201, 50.05) == list(range(161, 200))


def test_on_a_slow_line_nothing_is_asked_for_twice_before_it_can_have_come() -> None:
    """Where answers take 120 ms, early repeats would only fill the line with doubles."""
    nack = NackScheduler()
    answered(nack, 0.12)
    assert nack.received(162, 50.0) == [161]
    assert nack.received(163, 50.15) == []
    assert nack.received(164, 50.19) == [161]


def test_an_answer_that_may_be_to_either_request_teaches_nothing() -> None:
    """A packet that was asked for twice says nothing of how long an answer takes."""
    nack = NackScheduler()
    nack.received(1, 0.0)
    nack.received(3, 0.0)
    nack.received(4, 0.07)
    nack.received(2, 0.071)
    assert nack.repeat_s == FIRST_REPEAT_S


def test_a_packet_is_given_up_after_six_hundred_milliseconds() -> None:
    """What would come too late is not asked for any more."""
    nack = NackScheduler()
    nack.received(1, 0.0)
    assert nack.received(3, 0.0) == [2]
    assert nack.received(4, 0.59) == [2]
    assert nack.received(5, 0.61) == []
    assert nack.missing == frozenset()


def test_numbers_wrap_around() -> None:
    """The step from 65535 to 0 is no gap, and a gap across it is found."""
    nack = NackScheduler()
    nack.received(65534, 0.0)
    assert nack.received(65535, 0.0) == []
    assert nack.received(2, 0.0) == [0, 1]


def test_an_outage_causes_no_flood() -> None:
    """After a long hole a key frame mends the picture; hundreds of requests would only add load."""
    nack = NackScheduler()
    nack.received(0, 0.0)
    assert nack.received(5000, 0.1) == []
    assert nack.missing == frozenset()
    assert nack.received(5002, 0.1) == [5001]


def test_doubles_and_reordering_are_no_loss() -> None:
    """A packet that comes twice or late is not asked for."""
    nack = NackScheduler()
    for sequence in (5, 5, 4, 6, 6):
        assert nack.received(sequence, 0.0) == []
