"""A drawn person, head and shoulders, in the proportions that an ID photo asks for.

Nobody is portrayed: figures are made of curves. Units as in `canvas`; crown to chin is 57 % of the height.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hardware.cameras.canvas import Canvas, Colour, Point, mirror, oval, smooth

CROWN: Final = 0.140
CHIN: Final = 0.712
EYE_Y: Final = 0.432
EYE_X: Final = 0.079


@dataclass(frozen=True, slots=True)
class Look:
    """What tells one drawn person from another."""

    skin: Colour
    shade: Colour
    hair: Colour
    shine: Colour
    garment: Colour
    fold: Colour
    shirt: Colour
    bob: bool
    headset: bool


RESIDENT: Final = Look(
    skin=(176, 203, 238),
    shade=(128, 160, 208),
    hair=(52, 50, 58),
    shine=(96, 92, 104),
    garment=(138, 122, 74),
    fold=(104, 92, 54),
    shirt=(240, 243, 245),
    bob=True,
    headset=False,
)
OPERATOR: Final = Look(
    skin=(170, 198, 232),
    shade=(122, 152, 200),
    hair=(36, 34, 38),
    shine=(74, 70, 78),
    garment=(84, 54, 34),
    fold=(60, 38, 24),
    shirt=(248, 247, 244),
    bob=False,
    headset=True,
)

_FACE_HALF: Final[list[Point]] = [
    (0.0, 0.178),
    (0.075, 0.190),
    (0.135, 0.238),
    (0.165, 0.320),
    (0.173, 0.420),
    (0.168, 0.510),
    (0.152, 0.588),
    (0.118, 0.652),
    (0.070, 0.697),
    (0.028, 0.711),
    (0.0, CHIN),
]
FACE_CURVE: Final = smooth(mirror(_FACE_HALF))


def draw_person(canvas: Canvas, look: Look) -> None:
    """Everything but the eyes, which move: see `draw_eyes`."""
    if look.bob:
        _back_hair(canvas, look)
    _body(canvas, look)
    _neck(canvas, look)
    _collar(canvas, look)
    _ears(canvas, look)
    _face(canvas, look)
    _nose_and_mouth(canvas, look)
    _front_hair(canvas, look)
    if look.headset:
        _headset(canvas)


def draw_eyes(canvas: Canvas, look: Look, openness: float, gaze: float) -> None:
    """`openness` 0 closed to 1 open, `gaze` -1 left to 1 right."""
    for side in (-1.0, 1.0):
        _eye(canvas, look, side, openness, gaze)


def _body(canvas: Canvas, look: Look) -> None:
    shoulder = smooth(
        mirror([(0.0, 0.800), (0.085, 0.790), (0.190, 0.835), (0.300, 0.885), (0.362, 0.960), (0.385, 1.12)]),
    )
    canvas.fill([(x, y + 0.012) for x, y in shoulder], (60, 55, 50), alpha=0.22, blur=0.02)
    canvas.fill(shoulder, look.garment)
    clip = canvas.mask(shoulder)
    canvas.ellipse((-0.36, 1.00), (0.10, 0.20), look.fold, alpha=0.6, blur=0.03, clip=clip)
    canvas.ellipse((0.36, 1.00), (0.10, 0.20), look.fold, alpha=0.75, blur=0.03, clip=clip)
    canvas.ellipse((-0.13, 0.90), (0.10, 0.05), (255, 255, 255), alpha=0.10, blur=0.03, clip=clip)
    for side in (-1, 1):
        canvas.line([(side * 0.245, 0.935), (side * 0.262, 1.1)], look.fold, 0.004, blur=0.002, clip=clip)


def _neck(canvas: Canvas, look: Look) -> None:
    neck = smooth(
        mirror([(0.0, 0.60), (0.088, 0.62), (0.090, 0.74), (0.105, 0.800), (0.06, 0.865), (0.0, 0.885)])
    )
    canvas.fill(neck, look.skin)
    clip = canvas.mask(neck)
    canvas.ellipse((0.0, 0.700), (0.14, 0.055), look.shade, alpha=0.85, blur=0.014, clip=clip)
    canvas.ellipse((0.09, 0.76), (0.035, 0.09), look.shade, alpha=0.6, blur=0.014, clip=clip)
    canvas.line([(-0.02, 0.845), (0.0, 0.858), (0.02, 0.845)], look.shade, 0.004, alpha=0.6, blur=0.002)


def _collar(canvas: Canvas, look: Look) -> None:
    for side in (-1, 1):
        wing: list[Point] = [(0.088, 0.752), (0.120, 0.782), (0.128, 0.840), (0.066, 0.925), (0.002, 0.880)]
        points: list[Point] = [(side * x, y) for x, y in wing]
        canvas.fill([(x, y + 0.008) for x, y in points], look.fold, alpha=0.5, blur=0.008)
        canvas.fill(points, look.shirt)
        canvas.line(points[2:], (205, 205, 200), 0.003)
    if look.headset:  # a blazer over the shirt
        canvas.fill([(-0.05, 0.91), (0.0, 0.885), (0.05, 0.91), (0.028, 1.1), (-0.028, 1.1)], look.shirt)
        for side in (-1, 1):
            lapel = [(0.128, 0.80), (0.175, 0.845), (0.150, 0.93), (0.060, 1.1), (0.020, 1.1), (0.078, 0.925)]
            canvas.fill([(side * x, y) for x, y in lapel], look.garment)
            canvas.line([(side * x, y) for x, y in lapel[1:4]], look.fold, 0.005)


def _ears(canvas: Canvas, look: Look) -> None:
    for side in (-1, 1):
        canvas.ellipse((side * 0.176, 0.465), (0.024, 0.056), look.skin)
        canvas.ellipse((side * 0.179, 0.468), (0.012, 0.036), look.shade, alpha=0.7, blur=0.004)


def _face(canvas: Canvas, look: Look) -> None:
    canvas.fill(FACE_CURVE, look.skin)
    clip = canvas.mask(FACE_CURVE)
    canvas.ellipse((0.190, 0.50), (0.060, 0.24), look.shade, alpha=0.55, blur=0.030, clip=clip)
    canvas.ellipse((-0.196, 0.52), (0.045, 0.22), look.shade, alpha=0.40, blur=0.026, clip=clip)
    canvas.ellipse((0.0, 0.735), (0.12, 0.035), look.shade, alpha=0.50, blur=0.018, clip=clip)
    canvas.ellipse((-0.02, 0.32), (0.09, 0.05), (232, 240, 252), alpha=0.35, blur=0.03, clip=clip)
    for side in (-1, 1):
        canvas.ellipse(
            (side * 0.098, 0.535), (0.034, 0.024), (140, 150, 232), alpha=0.32, blur=0.016, clip=clip
        )
        socket = (side * EYE_X, EYE_Y - 0.012)
        canvas.ellipse(socket, (0.044, 0.026), look.shade, alpha=0.38, blur=0.012, clip=clip)


def _nose_and_mouth(canvas: Canvas, look: Look) -> None:
    canvas.ellipse((0.010, 0.49), (0.012, 0.050), look.shade, alpha=0.32, blur=0.008)
    canvas.ellipse((-0.004, 0.49), (0.008, 0.050), (238, 244, 252), alpha=0.40, blur=0.006)
    canvas.ellipse((0.0, 0.545), (0.026, 0.014), look.shade, alpha=0.45, blur=0.008)
    canvas.ellipse((-0.003, 0.533), (0.011, 0.009), (240, 246, 253), alpha=0.45, blur=0.005)
    for side in (-1, 1):
        canvas.ellipse((side * 0.013, 0.552), (0.0065, 0.0035), (70, 84, 132), alpha=0.75, blur=0.002)
        canvas.line(
            smooth([(side * 0.027, 0.538), (side * 0.031, 0.547), (side * 0.026, 0.554)], False),
            look.shade,
            0.003,
            alpha=0.8,
            blur=0.0015,
        )
    upper = smooth(
        [(-0.056, 0.616), (-0.018, 0.606), (0.0, 0.610), (0.018, 0.606), (0.056, 0.616), (0.0, 0.623)]
    )
    lower = smooth([(-0.050, 0.619), (0.0, 0.622), (0.050, 0.619), (0.024, 0.637), (-0.024, 0.637)])
    canvas.fill(upper, (112, 112, 190), blur=0.0015)
    canvas.fill(lower, (128, 132, 208), blur=0.0015)
    canvas.ellipse((-0.004, 0.629), (0.018, 0.004), (190, 196, 240), alpha=0.6, blur=0.003)
    smile = smooth([(-0.060, 0.612), (-0.030, 0.619), (0.0, 0.621), (0.030, 0.619), (0.060, 0.612)], False)
    canvas.line(smile, (70, 70, 128), 0.0042, alpha=0.9, blur=0.001)
    canvas.ellipse((0.0, 0.652), (0.026, 0.007), look.shade, alpha=0.45, blur=0.006)


def _eye(canvas: Canvas, look: Look, side: float, openness: float, gaze: float) -> None:
    x, half, lift = side * EYE_X, 0.034, 0.0145 * openness
    inner, outer = x - side * half, x + side * half
    upper = smooth(
        [
            (inner, EYE_Y + 0.004),
            (x - side * 0.010, EYE_Y - lift),
            (x + side * 0.012, EYE_Y - lift),
            (outer, EYE_Y - 0.001),
        ],
        False,
    )
    drop = 0.0095 * openness + 0.004
    lower = smooth(
        [
            (outer, EYE_Y - 0.001),
            (x + side * 0.012, EYE_Y + drop),
            (x - side * 0.012, EYE_Y + drop),
            (inner, EYE_Y + 0.004),
        ],
        False,
    )
    if openness > 0.15:
        opening = upper + lower
        canvas.fill(opening, (238, 240, 242))
        clip = canvas.mask(opening)
        iris = (x + gaze * 0.008, EYE_Y - 0.002)
        canvas.ellipse(iris, (0.0162, 0.0162), (34, 44, 62), clip=clip)
        canvas.ellipse(
            (iris[0], iris[1] + 0.005), (0.010, 0.008), (58, 78, 110), alpha=0.7, blur=0.003, clip=clip
        )
        canvas.ellipse(iris, (0.0074, 0.0074), (16, 16, 20), clip=clip)
        canvas.ellipse((iris[0] - 0.006, iris[1] - 0.006), (0.0040, 0.0040), (255, 255, 255), clip=clip)
        canvas.line(upper, look.shade, 0.008, alpha=0.5, blur=0.003, clip=clip)
        canvas.line(upper, (40, 40, 48), 0.0058, blur=0.0008)
        canvas.line(lower, look.shade, 0.0026, blur=0.001)
    else:
        canvas.line(lower, (44, 44, 54), 0.0058, blur=0.0008)
    crease = [(px, py - 0.010 - 0.004 * openness) for px, py in upper]
    canvas.line(crease[3:], look.shade, 0.003, alpha=0.9, blur=0.0012)


def _brows(canvas: Canvas, look: Look) -> None:
    for side in (-1, 1):
        brow = smooth(
            [
                (side * 0.038, 0.386),
                (side * 0.072, 0.373),
                (side * 0.118, 0.382),
                (side * 0.110, 0.386),
                (side * 0.072, 0.384),
                (side * 0.040, 0.397),
            ]
        )
        canvas.fill(brow, look.hair, alpha=0.80, blur=0.0025)


def _back_hair(canvas: Canvas, look: Look) -> None:
    back = smooth(
        mirror(
            [
                (0.0, CROWN),
                (0.088, 0.156),
                (0.150, 0.198),
                (0.192, 0.265),
                (0.214, 0.370),
                (0.216, 0.520),
                (0.200, 0.640),
                (0.150, 0.700),
                (0.0, 0.690),
            ]
        )
    )
    canvas.fill([(x * 1.01, y + 0.010) for x, y in back], (90, 85, 80), alpha=0.25, blur=0.012)
    canvas.fill(back, look.hair)


def _front_hair(canvas: Canvas, look: Look) -> None:
    _brows(canvas, look)
    if look.bob:
        cap: list[Point] = [
            (-0.150, 0.640),
            (-0.196, 0.600),
            (-0.214, 0.480),
            (-0.208, 0.330),
            (-0.190, 0.262),
            (-0.150, 0.198),
            (-0.088, 0.156),
            (0.0, CROWN),
            (0.088, 0.156),
            (0.150, 0.198),
            (0.190, 0.262),
            (0.208, 0.330),
            (0.214, 0.480),
            (0.196, 0.600),
            (0.150, 0.640),
            (0.168, 0.540),
            (0.166, 0.430),
            (0.140, 0.345),
            (0.080, 0.285),
            (-0.010, 0.258),
            (-0.060, 0.252),
            (-0.110, 0.300),
            (-0.150, 0.370),
            (-0.166, 0.450),
            (-0.166, 0.545),
        ]
    else:
        cap = [
            (-0.176, 0.450),
            (-0.194, 0.400),
            (-0.198, 0.300),
            (-0.182, 0.245),
            (-0.145, 0.194),
            (-0.085, 0.153),
            (0.0, CROWN),
            (0.085, 0.153),
            (0.145, 0.194),
            (0.182, 0.245),
            (0.198, 0.300),
            (0.194, 0.400),
            (0.176, 0.450),
            (0.164, 0.390),
            (0.152, 0.315),
            (0.100, 0.262),
            (0.030, 0.262),
            (-0.060, 0.236),
            (-0.120, 0.278),
            (-0.154, 0.325),
            (-0.164, 0.390),
        ]
    shape = smooth(cap)
    canvas.fill(
        [(x, y + 0.008) for x, y in shape], look.shade, alpha=0.55, blur=0.008, clip=canvas.mask(FACE_CURVE)
    )
    canvas.fill(shape, look.hair)
    clip = canvas.mask(shape)
    for radius, alpha in ((0.150, 0.55), (0.128, 0.35)):
        canvas.line(
            oval((-0.02, 0.335), (radius, radius), 205, 290),
            look.shine,
            0.014,
            alpha=alpha,
            blur=0.008,
            clip=clip,
        )
    for start in (-0.12, -0.07, -0.02, 0.05, 0.10):
        strand = smooth([(start * 0.5 - 0.03, 0.150), (start, 0.21), (start * 1.35, 0.30)], False)
        canvas.line(strand, look.shine, 0.0025, alpha=0.35, blur=0.001, clip=clip)


def _headset(canvas: Canvas) -> None:
    dark, grey = (50, 46, 44), (120, 114, 110)
    canvas.line(oval((0.0, 0.400), (0.206, 0.272), 188, 352), dark, 0.018)
    canvas.line(oval((0.0, 0.398), (0.206, 0.272), 215, 300), grey, 0.004, alpha=0.7, blur=0.002)
    for side in (-1, 1):
        canvas.fill(
            smooth(
                [
                    (side * x, y)
                    for x, y in (
                        (0.178, 0.395),
                        (0.214, 0.402),
                        (0.224, 0.460),
                        (0.212, 0.522),
                        (0.178, 0.528),
                    )
                ]
            ),
            dark,
        )
        canvas.ellipse((side * 0.207, 0.460), (0.009, 0.040), grey, alpha=0.6, blur=0.004)
    boom = smooth([(-0.208, 0.515), (-0.196, 0.590), (-0.150, 0.648), (-0.092, 0.655)], False)
    canvas.line(boom, dark, 0.009)
    canvas.ellipse((-0.086, 0.654), (0.022, 0.013), dark)
    canvas.ellipse((-0.090, 0.650), (0.010, 0.004), grey, alpha=0.7, blur=0.002)
