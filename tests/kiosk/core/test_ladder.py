"""The call ladder on lines that fade, break, flap and recover; time jumps by half seconds."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from kiosk.core.ladder import (
    BETTER,
    FALL_S,
    NEED_BPS,
    PROVEN_S,
    SILENT_S,
    TRANSITIONS,
    Ladder,
    Line,
    Step,
)
from protocol.values import Rung, RungCause

WIDE = Line(live=True, estimate_bps=2_000_000, sent_bps=900_000, loss=0.0, sound_loss=0.0)
GONE = Line(live=False)
STEP_S = 0.5


def narrow(bps: int) -> Line:
    """A line that carries so much, all of it used."""
    return Line(live=True, estimate_bps=bps, sent_bps=bps, loss=0.0, sound_loss=0.0)


def lossy(loss: float) -> Line:
    return Line(live=True, estimate_bps=900_000, sent_bps=400_000, loss=loss, sound_loss=loss)


ASKS = {Rung.VIDEO: 1_500_000, Rung.FEWER_FRAMES: 240_000, Rung.AUDIO_STILLS: 50_000, Rung.TEXT: 28_000}


class Channel:
    """A line of `bps` with the ways of a browser's estimate: it falls to what comes through when more is
    sent, rises by 8 % a second, and never far beyond what is sent. What does not get through is lost.
    """

    def __init__(self, walk: Walk, bps: float) -> None:
        self.walk, self.bps, self.estimate = walk, bps, min(bps, 900_000.0)

    def __call__(self, _: float) -> Line:
        least = {Rung.FEWER_FRAMES: 108_000, Rung.VIDEO: 108_000}.get(self.walk.rung, 0)
        asked = ASKS[self.walk.rung]
        sent = max(least, min(asked, self.estimate * 0.85)) if least else asked
        loss = max(0.0, 1 - self.bps / sent)
        if sent > self.bps:
            self.estimate = 0.85 * self.bps
        else:
            self.estimate = max(self.estimate, min(1.5 * sent + 10_000, self.estimate * 1.04))
        return Line(True, int(self.estimate), int(min(sent, self.bps)), loss, loss)


class Walk:
    """A ladder with a clock; `rungs` is every rung with the time at which it was reached."""

    def __init__(self) -> None:
        self.ladder = Ladder()
        self.now = 100.0
        self.ladder.begin(self.now)
        self.rungs: list[tuple[float, Rung]] = [(self.now, Rung.VIDEO)]

    def on(self, line: Line | Callable[[float], Line], seconds: float) -> list[tuple[float, Rung]]:
        """`seconds` of this line (or of what it is t seconds into them); gives the changes."""
        start, first = self.now, len(self.rungs)
        while self.now < start + seconds:
            self.now += STEP_S
            seen = line(self.now - start) if callable(line) else line
            if self.ladder.handle(seen, self.now):
                self.rungs.append((self.now, self.ladder.rung))
        return self.rungs[first:]

    @property
    def rung(self) -> Rung:
        return self.ladder.rung


def on_rung(rung: Rung) -> Walk:
    """A walk that has come down to `rung`, long ago."""
    walk = Walk()
    falls = {
        Rung.VIDEO: (WIDE, 1.0),
        Rung.FEWER_FRAMES: (narrow(200_000), 2.0),
        Rung.AUDIO_STILLS: (narrow(100_000), 3.0),
        Rung.TEXT: (lossy(0.6), 9.0),
    }
    line, seconds = falls[rung]
    walk.on(line, seconds)
    assert walk.rung is rung
    return walk


def test_a_good_line_stays_on_video_for_a_whole_call() -> None:
    """Half an hour without a reason is half an hour of pictures."""
    assert Walk().on(WIDE, 1800) == []


def test_a_slow_decline_goes_down_rung_by_rung_and_the_call_goes_on() -> None:
    """Each rung is left when its need is not met, none is skipped, tries apart; and the cause is named."""
    walk = Walk()
    channel = Channel(walk, 900_000)

    def fading(t: float) -> Line:
        channel.bps = max(12_000.0, 900_000 - 20_000 * t)
        return channel(t)

    changes = walk.on(fading, 60)
    reached = list(dict.fromkeys(rung for _, rung in changes))
    assert reached == [Rung.FEWER_FRAMES, Rung.AUDIO_STILLS, Rung.TEXT]
    assert walk.rung is Rung.TEXT
    assert walk.ladder.cause is not None


@pytest.mark.parametrize("bps", [60_000, 100_000, 200_000, 260_000, 500_000, 3_000_000])
def test_a_steady_line_finds_its_rung_and_stays(bps: int) -> None:
    """Whatever a line carries, after a while the call changes at most once a minute."""
    walk = Walk()
    channel = Channel(walk, bps)
    walk.on(channel, 120)
    changes = walk.on(channel, 600)
    assert len(changes) <= 2 * 10
    assert Rung.TEXT not in [rung for _, rung in walk.rungs]
    if bps >= 500_000:
        assert walk.rung is Rung.VIDEO
        assert changes == []


@pytest.mark.parametrize("bad_s", [10, 30, 120])
def test_a_thin_line_that_widens_brings_pictures_back_by_itself(bad_s: int) -> None:
    """Nobody has to press anything, although an estimate cannot rise while little is sent."""
    walk = Walk()
    channel = Channel(walk, 60_000)
    walk.on(channel, bad_s)
    assert walk.rung is Rung.AUDIO_STILLS
    channel.bps = 3_000_000
    changes = walk.on(channel, 90)
    assert walk.rung is Rung.VIDEO
    assert [rung for _, rung in changes] == [Rung.FEWER_FRAMES, Rung.VIDEO]


@pytest.mark.parametrize(
    ("line", "rung", "within", "cause"),
    [
        (narrow(200_000), Rung.FEWER_FRAMES, 2.0, RungCause.NARROW),
        (narrow(90_000), Rung.AUDIO_STILLS, 3.5, RungCause.NARROW),
        (lossy(0.12), Rung.FEWER_FRAMES, 2.0, RungCause.LOSSY),
        (lossy(0.25), Rung.AUDIO_STILLS, 3.5, RungCause.LOSSY),
        (lossy(0.6), Rung.TEXT, 9.0, RungCause.LOSSY),
        (GONE, Rung.TEXT, SILENT_S + 1, RungCause.NO_MEDIA),
    ],
)
def test_a_sudden_fault_leads_to_what_the_line_still_carries(
    line: Line, rung: Rung, within: float, cause: RungCause
) -> None:
    """Down in seconds, no deeper than needed, and there it stays while the fault does."""
    walk = Walk()
    walk.on(WIDE, 60)
    changes = walk.on(line, within)
    assert changes[-1][1] is rung
    assert walk.ladder.cause is cause
    assert all(step[1] is rung for step in walk.on(line, 1.0))


@pytest.mark.parametrize("rung", [Rung.FEWER_FRAMES, Rung.AUDIO_STILLS, Rung.TEXT])
def test_a_line_that_recovered_has_video_again_within_three_seconds(rung: Rung) -> None:
    """From every rung, once the line is known to carry it."""
    walk = on_rung(rung)
    start = walk.now
    walk.on(WIDE, 3.0)
    assert walk.rung is Rung.VIDEO
    assert walk.rungs[-1][0] - start <= 3.0
    assert walk.ladder.cause is None


def test_media_that_come_back_after_silence_bring_video_at_once() -> None:
    """A cable that was pulled is no thin line."""
    walk = on_rung(Rung.VIDEO)
    walk.on(GONE, 60)
    assert (walk.rung, walk.ladder.cause) == (Rung.TEXT, RungCause.NO_MEDIA)
    assert walk.on(Line(live=True), 0.5) == [(walk.now, Rung.VIDEO)]


def test_a_clean_line_that_nobody_can_measure_is_tried() -> None:
    """On stills little is sent, so the desk's estimate cannot rise; that it rises slowly is no failure."""
    walk = on_rung(Rung.AUDIO_STILLS)
    clean = Line(live=True, estimate_bps=95_000, sent_bps=50_000, loss=0.0, sound_loss=0.0)
    start = walk.now
    assert walk.on(clean, 3.0) == [(start + 2.5, Rung.FEWER_FRAMES)]
    assert walk.on(lambda t: narrow(int(95_000 * 1.08**t)), 9.0) == []


