"""What the counter knows without asking the store: links, kept media words, and the live calls as written.

Everything here can be lost: the store and the next words of both sides bring it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hub.core.absence import Links
from hub.core.call import HAS_OPERATOR, CallRecord
from hub.core.expected_wait import Handling
from hub.core.guest import GuestRecord
from hub.core.monitor import MonitorRecord
from hub.core.staff import StaffRecord
from hub.core.transfer import TransferRecord
from hub.store.people import User
from hub.store.places import Kiosk
from protocol.common import Candidate, Offer, Reply
from protocol.desk_link import WallboardUpdate
from protocol.kiosk_link import DevicesClosed
from protocol.values import (
    AttachedCamera,
    DepartmentPresence,
    DeviceState,
    GuestPlace,
    Site,
    TerminalCall,
    TransferState,
    Wait,
    WaitingCall,
)

CANDIDATES = 64
"""Addresses that are kept for an offer until an operator accepts."""


@dataclass(slots=True)
class Line:
    """One side's link. `token` is the link that counts; a departing older one changes nothing."""

    token: object | None = None
    away_since: datetime | None = None  # None while here
    here_since: datetime | None = None
    node: str | None = None  # another hub where it is, or was last; None: this one, or nowhere

    @property
    def here(self) -> bool:
        """Whether the side can be told something now."""
        return self.token is not None

    def arrive(self, token: object, now: datetime) -> None:
        """The newest link wins."""
        self.token, self.away_since, self.here_since, self.node = token, None, now, None

    def leave(self, token: object, now: datetime) -> bool:
        """Whether this was the link that counts."""
        if self.token is not token:
            return False
        self.token, self.away_since = None, now
        return True


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place as its terminals are told of it, while this holds."""

    site: Site
    on_duty: bool
    disaster: str | None
    since: datetime
    until: datetime

    def holds(self, on_duty: bool, disaster: str | None, now: datetime) -> bool:
        """Whether the same would be told now."""
        return (self.on_duty, self.disaster) == (on_duty, disaster) and self.since <= now < self.until


@dataclass(slots=True)
class KioskSide:
    """A terminal as last heard."""

    kiosk: Kiosk
    line: Line
    simulated: bool = False
    devices: tuple[DeviceState, ...] = ()
    attached: tuple[AttachedCamera, ...] = ()
    volume: int = 0
    closed: DevicesClosed | None = None  # what it found since its devices were last closed
    closed_at: datetime | None = None
    told_site: Site | None = None
    site_changes_at: datetime | None = None


@dataclass(slots=True)
class DeskSide:
    """An operator as last heard."""

    user: User
    line: Line
    told_queue: tuple[WaitingCall, ...] | None = None
    told_departments: tuple[DepartmentPresence, ...] | None = None
    watches: bool = False  # the wallboard is open there
    told_board: WallboardUpdate | None = None
    vanished: bool = False  # away for longer than a reload takes, and its presence says so


@dataclass(slots=True)
class Media:
    """What is kept of a call's negotiation; content is passed on, never read."""

    epoch: int = 0
    offer: Offer | None = None
    candidates: list[Candidate] = field(default_factory=list)
    reported_at: datetime | None = None
    reported_live: bool = False
    reply: Reply | None = None  # the resident's newest, for an operator whose page comes back


