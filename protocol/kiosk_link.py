"""What a terminal and the hub may say to each other, in the order of a day.

hub: challenge -> kiosk: hello (signed) -> hub: welcome, snapshot. Then a touch: call_request -> call ...
The snapshot is the truth; a `call` message replaces what the terminal knew of its call.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from protocol.common import (
    Answer,
    CallStaff,
    Candidate,
    GoingAway,
    Ink,
    InkClear,
    MediaReport,
    Offer,
    Ping,
    Pointer,
    Pong,
    Refused,
    Renew,
    Reply,
    ReplyTaken,
    RestartDevice,
    SetVolume,
    Unsupported,
    WithdrawStaff,
)
from protocol.envelope import Message, vocabulary
from protocol.values import (
    AttachedCamera,
    CaptureKind,
    CaptureStage,
    Count,
    DeviceState,
    IceServer,
    Id,
    Moment,
    Presentation,
    Site,
    StaffState,
    TerminalCall,
    Text,
)


class Challenge(Message, frozen=True, tag="challenge"):
    """First word of the hub: sign this. `hub` is the name that the signature is bound to."""

    hub: Id
    nonce: Annotated[str, msgspec.Meta(min_length=16, max_length=64)]
    versions: tuple[int, ...]


class Hello(Message, frozen=True, tag="hello"):
    """`signature` is base64 of Ed25519 over `signing.connect_statement(...)`.

    `resume_token` is the one of the last welcome, empty after a start. `received` is the number of the hub's
    last word that was taken; with it the link goes on where it was, without it begins anew.
    """

    device: Id
    boot_id: Id
    versions: tuple[int, ...]
    software: Id
    signature: Annotated[str, msgspec.Meta(min_length=80, max_length=100)]
    simulated: bool = False
    resume_token: Annotated[str, msgspec.Meta(max_length=64)] = ""
    received: Count | None = None


class Welcome(Message, frozen=True, tag="welcome"):
    """The link stands. `resume_token` is new at each welcome and good for the next hello.

    `resumed`: the link goes on, each side says again what the other lacks; the hub has taken the terminal's
    words up to `received`. Otherwise numbers begin anew and a snapshot follows. A link is silent for at most
    `dead_s` in a call and `idle_dead_s` else; an idle 0 is an older hub, which knows one pace only.
    """

    version: int
    resume_token: str
    server_time: Moment
    heartbeat_s: float
    dead_s: float
    ice_servers: tuple[IceServer, ...] = ()
    idle_heartbeat_s: float = 0.0
    idle_dead_s: float = 0.0
    resumed: bool = False
    received: Count = 0


class Snapshot(Message, frozen=True, tag="snapshot"):
    """The whole truth for this terminal; `call` is None when it has no live call."""

    site: Site
    call: TerminalCall | None = None
    staff: StaffState | None = None  # of an open ring for the branch's staff


class CallRequest(Message, frozen=True, tag="call_request"):
    """The touch. The envelope's id makes a repeated touch one call."""

    topic: str = ""
    language: Annotated[str, msgspec.Meta(max_length=8)] = "ja"


class CallLeave(Message, frozen=True, tag="call_leave"):
    """The resident leaves (`resident`) or nobody answered the idle warning (`idle`)."""

    reason: Annotated[str, msgspec.Meta(pattern="^(resident|idle)$")]


class Call(Message, frozen=True, tag="call"):
    """The call as it now is, ended states included."""

    call: TerminalCall


class Present(Message, frozen=True, tag="present"):
    """Show this; answered by `presented` once it has been drawn."""

    presentation: Presentation


class Presented(Message, frozen=True, tag="presented"):
    """The screen has drawn this revision."""

    revision: Count


class TakeCapture(Message, frozen=True, tag="take_capture"):
    """Take a still after consent. The envelope expires within 10 s; upload under `upload_token`."""

    capture: Id
    kind: CaptureKind
    upload_token: Annotated[str, msgspec.Meta(min_length=16, max_length=128)]


class CancelCapture(Message, frozen=True, tag="cancel_capture"):
    """The operator changed her mind."""

    capture: Id


class CaptureProgress(Message, frozen=True, tag="capture_progress"):
    """Where the terminal stands with a capture; `stored` is said by the hub alone."""

    capture: Id
    stage: CaptureStage
    code: str = ""
    cause: Text = ""
    checks: tuple[tuple[str, str, str], ...] = ()


class Staff(Message, frozen=True, tag="staff"):
    """How the ring for the branch's staff stands; `by_resident` is False when the operator rang."""

    state: StaffState
    by_resident: bool


class DeviceReport(Message, frozen=True, tag="device_report"):
    """All devices, at every change."""

    devices: tuple[DeviceState, ...]
    attached: tuple[AttachedCamera, ...] = ()  # all cameras that could serve a role
    volume: Annotated[int, msgspec.Meta(ge=0, le=5)] = 0  # as the resident hears it; 0: not told


class DevicesClosed(Message, frozen=True, tag="devices_closed"):
    """Looked at while idle: how many cameras, sound streams and device files this terminal holds open."""

    cameras: Count  # camera processes
    sounds: Count  # directions of sound
    files: Count  # of cameras and sound cards, in every process of the terminal


class Wiped(Message, frozen=True, tag="wiped"):
    """The end of a call left nothing behind: counts of what was cleared, and what was looked at."""

    buffers: Count
    files: Count
    left: Count  # must be 0
    ui: bool  # the screen's textures as well


KIOSK_SAYS = vocabulary(
    Hello, CallRequest, CallLeave, Offer, Candidate, MediaReport, Presented, CaptureProgress,
    DeviceReport, DevicesClosed, Reply, CallStaff, WithdrawStaff, Wiped, Ping, Pong, Refused, Unsupported,
)  # fmt: skip
HUB_SAYS_TO_KIOSK = vocabulary(
    Challenge, Welcome, Snapshot, Call, Answer, Candidate, Renew, Present, Pointer, Ink, InkClear,
    Staff, ReplyTaken, TakeCapture, CancelCapture, SetVolume, RestartDevice, Ping, Pong, Refused, Unsupported,
    GoingAway,
)  # fmt: skip
