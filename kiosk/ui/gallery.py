"""Every screen at every size as PNG: `python -m kiosk.ui.gallery OUT_DIR [--only NAME] [--size WxH]`."""

from __future__ import annotations

import argparse
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.core.view import Picture
from kiosk.ui.boot import WindowWish, configure
from kiosk.ui.samples import SIZES, samples

Plane = Any


@lru_cache(maxsize=8)
def drawn_person(width: int, height: int, hair: int, shirt: tuple[int, int]) -> Plane:
    """A drawn head and shoulders as I420; marked as a drawing by its flatness."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    luma = 150 + 40 * (1 - y / height)
    cb, cr = np.full_like(luma, 122.0), np.full_like(luma, 132.0)

    def oval(cx: float, cy: float, rx: float, ry: float) -> Any:
        return ((x - cx * width) / (rx * height)) ** 2 + ((y - cy * height) / (ry * height)) ** 2 < 1

    for mask, colour in (
        (oval(0.5, 1.16, 0.52, 0.46), (70, *shirt)),
        (oval(0.5, 0.42, 0.27, 0.33), (hair, 128, 128)),
        (oval(0.5, 0.74, 0.11, 0.16), (170, 112, 152)),
        (oval(0.5, 0.48, 0.22, 0.28), (190, 112, 152)),
        (oval(0.5 - 0.09 * height / width, 0.46, 0.022, 0.022), (45, 128, 128)),
        (oval(0.5 + 0.09 * height / width, 0.46, 0.022, 0.022), (45, 128, 128)),
        (oval(0.5, 0.61, 0.08, 0.022), (105, 118, 170)),
    ):
        luma[mask], cb[mask], cr[mask] = colour
    return _i420(luma, cb, cr)


@lru_cache(maxsize=8)
def drawn_paper(width: int, height: int) -> Plane:
    """A form on a dark table as I420."""
    luma = np.full((height, width), 70.0, np.float32)
    cb, cr = np.full_like(luma, 124.0), np.full_like(luma, 132.0)
    top, left, bottom, right = (round(v) for v in (height * 0.1, width * 0.2, height * 0.92, width * 0.8))
    luma[top:bottom, left:right] = 225
    for row in range(7):
        y = top + round((bottom - top) * (0.12 + row * 0.12))
        luma[y : y + max(2, height // 160), left + width // 40 : right - width // 40] = 120
        luma[y - height // 30 : y - height // 60, left + width // 40 : left + width // 8] = 90
    return _i420(luma, cb, cr)


def _i420(luma: Any, cb: Any, cr: Any) -> Plane:
    height, width = luma.shape
    small = [c.reshape(height // 2, 2, width // 2, 2).mean((1, 3)).astype(np.uint8) for c in (cb, cr)]
    flat = np.concatenate([luma.astype(np.uint8).reshape(-1), small[0].reshape(-1), small[1].reshape(-1)])
    return np.ascontiguousarray(flat.reshape(height * 3 // 2, width))


def feed(stage: Any) -> None:
    """Gives the three pictures something to show, and ends every movement."""
    stage.frame(Picture.OPERATOR, drawn_person(960, 720, 40, (140, 118)), 960, 720)
    photo = stage.view.photo
    width, height = (560, 720) if photo is not None and photo.still else (1280, 720)
    stage.frame(Picture.SELF, drawn_person(width, height, 150, (118, 124)), width, height)
    stage.frame(Picture.PAPER, drawn_paper(1280, 720), 1280, 720)
    stage.arrive()


def pixels(stage: Any, size: tuple[int, int]) -> Any:
    """The stage drawn into memory: (height, width, 4), RGBA."""
    from kivy.graphics import ClearBuffers, ClearColor, Fbo

    fbo = Fbo(size=size)
    with fbo:
        ClearColor(0, 0, 0, 1)
        ClearBuffers()
    fbo.add(stage.canvas)
    fbo.draw()
    data = np.frombuffer(fbo.pixels, np.uint8).reshape(size[1], size[0], 4)[::-1].copy()
    fbo.remove(stage.canvas)
    return data


def save(path: Path, data: Any) -> None:
    """Writes RGBA rows as PNG."""
    from kivy.core.image import Image
    from kivy.graphics.texture import Texture

    height, width = data.shape[:2]
    texture = Texture.create(size=(width, height), colorfmt="rgba")
    texture.blit_buffer(data[::-1].tobytes(), colorfmt="rgba", bufferfmt="ubyte")
    Image(texture).save(str(path), flipped=True)


def main() -> int:
    """Renders what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.ui.gallery", description=__doc__)
    parser.add_argument("out", type=Path, help="folder for the pictures; made if need be")
    parser.add_argument("--only", default="", help="only names that contain this")
    parser.add_argument("--size", default="", help="only this size, such as 1280x800")
    wanted = parser.parse_args()
    configure(WindowWish(640, 480), "offscreen")
    from kivy.base import EventLoop

    EventLoop.ensure_window()
    from kiosk.ui.stage import Stage

    wanted.out.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        name = f"{size[0]}x{size[1]}"
        if wanted.size and wanted.size != name:
            continue
        stage = Stage(size, lambda _: None)
        for sample, view in samples().items():
            if wanted.only in sample:
                stage.show(view)
                feed(stage)
                save(wanted.out / f"{name}-{sample}.png", pixels(stage, size))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
