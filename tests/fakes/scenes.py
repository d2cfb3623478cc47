"""Drawn scenes for tests of vision: heads and sheets whose measures are known because they were drawn so.

    wall = room(1920, 1080)
    draw_head(wall, Drawn(centre_x=960, crown_y=150, height=620))
    frame = as_frame(wall)

Pictures are BGR until `as_frame`. Nobody is portrayed.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from hardware.ports import Frame

Picture = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

WALL: Colour = (226, 228, 230)
MAT: Colour = (84, 88, 90)
SKIN: Colour = (150, 180, 214)
SHADE: Colour = (112, 142, 186)
HAIR: Colour = (42, 44, 52)
GARMENT: Colour = (120, 84, 60)


@dataclass(frozen=True)
class Drawn:
    """A head in pixels, crown to chin `height`; the eyes lie in the middle of it."""

    centre_x: float
    crown_y: float
    height: float

    @property
    def chin_y(self) -> float:
        return self.crown_y + self.height

    @property
    def eye_y(self) -> float:
        return self.crown_y + 0.51 * self.height


def room(width: int, height: int, wall: Colour = WALL) -> Picture:
    """A plain wall."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = wall
    return picture


def draw_head(picture: Picture, head: Drawn) -> None:
    """Shoulders, neck, hair, face, brows, eyes, nose and mouth, softly shaded."""
    unit = head.height

    def oval(x: float, y: float, rx: float, ry: float, colour: Colour, soft: float = 0.0) -> None:
        """At (x, y) from the middle and the crown, all in units of the head's height."""
        centre = (head.centre_x + x * unit, head.crown_y + y * unit)
        _blend_oval(picture, centre, (rx * unit, ry * unit), colour, soft * unit)

    oval(0, 1.75, 0.72, 0.58, GARMENT)
    oval(0, 1.02, 0.17, 0.22, SHADE)
    oval(0, 0.48, 0.41, 0.48, HAIR)
    oval(0, 0.58, 0.31, 0.42, SKIN)
    for side in (-1, 1):
        oval(side * 0.14, 0.50, 0.085, 0.05, SHADE, 0.02)
        oval(side * 0.14, 0.425, 0.080, 0.016, HAIR, 0.006)
        oval(side * 0.14, 0.51, 0.058, 0.026, (236, 238, 240))
        oval(side * 0.14, 0.51, 0.027, 0.027, (30, 36, 46))
        oval(side * 0.14, 0.486, 0.060, 0.009, (36, 38, 46), 0.002)
        oval(side * 0.03, 0.715, 0.014, 0.008, (70, 86, 130), 0.003)
    oval(0, 0.61, 0.018, 0.10, (170, 198, 228), 0.01)
    oval(0, 0.70, 0.055, 0.028, SHADE, 0.014)
    oval(0, 0.825, 0.105, 0.026, (108, 108, 186), 0.003)
    oval(0, 0.822, 0.105, 0.006, (62, 64, 120), 0.002)


def _blend_oval(
    picture: Picture, centre: tuple[float, float], radii: tuple[float, float], colour: Colour, soft: float
) -> None:
    """A filled ellipse whose edge fades over `soft` pixels."""
    grow = 3 * soft + 3
    left, top = (max(0, int(c - r - grow)) for c, r in zip(centre, radii, strict=True))
    right, bottom = (max(0, int(c + r + grow)) for c, r in zip(centre, radii, strict=True))
    part = picture[top:bottom, left:right]
    if not part.size:
        return
    layer = np.zeros(part.shape[:2], np.uint8)
    at = (round((centre[0] - left) * 16), round((centre[1] - top) * 16))
    cv2.ellipse(layer, at, (round(radii[0] * 16), round(radii[1] * 16)), 0, 0, 360, 255, -1, cv2.LINE_AA, 4)
    if soft:
        layer = np.asarray(cv2.GaussianBlur(layer, (0, 0), max(0.5, soft)), np.uint8)
    weight = layer[..., None].astype(np.float32) / 255
    part[:] = np.rint(part * (1 - weight) + np.array(colour, np.float32) * weight).astype(np.uint8)


def portrait(width: int = 1920, height: int = 1080, wall: Colour = WALL) -> tuple[Picture, Drawn]:
    """One person before a plain wall, as an ID photo wants it, and where the head is."""
    picture = room(width, height, wall)
    head = Drawn(width / 2, 0.16 * height, 0.58 * height)
    draw_head(picture, head)
    return picture, head


def turned(picture: Picture, degrees: float, head: Drawn) -> Picture:
    """The whole scene turned clockwise around the eyes."""
    turn = cv2.getRotationMatrix2D((head.centre_x, head.eye_y), -degrees, 1.0)
    size = (picture.shape[1], picture.shape[0])
    out = cv2.warpAffine(picture, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out, np.uint8)


def exposed(picture: Picture, factor: float) -> Picture:
    """Brighter or darker, cut off at white as a sensor does."""
    return np.asarray(cv2.convertScaleAbs(picture, alpha=factor), np.uint8)


def blurred(picture: Picture, sigma: float) -> Picture:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)


def moved(picture: Picture, pixels: int) -> Picture:
    """Smeared sideways, as by motion."""
    return np.asarray(cv2.blur(picture, (pixels, 1)), np.uint8)


def sheet(width: int = 1920, height: int = 1080) -> Picture:
    """A written sheet on a dark mat."""
    picture = room(width, height, MAT)
    left, top, right, bottom = width // 5, height // 10, width * 4 // 5, height * 9 // 10
    cv2.rectangle(picture, (left, top), (right, bottom), (222, 226, 226), -1)
    size = height / 1080
    for row in range(14):
        y = top + round((60 + row * 56) * size)
        cv2.putText(
            picture,
            "WINDOW 12  FORM 345  PLEASE FILL IN 678",
            (left + round(40 * size), y),
            cv2.FONT_HERSHEY_SIMPLEX,
            1.2 * size,
            (50, 46, 44),
            max(1, round(2 * size)),
            cv2.LINE_AA,
        )
    return picture


def lamp(picture: Picture, x: float, y: float, radius: float) -> Picture:
    """A lamp mirrored by the paper: white in the middle, fading outwards."""
    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]]
    far = ((columns - x) ** 2 + (rows - y) ** 2) / (2 * radius**2)
    glow = (400 * np.exp(-far))[..., None]
    return np.asarray(np.clip(picture + glow, 0, 255), np.uint8)


def as_frame(picture: Picture, sequence: int = 1) -> Frame:
    """The picture as a camera would give it: I420, even sides, captured at 12.5 s."""
    height, width = picture.shape[0] & ~1, picture.shape[1] & ~1
    data = cv2.cvtColor(np.ascontiguousarray(picture[:height, :width]), cv2.COLOR_BGR2YUV_I420)
    return Frame(data, width, height, 12.5, sequence, {"number": sequence})


def decode(jpeg: bytes) -> Picture:
    """What anybody sees who opens the JPEG, as BGR."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture, np.uint8)
