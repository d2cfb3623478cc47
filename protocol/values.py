"""Values that more than one message carries. Times are UTC with their zone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Text = Annotated[str, msgspec.Meta(max_length=2000)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
"""A place along one side of a picture: 0 is left or top, 1 is right or bottom."""

Sdp = Annotated[str, msgspec.Meta(min_length=1, max_length=48 * 1024)]


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """Base of values: immutable, keyword only, unknown fields ignored."""


class CallState(StrEnum):
    """States of the record that the hub owns."""

    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    HELD = "held"
    CONSULTING = "consulting"
    ENDED = "ended"
    ABANDONED = "abandoned"
    CALLBACK = "callback"


LIVE_STATES = frozenset(
    {CallState.WAITING, CallState.RINGING, CallState.TALKING, CallState.HELD, CallState.CONSULTING}
)


class PresenceState(StrEnum):
    """What an operator is doing; wrap-up belongs here, not to the call."""

    OFFLINE = "offline"
    AWAY = "away"
    AVAILABLE = "available"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    OVERDUE = "overdue"  # away: the time for the wrap-up is over, the outcome is still to be saved


class Role(StrEnum):
    """What somebody is in one municipality; one person may be several things, in several municipalities."""

    OPERATOR = "operator"
    SPECIALIST = "specialist"  # head-office staff of one department
    BRANCH = "branch"  # staff at a site
    SUPERVISOR = "supervisor"
    ADMIN = "admin"  # of one municipality
    FLEET_ADMIN = "fleet_admin"  # of the service: terminals, municipalities, their admins


class MediaRole(StrEnum):
    """What a media line of the offer carries."""

    AUDIO = "audio"
    FACE = "face"
    DOCUMENT = "document"


class CameraRole(StrEnum):
    """The two cameras of a terminal."""

    FACE = "face"
    DOCUMENT = "document"


class CameraChange(StrEnum):
    """What an operator may ask of a camera of the terminal; each step is one from where it stands."""

    TURN = "turn"  # a quarter clockwise
    REGION = "region"  # show this part, or the whole
    HOLD_FOCUS = "hold_focus"
    AUTO_FOCUS = "auto_focus"
    NEARER = "nearer"  # a step of the held focus
    FARTHER = "farther"
    LIGHTER = "lighter"  # half a stop
    DARKER = "darker"
    RESET = "reset"  # as the call began; the choice of the camera stays


class CaptureKind(StrEnum):
    """A still that is kept."""

    ID_PHOTO = "id_photo"
    DOCUMENT_STILL = "document_still"


class CaptureStage(StrEnum):
    """Where a capture stands; the last four are final."""

    REQUESTED = "requested"
    ASKING = "asking"  # the resident is asked for consent
    COUNTING = "counting"
    SENDING = "sending"
    STORED = "stored"
    DECLINED = "declined"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Rung(StrEnum):
    """What carries a call, best first; the terminal climbs down and up by itself."""

    VIDEO = "video"
    FEWER_FRAMES = "fewer_frames"  # pictures move, with fewer frames and smaller
    AUDIO_STILLS = "audio_stills"  # sound, and a still of each camera every few seconds
    TEXT = "text"  # sound does not get through: captions and the resident's keys


class RungCause(StrEnum):
    """Why a call is below `video`."""

    NARROW = "narrow"  # the terminal's uplink carries too few bits
    LOSSY = "lossy"  # too many packets are lost
    NO_MEDIA = "no_media"  # nothing of the desk arrives at all, the hub alone does


class ReplyWord(StrEnum):
    """What a resident answers to a caption with one touch."""

    YES = "yes"
    NO = "no"
    AGAIN = "again"  # once more, please
    UNHEARD = "unheard"  # I do not hear you
    WAIT = "wait"  # a moment, please


class HoldReason(StrEnum):
    """Why a resident is asked to wait, as far as it has a word that a terminal knows in every language."""

    CHECKING = "checking"  # the operator looks something up
    ASKING = "asking"  # somebody else is asked
    PAPERS = "papers"  # papers are being prepared
    MOMENT = "moment"  # no reason is given


HoldText = Annotated[str, msgspec.Meta(max_length=80)]
"""A `HoldReason`, or a sentence of the operator's own; a terminal shows what it has no word for as it is."""


