"""What the network benchmark reads out of a list of pictures."""

from __future__ import annotations

import numpy as np

from tests.bench.media.gaps import back_after, delays, frozen_for, longest_freeze
from tests.bench.media.peers.drawn import WRAP, age_ms, read_stamp, stamp

STEADY = [(at, at - 40) for at in range(1000, 3000, 50)]


def test_a_freeze_is_measured_to_the_end_when_nothing_comes_any_more() -> None:
    """A picture that stops for good is a freeze up to the end of the measurement, not none at all."""
    assert longest_freeze(STEADY, 1500, 2900) == 50
    assert longest_freeze(STEADY, 1500, 9000) == 9000 - 2950
    assert longest_freeze([], 1500, 9000) == 7500
    assert frozen_for(STEADY, 1500, 9000) == 9000 - 2950


def test_a_freeze_counts_from_the_last_picture_before_the_measurement() -> None:
    """A standstill that begins just before the window is not cut short by it."""
    assert longest_freeze([(1000, 960), (2000, 1960), (2050, 2010)], 1900, 2100) == 1000


def test_a_picture_is_back_with_those_drawn_after_the_line_healed() -> None:
    """Pictures that were still under way, drawn before the cut ended, are not the picture's return."""
    seen = [(5050, 900), (5100, 950), (5200, 5150), (5250, 5200), (5300, 5250)]
    assert back_after(seen, 5000) == 300
    assert back_after(seen[:4], 5000) is None


def test_a_delay_is_from_drawing_to_arrival_also_where_the_stamp_wraps() -> None:
    """Stamps wrap every 4.6 hours; a measurement across that moment stays right."""
    assert delays([(1000, 960)], 0, 2000) == [40]
    assert age_ms(WRAP - 10, 3 * WRAP + 30) == 40


def test_a_stamp_is_read_at_half_size_and_a_grey_picture_has_none() -> None:
    """The time survives scaling; what is no stamp is not taken for one."""
    luma = np.full((480, 640), 128, np.uint8)
    assert read_stamp(luma) is None
    stamp(luma, 0xABCDEF)
    assert read_stamp(luma) == read_stamp(luma[::2, ::2]) == 0xABCDEF
    assert read_stamp(np.zeros((480, 640), np.uint8)) is None
