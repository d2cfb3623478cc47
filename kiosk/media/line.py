"""Judges from counters how the line is: rates and losses of the newest seconds. Pure; times are monotonic."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from kiosk.core.ladder import Line
from kiosk.media.events import Heard
from protocol.values import MediaRole

RATE_S = 1.0
LOSS_S = 4.0  # two hundred packets of sound
STALE_S = 6.0  # a browser reports on pictures every second, on sound every five
NEWEST_S = 2.5
ENOUGH = 25  # packets below which a share says nothing
BEGIN_S = 1.0  # of a voice: what is missing from it was said before both ends were ready to hear


@dataclass(frozen=True, slots=True)
class Counters:
    """Sums over all epochs since the call began; they never fall."""

    sent_bytes: int = 0
    received_sound: int = 0
    lost_sound: int = 0
    received_pictures: int = 0


class LineMeter:
    """`measure` about twice a second."""

    def __init__(self) -> None:
        self._past: deque[tuple[float, Counters]] = deque()
        self._words: dict[MediaRole, tuple[Heard, float]] = {}  # with the time at which it was new
        self._picture_at: float | None = None  # when their number last rose
        self._judged_from: float | None = None  # losses of sound count from then on; None before the first
        self.uplink_loss: float | None = None
        self.downlink_loss: float | None = None

    def measure(
        self, counters: Counters, heard: Mapping[MediaRole, Heard], live: bool, estimate_bps: int | None,
        now: float,
    ) -> Line:  # fmt: skip
        """The line as it is now; both losses are kept for the report."""
        if counters.received_pictures > (self._past[-1][1].received_pictures if self._past else 0):
            self._picture_at = now
        if self._judged_from is None and counters.received_sound:
            self._judged_from = now + BEGIN_S
        self._past.append((now, counters))
        while len(self._past) > 2 and self._past[1][0] <= now - LOSS_S:
            self._past.popleft()
        up = self._uplink(heard, now)
        self.uplink_loss = max(up.values(), default=None)
        self.downlink_loss = self._downlink(counters)
        pictures = [
            word.lost
            for role, (word, at) in self._words.items()
            if role is not MediaRole.AUDIO and now - at < NEWEST_S
        ]
        sound = [loss for loss in (up.get(MediaRole.AUDIO), self.downlink_loss) if loss is not None]
        return Line(
            live=live,
            estimate_bps=estimate_bps,
            sent_bps=self._sent_bps(counters, now),
            loss=self.uplink_loss,
            sound_loss=max(sound, default=None),
            picture_loss=max(pictures, default=None),
            picture_age_s=None if self._picture_at is None else now - self._picture_at,
        )

    def _uplink(self, heard: Mapping[MediaRole, Heard], now: float) -> dict[MediaRole, float]:
        """What the desk says of our packets, as long as it is news."""
        for role, word in heard.items():
            before = self._words.get(role)
            if before is None or before[0] != word:
                self._words[role] = (word, now)
        return {role: word.lost for role, (word, at) in self._words.items() if now - at < STALE_S}

    def _downlink(self, counters: Counters) -> float | None:
        judged = [
            past for at, past in self._past if self._judged_from is not None and at >= self._judged_from
        ]
        if not judged:
            return None
        before = judged[0]
        got = counters.received_sound - before.received_sound
        lost = counters.lost_sound - before.lost_sound
        return lost / (got + lost) if got + lost >= ENOUGH else None

    def _sent_bps(self, counters: Counters, now: float) -> int:
        recent = [(at, past) for at, past in self._past if at <= now - RATE_S]
        at, before = recent[-1] if recent else self._past[0]
        return int(8 * (counters.sent_bytes - before.sent_bytes) / (now - at)) if now > at else 0
