"""The media of one call over all its epochs: the one object that the agent talks to.

Cameras, microphone and speaker are joined to it once; connections come and go beneath, make before break.
Make one for each call and close it at the call's end. See the package's docstring for an example.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from hardware.ports import Frame, Samples
from kiosk.core.ladder import Line
from kiosk.media.adapter_check import check_adapter
from kiosk.media.allocator import PAUSE, BandwidthAllocator, Grant
from kiosk.media.ambient import AmbientLevel
from kiosk.media.audio_in import Speaker
from kiosk.media.audio_out import AudioOut
from kiosk.media.audio_processing import AudioProcessing, PlainAudio
from kiosk.media.connection import MediaConnection, MediaSinks, MediaSources
from kiosk.media.epochs import Activate, EpochEffect, EpochEvent, EpochMachine
from kiosk.media.errors import MediaStateError
from kiosk.media.events import EventTaker, MediaEvent, MediaEventKind, MediaOffer
from kiosk.media.line import Counters, LineMeter
from kiosk.media.settings import MediaSettings
from kiosk.media.video_out import VideoOut
from protocol.common import MediaReport
from protocol.values import IceServer, MediaRole, Rung

log = logging.getLogger(__name__)

GRANT_S = 0.1

REPORTS = {
    MediaEventKind.CONNECTED: EpochEvent.CONNECTED,
    MediaEventKind.FIRST_MEDIA: EpochEvent.SOUND,
    MediaEventKind.FIRST_PICTURE: EpochEvent.PICTURE,
    MediaEventKind.BACK: EpochEvent.SOUND,
    MediaEventKind.LOST: EpochEvent.LOST,
    MediaEventKind.CLOSED: EpochEvent.CLOSED,
}


class CallMedia:
    """All belongs to the event loop's thread, but `on_input`, `pull_output` and `played` to AudioPort's."""

    def __init__(
        self,
        on_event: EventTaker,
        on_remote_frame: Callable[[Frame], None],
        settings: MediaSettings | None = None,
        processing: AudioProcessing | None = None,
    ) -> None:
        """`on_remote_frame` gets the operator's newest picture and must be quick; the frame is its own.

        Raises MediaAdapterError when the installed aiortc does not fit.
        """
        check_adapter()
        self._settings = settings or MediaSettings()
        self._on_event: EventTaker | None = on_event
        self._on_remote_frame: Callable[[Frame], None] | None = on_remote_frame
        self._processing = processing or PlainAudio()
        self._ambient = AmbientLevel()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="media")  # the decoder
        plans = self._settings.plans
        self._allocator = BandwidthAllocator(plans, self._settings.audio_bps, self._settings.start_bps)
        self._pictures = {
            role: VideoOut(role, plan, lambda role=role: self._grant(role))  # type: ignore[misc]
            for role, plan in plans.items()
        }
        self._microphone = AudioOut(self._settings.audio_bps)
        self._speaker = Speaker()
        self._machine = EpochMachine(self._settings.overlap_s, self._settings.picture_s)
        self._connections: dict[int, MediaConnection] = {}
        self._past_frames = self._past_packets = self._past_lost = 0  # in epochs that are closed
        self._meter = LineMeter()
        self._grants: dict[MediaRole, Grant] = {}
        self._grants_due = 0.0  # monotonic; when they are decided anew
        self._timer: asyncio.TimerHandle | None = None
        self._chores: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def face(self) -> VideoOut:
        """Push the gate's face frames here."""
        return self._pictures[MediaRole.FACE]

    @property
    def document(self) -> VideoOut:
        """Push the gate's document frames here."""
        return self._pictures[MediaRole.DOCUMENT]

    @property
    def active_epoch(self) -> int | None:
        """The epoch that is seen and heard."""
        return self._machine.active

    @property
    def on_hold(self) -> bool:
        """True: silence goes out and is heard, no picture goes out or comes in; the connection stays."""
        return self._microphone.muted

    @on_hold.setter
    def on_hold(self, value: bool) -> None:
        self._microphone.muted = value
        self._grants_due = 0.0
        self._speaker.reset()

    @property
    def rung(self) -> Rung:
        """What carries the call; set by whoever decides on it."""
        return self._allocator.rung

    @rung.setter
    def rung(self, value: Rung) -> None:
        self._allocator.rung = value
        self._grants_due = 0.0

    async def start(
        self, epoch: int, ice_servers: Sequence[IceServer] = (), *, relay_only: bool = False
    ) -> MediaOffer:
        """Makes the offer of a new epoch; an older one goes on until the new one has media.

        Of `ice_servers` the first STUN and the first TURN server are used: see relay_path.py for which.
        `relay_only` offers nothing but what the TURN server gives.
        MediaStateError when `epoch` is not beyond all before it, or after `close`.
        """
        if self._closed:
            raise MediaStateError("the media of this call are closed")
        try:
            effects = self._machine.handle(EpochEvent.STARTED, epoch, time.monotonic())
        except ValueError as error:
            raise MediaStateError(str(error)) from error
        self._obey(effects)
        connection = self._connections[epoch] = self._connect(epoch, ice_servers, relay_only)
        try:
            return await connection.make_offer()
        except BaseException:
            self._chore(connection.close("no offer"))
            raise

    async def answer(self, epoch: int, sdp: str) -> bool:
        """False when the epoch is not open any more: an old answer is dropped. MediaPeerError: unusable."""
        connection = self._connections.get(epoch)
        if connection is None:
            log.info("answer of an old epoch was dropped", extra={"epoch": epoch})
            return False
        await connection.accept_answer(sdp)
        return True

    async def candidate(self, epoch: int, candidate: str, mid: str = "") -> None:
        """One more address of the desk. MediaPeerError when it is none; dropped for an old epoch."""
        connection = self._connections.get(epoch)
        if connection is not None:
            await connection.add_candidate(candidate, mid)

    def on_input(self, block: Samples, captured: float) -> None:
        """For AudioPort.open: the microphone's block. Any thread."""
        self._ambient.hear(block)
        self._microphone.on_input(self._processing.near(block, captured))

    def pull_output(self, count: int) -> Samples:
        """For AudioPort.open: the operator's voice, silence while there is none or she asks to wait. Any
        thread."""
        silent = self._closed or self.on_hold
        return np.zeros(count, np.int16) if silent else self._speaker.pull(count)

    def played(self, block: Samples) -> None:
        """Each block that goes to the speaker, with whatever was mixed into the voice. Any thread."""
        self._processing.far(block)

    async def line(self) -> Line:
        """How the line is now; ask about twice a second, for it compares with what was before."""
        active = self._connections.get(self._machine.active or 0)
        heard = await active.heard() if active is not None else {}
        stats = [connection.stats() for connection in self._connections.values()]
        outlets = [self._microphone.outlet, *(picture.outlet for picture in self._pictures.values())]
        counters = Counters(
            sent_bytes=sum(outlet.sent_bytes for outlet in outlets),
            received_sound=self._past_packets + sum(s.received_audio_packets for s in stats),
            lost_sound=self._past_lost + sum(s.lost_audio_packets for s in stats),
            received_pictures=self._past_frames + sum(s.received_frames for s in stats),
        )
        live = any(s.live for s in stats if s.epoch == self._machine.active)
        return self._meter.measure(counters, heard, live, self._allocator.estimate_bps, time.monotonic())

    @property
    def ambient_dbfs(self) -> float | None:
        """How loud the place is while nobody speaks; None until 2 s have been heard."""
        return self._ambient.dbfs

    def report(self) -> MediaReport:
        """The counters that the desk gets every 2 s; they go on rising over epochs."""
        now = time.monotonic()
        stats = {epoch: connection.stats() for epoch, connection in self._connections.items()}
        active = stats.get(self._machine.active or 0)
        return MediaReport(
            live=active is not None and active.live,
            epoch=self._machine.active or 0,
            received_frames=self._past_frames + sum(s.received_frames for s in stats.values()),
            received_audio_packets=self._past_packets + sum(s.received_audio_packets for s in stats.values()),
            sent_face_frames=self._pictures[MediaRole.FACE].outlet.sent,
            sent_document_frames=self._pictures[MediaRole.DOCUMENT].outlet.sent,
            target_kbps=self._allocator.total_bps // 1000,
            uplink_loss=self._meter.uplink_loss,
            downlink_loss=self._meter.downlink_loss,
            face_age_ms=_age_ms(self.face.pushed_at, now),
            document_age_ms=_age_ms(self.document.pushed_at, now),
            microphone_age_ms=_age_ms(self._microphone.last_input, now),
        )

    async def close(self) -> None:
        """Ends all epochs and releases threads, tasks, sockets and pictures. Safe to repeat."""
        if self._closed:
            return
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for connection in list(self._connections.values()):
            self._chore(connection.close("the call is over"))
        while self._chores:
            await asyncio.gather(*self._chores, return_exceptions=True)
        for picture in self._pictures.values():
            await picture.close()
        await self._microphone.close()
        self._speaker.reset()
        self._executor.shutdown(wait=True)  # idle by now
        self._on_event = self._on_remote_frame = None
        gc.collect()  # aiortc's objects refer to each other and hold packets that were sent

    def _connect(self, epoch: int, ice_servers: Sequence[IceServer], relay_only: bool) -> MediaConnection:
        outlets = {role: picture.outlet for role, picture in self._pictures.items()}
        outlets[MediaRole.AUDIO] = self._microphone.outlet
        return MediaConnection(
            epoch,
            ice_servers,
            MediaSources(outlets, self._allocator.estimate, lambda: self._allocator.pace_bps),
            MediaSinks(self._picture, self._sound),
            self._event,
            self._executor,
            self._settings,
            relay_only,
        )

    def _grant(self, role: MediaRole) -> Grant:
        """Asked for every frame of every camera, decided anew ten times a second."""
        if self.on_hold:
            return PAUSE
        now = time.monotonic()
        if now >= self._grants_due or role not in self._grants:
            flowing = {r for r, picture in self._pictures.items() if picture.flowing or r is role}
            self._grants, self._grants_due = self._allocator.grants(flowing), now + GRANT_S
        return self._grants.get(role, PAUSE)

    def _picture(self, epoch: int, frame: Frame) -> None:
        if epoch == self._machine.active and self._on_remote_frame is not None and not self.on_hold:
            self._on_remote_frame(frame)

    def _sound(self, epoch: int, timestamp: int, samples: Samples) -> None:
        if epoch == self._machine.active and not self.on_hold:
            self._speaker.push(timestamp, samples)

    def _event(self, event: MediaEvent) -> None:
        """A connection's report: first what follows from it here, then the agent."""
        effects: tuple[EpochEffect, ...] = ()
        if event.kind is MediaEventKind.CLOSED:
            self._forget(event.epoch)
        if event.kind in REPORTS:
            effects = self._machine.handle(REPORTS[event.kind], event.epoch, time.monotonic())
        self._tell(event)
        self._obey(effects)
        self._arm()

    def _forget(self, epoch: int) -> None:
        connection = self._connections.pop(epoch, None)
        if connection is not None:
            stats = connection.stats()
            self._past_frames += stats.received_frames
            self._past_packets += stats.received_audio_packets
            self._past_lost += stats.lost_audio_packets
        self._allocator.forget(epoch)

    def _tell(self, event: MediaEvent) -> None:
        if self._on_event is not None:
            self._on_event(event)

    def _obey(self, effects: tuple[EpochEffect, ...]) -> None:
        for effect in effects:
            if isinstance(effect, Activate):
                self._speaker.reset()
                self._tell(MediaEvent(MediaEventKind.ACTIVE, effect.epoch))
            elif (connection := self._connections.get(effect.epoch)) is not None:
                self._chore(connection.close("replaced by a newer epoch"))

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._machine.deadline()
        if due is not None and not self._closed:
            self._timer = asyncio.get_running_loop().call_later(due - time.monotonic(), self._time_is_up)

    def _time_is_up(self) -> None:
        self._timer = None
        self._obey(self._machine.tick(time.monotonic()))
        self._arm()

    def _chore(self, work: object) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._chores.add(task)
        task.add_done_callback(self._chores.discard)


def _age_ms(at: float, now: float) -> int | None:
    """Since `at`; None when it has never been."""
    return max(0, round(1000 * (now - at))) if at > float("-inf") else None
