"""Decides what carries the call: moving pictures, fewer of them, sound with stills, or text.

Down one rung when the line has been too bad for a second, up one when it is known to carry more, or after
some seconds when nobody can know. What did not last is tried again later each time, so that a line which
comes and goes does not make the call do the same. Never measures, never encodes, never ends a call.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum

from protocol.values import Rung, RungCause

log = logging.getLogger(__name__)

NEED_BPS = {Rung.VIDEO: 300_000, Rung.FEWER_FRAMES: 150_000, Rung.AUDIO_STILLS: 0, Rung.TEXT: 0}
"""What a rung needs of the uplink, sound included; below it the rung is left. Where little is sent an
estimate says only that: whether sound gets through is told by its losses."""

ROOM = 1.2
"""A rung is climbed at once when the line is believed to carry this much more than it needs."""

FILLED = 0.75
"""The desk's estimate limits us only while we send this share of it: it never rises far beyond what comes."""

LOST = {Rung.VIDEO: 0.10, Rung.FEWER_FRAMES: 0.18, Rung.AUDIO_STILLS: 0.35, Rung.TEXT: 1.1}
"""The share of lost packets with which a rung is left. On `audio_stills` only the loss of sound counts."""

CLEAN_LOSS = 0.03
TRIAL_LOST = 0.06
"""A rung that was just climbed is left with less: what it costs the voice is not worth the trial."""

FALL_S = 1.0
MUTE_S = 4.0
"""From sound to text is the worst step of all: it is not taken for a stutter."""

CLIMB_S = 0.4
"""The line is known to carry the next rung, or has never been said to be narrow."""

TRY_S = 2.0
"""A clean line of which nobody knows what it carries, for little is sent: it is tried."""

TRIAL_S = 20.0
"""So long after a climb an estimate may still be low, for it rises slowly; it must only not fall."""

FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 4.0, 60.0
PROVEN_S = 30.0
"""A climb that lasts so long makes earlier failures forgotten; one that does not is a failure."""

SILENT_S = 15.0
"""Nothing of the desk arrives at all, but the hub's link stands: text carries the call."""


@dataclass(frozen=True, slots=True)
class Line:
    """The line as it was just measured. Losses are shares of packets in the newest seconds, None unknown."""

    live: bool  # something of the desk came within 2 s
    estimate_bps: int | None = None  # the desk's estimate of our uplink; None before the first
    sent_bps: int = 0  # what we sent in the last second, without headers
    loss: float | None = None  # of our packets, the worst of sound and pictures
    sound_loss: float | None = None  # of sound, the worse of the two directions
    picture_loss: float | None = None  # of our pictures by the newest word, which comes every second
    picture_age_s: float | None = None  # since the operator's newest picture; None before the first


class Step(StrEnum):
    """What can happen on the ladder."""

    FALL = "fall"  # this rung's need is not met
    CLIMB = "climb"  # the next rung's is, or nobody knows and the line is clean
    SILENT = "silent"  # nothing arrives for SILENT_S
    BACK = "back"  # media arrives again after SILENT


TRANSITIONS: dict[tuple[Rung, Step], Rung] = {
    (Rung.VIDEO, Step.FALL): Rung.FEWER_FRAMES,
    (Rung.FEWER_FRAMES, Step.FALL): Rung.AUDIO_STILLS,
    (Rung.AUDIO_STILLS, Step.FALL): Rung.TEXT,
    (Rung.TEXT, Step.CLIMB): Rung.AUDIO_STILLS,
    (Rung.AUDIO_STILLS, Step.CLIMB): Rung.FEWER_FRAMES,
    (Rung.FEWER_FRAMES, Step.CLIMB): Rung.VIDEO,
    (Rung.VIDEO, Step.SILENT): Rung.TEXT,
    (Rung.FEWER_FRAMES, Step.SILENT): Rung.TEXT,
    (Rung.AUDIO_STILLS, Step.SILENT): Rung.TEXT,
    (Rung.TEXT, Step.SILENT): Rung.TEXT,
    (Rung.TEXT, Step.BACK): Rung.VIDEO,
}

BETTER = {rung: TRANSITIONS[rung, Step.CLIMB] for rung in Rung if (rung, Step.CLIMB) in TRANSITIONS}


@dataclass(slots=True)
class _Trial:
    """A climb that has yet to prove itself."""

    until: float
    least_bps: int  # an estimate below it is a failure; one that has not risen yet is none