class StaffReason(StrEnum):
    """Why the staff of the branch are wanted beside the terminal."""

    ILLNESS = "illness"
    PIN = "pin"  # a PIN that only the resident may type, on a device of the branch
    PAPER = "paper"  # forms, prints, envelopes
    OTHER = "other"


class StaffState(StrEnum):
    """Where a ring for the branch's staff stands; after `unanswered` somebody may still come, late."""

    CALLING = "calling"
    COMING = "coming"
    UNANSWERED = "unanswered"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Conduct(StrEnum):
    """How far an operator has gone against harassment in a call."""

    FINE = "fine"
    WARNED = "warned"
    SUPERVISOR = "supervisor"  # and a supervisor of the municipality has been called
    ENDED = "ended"


class ConductStep(StrEnum):
    """What an operator presses against harassment."""

    WARN = "warn"
    CALL_SUPERVISOR = "call_supervisor"
    WITHDRAW = "withdraw"  # all is well again
    END = "end"


class Focus(StrEnum):
    """What is largest on the terminal."""

    OPERATOR = "operator"
    PAPER = "paper"
    PAGE = "page"


class Person(Value, frozen=True):
    """Who is on the other side, as the resident reads it."""

    name: Name
    role: Name
    municipality: Name


class Wait(Value, frozen=True):
    """Expected wait as a range, in seconds from now."""

    low_s: Count
    high_s: Count


class PageBlock(Value, frozen=True):
    """One block of a guidance page: heading, text, steps, facts or notice."""

    kind: Annotated[str, msgspec.Meta(pattern="^(heading|text|steps|facts|notice)$")]
    text: Text = ""
    items: tuple[Text, ...] = ()
    pairs: tuple[tuple[Text, Text], ...] = ()


class Page(Value, frozen=True):
    """A guidance page with its sheets; ruby is written {漢字|かんじ}."""

    id: Id
    title: Name
    sheets: Annotated[tuple[tuple[PageBlock, ...], ...], msgspec.Meta(min_length=1, max_length=12)]


class Region(Value, frozen=True):
    """A part of a picture in the picture's own proportions, as shares of the turned picture."""

    left: Share = 0.0
    top: Share = 0.0
    side: Annotated[float, msgspec.Meta(ge=0.25, le=1)] = 1.0  # of the width and of the height alike


WHOLE = Region()


class CameraSetting(Value, frozen=True):
    """How the operator has set one camera for this call, on top of what the terminal's settings say."""

    turned: Annotated[int, msgspec.Meta(ge=0, le=270, multiple_of=90)] = 0  # degrees clockwise
    region: Region = WHOLE
    focus_held: bool = False
    focus_step: Annotated[int, msgspec.Meta(ge=-10, le=10)] = 0  # nearer (+) than where it was held
    exposure: Annotated[int, msgspec.Meta(ge=-4, le=4)] = 0  # half stops lighter (+)
    source: Annotated[str, msgspec.Meta(max_length=40)] = ""  # an attached camera; empty: the role's own


class Cameras(Value, frozen=True):
    """Both cameras as they are set; the end of a call sets them back."""

    face: CameraSetting = CameraSetting()
    document: CameraSetting = CameraSetting()

    def of(self, role: CameraRole) -> CameraSetting:
        return self.face if role is CameraRole.FACE else self.document


class Presentation(Value, frozen=True):
    """What the operator has put on the terminal; the newest revision replaces all before it."""

    revision: Count = 0
    focus: Focus = Focus.OPERATOR
    page: Page | None = None
    sheet: Count = 0
    caption: Text = ""
    frozen: tuple[CameraRole, ...] = ()
    conduct: Conduct = Conduct.FINE  # from `warned` on the terminal asks for calm words
    cameras: Cameras = Cameras()


class Topic(Value, frozen=True):
    """A tile or a line on the idle screen: one procedure that can be chosen now."""

    id: Id
    title: Name
    sub: Text = ""
    ready: tuple[Text, ...] = ()  # what to have at hand
    words: Text = ""  # not empty: no call begins, the resident reads this instead
    pilot: bool = False  # on trial at this place


