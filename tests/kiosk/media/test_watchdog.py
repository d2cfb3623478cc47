"""Judging an epoch by the arrival of its packets, with a clock that jumps."""

from __future__ import annotations

import pytest

from kiosk.media.watchdog import TRANSITIONS, MediaWatchdog, Verdict, Watch, WatchEvent

RTP, TICK, ANSWERED, STOP = WatchEvent.RTP, WatchEvent.TICK, WatchEvent.ANSWERED, WatchEvent.STOP


def flowing() -> MediaWatchdog:
    watch = MediaWatchdog()
    watch.handle(ANSWERED, 100)
    assert watch.handle(RTP, 101) == (Verdict.BACK,)
    return watch


def test_silence_is_told_after_two_seconds_and_loss_after_five() -> None:
    """A resident learns of a broken line after 2 s, and mending begins after 5 s, each once."""
    watch = flowing()
    assert watch.deadline() == 103
    assert watch.handle(TICK, 102.9) == ()
    assert watch.handle(TICK, 103) == (Verdict.SILENCE,)
    assert not watch.live
    assert watch.deadline() == 106
    assert watch.handle(TICK, 106) == (Verdict.LOSS,)
    assert watch.deadline() is None
    assert watch.handle(TICK, 200) == ()


def test_every_packet_puts_the_alarm_off() -> None:
    """As long as packets come, nothing is told, and the deadline follows the last one."""
    watch = flowing()
    for now in (102, 103.9, 105.8):
        assert watch.handle(TICK, now) == ()
        assert watch.handle(RTP, now) == ()
    assert watch.live
    assert watch.deadline() == pytest.approx(107.8)


def test_a_late_timer_tells_both_in_order() -> None:
    """A machine that slept through both limits still hears of silence before loss."""
    assert flowing().handle(TICK, 150) == (Verdict.SILENCE, Verdict.LOSS)


@pytest.mark.parametrize("pause", [2.5, 30])
def test_the_line_may_come_back(pause: float) -> None:
    """A packet after silence or loss is told once, and the watch begins anew."""
    watch = flowing()
    watch.handle(TICK, 101 + pause)
    assert watch.handle(RTP, 101 + pause) == (Verdict.BACK,)
    assert watch.live
    assert watch.deadline() == 103 + pause


def test_an_answered_epoch_without_media_is_lost_after_ten_seconds() -> None:
    """A connection that never comes to life does not keep the call waiting for ever."""
    watch = MediaWatchdog()
    assert watch.deadline() is None
    watch.handle(ANSWERED, 50)
    assert watch.deadline() == 60
    assert watch.handle(TICK, 59) == ()
    assert watch.handle(TICK, 60) == (Verdict.LOSS,)


def test_an_offer_that_nobody_answered_is_never_lost() -> None:
    """While the operator is rung, silence means nothing."""
    assert MediaWatchdog().handle(TICK, 10_000) == ()


@pytest.mark.parametrize("state", list(Watch))
def test_a_stopped_watch_stays_silent(state: Watch) -> None:
    """After the end no state says anything any more."""
    assert TRANSITIONS[(state, STOP)] == (Watch.STOPPED, ())
    watch = flowing()
    watch.handle(STOP, 102)
    assert watch.deadline() is None
    assert watch.handle(RTP, 103) == watch.handle(TICK, 500) == ()
