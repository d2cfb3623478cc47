"""Echo, noise and loudness by WebRTC's audio processing module: the only importer of `pywebrtc_audio`.

The module cancels well what comes at a constant delay; the delay is held constant by `FarReference`. There is
no analog gain control in it: nothing touches the sound card's own sliders.
"""

from __future__ import annotations

import logging
import threading
from typing import Any, Final

import numpy as np

from hardware.ports import Samples
from kiosk.media.errors import MediaProcessingError
from kiosk.media.far_reference import EARLY, RATE, FarReference

log = logging.getLogger(__name__)

FRAME: Final = RATE // 100
"""The module works on 10 ms."""

NOISE_LEVEL: Final = 1  # 12 dB: more makes fans quieter and voices thinner
MAX_GAIN_DB: Final = 9.0
"""A soft voice is made louder by so much at most: what is left of an echo is raised as well."""


class WebRtcAudio:
    """One call's. `near` and `far` may be called from two threads."""

    def __init__(self) -> None:
        """MediaProcessingError when the library is missing or does not load."""
        self._module = _module()
        self._reference = FarReference()
        self._lock = threading.Lock()  # guards _reference: the speaker's thread never waits for the module
        self._rest: Samples = np.zeros(0, np.int16)  # less than a frame
        self._aligned = False  # the module has been told to begin anew with the delay known

    @property
    def echo_found(self) -> bool:
        """Whether the microphone hears the speaker, at a delay that is known."""
        return self._reference.locked

    def far(self, block: Samples) -> None:
        with self._lock:
            self._reference.push(block)

    def near(self, block: Samples, captured: float) -> Samples:
        joined = np.concatenate((self._rest, block)) if len(self._rest) else block
        whole = len(joined) // FRAME * FRAME
        self._rest = joined[whole:]
        if not whole:
            return joined[:0]
        with self._lock:
            far = self._reference.take(joined[:whole])
            locked = self._reference.locked
        if locked and not self._aligned:
            self._aligned = True
            self._module.reset()  # what it has learnt at another delay only delays it now
        clean: Samples = self._module.process(joined[:whole], far)
        return clean


def _module() -> Any:
    try:
        from pywebrtc_audio import AudioProcessor

        return AudioProcessor(
            sample_rate=RATE,
            echo_cancellation=True,
            noise_suppression=True,
            ns_level=NOISE_LEVEL,
            auto_gain_control=True,
            agc_max_gain_db=MAX_GAIN_DB,
            stream_delay_ms=EARLY * 1000 // RATE,
        )
    except (ImportError, OSError, RuntimeError, TypeError, ValueError) as error:
        text = (
            f"pywebrtc-audio does not load ({error}): install what requirements.lock names, or make an"
            " echo-cancel node in the audio server and set audio.echo to 'node'"
        )
        raise MediaProcessingError(text) from error
