"""Decides how much of the uplink each picture gets; sound is always served first.

Never touches an encoder, a socket or a clock: it is told estimates and the rung of the call, and grants.
Order of sacrifice: fewer frames, then half size, then the document pauses. While pictures move the face
never pauses; on the lower rungs of the call there are stills, or no pictures at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from protocol.values import MediaRole, Rung

SAFETY = 0.85  # share of the estimate that is spent; the rest absorbs key frames and headers
RESUME = 1.3  # a pause or half size ends only when there is this much more than where it began
HALF_SIZE_BELOW = 0.5  # of easy_bps
FEWER_FRAMES_BPS = 300_000  # most that is spent on that rung: losses must not be fed
STILL_FPS = 0.25
STILL_BPS = 12_000  # for each picture, on average
RARE_BELOW_BPS = 80_000  # stills come half as often on a line on which sound fills nearly all
SLOWEST_BPS = 300_000  # an estimate below this only says that little was sent: a desk measures what comes
STILL_PACE_BPS = 120_000  # a still is let out slowly, for sound shares the line with it


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """What one picture wants. Rates in bit/s; below `easy_bps` its frame rate falls towards `min_fps`."""

    weight: float
    min_bps: int
    easy_bps: int
    max_bps: int
    fps: float
    min_fps: float


@dataclass(frozen=True, slots=True)
class Grant:
    """What one picture gets now. `divide` is 1 for full size, 2 for half width and height; every frame of
    `still` can be decoded alone, and no request brings one earlier."""

    bps: int
    fps: float
    divide: int
    still: bool = False

    @property
    def paused(self) -> bool:
        return self.bps == 0


PAUSE = Grant(0, 0.0, 1)
STILL = Grant(STILL_BPS, STILL_FPS, 2, still=True)
RARE_STILL = Grant(STILL_BPS, STILL_FPS / 2, 2, still=True)


class BandwidthAllocator:
    """Splits the receiver's estimate (REMB) between the pictures by weight, after sound.

    Every sender of a connection reports the whole estimate, so several reports of one epoch mean the same
    line. While two epochs overlap they share one uplink: the lower estimate counts.
    """

    def __init__(self, plans: Mapping[MediaRole, StreamPlan], audio_bps: int, start_bps: int) -> None:
        self._plans = dict(plans)
        self._audio_bps = audio_bps
        self._start_bps = start_bps
        self._estimates: dict[int, int] = {}  # by epoch
        self._document_paused = False  # remembers, so that the edge does not flap
        self._halved: set[MediaRole] = set()  # likewise
        self.rung = Rung.VIDEO  # set from outside: what carries the call

    @property
    def total_bps(self) -> int:
        """The uplink as it is believed now, sound included."""
        return min(self._estimates.values(), default=self._start_bps)

    @property
    def estimate_bps(self) -> int | None:
        """What the desk believes of the line, sound included; None before its first word."""
        return min(self._estimates.values(), default=None)

    @property
    def pace_bps(self) -> int:
        """How fast the packets of pictures may leave."""
        return STILL_PACE_BPS if self.rung is Rung.AUDIO_STILLS else max(SLOWEST_BPS, self.total_bps)

    def estimate(self, epoch: int, bps: int) -> None:
        """The desk's newest estimate for one epoch, in bit/s."""
        self._estimates[epoch] = max(0, bps)

    def forget(self, epoch: int) -> None:
        """The epoch is closed; its estimate says nothing any more."""
        self._estimates.pop(epoch, None)

    def grants(self, roles: Iterable[MediaRole]) -> dict[MediaRole, Grant]:
        """One grant for each of `roles` (those being sent). The grants never sum to more than is usable,
        except that the face keeps its minimum on any line."""
        wanted = [role for role in roles if role in self._plans]
        if self.rung is Rung.TEXT:
            return dict.fromkeys(wanted, PAUSE)
        if self.rung is Rung.AUDIO_STILLS:
            return dict.fromkeys(wanted, RARE_STILL if self.total_bps < RARE_BELOW_BPS else STILL)
        most = FEWER_FRAMES_BPS if self.rung is Rung.FEWER_FRAMES else self.total_bps
        usable = max(0, int(min(self.total_bps, most) * SAFETY) - self._audio_bps)
        paused = self._pauses_document(usable, wanted)
        sending = [role for role in wanted if not (paused and role is MediaRole.DOCUMENT)]
        shares = self._split(usable, sending)
        return {role: self._grant(role, shares[role]) if role in shares else PAUSE for role in wanted}

    def _pauses_document(self, usable: int, wanted: list[MediaRole]) -> bool:
        if MediaRole.DOCUMENT not in wanted or len(wanted) < 2:
            self._document_paused = False
            return False
        needed = sum(self._plans[role].min_bps for role in wanted)
        self._document_paused = usable < needed * (RESUME if self._document_paused else 1.0)
        return self._document_paused

    def _split(self, usable: int, roles: list[MediaRole]) -> dict[MediaRole, int]:
        """By weight; what one stream cannot use goes to the others."""
        shares: dict[MediaRole, int] = {}
        left, open_roles = usable, list(roles)
        while open_roles:
            weights = sum(self._plans[role].weight for role in open_roles)
            portion = {role: int(left * self._plans[role].weight / weights) for role in open_roles}
            full = [role for role in open_roles if portion[role] >= self._plans[role].max_bps]
            if not full:
                shares.update(portion)
                break
            for role in full:
                shares[role] = self._plans[role].max_bps
                left -= shares[role]
                open_roles.remove(role)
        return shares

    def _grant(self, role: MediaRole, bps: int) -> Grant:
        plan = self._plans[role]
        bps = max(bps, plan.min_bps) if role is MediaRole.FACE else bps
        fps = min(plan.fps, max(plan.min_fps, plan.fps * bps / plan.easy_bps))
        edge = plan.easy_bps * HALF_SIZE_BELOW * (RESUME if role in self._halved else 1.0)
        if bps < edge:
            self._halved.add(role)
        else:
            self._halved.discard(role)
        return Grant(bps, fps, 2 if role in self._halved else 1)