class Site(Value, frozen=True):
    """What a terminal needs to know of its place."""

    municipality: Id
    municipality_name: Name
    site_name: Name
    terminal_name: Name
    telephone: Name
    hours: Text
    open: bool
    closed_text: Text = ""
    opens_text: Text = ""
    tiles: bool = False  # show topics as tiles; each then starts the call
    topics: tuple[Topic, ...] = ()
    brand: Annotated[str, msgspec.Meta(pattern="^#[0-9A-Fa-f]{6}$")] = "#006365"
    brand_dark: Annotated[str, msgspec.Meta(pattern="^#[0-9A-Fa-f]{6}$")] = "#00484A"
    staff: bool = False  # the branch has staff that can be rung from here
    operators_on_duty: bool = True  # False: all absent, the terminal shows 'busy' instead of the button
    later: tuple[Text, ...] = ()  # what is served here and cannot be chosen now, and when it can
    disaster: Page | None = None  # shown in place of everything else; one key, one queue
    event: bool = False  # `site_name` and `hours` are those of an event


class IceServer(Value, frozen=True):
    """A relay or STUN server; credentials live minutes, not days."""

    urls: tuple[str, ...]
    username: str = ""
    credential: str = ""


class WatcherKind(StrEnum):
    """What somebody is in a call who hears or sees the resident."""

    OPERATOR = "operator"
    SPECIALIST = "specialist"
    SUPERVISOR = "supervisor"
    FAMILY = "family"  # of the resident, by a link
    INTERPRETER = "interpreter"  # by a link


class Watcher(Value, frozen=True):
    """Somebody in a call, as the resident's screen names them: all of them stand there, none is left out."""

    kind: WatcherKind
    name: Text = ""
    role: Text = ""  # of operators and specialists, in words: a specialist's is the department
    municipality: Text = ""
    hears: bool = True
    sees: bool = True  # the resident's face
    speaks: bool = True  # to the resident


class GuestKind(StrEnum):
    """Who joins a call by a link."""

    FAMILY = "family"
    INTERPRETER = "interpreter"


class GuestState(StrEnum):
    """Where a guest stands; the last four are final."""

    INVITED = "invited"  # the code is out, nobody has used it
    LOBBY = "lobby"  # asks to be let in, or was asked to wait again
    INSIDE = "inside"  # hears and is heard
    EXPIRED = "expired"  # nobody used the code in time
    LEFT = "left"  # by the guest's own choice, or the page did not come back
    REMOVED = "removed"  # by the operator, the code included
    OVER = "over"  # with the call


class GuestStep(StrEnum):
    """What an operator decides about a guest of her call."""

    ADMIT = "admit"
    HOLD_OUT = "hold_out"  # back to the lobby
    MUTE = "mute"  # nobody hears the guest
    UNMUTE = "unmute"
    SHOW_FACE = "show_face"  # the guest sees the resident's face in place of the operator's
    HIDE_FACE = "hide_face"
    REMOVE = "remove"  # for good; a code that is out is worth nothing any more


GuestName = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=40,
        pattern=r"^[^\x00-\x1f\x7f{}|\u200b-\u200f\u2028-\u202e\u2060-\u2069]+$",
    ),
]  # fmt: skip
"""A name as a stranger writes it, without what means something to a screen: readings, breaks, direction."""

GuestCode = Annotated[str, msgspec.Meta(pattern="^[0-9]{12}$")]
"""The one secret of an invitation, in its link and to be read aloud."""


class Guest(Value, frozen=True):
    """A guest of a call as its operator sees it; the id names the connection between the two as well."""

    id: Id
    kind: GuestKind
    state: GuestState
    name: Text = ""
    until: Moment | None = None  # when the present state ends by itself
    here: bool = False  # the guest's page is linked
    muted: bool = False
    sees: bool = False  # the resident's face


class GuestPlace(Value, frozen=True):
    """All that a guest's page is told: whose counter it is, and where the guest stands."""

    guest: Id
    kind: GuestKind
    state: GuestState
    municipality_name: Name
    name: Text = ""
    until: Moment | None = None
    operator_name: Text = ""  # once the guest is let in
    muted: bool = False
    sees: bool = False
    paused: bool = False  # the resident is asked to wait: nobody hears anybody
    ice_servers: tuple[IceServer, ...] = ()


