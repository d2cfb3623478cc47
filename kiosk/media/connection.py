"""One media epoch: one RTCPeerConnection that offers once, is answered, carries media and ends.

It decides nothing: silence is judged by watchdog.py, what is shown by epochs.py, rates by allocator.py.
All methods belong to the event loop's thread.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription

from hardware.ports import Frame, Samples
from kiosk.media import ice, inbound, outbound
from kiosk.media.audio_in import AudioIn
from kiosk.media.errors import MediaPeerError, MediaStateError
from kiosk.media.events import EpochStats, EventTaker, Heard, MediaEvent, MediaEventKind, MediaOffer
from kiosk.media.outbound import PacketLine, RtpOut
from kiosk.media.outlet import Outlet
from kiosk.media.settings import MediaSettings
from kiosk.media.video_in import VideoIn
from kiosk.media.watchdog import MediaWatchdog, Verdict, WatchEvent
from protocol.values import IceServer, MediaRole

log = logging.getLogger(__name__)

CLOSE_S = 3.0  # longest wait for aiortc's own farewell
KINDS = {MediaRole.AUDIO: "audio", MediaRole.FACE: "video", MediaRole.DOCUMENT: "video"}
CODECS = {"audio": ("audio/opus",), "video": ("video/vp8", "video/rtx")}
VERDICTS = {
    Verdict.SILENCE: MediaEventKind.SILENT,
    Verdict.LOSS: MediaEventKind.LOST,
    Verdict.BACK: MediaEventKind.BACK,
}


@dataclass(frozen=True, slots=True)
class MediaSources:
    """What is sent, encoded once for all epochs; who takes the desk's estimates (epoch, bit/s); and the rate
    in bit/s that the line is believed to carry."""

    outlets: dict[MediaRole, Outlet]
    on_estimate: Callable[[int, int], None]
    line_bps: Callable[[], int]


@dataclass(frozen=True, slots=True)
class MediaSinks:
    """Where received media goes; both get the epoch first. Sound has its unwrapped 48 kHz timestamp."""

    picture: Callable[[int, Frame], None]
    sound: Callable[[int, int, Samples], None]


class MediaConnection:
    """`make_offer`, `accept_answer`, `add_candidate` at any time, `close`."""

    def __init__(
        self,
        epoch: int,
        ice_servers: Sequence[IceServer],
        sources: MediaSources,
        sinks: MediaSinks,
        events: EventTaker,
        executor: Executor,
        settings: MediaSettings,
        relay_only: bool = False,
    ) -> None:
        self.epoch = epoch
        self._events = events
        self._sources = sources
        self._settings = settings
        self._relay_only = relay_only
        self._pc: Any = RTCPeerConnection(ice.configuration(ice_servers, relay_only=relay_only))
        self._pc.on("connectionstatechange", self._connection_changed)
        self._line = PacketLine(sources.line_bps)
        self._outs: list[RtpOut] = []
        self._transceivers: dict[MediaRole, Any] = {}
        self._video = VideoIn(executor, lambda frame: self._picture(sinks, frame))
        self._audio = AudioIn(lambda timestamp, samples: sinks.sound(epoch, timestamp, samples))
        self._watch = MediaWatchdog(settings.silence_s, settings.lost_s, settings.connect_s)
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = 0.0  # monotonic; of _timer
        self._early: list[Any] = []  # candidates that came before the answer
        self._answered = False
        self._closing: asyncio.Task[None] | None = None
        self._seen_media = self._seen_picture = False

    async def make_offer(self) -> MediaOffer:
        """Gathers all addresses and describes what we send; call once. Bounded by settings.gather_s."""
        if self._transceivers or self._closing:
            raise MediaStateError(f"epoch {self.epoch} has offered already")
        for role in (MediaRole.AUDIO, MediaRole.FACE, MediaRole.DOCUMENT):
            self._transceivers[role] = self._add(role)
        first = self._transceivers[MediaRole.AUDIO]
        ice.bound_gathering(first, self._settings.gather_s, relay_only=self._relay_only)
        await self._pc.setLocalDescription(await self._pc.createOffer())
        mids = {transceiver.mid: role for role, transceiver in self._transceivers.items()}
        return MediaOffer(self._pc.localDescription.sdp, mids)

    async def accept_answer(self, sdp: str) -> None:
        """Starts the connection. A second answer has no effect; MediaPeerError when this one is unusable."""
        if not self._transceivers:
            raise MediaStateError(f"epoch {self.epoch} has not offered")
        if self._answered or self._closing:
            return
        self._answered = True
        try:
            description = RTCSessionDescription(ice.strip_candidates(sdp), "answer")
            await self._pc.setRemoteDescription(description)
        except Exception as error:  # aiortc raises many kinds on a malformed description
            self._answered = False
            raise MediaPeerError(f"the answer of epoch {self.epoch} cannot be used: {error}") from error
        self._watched(WatchEvent.ANSWERED)
        early, self._early = self._early, []
        for candidate in early:
            await self._pc.addIceCandidate(candidate)

    async def add_candidate(self, candidate: str, mid: str = "") -> None:
        """One more address of the desk, before or after its answer. There is one transport, so `mid` is not
        needed; an empty text, a hidden name and anything after `close` have no effect."""
        if not self._transceivers or self._closing:
            return
        first = self._transceivers[MediaRole.AUDIO].mid
        parsed = ice.parse_candidate(candidate, first)
        if parsed is None:
            return
        if self._answered and not self._early:
            await self._pc.addIceCandidate(parsed)
        else:
            self._early.append(parsed)

    def stats(self) -> EpochStats:
        """Counters for protocol.common.MediaReport."""
        audio = self._audio
        return EpochStats(self.epoch, self._watch.live, self._video.frames, audio.packets, audio.lost)

    async def heard(self) -> dict[MediaRole, Heard]:
        """What the desk last said of each line that we send; a line of which it said nothing is missing."""
        return {
            role: word
            for role, transceiver in list(self._transceivers.items())
            if (word := await outbound.heard(transceiver.sender)) is not None
        }

    async def close(self, reason: str = "closed here") -> None:
        """Ends the epoch and releases everything; safe to repeat, and waits for a close under way."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(reason), name=f"media-close-{self.epoch}")
        await asyncio.shield(self._closing)

    def _add(self, role: MediaRole) -> Any:
        kind = KINDS[role]
        direction = "sendonly" if role is MediaRole.DOCUMENT else "sendrecv"
        transceiver = self._pc.addTransceiver(kind, direction=direction)
        capabilities = RTCRtpSender.getCapabilities(kind).codecs
        transceiver.setCodecPreferences([c for c in capabilities if c.mimeType.lower() in CODECS[kind]])
        # a stream of its own for each: a browser would hold the face back to the sound's longest delay
        transceiver.sender._stream_id = f"{role.value}-{self.epoch}"
        line = None if role is MediaRole.AUDIO else self._line
        out = outbound.attach_sender(transceiver, self._sources.outlets[role], line, self._estimate)
        self._outs.append(out)
        if role is MediaRole.AUDIO:
            inbound.attach_audio_receiver(transceiver.receiver, self._audio_packet)
        elif role is MediaRole.FACE:
            floor = self._settings.incoming_floor_bps
            inbound.attach_video_receiver(transceiver.receiver, self._video_packet, floor)
        return transceiver

    def _estimate(self, bps: int) -> None:
        self._sources.on_estimate(self.epoch, bps)

    def _audio_packet(self, packet: Any, now: float) -> bool:
        self._media_came()
        self._audio.take(packet.sequence_number, packet.timestamp, packet._data)
        return False

    def _video_packet(self, packet: Any, now: float) -> bool:
        self._media_came()
        return self._video.take(inbound.video_packet(packet), now)

    def _media_came(self) -> None:
        if self._closing:
            return
        self._watched(WatchEvent.RTP)
        if not self._seen_media:
            self._seen_media = True
            self._emit(MediaEventKind.FIRST_MEDIA)

    def _picture(self, sinks: MediaSinks, frame: Frame) -> None:
        if not self._seen_picture:
            self._seen_picture = True
            self._emit(MediaEventKind.FIRST_PICTURE)
        sinks.picture(self.epoch, frame)

    def _connection_changed(self) -> None:
        state = self._pc.connectionState
        log.info("connection changed", extra={"epoch": self.epoch, "state": state})
        if state == "connected":
            self._emit(MediaEventKind.CONNECTED)
        elif state in ("failed", "closed") and self._closing is None:
            reason = "ended by the desk" if state == "closed" else "no way to the desk"
            self._closing = asyncio.create_task(self._close(reason), name=f"media-close-{self.epoch}")

    def _watched(self, event: WatchEvent) -> None:
        for verdict in self._watch.handle(event, time.monotonic()):
            if verdict is Verdict.BACK and self._seen_media:
                self._begin_anew()
            self._emit(VERDICTS[verdict])
        self._arm()

    def _begin_anew(self) -> None:
        """After a silence the desk lacks what the pictures refer to, and would ask for it much later."""
        for outlet in self._sources.outlets.values():
            outlet.request_key()

    def _arm(self) -> None:
        """Sees to it that the watchdog is asked in time. A timer that comes too early asks in vain and is set
        anew, so that a packet, which only moves the deadline back, costs nothing."""
        due = self._watch.deadline()
        if due is None or self._closing is not None:
            return
        if self._timer is not None:
            if self._timer_due <= due:
                return
            self._timer.cancel()
        self._timer_due = due
        self._timer = asyncio.get_running_loop().call_later(due - time.monotonic(), self._time_is_up)

    def _time_is_up(self) -> None:
        self._timer = None
        self._watched(WatchEvent.TICK)

    def _emit(self, kind: MediaEventKind, reason: str = "") -> None:
        try:
            self._events(MediaEvent(kind, self.epoch, reason))
        except Exception:
            log.exception("media event was not taken", extra={"kind": kind.value})

    async def _close(self, reason: str) -> None:
        self._watch.handle(WatchEvent.STOP, time.monotonic())
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for out in self._outs:
            out.close()
        self._line.close()
        self._audio.close()
        await self._video.close()
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._pc.close()
        except Exception:
            log.exception("connection did not close cleanly", extra={"epoch": self.epoch})
        self._transceivers.clear()
        self._early.clear()
        log.info("epoch closed", extra={"epoch": self.epoch, "reason": reason})
        self._emit(MediaEventKind.CLOSED, reason)
