"""The QR code in every simulated picture: which run drew it, which scene, which frame.

Whoever sees the picture at the far end reads it back and so proves that live frames of this run arrived.
"""

from __future__ import annotations

import re
from typing import Final

import cv2
import numpy as np
import zxingcpp

from hardware.ports import Bytes

QR_MODULES: Final = 21  # version 1: seventeen alphanumeric signs at error level M
QUIET_MODULES: Final = 4
_TEXT: Final = re.compile(r"([0-9A-F]{8})-([A-Z])-(\d{6})")


def encode_counter(run: str, scene: str, n: int) -> str:
    """`RRRRRRRR-S-NNNNNN`: run is eight hex digits, scene one letter (F, D, O), n counts modulo a million."""
    text = f"{run.upper()}-{scene}-{n % 1_000_000:06d}"
    if not _TEXT.fullmatch(text):
        raise ValueError(f"a counter needs eight hex digits and one letter, not '{run}' and '{scene}'")
    return text


def decode_counters(gray: Bytes) -> list[tuple[str, str, int]]:
    """(run, scene, n) of every counter in a grey (h, w) or BGR (h, w, 3) picture."""
    codes = zxingcpp.read_barcodes(np.ascontiguousarray(gray), zxingcpp.BarcodeFormat.QRCode)
    matches = [_TEXT.fullmatch(code.text) for code in codes]
    return [(match[1], match[2], int(match[3])) for match in matches if match]


def decode_counter(gray: Bytes) -> tuple[str, str, int] | None:
    """The first counter in a picture; None without one."""
    return next(iter(decode_counters(gray)), None)


def qr_picture(text: str, module: int) -> Bytes:
    """Black (0) on white (255) with its quiet zone, `module` pixels a module: a square of 29 modules."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    small = np.array(code.to_image(scale=1), dtype=np.uint8)
    side = small.shape[0] * module
    picture: Bytes = cv2.resize(small, (side, side), interpolation=cv2.INTER_NEAREST)
    return picture
