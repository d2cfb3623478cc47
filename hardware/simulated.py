"""What tests and the demonstration need to prove that pictures and sound really crossed.

run = secrets.token_hex(4)
desk_clip(Path("operator.mjpeg"), run, seconds=20, fps=20)      # Chromium's fake camera plays it in a loop
decode_counter(gray)                                            # -> ("0123ABCD", "O", 17)
corr, lag = best_correlation(heard, speech_like(seed, 8), 48000)  # the right seed >= 0.6, any other < 0.15
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2

from hardware.cameras.counter import decode_counter, decode_counters, encode_counter
from hardware.cameras.office_scene import OfficeScene
from hardware.speech import best_correlation, speech_like

__all__ = [
    "best_correlation",
    "decode_counter",
    "decode_counters",
    "desk_clip",
    "encode_counter",
    "speech_like",
]

_CLIP_SIZE: Final = (640, 480)
_JPEG_QUALITY: Final = 88


def desk_clip(path: Path, run: str, seconds: float, fps: int = 20) -> None:
    """Writes a drawn operator, counters from 1 with scene letter O, as joined JPEGs of 640x480.

    For Chromium's `--use-file-for-fake-video-capture`: the name must end in .mjpeg. Chromium plays them at
    a rate of its own and begins again at the end.
    """
    scene = OfficeScene(*_CLIP_SIZE)
    quality = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    with path.open("wb") as file:
        for n in range(1, round(seconds * fps) + 1):
            data = scene.render(n / fps, encode_counter(run, "O", n))
            _, jpeg = cv2.imencode(".jpg", cv2.cvtColor(data, cv2.COLOR_YUV2BGR_I420), quality)
            file.write(jpeg.tobytes())