def test_a_thin_line_is_tried_less_and_less_often() -> None:
    """Each try costs a moment of sound: on a line that stays thin they become rare."""
    walk = on_rung(Rung.AUDIO_STILLS)

    def thin(_: float) -> Line:
        if walk.rung is Rung.AUDIO_STILLS:
            return Line(live=True, estimate_bps=80_000, sent_bps=50_000, loss=0.0, sound_loss=0.0)
        return Line(live=True, estimate_bps=55_000, sent_bps=60_000, loss=0.08, sound_loss=0.05)

    tries = [at for at, rung in walk.on(thin, 600) if rung is Rung.FEWER_FRAMES]
    gaps = [after - before for before, after in pairwise(tries)]
    assert gaps == sorted(gaps)
    assert gaps[-1] >= 60
    assert len(tries) <= 13
    assert Rung.TEXT not in [rung for _, rung in walk.rungs]


@pytest.mark.parametrize("period", [2.0, 3.0, 5.0, 8.0, 12.0])
@pytest.mark.parametrize("bad", [narrow(120_000), lossy(0.3)], ids=["narrow", "lossy"])
def test_a_flapping_line_does_not_make_the_call_flap(bad: Line, period: float) -> None:
    """Good and bad in turn for ten minutes: after the first the call tries at most once a minute."""
    walk = Walk()
    flapping = lambda t: bad if int(t / period) % 2 else WIDE  # noqa: E731 - named for its two uses
    assert len(walk.on(flapping, 90)) <= 20
    changes = walk.on(flapping, 540)
    falls = [at for at, rung in changes if rung is Rung.AUDIO_STILLS]
    assert len(falls) <= 9
    assert len(changes) <= 4 * len(falls) + 4
    assert Rung.TEXT not in [rung for _, rung in changes]


