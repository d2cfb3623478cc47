"""What the media path tells the agent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from protocol.values import MediaRole


class MediaEventKind(StrEnum):
    """Each concerns one epoch."""

    CONNECTED = "connected"  # keys are agreed; media follows
    FIRST_MEDIA = "first_media"  # the first packet has come
    FIRST_PICTURE = "first_picture"  # the operator's first picture has been decoded
    ACTIVE = "active"  # this epoch is now seen and heard; an older one is being closed
    SILENT = "silent"  # no packet for 2 s: show that the line is being mended
    LOST = "lost"  # none for 5 s, or never one: start the next epoch
    BACK = "back"  # packets come (again)
    CLOSED = "closed"  # ended by us or by the desk


@dataclass(frozen=True, slots=True)
class MediaEvent:
    """Delivered on the event loop's thread. `reason` is for the log."""

    kind: MediaEventKind
    epoch: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MediaOffer:
    """Goes into protocol.common.Offer as it is."""

    sdp: str
    mids: dict[str, MediaRole]


@dataclass(frozen=True, slots=True)
class EpochStats:
    """Counters of one epoch since it began; `live` is as of the last packet or timer."""

    epoch: int
    live: bool
    received_frames: int
    received_audio_packets: int
    lost_audio_packets: int


@dataclass(frozen=True, slots=True)
class Heard:
    """The desk's newest word about one line that we send. `stamp` differs with every word."""

    stamp: object
    lost: float  # share of packets since its word before


EventTaker = Callable[[MediaEvent], None]