@dataclass(slots=True)
class Board:
    """`live` holds every live call exactly as it is written."""

    started: datetime
    kiosks: dict[str, KioskSide] = field(default_factory=dict)
    places: dict[tuple[str, str, str], PlaceView] = field(default_factory=dict)  # by town, site, terminal
    next_place: datetime | None = None  # before then no terminal's place reads differently
    desks: dict[str, DeskSide] = field(default_factory=dict)
    live: dict[str, CallRecord] = field(default_factory=dict)
    transfers: dict[str, TransferRecord] = field(default_factory=dict)  # call id -> its open transfer
    guests: dict[str, GuestRecord] = field(default_factory=dict)  # open ones, as written
    guest_links: dict[str, object] = field(default_factory=dict)  # guest -> the link here that counts
    told_guests: dict[str, GuestPlace] = field(default_factory=dict)
    monitors: dict[str, MonitorRecord] = field(default_factory=dict)  # call id -> the supervisor in it
    wrap_ups: dict[str, datetime] = field(default_factory=dict)  # user -> when her wrap-up is too long
    media: dict[str, Media] = field(default_factory=dict)
    told_call: dict[str, TerminalCall] = field(default_factory=dict)  # call id -> what its kiosk was told
    on_duty: dict[str, int] = field(default_factory=dict)  # municipality -> operators
    disasters: dict[str, str] = field(default_factory=dict)  # municipality -> page, while its switch is on
    handling: Handling = field(default_factory=Handling)  # how long calls took
    capture_due: dict[str, datetime] = field(default_factory=dict)  # open capture -> when it has failed
    staff: dict[str, StaffRecord] = field(default_factory=dict)  # open rings for staff, as written
    relay_due: dict[str, datetime] = field(default_factory=dict)  # live call -> new relay credentials
    next_chance: datetime | None = None  # when somebody may first, or again, be rung
    waits: Mapping[str, Wait] = field(default_factory=dict)  # call id -> what it may hope for
    waits_at: datetime | None = None  # when that was looked at
    next_waits: datetime | None = None  # when those who wait hear anew for how long
    next_sweep: datetime | None = None  # when keys of old captures are next looked for

    def call_of_kiosk(self, device: str) -> CallRecord | None:
        """Its live call."""
        return next((call for call in self.live.values() if call.kiosk == device), None)

    def call_of_operator(self, user: str) -> CallRecord | None:
        """The call that occupies an operator."""
        return next(
            (call for call in self.live.values() if call.operator == user and call.state in HAS_OPERATOR),
            None,
        )

    def media_party(self, record: CallRecord) -> str | None:
        """Whose desk gets what the terminal offers: the operator's, or in a hand-over the next one's."""
        transfer = self.transfers.get(record.id)
        if transfer is not None and transfer.state is TransferState.HANDING:
            return transfer.specialist
        return record.operator if record.connected else None

    def hands_over(self, call: str, epoch: int) -> bool:
        """Whether media in this epoch complete a hand-over."""
        transfer = self.transfers.get(call)
        handing = transfer is not None and transfer.state is TransferState.HANDING
        return transfer is not None and handing and epoch > transfer.epoch

    def transferred(self, record: TransferRecord) -> None:
        """A transfer has been committed."""
        if record.open:
            self.transfers[record.call] = record
        elif self.transfers.get(record.call, record).id == record.id:
            self.transfers.pop(record.call, None)

    def visited(self, record: GuestRecord) -> None:
        """A guest has been committed."""
        if record.open:
            self.guests[record.id] = record
        else:
            self.guests.pop(record.id, None)
            self.told_guests.pop(record.id, None)

    def monitored(self, record: MonitorRecord) -> None:
        """A supervisor's part has been committed."""
        if record.open:
            self.monitors[record.call] = record
        elif self.monitors.get(record.call, record).id == record.id:
            self.monitors.pop(record.call, None)

    def wraps_up_until(self, user: str, until: datetime | None) -> None:
        """A presence has been committed."""
        if until is not None:
            self.wrap_ups[user] = until
        else:
            self.wrap_ups.pop(user, None)

    def kiosk_here(self, device: str) -> bool:
        """Whether a terminal is linked."""
        side = self.kiosks.get(device)
        return side is not None and side.line.here

    def desk_here(self, user: str) -> bool:
        """Whether an operator's desk is linked."""
        side = self.desks.get(user)
        return side is not None and side.line.here

    def written(self, record: CallRecord) -> None:
        """A call has been committed."""
        if record.live:
            self.live[record.id] = record
        else:
            for shelf in (self.live, self.media, self.told_call, self.relay_due):
                shelf.pop(record.id, None)

    def forget_told(self) -> None:
        """A turn failed: what it meant to say was not said, so everybody is told again when it matters."""
        self.told_call.clear()
        self.told_guests.clear()
        for kiosk in self.kiosks.values():
            kiosk.told_site = None
        for desk in self.desks.values():
            desk.told_queue = None
            desk.told_departments = desk.told_board = None

    def place_told(self, device: str, until: datetime) -> None:
        """A terminal knows its place as it is until then."""
        self.kiosks[device].site_changes_at = until
        self.next_place = until if self.next_place is None else min(self.next_place, until)

    def look_at_places(self) -> None:
        """Every place that was due has been told."""
        here = (side.site_changes_at for side in self.kiosks.values() if side.line.here)
        self.next_place = min((at for at in here if at is not None), default=None)

    def links(self, record: CallRecord) -> Links:
        """What is known of the two links of a call."""
        kiosk = self.kiosks.get(record.kiosk)
        desk = self.desks.get(record.operator) if record.operator else None
        media = self.media.get(record.id) or Media()
        desk_away = desk.line.away_since if desk else self.started
        if kiosk is not None and kiosk.line.node is not None:
            desk_away = None  # only the hub that hears the terminal can say whether media flow
        return Links(
            hub_started=self.started,
            connected=record.connected,
            desk_away_since=desk_away,
            kiosk_away_since=kiosk.line.away_since if kiosk else self.started,
            kiosk_here_since=kiosk.line.here_since if kiosk else None,
            reported_at=media.reported_at,
            reported_live=media.reported_live,
        )
