"""Opus in and out: mono, 48 kHz, blocks of 20 ms."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np

from hardware.ports import Samples

RATE = 48_000
BLOCK = 960  # samples: 20 ms
TIME_BASE = Fraction(1, RATE)

EXPECTED_LOSS = 10
"""In per cent. Told of 5, libopus puts no correction into any packet at our rates; told of 10, nearly every
packet of speech carries the one before it once more, coarsely, within the rate."""


class OpusEncoder:
    """Voice at a fixed target rate, with in-band correction for a few per cent of loss."""

    def __init__(self, bps: int) -> None:
        self._codec: av.AudioCodecContext = av.CodecContext.create("libopus", "w")
        self._codec.bit_rate = bps
        self._codec.format, self._codec.layout, self._codec.sample_rate = "s16", "mono", RATE
        self._codec.time_base = TIME_BASE
        self._codec.options = {
            "application": "voip",
            "frame_duration": "20",
            "packet_loss": str(EXPECTED_LOSS),
            "fec": "1",
            "compression_level": "6",
        }
        self._pts = 0

    def encode(self, block: Samples) -> bytes:
        """One packet for one block of BLOCK samples."""
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self._pts, TIME_BASE
        self._pts += BLOCK
        return b"".join(bytes(packet) for packet in self._codec.encode(frame))


class OpusDecoder:
    """Gives mono whatever the sender's channels are."""

    def __init__(self) -> None:
        self._codec: av.AudioCodecContext = av.CodecContext.create("libopus", "r")
        self._codec.format, self._codec.layout, self._codec.sample_rate = "s16", "mono", RATE

    def decode(self, data: bytes) -> Samples:
        """The packet's samples. ValueError when it is broken."""
        try:
            frames = self._codec.decode(av.Packet(data))
        except av.FFmpegError as error:
            raise ValueError("Opus packet cannot be decoded") from error
        parts = [frame.to_ndarray().reshape(-1) for frame in frames]
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)
