"""What a side believes after what it was told: the newest word counts, a snapshot replaces everything.

belief = DeskBelief()
for one in heard: belief.believe(one.message, one.envelope.call)
belief.ring                                   # the card that the operator sees, or None
"""

from __future__ import annotations

from msgspec import structs

from protocol.desk_link import (
    DeskCallUpdate,
    DeskSnapshot,
    MonitorUpdate,
    Presence,
    Queue,
    Ring,
    RingEnded,
    WrappedUp,
)
from protocol.envelope import Message
from protocol.kiosk_link import Call, Present, Snapshot
from protocol.values import (
    LIVE_STATES,
    DeskCall,
    Monitoring,
    PresenceState,
    RingCard,
    Site,
    TerminalCall,
    WaitingCall,
    WrapUpTask,
)


class KioskBelief:
    """A terminal; `call` is None when it is over."""

    def __init__(self) -> None:
        self.site: Site | None = None
        self.call: TerminalCall | None = None

    def believe(self, message: Message, about: str | None = None) -> None:
        """A call that is over ends only the belief in that call."""
        match message:
            case Snapshot(site=site, call=call):
                self.site, self.call = site, call
            case Call(call=call) if call.state in LIVE_STATES:
                self.call = call
            case Call(call=call) if self.call is not None and self.call.id == call.id:
                self.call = None
            case Present(presentation=shown) if self.call is not None:
                self.call = structs.replace(self.call, presentation=shown)


class DeskBelief:
    """A desk as the page shows it: `hub/desk/src/core/state.ts` in small."""

    def __init__(self) -> None:
        self.presence: PresenceState | None = None
        self.ring: RingCard | None = None
        self.call: DeskCall | None = None
        self.wrap_up: WrapUpTask | None = None
        self.waiting: tuple[WaitingCall, ...] = ()
        self.monitoring: Monitoring | None = None

    def believe(self, message: Message, about: str | None = None) -> None:
        """A word that says nothing of these changes nothing. `about`: the call that its envelope names."""
        match message:
            case DeskSnapshot() as all_:
                self.presence, self.ring, self.call = all_.presence, all_.ring, all_.call
                self.wrap_up, self.waiting = all_.wrap_up, all_.waiting
                self.monitoring = all_.monitoring
            case MonitorUpdate(monitoring=monitoring):
                self.monitoring = monitoring
            case Presence(state=state):
                self.presence = state
                if state is not PresenceState.RINGING:
                    self.ring = None
                if state not in (PresenceState.WRAP_UP, PresenceState.OVERDUE, PresenceState.TALKING):
                    self.call = self.wrap_up = None
            case Queue(waiting=waiting):
                self.waiting = waiting
            case Ring(card=card):
                self.ring = card
            case RingEnded():
                self.ring = None
            case DeskCallUpdate(call=call):
                self.call = call
                if self.ring is not None and self.ring.call == call.card.call:
                    self.ring = None
            case WrappedUp() if self.wrap_up is not None and self.wrap_up.call == about:
                self.call = self.wrap_up = None