class TerminalCall(Value, frozen=True):
    """A call as its terminal sees it."""

    id: Id
    state: CallState
    queued_at: Moment
    topic: str = ""
    position: Count = 0  # calls ahead
    wait: Wait | None = None
    operator: Person | None = None
    others: tuple[Person, ...] = ()  # who else is in the call now, for terminals that know no `watchers`
    watchers: tuple[Watcher, ...] = ()  # everybody in the call now, the operator first
    epoch: Count = 0  # the newest media epoch that the hub has seen
    held_reason: HoldText = ""
    presentation: Presentation = Presentation()
    ended_by: str = ""  # resident, operator, hub
    ice_servers: tuple[IceServer, ...] = ()  # newer than the welcome's; empty: use those


class DeviceState(Value, frozen=True):
    """One device of a terminal, for the desk."""

    name: Name  # face, document, audio, ui; echo while it is not removed, headset while sound goes there
    state: Annotated[str, msgspec.Meta(pattern="^(closed|starting|live|stale|lost)$")]
    code: str = ""
    cause: Text = ""
    simulated: bool = False
    can: tuple[str, ...] = ()  # of a camera: focus, exposure


class AttachedCamera(Value, frozen=True):
    """A camera that the terminal has; an operator may choose which one serves a role."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    name: Name
    simulated: bool = False


class Capture(Value, frozen=True):
    """A capture as the desk sees it; the digest is over the plain JPEG."""

    id: Id
    kind: CaptureKind
    stage: CaptureStage
    width: Count = 0
    height: Count = 0
    bytes: Count = 0
    sha256: str = ""
    code: str = ""
    cause: Text = ""
    checks: tuple[tuple[str, str, str], ...] = ()  # (label, good|caution|bad, word)
    at: Moment | None = None


class WaitingCall(Value, frozen=True):
    """A line of the queue."""

    call: Id
    state: CallState
    municipality: Id
    municipality_name: Name
    brand: str
    site_name: Name
    terminal_name: Name
    queued_at: Moment
    topic: str = ""
    topic_title: str = ""


class TransferKind(StrEnum):
    """How a call is to reach a department."""

    CONSULT = "consult"  # the operator speaks with a specialist first; the call may then be handed over
    BLIND = "blind"  # the resident waits at the head of the department; the operator is free at once


class TransferState(StrEnum):
    """Where a transfer stands; the last five are final."""

    ASKING = "asking"  # nobody of the department is free yet; the operator goes on with the resident
    RINGING = "ringing"  # a specialist is rung
    CONSULTING = "consulting"  # operator and specialist talk, the resident is on hold
    JOINED = "joined"  # all three talk
    HANDING = "handing"  # the specialist's media are being set up; the operator is still responsible
    PASSED = "passed"  # blind: the resident waits for the department
    DONE = "done"  # the specialist is responsible
    RETURNED = "returned"  # it failed; the call is with the operator, or in the pool again
    CANCELLED = "cancelled"  # by the operator
    UNANSWERED = "unanswered"  # no specialist within the time
    OVER = "over"  # the call ended, or its operator is gone


class TransferStep(StrEnum):
    """What a party of a transfer wants next."""

    CANCEL = "cancel"  # operator: end it; the resident is back with her (taken back)
    JOIN = "join"  # operator: all three talk
    PART = "part"  # operator: the resident is on hold again
    HAND_OVER = "hand_over"  # operator: the specialist takes the call
    LEAVE = "leave"  # specialist: out of the consult


class Transfer(Value, frozen=True):
    """A transfer as both desks see it; its id names the connection between them."""

    id: Id
    kind: TransferKind
    state: TransferState
    department: Id
    department_name: Name
    reason: Text
    origin: Id
    origin_name: Name
    specialist: str = ""  # who is rung or has accepted
    specialist_name: str = ""
    until: Moment | None = None  # when the present state ends by itself


class MonitorState(StrEnum):
    """How a supervisor takes part in a call; everybody in it is told."""

    LISTENING = "listening"  # she hears both and sees the resident; nobody hears her
    WHISPERING = "whispering"  # and the operator hears her
    BARGING = "barging"  # and the resident hears her too
    OVER = "over"


class Monitor(Value, frozen=True):
    """A supervisor in a call, as the desks of the call see it; its id names the connection to her desk."""

    id: Id
    state: MonitorState
    supervisor: Id
    supervisor_name: Name
    since: Moment


class Monitoring(Value, frozen=True):
    """The same as the supervisor's own desk sees it."""

    id: Id
    state: MonitorState
    call: Id
    call_state: CallState
    municipality_name: Name
    brand: str
    site_name: Name
    terminal_name: Name
    operator_name: Name
    accepted_at: Moment
    since: Moment
    topic_title: str = ""
    ice_servers: tuple[IceServer, ...] = ()  # for the connection to the operator's desk


