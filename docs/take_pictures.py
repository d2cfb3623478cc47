"""Makes docs/pictures/ out of the screenshots that a scripted demonstration has left.

    .venv/bin/madoguchi demo --scripted; .venv/bin/python docs/take_pictures.py

Nothing is drawn or touched up: screenshots are scaled down, put side by side and stored with 256 colours.
"""

from __future__ import annotations

import argparse
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

HERE = Path(__file__).resolve().parent
Picture = npt.NDArray[np.uint8]
"""Shape (height, width, 3), BGR."""

WIDTH = 960
LIMIT = 200 * 1024
GROUND = (232, 228, 224)
MANUALS = {
    "kiosk-idle": "idle-kiosk",
    "kiosk-talking": "talking-kiosk",
    "kiosk-page": "page-kiosk",
    "kiosk-consent": "id_photo-consent-kiosk",
    "kiosk-ended": "ended-kiosk",
    "desk-idle": "idle-desk",
    "desk-ringing": "ringing-desk",
    "desk-talking": "talking-desk",
    "desk-page": "page-desk",
    "desk-captures": "id_photo-stored-desk",
    "desk-wrap-up": "ended-desk",
}
"""Name of a picture here -> name of a step and a side in the demonstration."""


def screenshot(run: Path, name: str) -> Picture:
    """The picture of one step; steps are numbered, so only the name counts. SystemExit when it is missing."""
    found = sorted(run.glob(f"[0-9][0-9]-{name}.png"))
    if not found:
        raise SystemExit(f"{run}: no picture of {name!r}; run 'madoguchi demo --scripted' to its end first")
    return np.asarray(cv2.imread(str(found[-1]), cv2.IMREAD_COLOR), np.uint8)


def scaled(picture: Picture, width: int) -> Picture:
    """To `width` pixels, if it is wider."""
    if picture.shape[1] <= width:
        return picture
    height = round(picture.shape[0] * width / picture.shape[1])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def overview(run: Path, gap: int = 24) -> Picture:
    """The terminal before and in the call at the left, the desk in the call at the right."""
    left = [scaled(screenshot(run, name), 520) for name in ("idle-kiosk", "talking-kiosk")]
    height = left[0].shape[0] + gap + left[1].shape[0]
    desk = screenshot(run, "talking-desk")
    right = scaled(desk, round(desk.shape[1] * height / desk.shape[0]))
    size = (height + 2 * gap, 520 + right.shape[1] + 3 * gap, 3)
    whole = np.full(size, GROUND, np.uint8)
    top = gap
    for part in left:
        whole[top : top + part.shape[0], gap : gap + 520] = part
        top += part.shape[0] + gap
    begin = 520 + 2 * gap
    whole[gap : gap + right.shape[0], begin : begin + right.shape[1]] = right
    return whole


def png(picture: Picture, colours: int = 256) -> bytes:
    """The picture as a PNG file with a palette."""
    cv2.setRNGSeed(1)  # the same file from the same screenshot
    pixels = picture.reshape(-1, 3)
    sample = pixels[:: max(1, len(pixels) // 30_000)].astype(np.float32)
    ends = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 1.0)
    _, _, palette = cv2.kmeans(sample, colours, None, ends, 1, cv2.KMEANS_PP_CENTERS)
    coarse, which = np.unique(pixels >> 2, axis=0, return_inverse=True)
    middle = coarse.astype(np.float32) * 4 + 2
    nearest = np.empty(len(middle), np.uint8)
    for begin in range(0, len(middle), 4096):
        part = middle[begin : begin + 4096, None, :] - palette[None]
        nearest[begin : begin + 4096] = np.argmin((part**2).sum(axis=2), axis=1)
    height, width = picture.shape[:2]
    rows = np.zeros((height, width + 1), np.uint8)  # each row begins with its filter: none
    rows[:, 1:] = nearest[which.reshape(-1)].reshape(height, width)
    table = np.clip(np.round(palette), 0, 255).astype(np.uint8)[:, ::-1]
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", head), (b"PLTE", table.tobytes()), (b"IDAT", zlib.compress(rows.tobytes(), 9)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in (*parts, (b"IEND", b"")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main() -> int:
    """0 all written, 1 one of them is larger than a document's picture may be."""
    parser = argparse.ArgumentParser(
        prog="docs/take_pictures.py", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument(
        "--run", type=Path, default=HERE.parent / "var/demo", help="directory of the demonstration"
    )
    run: Path = parser.parse_args().run
    pictures: dict[str, Any] = {name: scaled(screenshot(run, step), WIDTH) for name, step in MANUALS.items()}
    pictures["overview"] = overview(run)
    large = 0
    for name, picture in pictures.items():
        data = png(picture)
        (HERE / "pictures" / f"{name}.png").write_bytes(data)
        large += len(data) > LIMIT
        sys.stdout.write(f"{name}.png: {picture.shape[1]}x{picture.shape[0]}, {len(data) // 1024} KB\n")
    return 1 if large else 0


if __name__ == "__main__":
    sys.exit(main())
