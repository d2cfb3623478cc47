"""The seam for echo cancellation and noise reduction, between the sound device and the codec.

Both methods run on the sound devices' threads, one for each direction, on blocks of 20 ms (960 samples,
48 kHz, mono, int16), and must not block. `far` sees everything that goes to the speaker, before the volume
and the device; `near` the microphone.
"""

from __future__ import annotations

from typing import Protocol

from hardware.ports import Samples


class AudioProcessing(Protocol):
    """What may be done to sound on its way."""

    def near(self, block: Samples, captured: float) -> Samples:
        """The microphone's block as it shall be sent; a device's odd block may leave in another length."""
        ...

    def far(self, block: Samples) -> None:
        """Takes note of what the speaker is about to play."""
        ...


class PlainAudio:
    """Leaves sound as it is: for devices with a canceller of their own, or a headset."""

    def near(self, block: Samples, captured: float) -> Samples:
        return block

    def far(self, block: Samples) -> None:
        return None