class CallbackOutcome(StrEnum):
    """What a specialist says of a promise to call back."""

    REACHED = "reached"
    UNREACHED = "unreached"  # nobody answered; the promise stays
    DROPPED = "dropped"  # it need not be kept any more


class CallbackTask(Value, frozen=True):
    """A promise to call a resident back, as the department's desks see it."""

    id: Id
    municipality_name: Name
    site_name: Name
    department_name: Name
    telephone: Name
    reason: Text
    created_at: Moment
    name: Text = ""
    wanted: Text = ""  # when it suits
    topic_title: str = ""
    by: str = ""  # who promised
    tries: Count = 0


class DepartmentPresence(Value, frozen=True):
    """A department of the call's municipality and who is there now."""

    id: Id
    name: Name
    telephone: Name
    free: Count = 0  # specialists who could be rung now
    busy: Count = 0  # on duty, but ringing, talking or wrapping up
    stands_in: str = ""  # id of the department that is asked instead while nobody of this one is on duty
    procedures: tuple[Id, ...] = ()


class NeighbourState(StrEnum):
    """What goes on at the other terminal of a counter."""

    FREE = "free"
    WAITING = "waiting"
    TALKING = "talking"
    OFF = "off"  # it has no link


class Neighbour(Value, frozen=True):
    """Another terminal of the same counter."""

    name: Name
    state: NeighbourState


class RingCard(Value, frozen=True):
    """All that one needs to greet by name of place."""

    call: Id
    municipality: Id
    municipality_name: Name
    brand: str
    site_name: Name
    terminal_name: Name
    queued_at: Moment
    expires_at: Moment
    topic: str = ""
    topic_title: str = ""
    greeting: Text = ""  # to read aloud
    simulated: bool = False
    staff: bool = False  # the branch has staff that can be rung to the terminal
    transfer: Transfer | None = None  # why a specialist is rung
    captures: tuple[Capture, ...] = ()  # with a transfer: what has been taken so far
    beside: tuple[Neighbour, ...] = ()  # the other terminals of the same counter


class DeskCall(Value, frozen=True):
    """A call as its operator sees it."""

    card: RingCard
    state: CallState
    accepted_at: Moment
    epoch: Count = 0
    presentation: Presentation = Presentation()
    captures: tuple[Capture, ...] = ()
    terminal_connected: bool = True
    devices: tuple[DeviceState, ...] = ()
    attached: tuple[AttachedCamera, ...] = ()
    volume: Count = 0  # 1 to 5 as the resident hears it; 0: not told
    devices_closed_at: Moment | None = None  # after the call: the terminal looked, nothing is open
    presented: Count = 0  # revision that the terminal has on its screen
    ended_by: str = ""
    held_reason: HoldText = ""
    transfer: Transfer | None = None  # the open one, or the newest that has ended in this call
    monitor: Monitor | None = None  # the supervisor who takes part
    departments: tuple[DepartmentPresence, ...] = ()  # to whom it could be passed
    ice_servers: tuple[IceServer, ...] = ()  # newer than the welcome's; empty: use those
    guests: tuple[Guest, ...] = ()  # invited, waiting to be let in, or inside, oldest first


