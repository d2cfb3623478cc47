"""The store of received sound, with a clock that jumps and a line that jitters."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import numpy as np
import pytest

from hardware.ports import Samples
from kiosk.media import stretch
from kiosk.media.audio_reorder import AudioReorder
from kiosk.media.playout import CEILING, FLOOR, PlayoutBuffer

BLOCK = 960


def tone(block: int, hertz: float = 300) -> Samples:
    at = np.arange(block * BLOCK, (block + 1) * BLOCK)
    return (8000 * np.sin(2 * np.pi * hertz * at / 48_000)).astype(np.int16)


class Line:
    """Sends a block every 20 ms with the delay that `delay(block)` gives; the speaker pulls every 20 ms."""

    def __init__(self) -> None:
        self.buffer = PlayoutBuffer()
        self.out: list[Samples] = []
        self._block = itertools.count()
        self._tick = 0
        self._arrival = 0.0
        self._under_way: list[tuple[float, int]] = []

    def run(
        self,
        ticks: int,
        delay: Callable[[int], float] = lambda block: 0.0,
        lost: frozenset[int] = frozenset(),
    ) -> None:
        for _ in range(ticks):
            now = self._tick * 0.02
            block = next(self._block)
            if block not in lost:
                self._arrival = max(self._arrival, now + delay(block))  # nothing overtakes in a queue
                self._under_way.append((self._arrival, block))
            arrived = sorted(item for item in self._under_way if item[0] <= now)
            self._under_way = [item for item in self._under_way if item[0] > now]
            for _at, number in sorted(arrived, key=lambda item: item[1]):
                self.buffer.push(number * BLOCK, tone(number), now)
            self.out.append(self.buffer.pull(BLOCK))
            self._tick += 1

    def sound(self, last: int) -> Samples:
        return np.concatenate(self.out[-last:])


def test_a_calm_line_plays_everything_with_little_delay() -> None:
    """Without jitter sound starts after 40 ms, comes unchanged, and never stutters."""
    line = Line()
    line.run(500)
    assert line.buffer.depth <= FLOOR
    assert line.buffer.counters.dry == 0
    assert np.abs(np.diff(line.sound(400).astype(int))).max() < 400  # no click
    assert np.count_nonzero(line.sound(400)) > 400 * BLOCK * 0.98


def test_the_delay_grows_with_jitter_and_shrinks_again() -> None:
    """After a bad minute the delay returns to what a calm line needs, without a break in the sound."""
    generator = random.Random(1)
    line = Line()
    line.run(100)
    line.run(400, delay=lambda block: 0.12 if generator.random() < 0.1 else 0.0)
    grown = line.buffer.depth
    assert grown >= 4 * BLOCK
    dry = line.buffer.counters.dry
    line.run(1200)
    assert line.buffer.depth <= 3 * BLOCK
    assert line.buffer.counters.dry == dry
    assert line.buffer.counters.shortened > 0
    assert np.abs(np.diff(line.sound(1000).astype(int))).max() < 1500


def test_a_lost_block_does_not_shift_the_rest() -> None:
    """A hole is filled and costs no lasting delay."""
    line = Line()
    line.run(60)
    before = line.buffer.depth
    line.run(100, lost=frozenset({80, 81, 120}))
    assert line.buffer.counters.filled == 3 * BLOCK
    assert line.buffer.counters.dry <= 1
    line.run(400)
    assert line.buffer.depth <= before + BLOCK


def test_a_long_outage_leaves_no_backlog() -> None:
    """After ten silent seconds the voice is back at once and in the present."""
    line = Line()
    line.run(100)
    line.run(500, lost=frozenset(range(100, 600)))
    assert not line.sound(50).any()
    line.run(60)
    assert line.sound(20).any()
    assert line.buffer.depth <= CEILING


def test_a_burst_after_a_stall_is_not_kept_for_ever() -> None:
    """Two seconds that arrive at once do not put the conversation two seconds behind."""
    line = Line()
    line.run(100)
    line.run(100, delay=lambda block: (199 - block) * 0.02)
    line.run(100)
    assert line.buffer.depth < CEILING


@pytest.mark.parametrize("drift", [-1, 1])
def test_a_speaker_clock_that_drifts_does_not_break_sound(drift: int) -> None:
    """Over minutes a clock that is 0.2 per cent off neither starves nor floods the store."""
    buffer = PlayoutBuffer()
    dry = 0
    for block in range(6000):
        now = block * 0.02
        buffer.push(block * BLOCK, tone(block), now)
        buffer.pull(BLOCK + 2 * drift)
        if block == 200:
            dry = buffer.counters.dry
    assert buffer.counters.dry - dry <= 1
    assert buffer.depth <= CEILING


def test_what_is_pulled_is_always_as_long_as_asked() -> None:
    """A speaker gets exactly its samples, whatever arrives."""
    generator = random.Random(2)
    buffer = PlayoutBuffer()
    for block in range(300):
        if generator.random() < 0.8:
            buffer.push(block * BLOCK, tone(block), block * 0.02)
        count = generator.choice((1, 128, 960, 1920))
        assert len(buffer.pull(count)) == count


def test_a_reset_forgets_the_voice() -> None:
    """The next resident hears nothing of the call before."""
    line = Line()
    line.run(100)
    line.buffer.reset()
    assert not line.buffer.pull(BLOCK).any()
    assert line.buffer.depth == 0


@pytest.mark.parametrize("hertz", [110.0, 250.0, 393.0])
def test_stretching_changes_length_and_not_pitch(hertz: float) -> None:
    """Shorter or longer speech has no click and keeps its tone."""
    at = np.arange(4800)
    samples = (9000 * np.sin(2 * np.pi * hertz * at / 48_000)).astype(np.int16)
    step = np.abs(np.diff(samples.astype(int))).max()
    for changed, longer in ((stretch.shorten(samples), False), (stretch.lengthen(samples), True)):
        assert (len(changed) > len(samples)) is longer
        assert stretch.SHORTEST <= abs(len(changed) - len(samples)) <= stretch.LONGEST
        assert np.abs(np.diff(changed.astype(int))).max() < step * 1.6
        crossings = np.count_nonzero(np.diff(np.sign(changed.astype(int) + 0.5)))
        assert crossings == pytest.approx(2 * hertz * len(changed) / 48_000, abs=2)


def test_reordering_waits_for_three_packets_and_no_more() -> None:
    """A late packet finds its place; a lost one holds sound up for 60 ms at most."""
    reorder = AudioReorder()
    out = [
        [p.timestamp for p in reorder.add(n & 0xFFFF, n * BLOCK & 0xFFFFFFFF, b"x")]
        for n in (1, 3, 2, 4, 6, 7, 8)
    ]
    assert out == [[960], [], [1920, 2880], [3840], [], [], [5760, 6720, 7680]]
    assert reorder.lost == 1
    assert reorder.add(5, 5 * BLOCK, b"x") == []
    assert reorder.late == 1


def test_numbers_and_timestamps_wrap_around() -> None:
    """A call that crosses the end of the counters goes on without a jump."""
    reorder = AudioReorder()
    stamps = []
    for n in range(10):
        stamp = (0xFFFFFFFF - 3 * BLOCK + n * BLOCK) & 0xFFFFFFFF
        stamps += [p.timestamp for p in reorder.add((65533 + n) & 0xFFFF, stamp, b"x")]
    assert np.diff(stamps).tolist() == [BLOCK] * 9


def test_a_sender_that_starts_anew_is_followed() -> None:
    """A jump in numbers is a new stream, not an endless gap."""
    reorder = AudioReorder()
    reorder.add(100, 0, b"x")
    assert len(reorder.add(40_000, BLOCK, b"x")) == 1
    assert len(reorder.add(40_001, 2 * BLOCK, b"x")) == 1