class Ladder:
    """One for each connection with a person: `begin`, then `handle` each measure. Times are monotonic s."""

    def __init__(self) -> None:
        self.rung = Rung.VIDEO
        self.cause: RungCause | None = None  # None exactly on VIDEO
        self._live_at: float | None = None  # last time that media arrived; None while no one is connected
        self._bad_since: float | None = None
        self._clean_since: float | None = None  # nothing speaks against the next rung
        self._sure_since: float | None = None  # and it is known to be carried
        self._climbed_at: float | None = None  # None when the last step was none up
        self._backoff_s = 0.0
        self._trial: _Trial | None = None

    def begin(self, now: float) -> None:
        """A person is on the other side: from now on silence counts. Safe to repeat."""
        if self._live_at is None:
            self._live_at = now

    def handle(self, line: Line, now: float) -> bool:
        """One measure, about twice a second; whether the rung has changed."""
        if self._live_at is None:
            return False
        before = self.rung
        if line.live:
            self._live_at = now
            if self.cause is RungCause.NO_MEDIA:
                self._step(Step.BACK, None)
            else:
                self._judge(line, now)
        elif now - self._live_at >= SILENT_S and self.cause is not RungCause.NO_MEDIA:
            self._step(Step.SILENT, RungCause.NO_MEDIA)
        else:
            self._clean_since = self._sure_since = None
        return self.rung is not before

    def trust(self) -> None:
        """A new connection is made: how earlier tries ended says nothing of it."""
        self._backoff_s = 0.0

    def _judge(self, line: Line, now: float) -> None:
        if self._trial is not None and now >= self._trial.until:
            self._trial = None
        if self._proven(now):
            self._backoff_s = 0.0
        cause = self._fault(line)
        if cause is None:
            self._bad_since = None
            self._rise(line, now)
            return
        self._clean_since = self._sure_since = None
        since = self._bad_since = now if self._bad_since is None else self._bad_since
        if now - since >= (MUTE_S if self.rung is Rung.AUDIO_STILLS else FALL_S):
            self._fall(cause, now)

    def _rise(self, line: Line, now: float) -> None:
        """Climbs after CLIMB_S of knowing, TRY_S of not knowing, or the back-off of earlier failures."""
        clean, sure = self._allows(line)
        self._clean_since = (self._clean_since or now) if clean else None
        self._sure_since = (self._sure_since or now) if sure else None
        backoff_s = self._backoff_s if self._climbed_at is None else 0.0  # a climb under way goes on
        waits = ((self._sure_since, CLIMB_S), (self._clean_since, TRY_S))
        if any(since is not None and now - since >= max(wait, backoff_s) for since, wait in waits):
            self._climb(line, now)

    def _proven(self, now: float) -> bool:
        """The last step was up, and long ago."""
        return self._climbed_at is not None and now - self._climbed_at >= PROVEN_S

    def _fault(self, line: Line) -> RungCause | None:
        """Why this rung cannot be held, as far as one measure tells."""
        stills = self.rung in (Rung.AUDIO_STILLS, Rung.TEXT)
        loss = line.sound_loss if stills else line.loss  # the voice counts, also while pictures arrive
        most = LOST[self.rung] if self._trial is None else min(TRIAL_LOST, LOST[self.rung])
        if loss is not None and loss >= most:
            return RungCause.LOSSY
        if line.estimate_bps is None or line.sent_bps < FILLED * line.estimate_bps:
            return None
        least = NEED_BPS[self.rung] if self._trial is None else self._trial.least_bps
        return RungCause.NARROW if line.estimate_bps < least else None

    def _allows(self, line: Line) -> tuple[bool, bool]:
        """(nothing speaks against the next rung, the line is known to carry it)."""
        better = BETTER.get(self.rung)
        if better is None or (self._newest_loss(line) or 0.0) > CLEAN_LOSS:
            return False, False
        if line.estimate_bps is None or line.estimate_bps >= NEED_BPS[better] * ROOM:
            return True, True
        filled = line.sent_bps >= FILLED * line.estimate_bps
        return not filled or self.rung is Rung.AUDIO_STILLS, False  # where stills are sent, it cannot rise

    def _newest_loss(self, line: Line) -> float | None:
        """Of our packets, by the quickest witness: a word on sound comes only every five seconds."""
        if self.rung is Rung.TEXT:
            return line.sound_loss
        return line.loss if line.picture_loss is None else line.picture_loss

    def _fall(self, cause: RungCause, now: float) -> None:
        if self._climbed_at is not None and not self._proven(now):
            self._backoff_s = min(LONGEST_BACKOFF_S, max(FIRST_BACKOFF_S, 2 * self._backoff_s))
        self._step(Step.FALL, cause)

    def _climb(self, line: Line, now: float) -> None:
        better = BETTER[self.rung]
        self._step(Step.CLIMB, None if better is Rung.VIDEO else self.cause)
        self._climbed_at = now
        self._trial = _Trial(now + TRIAL_S, min(NEED_BPS[better], int(0.85 * (line.estimate_bps or 0))))

    def _step(self, step: Step, cause: RungCause | None) -> None:
        self._trial = self._climbed_at = None
        self._bad_since = self._clean_since = self._sure_since = None
        before, self.rung, self.cause = self.rung, TRANSITIONS[self.rung, step], cause
        log.info("rung changed", extra={"before": before.value, "after": self.rung.value, "cause": cause})
