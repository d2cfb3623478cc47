"""Figures of the media path in one place, with units; the defaults suit a Pi-class terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kiosk.media.allocator import StreamPlan
from protocol.values import MediaRole


def default_plans() -> dict[MediaRole, StreamPlan]:
    """Face 640x480 at 20 fps and document 1280x720 at 10 fps, both within a modest uplink."""
    return {
        MediaRole.FACE: StreamPlan(
            weight=0.55, min_bps=80_000, easy_bps=300_000, max_bps=700_000, fps=20, min_fps=6
        ),
        MediaRole.DOCUMENT: StreamPlan(
            weight=0.45, min_bps=80_000, easy_bps=350_000, max_bps=800_000, fps=10, min_fps=3
        ),
    }


@dataclass(frozen=True, slots=True)
class MediaSettings:
    """All rates are bits a second, all times seconds."""

    audio_bps: int = 28_000  # Opus mono; sensible from 24,000 to 32,000
    start_bps: int = 900_000  # assumed uplink until the desk's first estimate
    incoming_floor_bps: int = 400_000  # told to the desk at least: our own jitter must not starve it
    plans: Mapping[MediaRole, StreamPlan] = field(default_factory=default_plans)
    gather_s: float = 2.0  # longest wait for STUN and TURN before the offer goes out without them
    connect_s: float = 10.0  # an answered epoch without media by then is lost
    silence_s: float = 2.0  # no RTP: tell the resident
    lost_s: float = 5.0  # no RTP: a new epoch is due
    overlap_s: float = 5.0  # a connected epoch without media still replaces the old one after this
    picture_s: float = 1.0  # how long the switch of epochs waits for a picture once sound arrives
