"""VP8 in and out: I420 frames to packets' payload and back, with the fast settings of a small computer.

An encoder's rate changes from one frame to the next without a new encoder and without a key frame: libvpx
spends `nominal_bps` for each second of the time stamps that it is given, so its clock is run slower or faster
than the camera's. (FFmpeg offers no other way to change a running encoder's rate.)
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np

from hardware.ports import Bytes, Frame

CLOCK = 90_000
KEY_NEVER = 1_000_000  # frames between key frames that nobody asked for
TIME_BASE = Fraction(1, CLOCK)
KEY_PERCENT = 450  # a key frame may cost this much of a usual frame's share
LONGEST_STEP = 0.4 * CLOCK  # a pause of the camera gives no more bits than this: they would block the line


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """One encoded picture. `timestamp` is the camera's clock at 90 kHz, the same for every epoch."""

    data: bytes
    key: bool
    timestamp: int


class Vp8Encoder:
    """Encodes one picture stream. Call from one thread at a time; frees libvpx on `close`."""

    def __init__(self, nominal_bps: int, nominal_fps: float) -> None:
        self._nominal_bps = nominal_bps
        self._nominal_fps = nominal_fps
        self._codec: av.VideoCodecContext | None = None
        self._clock = 0  # libvpx's own time, which runs at the rate that is wanted
        self._last: int | None = None  # camera time of the frame before, 90 kHz

    def encode(self, frame: Frame, bps: int, divide: int, force_key: bool) -> EncodedFrame | None:
        """None when libvpx gave the frame up. `divide` 2 sends half width and height; that, a new size of the
        camera and `force_key` each give a key frame."""
        timestamp = self._timestamp(frame.captured)
        picture = av.VideoFrame.from_numpy_buffer(frame.data, "yuv420p")
        if divide > 1:
            picture = picture.reformat(frame.width // divide & ~1, frame.height // divide & ~1, "yuv420p")
        codec = self._codec
        if codec is None or (codec.width, codec.height) != (picture.width, picture.height):
            codec = self._codec = self._open(picture.width, picture.height)
            self._clock, force_key = 0, True
        step = self._step(timestamp, bps)
        # each frame begins where the one before ended: libvpx takes its frame rate from the ends and compares
        # it with the length before; anything else makes it spend too much after every missing frame
        picture.pts, picture.time_base, picture.duration = self._clock, TIME_BASE, step
        self._clock += step
        if force_key:
            picture.pict_type = av.video.frame.PictureType.I
        packets = codec.encode(picture)
        self._last = timestamp
        if not packets:
            return None
        key = any(packet.is_keyframe for packet in packets)
        return EncodedFrame(b"".join(bytes(packet) for packet in packets), key, timestamp)

    def close(self) -> None:
        """Lets go of the codec and of the pictures that it refers to."""
        self._codec = None

    def _timestamp(self, captured: float) -> int:
        """Strictly rising, also when a camera's clock steps back."""
        timestamp = int(captured * CLOCK)
        return timestamp if self._last is None else max(timestamp, self._last + 1)

    def _step(self, timestamp: int, bps: int) -> int:
        usual = CLOCK / self._nominal_fps
        passed = usual if self._last is None else min(timestamp - self._last, LONGEST_STEP)
        return max(1, int(passed * bps / self._nominal_bps))

    def _open(self, width: int, height: int) -> av.VideoCodecContext:
        codec: av.VideoCodecContext = av.CodecContext.create("libvpx", "w")
        codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
        codec.time_base = TIME_BASE
        codec.framerate = Fraction(round(self._nominal_fps), 1)
        codec.bit_rate = self._nominal_bps
        codec.gop_size = KEY_NEVER
        codec.qmin, codec.qmax = 2, 56
        codec.thread_count = 1
        codec.flags |= av.codec.context.Flags.frame_duration  # else FFmpeg forgets them: 50 % too many bits
        rate = str(self._nominal_bps)
        codec.options = {
            "deadline": "realtime",
            "cpu-used": "-12",
            "lag-in-frames": "0",
            "keyint_min": str(KEY_NEVER),  # equal to the longest distance: none at a change of scene either
            "error-resilient": "default",
            "static-thresh": "100",
            "noise-sensitivity": "0",
            "max-intra-rate": str(KEY_PERCENT),
            "minrate": rate,  # equal bounds: constant rate
            "maxrate": rate,
            "bufsize": rate,  # one second
            "undershoot-pct": "100",
            "overshoot-pct": "15",
        }
        return codec


class Vp8Decoder:
    """Decodes one picture stream. Call from one thread at a time."""

    def __init__(self) -> None:
        self._codec: av.VideoCodecContext = av.CodecContext.create("libvpx", "r")
        self._codec.thread_count = 1

    def decode(self, data: bytes) -> av.VideoFrame | None:
        """A picture for `planes`, or None when there is nothing to show. ValueError for broken data."""
        try:
            frames = self._codec.decode(av.Packet(data))
        except av.FFmpegError as error:
            raise ValueError("VP8 frame cannot be decoded") from error
        return frames[-1] if frames else None


def planes(picture: av.VideoFrame) -> tuple[Bytes, int, int]:
    """A yuv420p picture as one contiguous I420 array of its own, without the decoder's row padding; odd sizes
    lose their last row or column."""
    width, height = picture.width & ~1, picture.height & ~1
    out = np.empty(width * height * 3 // 2, np.uint8)
    offset = 0
    for plane, divide in zip(picture.planes, (1, 2, 2), strict=True):
        w, h = width // divide, height // divide
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        out[offset : offset + w * h].reshape(h, w)[:] = rows[:h, :w]
        offset += w * h
    return out.reshape(height * 3 // 2, width), width, height
