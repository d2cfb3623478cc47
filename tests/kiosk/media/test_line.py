"""What counters say of a line."""

from __future__ import annotations

import pytest

from kiosk.core.ladder import Line
from kiosk.media.events import Heard
from kiosk.media.line import STALE_S, Counters, LineMeter
from protocol.values import MediaRole

AUDIO, FACE = MediaRole.AUDIO, MediaRole.FACE


class Meter:
    """A LineMeter that is asked twice a second."""

    def __init__(self) -> None:
        self.meter, self.now = LineMeter(), 50.0

    def seen(self, heard: dict[MediaRole, Heard] | None = None, **counters: int) -> Line:
        self.now += 0.5
        return self.meter.measure(Counters(**counters), heard or {}, True, 500_000, self.now)


def test_what_is_sent_is_measured_over_the_last_second() -> None:
    """A burst long ago and the first moments of a call say nothing of now."""
    meter = Meter()
    assert meter.seen(sent_bytes=900_000).sent_bps == 0
    rates = [meter.seen(sent_bytes=900_000 + 12_500 * n).sent_bps for n in range(1, 8)]
    assert rates[-1] == 200_000
    assert [meter.seen(sent_bytes=987_500).sent_bps for _ in range(3)][-1] == 0


@pytest.mark.parametrize(
    ("received", "lost", "share"), [(100, 0, 0.0), (50, 50, 0.5), (0, 200, 1.0), (5, 0, None), (0, 0, None)]
)
def test_lost_sound_is_a_share_of_the_newest_seconds(received: int, lost: int, share: float | None) -> None:
    """Of what was lost a minute ago nothing is left, and of a few packets nothing is said."""
    meter = Meter()
    for _ in range(20):
        meter.seen(received_sound=1000, lost_sound=700)
    line = meter.seen(received_sound=1000 + received, lost_sound=700 + lost)
    assert line.sound_loss == share
    assert meter.meter.downlink_loss == share


def test_what_is_missing_from_the_first_moment_of_a_voice_is_no_loss() -> None:
    """A good call does not begin with a warning; what is lost afterwards is told."""
    meter = Meter()
    meter.seen(received_sound=10, lost_sound=8)
    assert [meter.seen(received_sound=10 + 25 * n, lost_sound=8).sound_loss for n in (1, 2, 3, 4)][-1] == 0.0
    assert meter.seen(received_sound=110, lost_sound=33).sound_loss == pytest.approx(25 / 75)


def test_the_worst_of_the_desks_words_counts_and_sound_alone_for_sound() -> None:
    """Pictures that are lost do not make the voice a bad one."""
    meter = Meter()
    line = meter.seen({AUDIO: Heard("a1", 0.05), FACE: Heard("f1", 0.4)})
    assert (line.loss, line.sound_loss, line.picture_loss) == (0.4, 0.05, 0.4)
    assert meter.meter.uplink_loss == 0.4


def test_the_newest_word_on_pictures_is_known_before_that_on_sound_is_forgotten() -> None:
    """A line that healed is seen to have healed, although the word on sound is still the old one."""
    meter = Meter()
    meter.seen({AUDIO: Heard("a1", 0.5), FACE: Heard("f1", 0.5)})
    line = meter.seen({AUDIO: Heard("a1", 0.5), FACE: Heard("f2", 0.0)})
    assert (line.loss, line.picture_loss) == (0.5, 0.0)
    for _ in range(6):
        line = meter.seen({AUDIO: Heard("a1", 0.5), FACE: Heard("f2", 0.0)})
    assert line.picture_loss is None


def test_an_old_word_is_no_news() -> None:
    """A report that is repeated because no newer came is forgotten."""
    meter = Meter()
    old = {AUDIO: Heard("a1", 0.5)}
    seen = [meter.seen(old).sound_loss for _ in range(int(STALE_S / 0.5) + 2)]
    assert seen[0] == 0.5
    assert seen[-1] is None
    assert meter.seen({AUDIO: Heard("a2", 0.5)}).sound_loss == 0.5


def test_the_age_of_the_operators_picture_grows_until_the_next_comes() -> None:
    """Before the first one there is none."""
    meter = Meter()
    assert meter.seen().picture_age_s is None
    assert meter.seen(received_pictures=20).picture_age_s == 0.0
    assert [meter.seen(received_pictures=20).picture_age_s for _ in range(3)] == [0.5, 1.0, 1.5]
    assert meter.seen(received_pictures=21).picture_age_s == 0.0
