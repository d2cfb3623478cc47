"""One decision, from reading to telling: written together, and nothing is said before the commit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hub.bus.port import Parcel, desk_topic, guest_topic, kiosk_topic
from hub.core.audit import Action, Entry
from hub.core.call import CallRecord, NotNow
from hub.core.content import Content
from hub.core.guest import GuestRecord
from hub.core.monitor import MonitorRecord
from hub.core.routing import Operator
from hub.core.staff import StaffRecord
from hub.core.transfer import TransferRecord
from hub.counter.board import Board
from hub.relays import Relays
from hub.settings import HubSettings
from hub.store import calls, trail
from hub.store.database import Tx
from protocol.envelope import Message
from protocol.values import IceServer


@dataclass(slots=True)
class Turn:
    """Collects what is to be said; nothing leaves before the commit."""

    tx: Tx
    now: datetime
    board: Board
    content: Content
    settings: HubSettings
    relays: Relays
    on_duty: Mapping[str, int]  # municipality -> operators; the board's, until this turn counts anew
    disasters: Mapping[str, str]  # municipality -> page; the board's, until this turn reads anew
    outbox: list[tuple[str, Parcel]] = field(default_factory=list)
    last: list[tuple[str, Parcel]] = field(default_factory=list)  # said after calls have been told
    answers: list[Parcel] = field(default_factory=list)  # to the word itself: said again when the word is
    written: dict[str, CallRecord] = field(default_factory=dict)
    moved: dict[str, TransferRecord] = field(default_factory=dict)  # call id -> its transfer as written here
    visits: dict[str, GuestRecord] = field(default_factory=dict)  # guests as written here
    staff: dict[str, StaffRecord] = field(default_factory=dict)  # rings for a branch's staff as written here
    operators: dict[str, Operator] = field(default_factory=dict)  # as read here: nobody else writes meanwhile
    watched: dict[str, MonitorRecord] = field(default_factory=dict)  # call id -> the same for a supervisor
    asked: dict[str, str] = field(default_factory=dict)  # call that was passed on -> department rung now
    tell_kiosks_of: set[str] = field(default_factory=set)  # call ids
    tell_desks_of: dict[str, str] = field(default_factory=dict)  # call id -> user
    snapshots_for: set[str] = field(default_factory=set)  # users
    after_commit: list[Callable[[], object]] = field(default_factory=list)
    queue_changed: bool = False
    duty_changed: bool = False

    @property
    def municipalities(self) -> Collection[str]:
        """All that this hub serves; a call of any other is not found."""
        return self.content.towns.keys()

    async def call(self, id: str | None, municipalities: Collection[str] | None = None) -> CallRecord:
        """A call within these municipalities (default: all of the hub). NotNow('gone') when there is none."""
        within = self.municipalities if municipalities is None else municipalities
        record = self.written.get(id or "") or self.board.live.get(id or "")
        if record is None and id:
            record = await calls.get(self.tx, id, within)
        if record is None or record.municipality not in within:
            raise NotNow("gone", "この通話は見つかりません。もう終わっている可能性があります。")
        return record

    def live(self) -> dict[str, CallRecord]:
        """Every live call as this turn has left it. The board is right: it was brought up to the store."""
        return {id: one for id, one in (self.board.live | self.written).items() if one.live}

    def call_of_kiosk(self, device: str) -> CallRecord | None:
        """Its live call, within the terminal's municipality."""
        municipality = self.board.kiosks[device].kiosk.municipality
        calls = (one for one in self.live().values() if one.kiosk == device)
        return next((one for one in calls if one.municipality == municipality), None)

    def staff_ring(self, device: str) -> StaffRecord | None:
        """The open ring for staff from this terminal, as this turn has left it."""
        rings = (self.board.staff | self.staff).values()
        return next((one for one in rings if one.kiosk == device and one.open), None)

    async def save(self, record: CallRecord) -> CallRecord:
        """Write the next version of a call."""
        saved = await calls.rows.save(self.tx, record)
        self.written[saved.id] = saved
        return saved

    def transfer(self, call: str) -> TransferRecord | None:
        """The open transfer of a call, as this turn has left it."""
        found = self.moved.get(call) or self.board.transfers.get(call)
        return found if found is not None and found.open else None

    def transfers(self) -> list[TransferRecord]:
        """All open transfers, as this turn has left them."""
        return [one for one in (self.board.transfers | self.moved).values() if one.open]

    def guest(self, id: str) -> GuestRecord | None:
        """An open guest, as this turn has left it."""
        found = self.visits.get(id) or self.board.guests.get(id)
        return found if found is not None and found.open else None

    def guests(self) -> list[GuestRecord]:
        """All open guests, as this turn has left them, oldest first."""
        found = [one for one in (self.board.guests | self.visits).values() if one.open]
        return sorted(found, key=lambda one: (one.invited_at, one.id))

    def guests_of(self, call: str) -> list[GuestRecord]:
        """Those of a call."""
        return [one for one in self.guests() if one.call == call]

    def monitor(self, call: str) -> MonitorRecord | None:
        """The supervisor who takes part in a call, as this turn has left it."""
        found = self.watched.get(call) or self.board.monitors.get(call)
        return found if found is not None and found.open else None

    def monitor_by(self, user: str) -> MonitorRecord | None:
        """In which call this supervisor takes part."""
        known = (self.board.monitors | self.watched).values()
        return next((one for one in known if one.open and one.supervisor == user), None)

    def ice_servers(self, record: CallRecord) -> tuple[IceServer, ...]:
        """What one side of this call may use for media now; nothing once it is over."""
        return self.relays.servers(self.now) if record.live else ()

    async def note(self, action: Action, record: CallRecord, actor: str, **detail: str | int) -> None:
        """An audit entry about a call."""
        await trail.append(
            self.tx,
            Entry(
                at=self.now, municipality=record.municipality, actor=actor, action=action, subject=record.id,
                detail=detail,
            ),
        )  # fmt: skip

    def to_kiosk(
        self, device: str, message: Message, call: str | None = None, *, epoch: int | None = None,
        expires: datetime | None = None,
    ) -> None:  # fmt: skip
        """Say something to a terminal after the commit."""
        self.outbox.append((kiosk_topic(device), Parcel(message, call, epoch, expires)))

    def to_desk(self, user: str, message: Message, call: str | None = None) -> None:
        """Say something to an operator after the commit."""
        self.outbox.append((desk_topic(user), Parcel(message, call)))

    def to_guest(self, guest: str, message: Message) -> None:
        """Say something to a guest's page after the commit."""
        self.outbox.append((guest_topic(guest), Parcel(message)))

    def answer_desk(self, user: str, message: Message, call: str | None = None) -> None:
        """Answer the word of an operator; whoever says the word again is answered the same. No content."""
        self.answers.append(Parcel(message, call))
        self.to_desk(user, message, call)

    def to_kiosk_last(self, device: str, message: Message, call: str, epoch: int | None = None) -> None:
        """Say it once the terminal knows how its call now is."""
        self.last.append((kiosk_topic(device), Parcel(message, call, epoch)))

    def to_desk_last(self, user: str, message: Message, call: str, epoch: int | None = None) -> None:
        """Say it once the desk knows how its call now is."""
        self.last.append((desk_topic(user), Parcel(message, call, epoch)))
