"""Decides everything that a terminal does: one machine made of the small ones, and the facts they share.

The agent gives it events and the time; it gives back effects, a deadline and, through `screen.view`, the
View. It never opens, sends, draws or measures anything itself.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from msgspec.structs import replace

from kiosk.core.bell import Bell
from kiosk.core.call import CallAction, CallEvent, CallMachine, Phase, event_of
from kiosk.core.capture import CaptureMachine
from kiosk.core.clock import Now
from kiosk.core.effects import (
    AmbientHeard,
    CheckLink,
    CloseDevices,
    DevicesChanged,
    Drawn,
    Effect,
    Event,
    HubSaid,
    KeepSite,
    LineSeen,
    LinkDown,
    LinkUp,
    LookedAt,
    MediaChanged,
    OfferMade,
    OpenDevices,
    RestartDevice,
    Say,
    SetCameras,
    SetFrozen,
    SetHold,
    SetRung,
    SetVolume,
    Sound,
    StartMedia,
    StillFailed,
    StillTaken,
    TakeAnswer,
    TakeCandidate,
    Touched,
    Uploaded,
    Wipe,
    WipeDone,
)
from kiosk.core.hand import Hand
from kiosk.core.idle import IdleAction, IdleMachine
from kiosk.core.instead import Instead
from kiosk.core.ladder import Ladder
from kiosk.core.loudness import Loudness
from kiosk.core.renewal import Renewal
from kiosk.core.replies import Replies
from kiosk.core.stills import Stills
from kiosk.core.view import TextSize, Touch, TouchKind
from protocol import common
from protocol.common import (
    Answer,
    CallStaff,
    Candidate,
    Ink,
    InkClear,
    Offer,
    Pointer,
    Refused,
    Renew,
    ReplyTaken,
)
from protocol.envelope import Message
from protocol.kiosk_link import (
    Call,
    CallLeave,
    CallRequest,
    CancelCapture,
    DeviceReport,
    DevicesClosed,
    Present,
    Presented,
    Snapshot,
    Staff,
    TakeCapture,
    Wiped,
)
from protocol.values import (
    LIVE_STATES,
    AttachedCamera,
    Cameras,
    DeviceState,
    Presentation,
    Site,
    StaffState,
    TerminalCall,
)

GIVE_UP_S = 20.0
"""A touch that the hub does not answer for so long shows the offline screen."""

ENDED_S = 25.0
"""The thank-you screen goes away by itself: nothing personal stands on it."""

ASK_S = 15.0
"""The question やめますか goes away by itself, the call goes on."""

OPERATOR_STILL_S = 4.0
"""So long without a new picture of the operator, while her sound comes, is told."""

VOLUMES = 5


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the resident may set; back to these after each use."""

    text_size: TextSize = TextSize.NORMAL
    language: str = "ja"
    volume: int = 3


