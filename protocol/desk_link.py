"""What a desk and the hub may say to each other. The login is a cookie; it never stands in a message.

desk: desk_hello -> hub: desk_welcome, desk_snapshot. The municipality always comes from the login and
the call, never from a body.
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
    RestartDevice,
    SetVolume,
    Unsupported,
    WithdrawStaff,
)
from protocol.envelope import Message, vocabulary
from protocol.values import (
    WHOLE,
    AwayReason,
    BellPlace,
    CallbackOutcome,
    CallbackTask,
    CameraChange,
    CameraRole,
    Capture,
    CaptureKind,
    ConductStep,
    Count,
    DepartmentPresence,
    DeskCall,
    Focus,
    GuestCode,
    GuestKind,
    GuestName,
    GuestStep,
    HoldText,
    IceServer,
    Id,
    Me,
    MediaRole,
    Moment,
    Monitoring,
    MonitorState,
    PresenceState,
    Region,
    RingCard,
    Sdp,
    StaffCall,
    Text,
    TransferKind,
    TransferStep,
    WaitingCall,
    WallAlarm,
    WallCall,
    WallFigures,
    WallPerson,
    WallTown,
    Wanted,
    WrapUpTask,
)


class DeskHello(Message, frozen=True, tag="desk_hello"):
    """First word of a desk. `resume_token` and `received` as in a terminal's `hello`."""

    versions: tuple[int, ...]
    resume_token: Annotated[str, msgspec.Meta(max_length=64)] = ""
    received: Count | None = None


class DeskWelcome(Message, frozen=True, tag="desk_welcome"):
    """The link stands, as in `welcome`; a newer desk of the same person closes this one with 4009."""

    version: int
    server_time: Moment
    heartbeat_s: float
    dead_s: float
    ice_servers: tuple[IceServer, ...] = ()
    resume_token: str = ""
    idle_heartbeat_s: float = 0.0
    idle_dead_s: float = 0.0
    resumed: bool = False
    received: Count = 0


class DeskSnapshot(Message, frozen=True, tag="desk_snapshot"):
    """The whole truth for this operator."""

    me: Me
    presence: PresenceState
    presence_since: Moment
    waiting: tuple[WaitingCall, ...] = ()
    ring: RingCard | None = None
    call: DeskCall | None = None
    wrap_up: WrapUpTask | None = None
    presence_reason: str = ""  # as in `presence`
    away_reasons: tuple[AwayReason, ...] = ()
    wanted: tuple[Wanted, ...] = ()  # for supervisors, as in `supervisor_wanted`
    bells: tuple[BellPlace, ...] = ()  # where this login may listen as branch staff
    staff: tuple[StaffCall, ...] = ()  # rings at the places where it does, newest first
    callbacks: tuple[CallbackTask, ...] = ()
    monitoring: Monitoring | None = None  # the call in which this supervisor takes part
    presence_until: Moment | None = None  # as in `presence`


class SetPresence(Message, frozen=True, tag="set_presence"):
    """Available or away; everything else follows from calls."""

    state: Annotated[str, msgspec.Meta(pattern="^(available|away)$")]
    reason: Annotated[str, msgspec.Meta(max_length=40)] = ""


class Presence(Message, frozen=True, tag="presence"):
    """The operator's presence changed; `reason` says why when the hub did it (ring_timeout)."""

    state: PresenceState
    since: Moment
    reason: str = ""
    until: Moment | None = None  # of a wrap-up: when she counts as away


class Queue(Message, frozen=True, tag="queue"):
    """The waiting calls that this operator may take, oldest first."""

    waiting: tuple[WaitingCall, ...]


class Ring(Message, frozen=True, tag="ring"):
    """Ring until `expires_at`; answer with accept or decline."""

    card: RingCard


class RingEnded(Message, frozen=True, tag="ring_ended"):
    """`why`: accepted_elsewhere, left, timeout, declined, withdrawn (she may not have it any more)."""

    why: Annotated[str, msgspec.Meta(max_length=40)]


class Accept(Message, frozen=True, tag="accept"):
    """Take the call of the envelope; late accepts are refused with 'gone'."""


class Decline(Message, frozen=True, tag="decline"):
    """The resident keeps the place; another operator is rung."""


class DeskCallUpdate(Message, frozen=True, tag="desk_call"):
    """The call as it now is, ended included."""

    call: DeskCall


class ShowPage(Message, frozen=True, tag="show_page"):
    """Push a guidance page of the call's municipality."""

    page: Id
    sheet: Count = 0


