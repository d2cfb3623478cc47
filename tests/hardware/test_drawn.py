"""Simulated pictures: marked, countable, cheap, and good enough for what comes after them."""

from __future__ import annotations

import time

import av
import cv2
import numpy as np
import pytest

from hardware.cameras.canvas import smooth
from hardware.cameras.face_scene import FaceScene
from hardware.cameras.i420 import from_bgr, planes, resized
from hardware.cameras.office_scene import OfficeScene
from hardware.cameras.paper_scene import PaperScene, pose_at
from hardware.simulated import decode_counter, encode_counter

RUN = "0123ABCD"
SCENES = [FaceScene, PaperScene, OfficeScene]
Scene = type[FaceScene] | type[PaperScene] | type[OfficeScene]


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (320, 240)])
def test_every_picture_carries_its_counter(scene: Scene, size: tuple[int, int]) -> None:
    """At every stream size and moment, in the lower left quarter."""
    drawn = scene(*size)
    for n, t in enumerate((0.0, 0.1, 3.8, 5.5, 100.0)):
        luma = planes(drawn.render(t, encode_counter(RUN, "X", n)))[0]
        assert decode_counter(luma) == (RUN, "X", n)
        assert decode_counter(luma[size[1] // 2 :, : size[0] // 2]) == (RUN, "X", n)


def test_counters_say_who_drew_them() -> None:
    """Text and back; what is no counter of ours is None."""
    assert encode_counter("0123abcd", "F", 1_000_042) == "0123ABCD-F-000042"
    for run, letter in (("123", "F"), ("0123abcg", "F"), ("0123abcd", "f"), ("0123abcd", "FF")):
        with pytest.raises(ValueError, match="eight hex digits"):
            encode_counter(run, letter, 1)
    assert decode_counter(np.full((480, 640), 128, np.uint8)) is None


@pytest.mark.parametrize("scene", SCENES)
def test_the_counter_survives_a_poor_line(scene: Scene) -> None:
    """VP8 at 300 kbit/s, 15 frames a second: nine in ten frames are still readable."""
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 640, 480, "yuv420p"
    encoder.bit_rate, encoder.framerate = 300_000, 15
    encoder.options = {
        "deadline": "realtime",
        "cpu-used": "-12",
        "lag-in-frames": "0",
        "minrate": "300k",
        "maxrate": "300k",
    }
    decoder = av.CodecContext.create("vp8", "r")
    drawn, right, total = scene(640, 480), 0, 45
    for n in range(total):
        data = drawn.render(4.0 + n / 15, encode_counter(RUN, "X", n))
        frame = av.VideoFrame.from_ndarray(data, format="yuv420p")
        frame.pts = n
        for packet in encoder.encode(frame):
            for got in decoder.decode(packet):
                right += decode_counter(planes(got.to_ndarray())[0]) == (RUN, "X", n)
    assert right >= 0.9 * total


def test_the_resident_has_one_face_of_the_right_size() -> None:
    """A plain detector finds exactly one face, centred, at the height an ID photo needs."""
    luma = planes(FaceScene(640, 480).render(0.5, encode_counter(RUN, "F", 1)))[0]
    finder = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_alt2.xml")
    faces = finder.detectMultiScale(cv2.resize(luma, (320, 240)), 1.1, 5)
    assert len(faces) == 1
    x, _, width, height = faces[0]
    assert 0.45 < (x + width / 2) / 320 < 0.55
    assert 0.35 < height / 240 < 0.60  # the detector's box is brow to chin, about three quarters of the head


def test_the_wall_behind_the_resident_is_plain() -> None:
    """No shadow, no edge: the background checks of an ID photo have nothing to find."""
    luma = planes(FaceScene(640, 480).render(0.5, encode_counter(RUN, "F", 1)))[0]
    wall = luma[20:200, 470:630]
    assert wall.std() < 2.0
    assert wall.mean() > 190


def test_the_resident_moves_and_blinks() -> None:
    """Nobody takes the picture for a frozen one."""
    drawn, text = FaceScene(640, 480), encode_counter(RUN, "F", 1)
    open_eyes, closed = (planes(drawn.render(t, text))[0] for t in (3.69, 3.80))
    eyes = slice(190, 225), slice(250, 390)
    assert np.abs(open_eyes[eyes].astype(int) - closed[eyes]).mean() > 4
    assert np.abs(open_eyes.astype(int) - planes(drawn.render(5.5, text))[0]).mean() > 0.5


def test_the_paper_rests_and_then_moves() -> None:
    """It is steady for seconds, so that a steady page can be found, and never jumps."""
    assert pose_at(0.5) == pose_at(4.0)
    assert pose_at(4.0) != pose_at(6.5)
    steps = [np.subtract(pose_at(n / 15 + 1 / 15), pose_at(n / 15)) for n in range(400)]
    assert np.abs(steps).max(axis=0)[0] < 0.6  # degrees a frame
    assert np.abs(steps).max(axis=0)[1:].max() < 0.005


def test_the_whole_paper_is_in_the_picture() -> None:
    """Four corners on a dark mat at every rest: a page finder has a chance."""
    drawn = PaperScene(1280, 720)
    for step in range(6):
        luma = planes(drawn.render(step * 6.0 + 1.0, encode_counter(RUN, "D", 1)))[0]
        bright = (luma > 170).astype(np.uint8)
        bright[430:, :260] = 0  # the card
        contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        page = max(contours, key=cv2.contourArea)
        x, y, width, height = cv2.boundingRect(page)
        assert 0 < x < x + width < 1280
        assert 0 < y < y + height < 720
        assert cv2.contourArea(page) > 0.25 * 1280 * 720


@pytest.mark.parametrize(("scene", "size"), [(FaceScene, (1920, 1080)), (PaperScene, (2592, 1944))])
def test_stills_are_drawn_not_enlarged(scene: Scene, size: tuple[int, int]) -> None:
    """A full-size still holds detail that an enlarged stream frame cannot have."""
    text = encode_counter(RUN, "F", 1)
    height = 480
    width = size[0] * height // size[1] & ~1
    still = planes(scene(*size).render(0.5, text))[0]
    enlarged = planes(resized(scene(width, height).render(0.5, text), *size))[0]
    sharp = [float(cv2.Laplacian(p[: size[1] // 2], cv2.CV_32F).var()) for p in (still, enlarged)]
    assert sharp[0] > 3 * sharp[1]


@pytest.mark.parametrize("scene", [FaceScene, PaperScene])
def test_a_frame_is_cheap(scene: Scene) -> None:
    """Two simulated cameras leave the cores to the encoders: at most 3 ms of CPU a frame at 640x480."""
    cv2.setNumThreads(1)
    drawn = scene(640, 480)
    times = [n / 15 for n in range(90)]
    for t in times:
        drawn.render(t, encode_counter(RUN, "F", 1))
    began = time.process_time()
    for n, t in enumerate(times):
        drawn.render(t, encode_counter(RUN, "F", n))
    assert (time.process_time() - began) / len(times) < 0.003


def test_colours_survive_the_conversion() -> None:
    """BGR to I420 keeps hue and size; odd edges are dropped."""
    red = np.zeros((101, 63, 3), np.uint8)
    red[..., 2] = 200
    data = from_bgr(red)
    assert data.shape == (150, 62)
    back = cv2.cvtColor(data, cv2.COLOR_YUV2BGR_I420)
    assert abs(int(back[50, 30, 2]) - 200) < 6
    assert back[50, 30, :2].max() < 12


def test_a_smooth_curve_passes_through_its_points() -> None:
    """Drawings keep to the proportions they were given."""
    points = [(0.0, 0.0), (1.0, 0.2), (1.2, 1.0), (0.1, 1.1)]
    curve = smooth(points)
    for x, y in points:
        assert min(abs(x - a) + abs(y - b) for a, b in curve) < 1e-9
