"""The loop of a terminal: events in, `kiosk.core` decides, drivers obey, the newest View goes to the screen.

One queue and one consumer, so that the machine never sees two events at once. Work that takes time (opening
devices, offers, stills, uploads, wiping) runs beside the loop and comes back as an event.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from hardware.ports import DeviceWatcher, Frame
from kiosk.agent import files
from kiosk.agent.devices import Devices
from kiosk.agent.gate import Gate
from kiosk.agent.hub_link import HubLink
from kiosk.agent.idle_look import IdleLook
from kiosk.agent.sounds import Mixer, no_voice, not_noted
from kiosk.agent.stills import Stills
from kiosk.agent.ui_server import UiServer
from kiosk.core import screen
from kiosk.core.call import Phase
from kiosk.core.clock import Now
from kiosk.core.effects import (
    AmbientHeard,
    CheckLink,
    CloseDevices,
    DevicesChanged,
    DrawInk,
    Drawn,
    DropStill,
    Effect,
    Event,
    KeepSite,
    LineSeen,
    LinkUp,
    MediaChanged,
    OfferMade,
    OpenDevices,
    Point,
    RestartDevice,
    Say,
    SetCameras,
    SetFrozen,
    SetHold,
    SetRung,
    SetVolume,
    Sound,
    StartMedia,
    TakeAnswer,
    TakeCandidate,
    TakeStill,
    Touched,
    Upload,
    Wipe,
    WipeDone,
    WipeInk,
)
from kiosk.core.terminal import Terminal
from kiosk.core.view import Picture, Screen, Touch, View
from kiosk.media.call_media import CallMedia
from kiosk.media.events import MediaEvent, MediaEventKind
from kiosk.media.relay_path import EpochWay, RelayPath
from protocol.values import AttachedCamera, CameraRole, Cameras, DeviceState

log = logging.getLogger(__name__)

PICTURE_OF = {CameraRole.FACE: Picture.SELF, CameraRole.DOCUMENT: Picture.PAPER}
SHOWS_PICTURES = frozenset({Screen.TALKING, Screen.PHOTO})
MEDIA_STATES = {
    MediaEventKind.FIRST_MEDIA: "live",
    MediaEventKind.FIRST_PICTURE: "live",
    MediaEventKind.BACK: "live",
    MediaEventKind.SILENT: "silent",
    MediaEventKind.LOST: "lost",
    MediaEventKind.CLOSED: "silent",  # the desk went away; it asks for a new epoch when it is back
}
REPORT_S = 2.0
LINE_S = 0.5
WIPE_SCREEN_S = 1.0


def now() -> Now:
    """The one place that reads the clocks."""
    return Now(time.monotonic(), datetime.now(UTC))


@dataclass
class Parts:
    """What `__main__` puts together; every part can be replaced by a fake of the same shape."""

    devices: Devices
    gate: Gate
    stills: Stills
    mixer: Mixer
    link: HubLink
    ui: UiServer
    watcher: DeviceWatcher
    new_media: Callable[[], CallMedia]
    relay: RelayPath
    data: Path
    cpu_pressure: Callable[[], float | None] = lambda: None


class Agent:
    """`run` until cancelled. `post` takes events from the drivers, on the loop's thread."""

    def __init__(self, terminal: Terminal, fallback: screen.Fallback) -> None:
        self._terminal = terminal
        self._fallback = fallback
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._parts: Parts | None = None
        self._media: CallMedia | None = None
        self._work: set[asyncio.Task[None]] = set()
        self._way: tuple[int, EpochWay] | None = None  # epoch, and how it goes
        self._in_order: asyncio.Task[None] | None = None  # the newest of opening, closing, wiping
        self._view: View | None = None
        self._stills_shown: set[CameraRole] = set()
        self._late_s = 0.0  # the worst since the newest report

    # ------------------------------------------------------------------ what drivers call

    def post(self, event: Event) -> None:
        """Queues an event."""
        self._events.put_nowait(event)

    def touched(self, touch: Touch) -> None:
        self.post(Touched(touch))

    def drawn(self, revision: int) -> None:
        self.post(Drawn(revision))

    def devices_changed(
        self, devices: tuple[DeviceState, ...], attached: tuple[AttachedCamera, ...]
    ) -> None:  # fmt: skip
        self.post(DevicesChanged(devices, attached))

    def frame(self, role: CameraRole, frame: Frame) -> None:
        """Every frame of a camera: through the gate, to the encoder and to the resident's screen."""
        assert self._parts is not None
        passed = self._parts.gate.pass_frame(role, frame)
        if self._media is not None:
            way = self._media.face if role is CameraRole.FACE else self._media.document
            way.push(passed)
        if role not in self._stills_shown and self._shows_pictures():
            self._parts.ui.picture(PICTURE_OF[role], passed)

    def operator_frame(self, frame: Frame) -> None:
        """The operator's picture, for the screen alone."""
        assert self._parts is not None
        if self._shows_pictures():
            self._parts.ui.picture(Picture.OPERATOR, frame)

    def still_shown(self, role: CameraRole, still: Frame | None) -> None:
        """A still stands where the camera's picture was, until it is dropped (None)."""
        assert self._parts is not None
        if still is None:
            self._stills_shown.discard(role)
        else:
            self._stills_shown.add(role)
            self._parts.ui.picture(PICTURE_OF[role], still)

    # ------------------------------------------------------------------ the loop

    async def run(self, parts: Parts) -> None:
        """Serves until cancelled; then everything is closed and wiped."""
        self._parts = parts
        self._look = IdleLook(parts.devices, self.post)
        parts.ui.start()
        parts.watcher.start(parts.devices.device_event)
        self._set_cameras(Cameras())
        self.post(DevicesChanged(parts.devices.states(), parts.devices.attached))
        link = asyncio.create_task(parts.link.run(), name="hub-link")
        reports = asyncio.create_task(self._report_media(), name="media-reports")
        looks = asyncio.create_task(self._look.run(), name="look-around")
        lines = asyncio.create_task(self._watch_line(), name="watch-line")
        try:
            while True:
                self._show()
                event = await self._next_event()
                if link.done():
                    link.result()  # raises what ended it; the service manager starts the agent again
                if isinstance(event, LinkUp):
                    parts.relay.look(parts.link.ice_servers)
                if event is not None:
                    self._obey(self._terminal.handle(event, now()))
                    parts.link.hurry(self._terminal.calls.live)
                self._obey(self._terminal.tick(now()))
        finally:
            for task in (link, reports, looks, lines, *self._work):
                task.cancel()
            await asyncio.gather(link, reports, looks, lines, *self._work, return_exceptions=True)
            await self._close_devices(self._media)
            await parts.relay.close()
            parts.stills.wipe()
            parts.gate.wipe()
            parts.watcher.stop()
            parts.ui.close()

    async def _next_event(self) -> Event | None:
        moment = now()
        due = [self._terminal.deadline(), screen.deadline(self._terminal, moment)]
        soonest = min((time for time in due if time is not None), default=moment.mono + 60)
        try:
            async with asyncio.timeout(max(0.0, soonest - moment.mono)):
                return await self._events.get()
        except TimeoutError:
            return None

    def _show(self) -> None:
        """Sends the View when anything in it has changed."""
        assert self._parts is not None
        revision = self._view.revision if self._view else 0
        view = screen.view(self._terminal, now(), revision, self._fallback)
        if view == self._view:
            self._obey(self._terminal.showing(revision))
            return
        before, self._view = self._view, replace(view, revision=revision + 1)
        self._obey(self._terminal.showing(self._view.revision))
        self._parts.ui.show(self._view)
        if before is not None and before.screen in SHOWS_PICTURES and not self._shows_pictures():
            for picture in Picture:
                self._parts.ui.end_picture(picture)

    def _shows_pictures(self) -> bool:
        return self._view is not None and self._view.screen in SHOWS_PICTURES

    # ------------------------------------------------------------------ effects

    def _obey(self, effects: list[Effect]) -> None:
        parts = self._parts
        assert parts is not None
        for effect in effects:
            match effect:
                case Say():
                    parts.link.say(effect)
                case CheckLink():
                    parts.link.check()
                case OpenDevices():
                    media = self._media = self._media or parts.new_media()
                    self._next_in_order(partial(self._open_devices, media))
                case CloseDevices():
                    left, self._media, self._way = self._media, None, None
                    self._next_in_order(partial(self._close_devices, left))
                case StartMedia() as wish:
                    self._start(self._offer(wish))
                case TakeAnswer(epoch, sdp):
                    self._start(self._answer(epoch, sdp))
                case TakeCandidate(epoch, candidate, mid):
                    self._start(self._candidate(epoch, candidate, mid))
                case SetRung(rung):
                    if self._media is not None:
                        self._media.rung = rung
                    self._say_report()
                case SetHold(on):
                    if self._media is not None:
                        self._media.on_hold = on
                    if on:
                        parts.ui.end_picture(Picture.OPERATOR)
                case SetFrozen(cameras):
                    self._freeze(cameras)
                case SetCameras(cameras):
                    self._set_cameras(cameras)
                case RestartDevice(device):
                    self._next_in_order(partial(parts.devices.restart, device))
                case Point(pointer):
                    parts.ui.point(pointer)
                case DrawInk(ink):
                    parts.ui.ink(ink)
                case WipeInk():
                    parts.ui.wipe_ink()
                case TakeStill(capture, kind):
                    parts.stills.take(capture, kind)
                case Upload(capture, token):
                    parts.stills.upload(capture, token)
                case DropStill(capture):
                    parts.stills.drop(capture)
                case Sound(name):
                    parts.mixer.play(name)
                case SetVolume(level):
                    parts.devices.set_volume(level)
                case Wipe(call):
                    buffers = parts.stills.wipe() + parts.gate.wipe() + parts.ui.open_streams
                    buffers += parts.ui.wipe_hand()
                    self._next_in_order(partial(self._prove_wiped, call, buffers))
                case KeepSite():
                    self._keep_site()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guarded(work))
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return task

    def _next_in_order(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Opening, closing and wiping never overtake each other, however fast a resident comes and goes."""
        before = self._in_order

        async def in_turn() -> None:
            if before is not None:
                await asyncio.gather(before, return_exceptions=True)
            await work()

        self._in_order = self._start(in_turn())

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("an effect failed; the call goes on")

    async def _open_devices(self, media: CallMedia) -> None:
        parts = self._parts
        assert parts is not None
        parts.mixer.voice, parts.mixer.played = media.pull_output, media.played
        await parts.devices.open(media.on_input, parts.mixer.pull)

    async def _close_devices(self, media: CallMedia | None) -> None:
        parts = self._parts
        assert parts is not None
        parts.mixer.voice, parts.mixer.played = no_voice, not_noted
        parts.mixer.silence()
        if media is not None:
            await media.close()
        await parts.devices.close()

    async def _offer(self, wish: StartMedia) -> None:
        parts, media = self._parts, self._media
        assert parts is not None
        if media is None:
            return
        servers = wish.ice_servers or parts.link.ice_servers
        way = await parts.relay.way(servers, relay_only=wish.relay_only, doubt=wish.doubt)
        if self._media is not media or wish.epoch != self._terminal.epoch:
            return  # while the way was looked for, the call ended or a newer epoch was wanted
        self._way = wish.epoch, way
        offer = await media.start(wish.epoch, way.servers, relay_only=way.relay_only)
        parts.relay.offered(way, offer.sdp)
        self.post(OfferMade(wish.epoch, offer.sdp, offer.mids))

    async def _answer(self, epoch: int, sdp: str) -> None:
        if self._media is not None:
            await self._media.answer(epoch, sdp)

    async def _candidate(self, epoch: int, candidate: str, mid: str) -> None:
        if self._media is not None:
            await self._media.candidate(epoch, candidate, mid)

    def media_event(self, event: MediaEvent) -> None:
        """What the media path reports, as far as the core decides on it."""
        state = MEDIA_STATES.get(event.kind)
        log.info("media %s: epoch %s %s", event.kind, event.epoch, event.reason)
        if state is not None:
            self.post(MediaChanged(event.epoch, state))
        if event.kind is MediaEventKind.ACTIVE and event.epoch > 1:
            self._say_report()  # a hand-over waits for the word that its epoch is seen and heard
        if event.kind is MediaEventKind.FIRST_MEDIA and self._way and self._way[0] == event.epoch:
            assert self._parts is not None
            self._parts.relay.carried(self._way[1])

    def _freeze(self, cameras: frozenset[CameraRole]) -> None:
        assert self._parts is not None
        gate = self._parts.gate
        anew = CameraRole.DOCUMENT in cameras and not gate.frozen(CameraRole.DOCUMENT)
        gate.freeze(cameras)
        if anew:
            self._parts.stills.sharpen(CameraRole.DOCUMENT)

    def _set_cameras(self, cameras: Cameras) -> None:
        """The pictures change at once; a camera that must be opened otherwise follows within a second."""
        assert self._parts is not None
        devices = self._parts.devices
        for role in CameraRole:
            self._parts.gate.shape(role, devices.bank.shape(role, cameras.of(role)))
        self._next_in_order(partial(devices.set_cameras, cameras))

    async def _report_media(self) -> None:
        assert self._parts is not None
        while True:
            await asyncio.sleep(REPORT_S)
            self._say_report()

    def _say_report(self) -> None:
        """Counters of the media, what the ladder makes of them, and how the computer keeps up."""
        assert self._parts is not None
        call = self._terminal.call
        if self._media is None or call is None or not self._terminal.calls.live:
            return
        report = replace(
            self._media.report(),
            rung=self._terminal.ladder.rung,
            cause=self._terminal.ladder.cause,
            cpu_pressure=self._parts.cpu_pressure(),
            late_ms=round(1000 * self._late_s),
        )
        self._late_s = 0.0
        with contextlib.suppress(ConnectionError):
            self._parts.link.say(Say(report, call=call.id))

    async def _watch_line(self) -> None:
        """Measures the line while somebody is connected, before that the place, and how late this loop is."""
        while True:
            due = now().mono + LINE_S
            await asyncio.sleep(LINE_S)
            self._late_s = max(self._late_s, now().mono - due)
            media = self._media
            if media is None:
                continue
            if self._terminal.calls.phase in (Phase.TALKING, Phase.HELD):
                await self._guarded(self._measure(media))
            elif media.ambient_dbfs is not None:
                self.post(AmbientHeard(media.ambient_dbfs))

    async def _measure(self, media: CallMedia) -> None:
        self.post(LineSeen(await media.line()))

    async def _prove_wiped(self, call: str, buffers: int) -> None:
        """Once the devices are closed: is anything left of the call, the screen included? `buffers` were."""
        parts = self._parts
        assert parts is not None
        buffers += parts.gate.wipe()  # frames that came while the cameras were closing
        self._show()
        wiped_at = self._view.revision if self._view else 0
        clean = await parts.ui.has_drawn(wiped_at, WIPE_SCREEN_S)
        left = parts.stills.held + parts.gate.held + int(parts.devices.opened)
        left += parts.ui.open_streams + parts.ui.strokes
        self.post(WipeDone(call, buffers=buffers, files=0, left=left, ui=clean))
        await self._look.at_devices()

    def _keep_site(self) -> None:
        assert self._parts is not None
        if self._terminal.site is not None:
            try:
                files.keep_site(self._parts.data, self._terminal.site)
            except OSError as error:
                log.warning("site not kept for a start without hub: %s", error)
