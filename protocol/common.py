"""Messages that both links share: the heartbeat and the answers to what could not be done."""

from __future__ import annotations

from typing import Annotated

import msgspec

from protocol.envelope import Message, vocabulary
from protocol.values import Count, Id, MediaRole, ReplyWord, Rung, RungCause, Sdp, Share, StaffReason, Text


class Ping(Message, frozen=True, tag="ping"):
    """Answer with pong; silence beyond `dead_s` of the welcome means that the link is dead."""


class Pong(Message, frozen=True, tag="pong"):
    """`about` is the id of the ping."""

    about: Id


class Refused(Message, frozen=True, tag="refused"):
    """A message had no effect. `code` is stable, `text` is for the person (Japanese)."""

    about: str
    code: Id
    text: Text


class Unsupported(Message, frozen=True, tag="unsupported"):
    """The receiver does not know this type; the sender goes on without it."""

    about: str
    unknown: str


class GoingAway(Message, frozen=True, tag="going_away"):
    """A planned restart: come back after `retry_after_s` seconds."""

    retry_after_s: Annotated[float, msgspec.Meta(ge=0, le=60)]


class Offer(Message, frozen=True, tag="offer"):
    """Always from the kiosk; `mids` says what each media line carries."""

    sdp: Sdp
    mids: dict[str, MediaRole]


class Answer(Message, frozen=True, tag="answer"):
    """Always from the desk, to the offer of the same epoch; another epoch's is dropped."""

    sdp: Sdp


class Candidate(Message, frozen=True, tag="candidate"):
    """One more address of the sender; an empty text means that there are no more."""

    candidate: Annotated[str, msgspec.Meta(max_length=2000)]
    mid: str = ""


class Renew(Message, frozen=True, tag="renew"):
    """The desk wants a new media epoch: the kiosk offers again."""

    reason: Annotated[str, msgspec.Meta(max_length=40)]


class MediaReport(Message, frozen=True, tag="media_report"):
    """The kiosk's own counters, every 2 s in a call. `live` is False when no RTP came for 2 s.

    What is None is not known; a loss is a share of packets in the newest seconds, an age is time since the
    last frame or block of sound that a device gave.
    """

    live: bool
    epoch: Count = 0  # the media epoch that is seen and heard at the terminal; 0: none, or not told
    received_frames: Count = 0
    received_audio_packets: Count = 0
    sent_face_frames: Count = 0
    sent_document_frames: Count = 0
    target_kbps: Count = 0  # the uplink as it is believed now, sound included
    rung: Rung = Rung.VIDEO
    cause: RungCause | None = None  # None on `video`
    uplink_loss: Share | None = None
    downlink_loss: Share | None = None
    face_age_ms: Count | None = None
    document_age_ms: Count | None = None
    microphone_age_ms: Count | None = None
    cpu_pressure: Share | None = None  # of the time somebody waited for a processor (Linux PSI)
    late_ms: Count = 0  # how late the terminal's own work was done, the worst since the report before


class Reply(Message, frozen=True, tag="reply"):
    """The resident's answer by a key, to the caption that stood in this revision of the presentation."""

    id: Id  # of the touch: heard twice, it is one reply
    word: ReplyWord
    revision: Count = 0


class ReplyTaken(Message, frozen=True, tag="reply_taken"):
    """The hub has the resident's reply for the operator; without it the terminal says the reply again."""

    id: Id


class Pointer(Message, frozen=True, tag="pointer"):
    """The operator points at the paper; said again every second while `on`. Lossy: the newest wins."""

    x: Share
    y: Share
    on: bool


class Ink(Message, frozen=True, tag="ink"):
    """A stroke of the operator's pen on the paper, or the next part of it, as points [x, y]."""

    stroke: Id
    points: Annotated[tuple[tuple[Share, Share], ...], msgspec.Meta(min_length=1, max_length=200)]
    done: bool = False  # no part follows


class InkClear(Message, frozen=True, tag="ink_clear"):
    """All strokes go. They also go when the paper is no longer frozen, and with the call."""


class SetVolume(Message, frozen=True, tag="set_volume"):
    """How loud the terminal speaks in this call, 1 to 5; the resident's own keys change the same."""

    level: Annotated[int, msgspec.Meta(ge=1, le=5)]


class RestartDevice(Message, frozen=True, tag="restart_device"):
    """Close a device of the terminal and open it again; the call and the other devices go on."""

    device: Annotated[str, msgspec.Meta(pattern="^(face|document|audio)$")]


class CallStaff(Message, frozen=True, tag="call_staff"):
    """Ring the branch's own staff to the terminal; while a ring is open, said again it changes nothing."""

    reason: StaffReason = StaffReason.OTHER


class WithdrawStaff(Message, frozen=True, tag="withdraw_staff"):
    """Nobody of the branch is needed any more."""


FLEETING = frozenset(vocabulary(Pointer, Ink))
"""Types that come many times a second: passed on within a budget of their own, never written down."""