def test_a_new_connection_is_not_distrusted_for_an_old_one() -> None:
    """Whoever presses 'connect anew' does not wait for a back-off."""
    walk = Walk()
    walk.on(lambda t: narrow(100_000) if int(t / 3) % 2 else WIDE, 60)
    walk.on(narrow(100_000), 6)
    assert walk.rung is Rung.AUDIO_STILLS
    walk.ladder.trust()
    walk.on(WIDE, 3)
    assert walk.rung is Rung.VIDEO


@pytest.mark.parametrize("rung", [Rung.VIDEO, Rung.FEWER_FRAMES])
def test_a_fault_shorter_than_the_hold_changes_nothing(rung: Rung) -> None:
    """A single bad report, again and again, is no bad line."""
    walk = on_rung(rung)
    steady = WIDE if rung is Rung.VIDEO else narrow(200_000)
    assert walk.on(lambda t: lossy(0.5) if int(t / STEP_S) % 6 == 0 else steady, 60) == []


def test_a_proven_rung_makes_earlier_failures_forgotten() -> None:
    """A line that was bad in the morning is not distrusted in the afternoon."""
    walk = Walk()
    for _ in range(4):
        walk.on(narrow(100_000), 3)
        walk.on(WIDE, 40)
    assert walk.rung is Rung.VIDEO
    walk.on(WIDE, PROVEN_S + 10)
    walk.on(narrow(100_000), 3)
    start = walk.now
    walk.on(WIDE, 3)
    assert walk.rung is Rung.VIDEO
    assert walk.now - start <= 3.0


def test_a_calm_scene_is_not_taken_for_a_thin_line() -> None:
    """A still face and a blank paper need few bits; the desk's estimate stays low with them."""
    calm = Line(live=True, estimate_bps=140_000, sent_bps=90_000, loss=0.0, sound_loss=0.0)
    assert Walk().on(calm, 120) == []


