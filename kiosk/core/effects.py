"""What the agent is told to do, and what it tells back. Values only."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.core.ladder import Line
from kiosk.core.view import Ink, Pointer, Touch
from protocol.envelope import Message
from protocol.values import (
    AttachedCamera,
    CameraRole,
    Cameras,
    CaptureKind,
    DeviceState,
    IceServer,
    MediaRole,
    Rung,
)


@dataclass(frozen=True, slots=True)
class Say:
    """Send to the hub; while the link is down for a moment it is kept, and what matters is said again after
    the next snapshot.
    """

    message: Message
    call: str | None = None
    epoch: int | None = None
    id: str = ""  # idempotency key; empty makes a new one
    within_s: float | None = None  # later than this the hub must not act on it


@dataclass(frozen=True, slots=True)
class CheckLink:
    """The line has changed under the media: find out at once whether the link to the hub still stands."""


@dataclass(frozen=True, slots=True)
class OpenDevices:
    """Cameras and sound on."""


@dataclass(frozen=True, slots=True)
class CloseDevices:
    """Media, cameras and sound off; nothing is open while idle."""


@dataclass(frozen=True, slots=True)
class StartMedia:
    """Make an offer for this epoch; an older epoch goes on until the new one carries media."""

    call: str
    epoch: int
    ice_servers: tuple[IceServer, ...] = ()  # empty: those of the link's welcome
    doubt: bool = False  # the epoch before it failed: do not trust what is known of the network
    relay_only: bool = False  # it never carried anything: by TURN over TLS and no other way


@dataclass(frozen=True, slots=True)
class TakeAnswer:
    epoch: int
    sdp: str


@dataclass(frozen=True, slots=True)
class TakeCandidate:
    epoch: int
    candidate: str
    mid: str


@dataclass(frozen=True, slots=True)
class SetRung:
    """What carries the call from now on; the desk is told at once."""

    rung: Rung


@dataclass(frozen=True, slots=True)
class SetHold:
    """`on`: nothing of the resident leaves and nothing of an operator is heard or seen; media stay up."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetFrozen:
    """Which pictures stand still, for the desk and the resident alike."""

    cameras: frozenset[CameraRole]


@dataclass(frozen=True, slots=True)
class SetCameras:
    """How both cameras are to stand: turned, what part of them, their focus and light, which device."""

    cameras: Cameras


@dataclass(frozen=True, slots=True)
class RestartDevice:
    """Close this device (face, document or audio) and open it again; the call goes on."""

    device: str


@dataclass(frozen=True, slots=True)
class Point:
    """The operator's pointer on the screen; only the newest matters."""

    pointer: Pointer


@dataclass(frozen=True, slots=True)
class DrawInk:
    """Put this on the paper, after all that came before."""

    ink: Ink


@dataclass(frozen=True, slots=True)
class WipeInk:
    """Every stroke goes from screen and memory."""


@dataclass(frozen=True, slots=True)
class TakeStill:
    capture: str
    kind: CaptureKind


@dataclass(frozen=True, slots=True)
class Upload:
    """Send the still that was taken under the one-time token; then forget the token."""

    capture: str
    token: str


@dataclass(frozen=True, slots=True)
class DropStill:
    """Forget the still; the screen shows the camera again."""

    capture: str


@dataclass(frozen=True, slots=True)
class Sound:
    """chime, tick or shutter."""

    name: str


@dataclass(frozen=True, slots=True)
class SetVolume:
    level: int


@dataclass(frozen=True, slots=True)
class Wipe:
    """Clear every buffer and file of this call, then tell `Wiped` back."""

    call: str


@dataclass(frozen=True, slots=True)
class KeepSite:
    """The site changed: keep it for a start without hub."""


Effect = (
    Say | CheckLink | OpenDevices | CloseDevices | StartMedia | TakeAnswer | TakeCandidate | SetRung
    | SetHold | SetFrozen | SetCameras | RestartDevice | Point | DrawInk | WipeInk | TakeStill | Upload
    | DropStill | Sound | SetVolume | Wipe | KeepSite
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The hub said welcome. `resumed`: the link goes on where it was, no snapshot follows."""

    resumed: bool = False


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The link is lost, or one more try failed; it comes back by itself. `code` is for the technician."""

    code: str = "link_down"


@dataclass(frozen=True, slots=True)
class HubSaid:
    """A message of the hub, not expired."""

    message: Message
    call: str | None = None
    epoch: int | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    touch: Touch


@dataclass(frozen=True, slots=True)
class Drawn:
    """The screen has drawn the View of this revision."""

    revision: int


@dataclass(frozen=True, slots=True)
class DevicesChanged:
    """`attached` are all cameras that could serve a role."""

    devices: tuple[DeviceState, ...]
    attached: tuple[AttachedCamera, ...] = ()


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What this terminal holds open while nothing should be: see `DevicesClosed` of the protocol."""

    cameras: int
    sounds: int
    files: int


@dataclass(frozen=True, slots=True)
class OfferMade:
    epoch: int
    sdp: str
    mids: dict[str, MediaRole]


@dataclass(frozen=True, slots=True)
class MediaChanged:
    """`state` is live, silent (no RTP for 2 s) or lost (a new epoch is wanted)."""

    epoch: int
    state: str


@dataclass(frozen=True, slots=True)
class AmbientHeard:
    """How loud the place is while nobody speaks, in dB below the microphone's full scale."""

    dbfs: float


@dataclass(frozen=True, slots=True)
class LineSeen:
    """How the line is now; said about twice a second while somebody is connected."""

    line: Line


@dataclass(frozen=True, slots=True)
class StillTaken:
    capture: str
    checks: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class StillFailed:
    """`code` for the technician, `cause` in plain words."""

    capture: str
    code: str
    cause: str


@dataclass(frozen=True, slots=True)
class Uploaded:
    capture: str


@dataclass(frozen=True, slots=True)
class WipeDone:
    call: str
    buffers: int
    files: int
    left: int
    ui: bool


Event = (
    LinkUp | LinkDown | HubSaid | Touched | Drawn | DevicesChanged | LookedAt | OfferMade | MediaChanged
    | LineSeen | AmbientHeard | StillTaken | StillFailed | Uploaded | WipeDone
)  # fmt: skip
