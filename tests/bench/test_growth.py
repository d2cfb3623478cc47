"""How the soak tells growth from noise."""

from __future__ import annotations

import os
import threading

import pytest

from tests.bench.growth import Growth, Look, look_at, slope


def looks(*values: int) -> Growth:
    growth = Growth(0)
    growth.looks = [Look(value, 1, 0) for value in values]
    return growth


def test_steady_growth_is_found_and_noise_is_not() -> None:
    """One more descriptor for each call is growth; one that comes and goes is not."""
    assert looks(*range(100)).risen("descriptors") > 35
    assert looks(*(20 + number % 2 for number in range(100))).risen("descriptors") == 0


def test_what_fills_at_the_beginning_is_not_growth() -> None:
    """Caches that fill in the first calls are left out."""
    assert looks(*range(10), *([10] * 90)).risen("descriptors") == 0
    assert looks(*range(10), *([10] * 90)).slope("descriptors", 100) == 0


def test_a_slope_is_per_so_many_looks() -> None:
    """Three kB a call are 300 kB in a hundred calls."""
    assert slope([1000 + 3 * number for number in range(50)], 100) == pytest.approx(300)
    assert slope([7], 100) == 0


def test_a_look_sees_a_new_descriptor_and_a_new_thread() -> None:
    """What is read are this program's real numbers."""
    before = look_at(os.getpid())
    go = threading.Event()
    thread = threading.Thread(target=go.wait)
    thread.start()
    descriptor = os.dup(0)
    after = look_at(os.getpid())
    os.close(descriptor)
    go.set()
    thread.join()
    assert (after.descriptors, after.threads) == (before.descriptors + 1, before.threads + 1)
    assert after.rss_kb > 1000