class HidePage(Message, frozen=True, tag="hide_page"):
    """Take the page away."""


class SetFocus(Message, frozen=True, tag="set_focus"):
    """What is largest on the terminal."""

    focus: Focus


class Caption(Message, frozen=True, tag="caption"):
    """Typed words under the operator's picture; empty takes them away."""

    text: Text


class Freeze(Message, frozen=True, tag="freeze"):
    """Hold a picture still on both sides, or let it run."""

    camera: CameraRole
    on: bool


class AdjustCamera(Message, frozen=True, tag="adjust_camera"):
    """One step of a camera, for both sides alike; `region` goes with the change of that name."""

    camera: CameraRole
    change: CameraChange
    region: Region = WHOLE


class ChooseCamera(Message, frozen=True, tag="choose_camera"):
    """Let this attached camera serve the role; a camera that serves the other role changes places."""

    camera: CameraRole
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class RequestCapture(Message, frozen=True, tag="request_capture"):
    """Ask the resident for a still."""

    kind: CaptureKind


class AbortCapture(Message, frozen=True, tag="abort_capture"):
    """Stop asking."""

    capture: Id


class CaptureUpdate(Message, frozen=True, tag="capture"):
    """A capture as it now is."""

    capture: Capture


class HoldCall(Message, frozen=True, tag="hold_call"):
    """Ask the resident to wait: no picture and no sound goes either way until `resume_call`."""

    reason: HoldText = ""


class ResumeCall(Message, frozen=True, tag="resume_call"):
    """The operator is back with the resident."""


class StepConduct(Message, frozen=True, tag="step_conduct"):
    """The next step against harassment in the call of the envelope."""

    step: ConductStep


class SupervisorWanted(Message, frozen=True, tag="supervisor_wanted"):
    """For supervisors: every call whose operator wants one; the newest list replaces the one before."""

    calls: tuple[Wanted, ...]


class MonitorCall(Message, frozen=True, tag="monitor_call"):
    """A supervisor takes part in the call of the envelope, or does so otherwise; `over`: no longer."""

    state: MonitorState


class MonitorUpdate(Message, frozen=True, tag="monitor"):
    """For the supervisor: how she takes part now; None when she does not. `why` as in `monitor.Step`."""

    monitoring: Monitoring | None = None
    why: Annotated[str, msgspec.Meta(max_length=40)] = ""


class WatchBoard(Message, frozen=True, tag="watch_board"):
    """Tell this desk the wallboard, at once and at every change; or no longer."""

    on: bool


class WallboardUpdate(Message, frozen=True, tag="wallboard"):
    """The wallboard as it now is, at most once a second; the newest replaces all before it."""

    today: WallFigures
    service_s: Count  # answered within it counts as in time
    waiting_s: Count  # longer waits are alarms
    towns: tuple[WallTown, ...] = ()
    calls: tuple[WallCall, ...] = ()  # those that wait first, the longest waiting foremost
    people: tuple[WallPerson, ...] = ()
    alarms: tuple[WallAlarm, ...] = ()
    more_calls: Count = 0  # that had no room
    more_people: Count = 0


class SetBells(Message, frozen=True, tag="set_bells"):
    """Listen for these sites of one's municipality and for no others of it; answered by a snapshot."""

    municipality: Id
    sites: Annotated[tuple[Id, ...], msgspec.Meta(max_length=200)]


class StaffComing(Message, frozen=True, tag="staff_coming"):
    """The branch's staff: I am going there."""

    ring: Id


class StaffArrived(Message, frozen=True, tag="staff_arrived"):
    """The branch's staff: I am there, or it is settled."""

    ring: Id


class StaffUpdate(Message, frozen=True, tag="staff_ring"):
    """A ring for the branch's staff as it now is: for the pages that listen there and the call's operator."""

    staff: StaffCall


class PromiseCallback(Message, frozen=True, tag="promise_callback"):
    """In the call or its wrap-up: somebody of this department will telephone the resident."""

    department: Id
    telephone: Annotated[str, msgspec.Meta(pattern="^[0-9][0-9-]{7,14}$")]
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    name: Annotated[str, msgspec.Meta(max_length=40)] = ""
    wanted: Annotated[str, msgspec.Meta(max_length=60)] = ""


class SettleCallback(Message, frozen=True, tag="settle_callback"):
    """A specialist of the department: kept, tried in vain, or dropped."""

    callback: Id
    outcome: CallbackOutcome