class Terminal:
    """`handle(event, now)` and `tick(now)` give effects in order; `deadline()` says when to tick."""

    def __init__(
        self,
        preferences: Preferences,
        now: Now,
        *,
        site: Site | None = None,
        loudness: Loudness | None = None,
    ) -> None:
        self._defaults = preferences
        self._loudness = loudness or Loudness()
        self._volume_chosen = False  # by somebody, in this use
        self.preferences = preferences
        self.site = site  # the newest truth, or what was kept from the last run
        self.linked = False
        self.ever_linked = False  # since this start
        self.link_since = now.mono  # when the link came or went
        self.link_fault = "link_down"  # why it is down
        self.calls = CallMachine()
        self.call: TerminalCall | None = None  # None when nothing is known of a call
        self.topic = ""
        self.served = False  # an operator was there in this call
        self.media = "none"  # none, starting, live, silent, lost
        self.epoch = 0  # the newest that this terminal has offered or seen
        self.renewal = Renewal()
        self.stills = Stills()
        self.devices: tuple[DeviceState, ...] = ()
        self.attached: tuple[AttachedCamera, ...] = ()
        self.idle = IdleMachine()
        self.hand = Hand()
        self.bell = Bell()
        self.ladder = Ladder()
        self.operator_still = False  # her sound comes, her picture has stopped
        self.replies = Replies()
        self.instead = Instead()
        self.asking_leave: float | None = None  # since when the question stands
        self.entered = now.mono  # when the phase was entered
        self.requested_at = now  # the touch
        self.wiped: WipeDone | None = None
        self.closed: DevicesClosed | None = None  # what was found since the devices were closed
        self.busy = False  # the hub refused the touch because nobody is there
        self._leave_reason = "resident"  # or idle
        self._request_id = ""  # of the last touch: the same touch is one call, however often it is said
        self._requests = 0
        self._presented = -1
        self._awaited: tuple[int, int] | None = None  # (view revision, presentation revision)
        self._drawn_view = -1  # the newest that the screen has drawn
        self._on_hold = False  # as the agent was last told

    # ------------------------------------------------------------------ events

    def handle(self, event: Event, now: Now) -> list[Effect]:
        """Effects of one event, to be obeyed in order."""
        match event:
            case Touched(touch):
                return self._touched(touch, now)
            case HubSaid():
                return self._hub_said(event, now)
            case LinkUp(resumed=resumed):
                back = not self.linked
                self.linked, self.ever_linked, self.link_since = True, True, now.mono
                return self._mend(now) if resumed and back else []
            case LinkDown(code):
                self.link_fault = code
                if self.linked:
                    self.linked, self.link_since = False, now.mono
                return []
            case DevicesChanged(devices, attached):
                self.devices, self.attached = devices, attached
                return self._report()
            case LookedAt(cameras, sounds, files) if not self.calls.live:
                return self._looked_at(DevicesClosed(cameras=cameras, sounds=sounds, files=files))
            case OfferMade(epoch, sdp, mids) if epoch == self.epoch and self.calls.live:
                return self._say(Offer(sdp=sdp, mids=mids), epoch=epoch)
            case MediaChanged(epoch, state) if epoch == self.epoch:
                return self._media_changed(state, now)
            case MediaChanged(_, "live") if self.calls.live and not self.linked:
                return [CheckLink()]  # an older epoch's packets are back: the hub may be, too
            case LineSeen(line):
                self.operator_still = line.live and (line.picture_age_s or 0.0) >= OPERATOR_STILL_S
                return [SetRung(self.ladder.rung)] if self.ladder.handle(line, now.mono) else []
            case AmbientHeard(dbfs):
                return self._ambient(dbfs)
            case StillTaken() | StillFailed() | Uploaded():
                return self.stills.worked(event, now.mono)
            case WipeDone():
                self.wiped = event
                message = Wiped(buffers=event.buffers, files=event.files, left=event.left, ui=event.ui)
                return [Say(message, call=event.call)]
            case Drawn(revision):
                return self._drawn(revision)
        return []

    def tick(self, now: Now) -> list[Effect]:
        """What is due at `deadline()`."""
        effects = self.stills.tick(now.mono) + self.hand.tick(now.mono)
        self.instead.tick(now.mono)
        if self.idle.tick(now.mono) is IdleAction.EXPIRE:
            effects += self._leave("idle", now)
        if self.asking_leave is not None and now.mono >= self.asking_leave + ASK_S:
            self.asking_leave = None
        self.bell.tick(now.mono)
        phase = self.calls.phase
        if phase is Phase.REQUESTED and now.mono >= self.entered + GIVE_UP_S:
            effects += self._advance(CallEvent.GIVE_UP, now)
        if phase is Phase.ENDED and now.mono >= self.entered + ENDED_S:
            effects += self._advance(CallEvent.DONE, now)
        return effects

    def deadline(self) -> float | None:
        """When to `tick`, monotonic s; None when nothing waits for the time."""
        due = [
            self.idle.deadline(), self.hand.deadline(), self.stills.deadline(), self.bell.deadline(),
            self.instead.deadline(),
        ]  # fmt: skip
        if self.asking_leave is not None:
            due.append(self.asking_leave + ASK_S)
        if self.calls.phase is Phase.REQUESTED:
            due.append(self.entered + GIVE_UP_S)
        if self.calls.phase is Phase.ENDED:
            due.append(self.entered + ENDED_S)
        return min((time for time in due if time is not None), default=None)

    def showing(self, view_revision: int) -> list[Effect]:
        """The View of this revision carries the newest presentation; its drawing is to be reported.

        A presentation that changes no word of the View (a turned camera) has been drawn with it already.
        """
        revision = self.presentation.revision
        if revision > self._presented and (self._awaited is None or self._awaited[1] != revision):
            self._awaited = (view_revision, revision)
            return self._drawn(self._drawn_view)
        return []

    @property
    def presentation(self) -> Presentation:
        return self.call.presentation if self.call is not None else Presentation()

    @property
    def capture(self) -> CaptureMachine | None:
        """The still that is being made."""
        return self.stills.machine

    def device(self, name: str) -> DeviceState | None:
        return next((device for device in self.devices if device.name == name), None)

    # ------------------------------------------------------------------ touches

    def _touched(self, touch: Touch, now: Now) -> list[Effect]:
        self.idle.touched(now.mono)
        match touch.kind:
            case TouchKind.START:
                return self._start(touch.value, now)
            case TouchKind.LEAVE:
                self.asking_leave = now.mono if self.calls.live else None
            case TouchKind.LEAVE_NO:
                self.asking_leave = None
            case TouchKind.LEAVE_YES:
                return self._leave("resident", now)
            case TouchKind.READ:
                self.instead.read()
            case TouchKind.DONE:
                return self._advance(CallEvent.DONE, now)
            case TouchKind.CONSENT_YES | TouchKind.CONSENT_NO:
                return self.stills.answered(touch.kind is TouchKind.CONSENT_YES, now.mono)
            case TouchKind.REPLY if self.calls.phase is Phase.TALKING:
                wall_ms = int(now.wall.timestamp() * 1000)
                self.replies.touched(touch.value, self.presentation.revision, wall_ms)
                return self._say_reply()
            case TouchKind.STAFF | TouchKind.STAFF_YES | TouchKind.STAFF_NO | TouchKind.STAFF_STOP:
                return self._bell_touched(touch.kind, now)
            case TouchKind.TEXT_SIZE:
                other = TextSize.LARGE if self.preferences.text_size is TextSize.NORMAL else TextSize.NORMAL
                self.preferences = dataclasses.replace(self.preferences, text_size=other)
            case TouchKind.VOLUME_UP | TouchKind.VOLUME_DOWN:
                step = +1 if touch.kind is TouchKind.VOLUME_UP else -1
                self._volume_chosen = True
                return self._volume(self.preferences.volume + step)
            case _:
                pass  # STILL_HERE and ACTIVITY have had their effect on the idle clock
        return []

    def _bell_again(self, rung: StaffState | None, now: Now) -> list[Effect]:
        word = self.bell.snapshot(rung, now.mono)
        return [] if word is None else [Say(word, id=self.bell.id)]

    def _bell_touched(self, kind: TouchKind, now: Now) -> list[Effect]:
        word = self.bell.touched(kind, now.mono, int(now.wall.timestamp() * 1000))
        if word is None:
            return []
        return [Say(word, id=self.bell.id if isinstance(word, CallStaff) else "")]

    def _start(self, topic: str, now: Now) -> list[Effect]:
        if self.calls.phase is not Phase.NONE or self.site is None or not self.site.open:
            return []
        if self.instead.chosen(self.site, topic, now.mono):
            return []
        self.topic, self.busy, self.requested_at, self.wiped = topic, False, now, None
        self._requests += 1
        self._request_id = f"touch-{self._requests}-{int(now.wall.timestamp() * 1000):x}"
        return self._advance(CallEvent.TOUCH, now)

    def _leave(self, reason: str, now: Now) -> list[Effect]:
        self._leave_reason = reason
        return self._advance(CallEvent.LEAVE, now)

    def _volume(self, wanted: int) -> list[Effect]:
        level = min(VOLUMES, max(1, wanted))
        self.preferences = dataclasses.replace(self.preferences, volume=level)
        return [SetVolume(level), *self._report()]

    def _ambient(self, dbfs: float) -> list[Effect]:
        """The volume that the call begins with; later, and once somebody has chosen, it is theirs."""
        if self.calls.phase not in (Phase.REQUESTED, Phase.WAITING) or self._volume_chosen:
            return []
        level = self._loudness.begins_at(self._defaults.volume, dbfs)
        return self._volume(level) if level != self.preferences.volume else []

    def _looked_at(self, found: DevicesClosed) -> list[Effect]:
        """The hub hears it once after each opening, at every change and after every snapshot."""
        if found == self.closed:
            return []
        self.closed = found
        return self._say(found)

    def _report(self) -> list[Effect]:
        """How the devices are; said at every change and after every snapshot."""
        volume = self.preferences.volume
        return self._say(DeviceReport(devices=self.devices, attached=self.attached, volume=volume))

    # ------------------------------------------------------------------ the hub

    def _hub_said(self, said: HubSaid, now: Now) -> list[Effect]:
        match said.message:
            case Snapshot(site=site, call=call, staff=rung):
                return self._snapshot(site, call, now) + self._bell_again(rung, now)
            case Call(call=call):
                return self._call(call, now)
            case Answer(sdp=sdp) if said.epoch == self.epoch:
                return [TakeAnswer(self.epoch, sdp)]
            case Candidate(candidate=candidate, mid=mid) if said.epoch == self.epoch:
                return [TakeCandidate(self.epoch, candidate, mid)]
            case Renew(reason=reason) if self.calls.live:
                return self._new_epoch(now) if self.renewal.asked(reason, now.mono) else []
            case Present(presentation=presentation) if self.call is not None:
                return self._present(presentation)
            case (Pointer() | Ink() | InkClear()) as word if self._is_mine(said.call):
                return self.hand.handle(word, now.mono) if self.calls.phase is Phase.TALKING else []
            case ReplyTaken(id=id) | Refused(about=id) if (
                self.replies.waiting and id == self.replies.waiting.id
            ):
                self.replies.taken(id)
            case common.SetVolume(level=level) if self._served_now(said.call):
                self._volume_chosen = True
                return self._volume(level)
            case common.RestartDevice(device=device) if self._served_now(said.call):
                return [RestartDevice(device)]
            case Staff(state=state):
                return [Sound("chime")] if self.bell.heard(state, now.mono) else []
            case Refused(about=about) if about and about == self.bell.id:
                self.bell.refused(now.mono)
            case TakeCapture() as take if self._is_mine(said.call):
                talking = self.calls.phase is Phase.TALKING
                return self.stills.wished(take, said.call or "", now.mono, possible=talking)
            case CancelCapture(capture=capture):
                return self.stills.cancelled(capture, now.mono)
            case Refused(about=about, code=code, text=text) if about == self._request_id:
                self.busy = code == "nobody_on_duty"
                self.instead.refused(self.site, self.topic, code, text, now.mono)
                return self._advance(CallEvent.REFUSED, now)
        return []

    def _snapshot(self, site: Site, call: TerminalCall | None, now: Now) -> list[Effect]:
        effects: list[Effect] = [KeepSite()] if site != self.site else []
        self.site = site
        effects += self._report()
        if call is not None:
            before = max(self.epoch, call.epoch)
            effects += self._call(call, now)
            return effects + (self._mend(now) if self.epoch == before else []) + self._say_reply()
        if self.closed is not None and not self.calls.live:
            effects += self._say(self.closed)
        return effects + self._advance(CallEvent.HUB_OVER, now)

    def _call(self, call: TerminalCall, now: Now) -> list[Effect]:
        if call.state not in LIVE_STATES and self.call is not None and call.id != self.call.id:
            return []  # the end of a call that this terminal has long left
        effects: list[Effect] = []
        if self.calls.phase is not Phase.ENDED:
            before = self.presentation
            self.call = call
            self.epoch = max(self.epoch, call.epoch)
            effects += self._presented_anew(before)
        elif self.call is None:
            self.call = call  # left before the hub answered: needed to say so
        return effects + self._advance(event_of(call.state), now)

    def _present(self, presentation: Presentation) -> list[Effect]:
        assert self.call is not None
        if presentation.revision < self.presentation.revision:
            return []
        before = self.presentation
        self.call = replace(self.call, presentation=presentation)
        return self._presented_anew(before)

    def _presented_anew(self, before: Presentation) -> list[Effect]:
        now = self.presentation
        effects: list[Effect] = []
        if now.caption != before.caption:
            self.replies.captioned()
        if now.cameras != before.cameras:
            effects.append(SetCameras(now.cameras))
        if now.frozen != before.frozen:
            effects.append(SetFrozen(frozenset(now.frozen)))
        return [*effects, *self.hand.changed(before, now)]

    def _say_reply(self) -> list[Effect]:
        """The resident's answer that the hub is not known to have; its id makes saying it twice harmless."""
        reply = self.replies.waiting
        if reply is None or self.call is None:
            return []
        return [Say(reply, call=self.call.id, id=reply.id)]

    def _drawn(self, revision: int) -> list[Effect]:
        self._drawn_view = revision
        if self._awaited is None or revision < self._awaited[0] or not self.calls.live:
            return []  # nothing awaited, or the call is over: the hub wants to know no more of it
        self._presented, self._awaited = self._awaited[1], None
        return self._say(Presented(revision=self._presented))

    # ------------------------------------------------------------------ media

    def _media_changed(self, state: str, now: Now) -> list[Effect]:
        self.media = state
        if state == "live":
            self.renewal.carried()
        if not self.calls.live:
            return []
        # what silences the media may have cut the link too, and what brings them back brings it back
        check: list[Effect] = [CheckLink()] if (state != "live") is self.linked else []
        if state != "lost":
            return check
        self.renewal.lost()
        return check + self._new_epoch(now)

    def _mend(self, now: Now) -> list[Effect]:
        """The link is back and the media are not: what was offered meanwhile was not heard, and perhaps from
        an address that is gone."""
        if not self.calls.live or self.media not in ("silent", "lost"):
            return []
        self.renewal.doubt = True
        return self._new_epoch(now)

    def _new_epoch(self, now: Now) -> list[Effect]:
        if self.call is None:
            return []
        self.epoch += 1
        self.ladder.trust()
        doubt, relay_only = self.renewal.doubt, self.renewal.relay_only
        self.renewal.begun(now.mono)
        return [StartMedia(self.call.id, self.epoch, self.call.ice_servers, doubt, relay_only)]

    # ------------------------------------------------------------------ the call

    def _advance(self, event: CallEvent, now: Now) -> list[Effect]:
        before = self.calls.phase
        actions = self.calls.handle(event)
        phase = self.calls.phase
        if phase in (Phase.TALKING, Phase.HELD):
            self.served = True
        if phase is not before:
            self.entered = now.mono
            self.asking_leave = self.asking_leave if self.calls.live else None
            if phase is Phase.WAITING:
                self.idle.start(now.mono)
            else:
                self.idle.stop()
        effects = self.hand.moved(before, phase) + self._climb_anew(phase, now)
        for action in actions:
            effects += self._obey(action, now)
        return effects + self._hold(phase)

    def _hold(self, phase: Phase) -> list[Effect]:
        """Also between two operators: whoever was there before hears nothing more."""
        on = phase is Phase.HELD or (phase is Phase.WAITING and self.served)
        if on is self._on_hold:
            return []
        self._on_hold = on
        return [SetHold(on)]

    def _climb_anew(self, phase: Phase, now: Now) -> list[Effect]:
        """Only where a person is connected does silence mean something; the next one starts on video."""
        if phase in (Phase.TALKING, Phase.HELD):
            self.ladder.begin(now.mono)
            return []
        before, self.ladder, self.operator_still = self.ladder.rung, Ladder(), False
        return [SetRung(self.ladder.rung)] if before is not self.ladder.rung else []

    def _obey(self, action: CallAction, now: Now) -> list[Effect]:
        match action:
            case CallAction.REQUEST:
                message = CallRequest(topic=self.topic, language=self.preferences.language)
                return [Say(message, id=self._request_id, within_s=GIVE_UP_S)]
            case CallAction.OPEN_DEVICES:
                self.media, self.closed = "starting", None
                return [OpenDevices()]
            case CallAction.START_MEDIA:
                return self._new_epoch(now)
            case CallAction.SAY_LEAVE:
                return self._say(CallLeave(reason=self._leave_reason))
            case CallAction.GREET:
                return [Sound("chime")]
            case CallAction.CLOSE:
                return [CloseDevices()]
            case CallAction.WIPE:
                return self._wipe()
            case CallAction.RESET:
                self.call, self.served = None, False
                self._leave_reason = "resident"
                self.preferences, self._volume_chosen = self._defaults, False
                return [SetVolume(self._defaults.volume), *self._report()]

    def _wipe(self) -> list[Effect]:
        """Forgets the content of the call; its id stays until the screen is left, to tell the hub."""
        effects = self.stills.clear()
        self.media, self.epoch = "none", 0
        self.renewal = Renewal()
        self._presented, self._awaited = -1, None
        self.topic = ""
        self.replies.clear()
        if self.call is not None:
            self.call = replace(self.call, presentation=Presentation(), ice_servers=())
            effects.append(Wipe(self.call.id))
        return [*effects, SetFrozen(frozenset()), SetCameras(Cameras())]

    def _is_mine(self, call: str | None) -> bool:
        return self.call is not None and call == self.call.id

    def _served_now(self, call: str | None) -> bool:
        """An operator is connected in this very call."""
        return self._is_mine(call) and self.calls.phase in (Phase.TALKING, Phase.HELD)

    def _say(self, message: Message, *, epoch: int | None = None) -> list[Effect]:
        return [Say(message, call=self.call.id if self.call else None, epoch=epoch)]
