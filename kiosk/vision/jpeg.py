"""I420 to JPEG and its digest. What leaves here carries no EXIF, no thumbnail and no comment."""

from __future__ import annotations

import hashlib
from typing import Final

import cv2
import numpy as np

from hardware.ports import Bytes, Frame
from kiosk.vision.gate_ops import planes

QUALITY: Final = 90


def to_bgr(frame: Frame) -> Bytes:
    """(height, width, 3) uint8 in full range. ValueError when the frame is not I420."""
    planes(frame)
    bgr: Bytes = cv2.cvtColor(frame.data, cv2.COLOR_YUV2BGR_I420)
    return bgr


def encode(frame: Frame, quality: int = QUALITY) -> bytes:
    """The frame as a JPEG in its own size; `quality` 1 to 100."""
    return encode_bgr(to_bgr(frame), quality)


def encode_bgr(bgr: Bytes, quality: int = QUALITY) -> bytes:
    """A BGR picture as a three-channel JPEG (what application forms call RGB)."""
    done, jpeg = cv2.imencode(".jpg", np.ascontiguousarray(bgr), [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"a picture of shape {bgr.shape} cannot become a JPEG")
    return bytes(jpeg.tobytes())


def digest(jpeg: bytes) -> str:
    """SHA-256 over the plain JPEG, lower-case hexadecimal; the hub computes the same."""
    return hashlib.sha256(jpeg).hexdigest()