def test_a_trial_that_costs_the_voice_is_ended_at_once() -> None:
    """Losses that are borne on a proven rung are not borne for a try."""
    walk = on_rung(Rung.AUDIO_STILLS)
    thin = Line(live=True, estimate_bps=80_000, sent_bps=50_000, loss=0.0, sound_loss=0.0)
    walk.on(thin, 2.5)
    assert walk.rung is Rung.FEWER_FRAMES
    walk.on(Line(live=True, estimate_bps=80_000, sent_bps=80_000, loss=0.1, sound_loss=0.1), 1.5)
    assert walk.rung is Rung.AUDIO_STILLS


def test_a_line_that_healed_is_climbed_although_the_word_on_sound_is_old() -> None:
    """Words on pictures come every second, on sound every five: the quicker witness counts."""
    walk = on_rung(Rung.AUDIO_STILLS)
    walk.on(lossy(0.3), 3)
    healed = Line(
        live=True, estimate_bps=900_000, sent_bps=50_000, loss=0.3, sound_loss=0.3, picture_loss=0.0
    )
    assert [rung for _, rung in walk.on(healed, 1.0)] == [Rung.FEWER_FRAMES]


def test_an_estimate_of_a_line_on_which_little_is_sent_keeps_nobody_on_stills() -> None:
    """With sound alone a browser estimates less than sound needs; the line may have healed long ago."""
    walk = on_rung(Rung.AUDIO_STILLS)
    low = Line(live=True, estimate_bps=32_000, sent_bps=28_000, loss=0.0, sound_loss=0.0)
    assert [rung for _, rung in walk.on(low, 3.0)] == [Rung.FEWER_FRAMES]


def test_a_trial_in_which_the_voice_is_lost_is_ended_although_pictures_arrive() -> None:
    """What is sent again reaches the desk; a voice is not sent again."""
    walk = on_rung(Rung.AUDIO_STILLS)
    walk.on(Line(live=True, estimate_bps=80_000, sent_bps=50_000, loss=0.0, sound_loss=0.0), 2.5)
    assert walk.rung is Rung.FEWER_FRAMES
    voice_lost = Line(
        live=True, estimate_bps=90_000, sent_bps=60_000, loss=0.25, sound_loss=0.25, picture_loss=0.0
    )
    assert [rung for _, rung in walk.on(voice_lost, 1.5)] == [Rung.AUDIO_STILLS]


def test_sound_alone_decides_about_text() -> None:
    """Lost stills are sent again; only a voice that does not get through makes the call a written one."""
    walk = on_rung(Rung.AUDIO_STILLS)
    stills_lost = Line(live=True, estimate_bps=60_000, sent_bps=50_000, loss=0.9, sound_loss=0.05)
    assert walk.on(stills_lost, 30) == []
    mute = Line(live=True, estimate_bps=60_000, sent_bps=50_000, loss=0.9, sound_loss=0.5)
    assert [rung for _, rung in walk.on(mute, 5)] == [Rung.TEXT]


def test_nothing_is_judged_before_somebody_is_connected() -> None:
    """While it rings, silence is no fault."""
    ladder = Ladder()
    assert not any(ladder.handle(GONE, float(t)) for t in range(100))
    ladder.begin(100.0)
    ladder.begin(110.0)  # talking, held, talking: still the same connection
    assert not ladder.handle(GONE, 114.0)
    assert ladder.handle(GONE, 115.0)
    assert ladder.rung is Rung.TEXT


def test_an_unknown_line_is_believed_to_be_good() -> None:
    """Before the first word of the desk nothing is taken away."""
    assert Walk().on(Line(live=True), 30) == []


def test_the_table_leads_down_and_up_one_rung_at_a_time() -> None:
    """Except for silence, which is no matter of degree."""
    order = list(Rung)
    for (rung, step), to in TRANSITIONS.items():
        if step is Step.FALL:
            assert order.index(to) == order.index(rung) + 1
        elif step is Step.CLIMB:
            assert order.index(to) == order.index(rung) - 1
    assert [NEED_BPS[rung] for rung in order] == sorted(NEED_BPS.values(), reverse=True)
    assert set(BETTER) == set(Rung) - {Rung.VIDEO}
    assert 2 * FALL_S <= 3
