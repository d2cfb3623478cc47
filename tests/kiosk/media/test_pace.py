"""A second of sound is sent in a second, however late the microphone's blocks come."""

from __future__ import annotations

import random

from kiosk.media.pace import CATCH_UP_S, SLACK_S, Pace

STEP = 0.02


def test_sound_in_time_is_all_sent() -> None:
    """Nothing is lost while the microphone is on time."""
    pace = Pace(STEP)
    assert all(pace.allowed(1, n * STEP) == 1 for n in range(500))


def test_late_blocks_are_not_paid_for_twice() -> None:
    """Silence stood in for ten blocks; of the ten that then come only what the clock allows is sent."""
    pace = Pace(STEP)
    pace.allowed(1, 1.0)
    for n in range(1, 11):
        pace.stood_in(1.0 + n * STEP, 1.0)
    assert pace.allowed(10, 1.0 + 10 * STEP) <= SLACK_S / STEP


def test_a_microphone_that_was_really_away_loses_nothing_afterwards() -> None:
    """After a pause without sound every block counts again."""
    pace = Pace(STEP)
    for n in range(1, 200):
        pace.stood_in(1.0 + n * STEP, 1.0)
    back = 1.0 + 200 * STEP
    assert all(pace.allowed(1, back + n * STEP) == 1 for n in range(300))


def test_under_random_lateness_the_sum_follows_the_clock() -> None:
    """A minute of a starved machine sends a minute of sound, within the slack and one catch-up."""
    chance, pace = random.Random(7), Pace(STEP)
    sent, waiting, last, stalled = 0, 0, 0.0, 0
    for tick in range(1, 3001):
        now = tick * STEP
        waiting += 1
        stalled = stalled - 1 if stalled else chance.choice([0] * 20 + [4, 8, 12])
        if not stalled:
            sent += pace.allowed(waiting, now)
            waiting, last = 0, now
        elif now - last >= 0.06:
            pace.stood_in(now, last)
            sent += 1
    assert 3000 * 0.97 <= sent <= 3000 + SLACK_S / STEP


def test_a_debt_is_forgotten() -> None:
    """What was not made up soon was never there."""
    pace = Pace(STEP)
    pace.stood_in(1.0, 0.9)
    assert pace.allowed(50, 1.0 + CATCH_UP_S + 0.01) == 50
