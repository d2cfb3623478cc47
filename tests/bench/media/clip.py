"""The picture that all senders of the CPU figures encode: a drawn face with a camera's grain, as I420 files.

Grain matters: without it a drawn picture costs an encoder next to nothing, and every overhead looks large.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hardware.cameras.face_scene import FaceScene
from hardware.ports import Bytes
from hardware.simulated import encode_counter
from tests.bench.report import ROOT

FPS = 30
FRAMES = 90
GRAIN = 2.0  # standard deviation in steps of brightness, as of a webcam in a lit office
RUN = "C11BC11B"
BITS, BAR = 7, 32  # the frame's number in bars of so many pixels at the top left, which a page reads quickly


def frames(width: int, height: int) -> Path:
    """A directory of FRAMES files `00000.i420`...; made once, the same bytes every time."""
    directory = ROOT / "var" / "bench" / f"bars-{width}x{height}"
    if not (directory / f"{FRAMES - 1:05d}.i420").exists():
        directory.mkdir(parents=True, exist_ok=True)
        scene, chance = FaceScene(width, height), np.random.default_rng(1)
        for number in range(FRAMES):
            picture = scene.render(number / FPS, encode_counter(RUN, "F", number)).astype(np.float32)
            picture[:height] += chance.normal(0, GRAIN, (height, width)).astype(np.float32)
            for bit in range(BITS):
                picture[:BAR, bit * BAR : (bit + 1) * BAR] = 235 if number >> bit & 1 else 16
            data = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
            (directory / f"{number:05d}.i420").write_bytes(data.tobytes())
    return directory


def load(directory: Path, width: int, height: int) -> list[Bytes]:
    """All frames in memory, each of shape (height * 3 // 2, width)."""
    return [
        np.fromfile(path, np.uint8).reshape(height * 3 // 2, width)
        for path in sorted(directory.glob("*.i420"))
    ]