class Callbacks(Message, frozen=True, tag="callbacks"):
    """The promises that this desk's department has to keep, oldest first."""

    tasks: tuple[CallbackTask, ...]


class StartTransfer(Message, frozen=True, tag="start_transfer"):
    """Pass the call of the envelope to a department of its municipality, after a talk or at once."""

    kind: TransferKind
    department: Id
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class StepTransfer(Message, frozen=True, tag="step_transfer"):
    """The next step of the open transfer; accept and decline answer its ring like any other."""

    transfer: Id
    step: TransferStep


class SideOffer(Message, frozen=True, tag="side_offer"):
    """To another party of a call: always from the operator's desk. A greater `turn` replaces the connection.

    `transfer` names the connection: the id of a transfer, a guest or a monitoring. `mids` says what each
    media line carries, as in `offer`.
    """

    transfer: Id
    turn: Count
    sdp: Sdp
    mids: dict[str, MediaRole]


class SideAnswer(Message, frozen=True, tag="side_answer"):
    """Always from the other party, to the offer of the same turn."""

    transfer: Id
    turn: Count
    sdp: Sdp


class SideCandidate(Message, frozen=True, tag="side_candidate"):
    """One more address of the sender."""

    transfer: Id
    turn: Count
    candidate: Annotated[str, msgspec.Meta(max_length=2000)]
    mid: str = ""


class SideRenew(Message, frozen=True, tag="side_renew"):
    """The other party wants another offer: its page was loaded anew, or nothing comes."""

    transfer: Id


class InviteGuest(Message, frozen=True, tag="invite_guest"):
    """Let somebody join the call of the envelope by a link; answered by `guest_invited`."""

    kind: GuestKind
    name: GuestName | None = None  # None: the guest says it


class GuestInvited(Message, frozen=True, tag="guest_invited"):
    """The code of an invitation, told once: the hub keeps its digest alone."""

    guest: Id
    code: GuestCode
    until: Moment
    address: Text = ""  # of the page that takes it; empty: /join at the desk's own address


class StepGuest(Message, frozen=True, tag="step_guest"):
    """What the operator decides about a guest of the call of the envelope."""

    guest: Id
    step: GuestStep


class DepartmentsUpdate(Message, frozen=True, tag="departments"):
    """Who is there now in the departments of the call's municipality."""

    departments: tuple[DepartmentPresence, ...]


class EndCall(Message, frozen=True, tag="end_call"):
    """The operator ends the call of the envelope."""


OTHER_PROCEDURE = "other"
"""In a wrap-up: none of the municipality's procedures fits (a misdirected call, a general question)."""


class WrapUp(Message, frozen=True, tag="wrap_up"):
    """The outcome; the operator becomes available again. `procedure` is a procedure's id or 'other'."""

    procedure: Id
    outcome: Annotated[
        str, msgspec.Meta(pattern="^(completed|not_completed|transferred|callback|misdirected)$")
    ]
    reason: Annotated[str, msgspec.Meta(max_length=40)] = ""
    note: Text = ""


class WrappedUp(Message, frozen=True, tag="wrapped_up"):
    """The wrap-up is stored."""


DESK_SAYS = vocabulary(
    DeskHello, SetPresence, Accept, Decline, Answer, Candidate, Renew, ShowPage, HidePage, SetFocus,
    Caption, Freeze, AdjustCamera, ChooseCamera, SetVolume, RestartDevice, Pointer, Ink, InkClear,
    RequestCapture, AbortCapture, HoldCall, ResumeCall, StartTransfer, StepTransfer, PromiseCallback,
    SettleCallback, SideOffer, SideAnswer, SideCandidate, SideRenew, CallStaff, WithdrawStaff,
    StepConduct, MonitorCall, WatchBoard, SetBells, StaffComing, StaffArrived, InviteGuest, StepGuest,
    EndCall, WrapUp, Ping, Pong, Refused, Unsupported,
)  # fmt: skip
HUB_SAYS_TO_DESK = vocabulary(
    DeskWelcome, DeskSnapshot, Presence, Queue, Ring, RingEnded, DeskCallUpdate, Offer, Candidate,
    MediaReport, Reply, CaptureUpdate, Callbacks, DepartmentsUpdate, SideOffer, SideAnswer, SideCandidate,
    SideRenew, GuestInvited, StaffUpdate, SupervisorWanted, MonitorUpdate, WallboardUpdate, WrappedUp, Ping,
    Pong, Refused, Unsupported, GoingAway,
)  # fmt: skip