class StaffCall(Value, frozen=True):
    """A ring for a branch's own staff, as a branch page and the operator see it."""

    id: Id
    state: StaffState
    reason: StaffReason
    by_resident: bool
    municipality: Id
    municipality_name: Name
    site: Id
    site_name: Name
    terminal_name: Name
    telephone: Name  # of the site, for where nobody answers
    rung_at: Moment
    until: Moment | None = None  # while it sounds, or while somebody is on the way
    coming: str = ""  # name of who comes
    listening: Count = 0  # branch pages that could sound when it was rung
    call: str = ""  # the video call beside it


class AwayReason(Value, frozen=True):
    """Why an operator may be away; after `minutes` her desk reminds her, 0 never."""

    id: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_-]*$", max_length=40)]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    minutes: Annotated[int, msgspec.Meta(ge=0, le=480)] = 0


class Wanted(Value, frozen=True):
    """A call whose operator wants a supervisor."""

    call: Id
    municipality_name: Name
    site_name: Name
    terminal_name: Name
    operator: str


class BellPlace(Value, frozen=True):
    """A site whose staff a branch page may listen for."""

    municipality: Id
    municipality_name: Name
    site: Id
    site_name: Name
    on: bool = False  # this page listens


class WrapUpTask(Value, frozen=True):
    """A call that still wants its outcome."""

    call: Id
    card: RingCard
    ended_at: Moment
    ended_by: str
    until: Moment | None = None  # then she counts as away, and the form stays; None: no limit, or over


class Membership(Value, frozen=True):
    """One role of a person in one municipality; `department` is an id, of specialists only."""

    municipality: Id
    role: Role
    department: Id | None = None


class Me(Value, frozen=True):
    """Who is logged in at a desk."""

    user: Id
    name: Name
    role: Name  # the foremost of the roles, as people read it
    municipalities: tuple[tuple[str, str], ...]  # (id, name)
    memberships: tuple[Membership, ...] = ()
    views: tuple[str, ...] = ()  # parts of the desk's page that these roles see


class AlarmKind(StrEnum):
    """What a supervisor should look at now."""

    WAITING_LONG = "waiting_long"  # a resident has waited for too long
    NOBODY_ON_DUTY = "nobody_on_duty"  # a municipality is open and nobody serves it
    WRAP_UP_LONG = "wrap_up_long"  # somebody has not come out of her wrap-up


class WallAlarm(Value, frozen=True):
    """One alarm; `subject` is the id of a call, a municipality or a person, `name` how people call it."""

    kind: AlarmKind
    subject: Id
    name: Name
    since: Moment | None = None


class WallCall(Value, frozen=True):
    """A live call on the wallboard: nothing of what is said or shown in it."""

    call: Id
    state: CallState
    municipality: Id
    municipality_name: Name
    brand: str
    site_name: Name
    terminal_name: Name
    queued_at: Moment
    topic_title: str = ""
    wait: Wait | None = None  # while it waits, as the resident is told
    accepted_at: Moment | None = None
    operator_name: str = ""  # who is rung or responsible
    monitor_name: str = ""  # the supervisor who takes part
    wanted: bool = False  # its operator wants a supervisor


class WallPerson(Value, frozen=True):
    """Somebody who takes calls; place and call only where they are the supervisor's own municipalities."""

    user: Id
    name: Name
    role: Name
    state: PresenceState
    since: Moment
    reason: str = ""  # of being away, as people read it
    until: Moment | None = None  # when her wrap-up has lasted too long
    municipality_name: str = ""  # of the resident whom she serves
    site_name: str = ""


class WallFigures(Value, frozen=True):
    """Of today. What is None has no call to tell it from."""

    offered: Count = 0
    answered: Count = 0
    abandoned: Count = 0
    service_level: Share | None = None
    average_s: Count | None = None  # average speed of answer


class WallTown(Value, frozen=True):
    """One municipality on the wallboard."""

    municipality: Id
    name: Name
    brand: str
    open: bool = True  # one of its terminals can be used now
    waiting: Count = 0
    on_duty: Count = 0  # operators for whom its residents may hope
    free: Count = 0  # of those, who could be rung now
    staff_rings: Count = 0  # open rings for the staff of a branch
    disaster: str = ""  # title of the page that all its terminals show
    today: WallFigures = WallFigures()
