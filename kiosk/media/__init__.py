"""Picture and sound between the terminal and the desk. The only package that imports aiortc and av.

    from kiosk.media import CallMedia, MediaEvent, MediaEventKind, MediaPeerError

    def on_event(event: MediaEvent) -> None:            # on the event loop's thread
        if event.kind is MediaEventKind.SILENT: ...     # 2 s without a packet: show the notice
        elif event.kind is MediaEventKind.LOST: ...     # 5 s: media.start(epoch + 1, ...) and send the offer
        elif event.kind is MediaEventKind.ACTIVE: ...   # this epoch is seen and heard: hide the notice

    media = CallMedia(on_event, on_remote_frame=lambda frame: ui_ring.write(frame))
    offer = await media.start(epoch=1, ice_servers=welcome.ice_servers)     # while the operator is rung
    send(Offer(sdp=offer.sdp, mids=offer.mids), epoch=1)
    await media.answer(epoch, answer.sdp)               # False: an old epoch's; MediaPeerError: unusable
    await media.candidate(epoch, message.candidate, message.mid)            # any time after start
    await audio.open(media.on_input, pull)              # hardware.ports.AudioPort; `pull` mixes sounds into
                                                        # media.pull_output and tells media.played the result
    media.face.push(gate(frame))                        # each frame, after the gate; never blocks;
    media.document.push(gate(frame))                    # the array must not be written to afterwards
    media.on_hold = True
    send(media.report())                                # protocol.common.MediaReport, every 2 s
    offer = await media.start(epoch=2, ice_servers=...) # renew: the old epoch goes on meanwhile
    await audio.close()
    await media.close()                                 # at the call's end: nothing is kept

`check_adapter()` at the program's start raises MediaAdapterError when the installed aiortc does not fit.
"""

from kiosk.media.adapter_check import check_adapter
from kiosk.media.apm import WebRtcAudio
from kiosk.media.audio_processing import AudioProcessing, PlainAudio
from kiosk.media.call_media import CallMedia
from kiosk.media.errors import (
    MediaAdapterError,
    MediaError,
    MediaPeerError,
    MediaProcessingError,
    MediaStateError,
)
from kiosk.media.events import MediaEvent, MediaEventKind, MediaOffer
from kiosk.media.settings import MediaSettings

__all__ = [
    "AudioProcessing",
    "CallMedia",
    "MediaAdapterError",
    "MediaError",
    "MediaEvent",
    "MediaEventKind",
    "MediaOffer",
    "MediaPeerError",
    "MediaProcessingError",
    "MediaSettings",
    "MediaStateError",
    "PlainAudio",
    "WebRtcAudio",
    "check_adapter",
]
