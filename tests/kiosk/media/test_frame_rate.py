"""Which frames of a camera belong into a slower stream."""

from __future__ import annotations

import random

import pytest

from kiosk.media.frame_rate import FrameRate


def taken(moments: list[float], fps: float) -> list[float]:
    rate, found = FrameRate(), []
    for moment in moments:
        if rate.wants(moment, fps):
            rate.took(moment, fps)
            found.append(moment)
    return found


@pytest.mark.parametrize(("fps", "every"), [(30, 1), (15, 2), (10, 3), (6, 5)])
def test_frames_are_left_out_evenly(fps: float, every: int) -> None:
    """A narrow line gets fewer pictures at equal distances."""
    moments = [100 + number / 30 for number in range(90)]
    assert taken(moments, fps) == moments[::every]


def test_a_camera_that_jitters_loses_no_frame_at_its_own_rate() -> None:
    """A busy machine delivers late and then in time: both belong into the stream."""
    chance = random.Random(1)
    moments = [100 + number / 30 + chance.uniform(0, 0.009) for number in range(300)]
    assert len(taken(moments, 30)) == 300


def test_a_rate_between_is_kept_on_average() -> None:
    """30 frames a second become 20, not 15."""
    assert len(taken([number / 30 for number in range(300)], 20)) == pytest.approx(200, abs=2)


def test_a_pause_is_not_made_up_for() -> None:
    """After a frozen second the stream goes on at its rate."""
    moments = [number / 30 for number in range(30)] + [2 + number / 30 for number in range(30)]
    assert len(taken(moments, 10)) == pytest.approx(20, abs=1)


def test_a_new_rate_counts_at_once() -> None:
    """After one picture in four seconds the stream moves again as soon as it may."""
    rate = FrameRate()
    rate.took(100.0, 0.25)
    assert not rate.wants(101.0, 0.25)
    assert rate.wants(100.1, 10)
