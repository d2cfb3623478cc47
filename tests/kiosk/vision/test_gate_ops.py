"""Every pixel of the gate's operations lands where it should, and the camera's frame is never written to."""

from __future__ import annotations

import time
from collections.abc import Callable

import cv2
import numpy as np
import pytest

from hardware.ports import Frame
from kiosk.vision import gate_ops
from kiosk.vision.gate_ops import Rect


def noise(width: int = 12, height: int = 8) -> Frame:
    """A frame in which hardly two pixels are alike."""
    data = np.random.default_rng(3).integers(0, 256, (height * 3 // 2, width), np.uint8)
    return Frame(data, width, height, 4.25, 7, {"number": 9})


def assert_planes(frame: Frame, expected: list[np.ndarray]) -> None:
    assert frame.data.shape == (frame.height * 3 // 2, frame.width)
    assert frame.data.flags.c_contiguous
    flat = np.concatenate([plane.reshape(-1) for plane in expected])
    np.testing.assert_array_equal(frame.data.reshape(-1), flat)


def test_planes_are_views_in_the_order_y_u_v() -> None:
    """Writing to a plane writes to the right bytes of the frame."""
    frame = noise()
    y, u, v = gate_ops.planes(frame)
    y[0, 0], u[0, 1], v[-1, -1] = 1, 2, 3
    flat = frame.data.reshape(-1)
    assert (flat[0], flat[96 + 1], flat[-1]) == (1, 2, 3)
    assert (y.shape, u.shape, v.shape) == ((8, 12), (4, 6), (4, 6))


@pytest.mark.parametrize(("degrees", "quarter_turns"), [(90, -1), (180, -2), (270, -3)])
@pytest.mark.parametrize("size", [(12, 8), (6, 10), (2, 2)])
def test_rotation_turns_every_plane_clockwise(
    degrees: int, quarter_turns: int, size: tuple[int, int]
) -> None:
    """The pixel of the upper left corner goes to the upper right one at 90 degrees, and so on for all."""
    frame = noise(*size)
    out = gate_ops.rotate(frame, degrees)
    expected_size = size if degrees == 180 else size[::-1]
    assert (out.width, out.height) == expected_size
    assert_planes(out, [np.rot90(plane, quarter_turns) for plane in gate_ops.planes(frame)])


def test_four_quarter_turns_give_the_picture_back() -> None:
    """No pixel is lost by turning."""
    frame = noise()
    out = frame
    for _ in range(4):
        out = gate_ops.rotate(out, 90)
    np.testing.assert_array_equal(out.data, frame.data)


def test_crop_takes_exactly_the_rectangle() -> None:
    """Luma and both chroma planes come from the same place."""
    frame = noise()
    out = gate_ops.crop(frame, Rect(4, 2, 6, 4))
    y, u, v = gate_ops.planes(frame)
    assert_planes(out, [y[2:6, 4:10], u[1:3, 2:5], v[1:3, 2:5]])


@pytest.mark.parametrize(
    "rect", [Rect(1, 0, 4, 4), Rect(0, 0, 5, 4), Rect(-2, 0, 4, 4), Rect(8, 0, 6, 4), Rect(0, 0, 0, 4)]
)
def test_a_crop_that_cannot_be_is_refused(rect: Rect) -> None:
    """Odd corners and rectangles outside of the frame never give a shifted colour or a wrong size."""
    with pytest.raises(ValueError, match=r"Rect"):
        gate_ops.crop(noise(), rect)


def test_halving_averages_blocks_of_four() -> None:
    """A preview is made of averages, so fine print does not flicker."""
    frame = noise(16, 8)
    out = gate_ops.resize(frame, 8, 4)
    for small, large in zip(gate_ops.planes(out), gate_ops.planes(frame), strict=True):
        blocks = large.astype(np.float64).reshape(small.shape[0], 2, small.shape[1], 2).mean(axis=(1, 3))
        assert np.abs(small - blocks).max() <= 0.5


@pytest.mark.parametrize(
    ("box", "size"), [((640, 640), (640, 360)), ((400, 200), (356, 200)), ((4000, 3000), (1280, 720))]
)
def test_fit_keeps_the_proportions_and_never_enlarges(box: tuple[int, int], size: tuple[int, int]) -> None:
    """The result lies within the box, is even, and a frame that fits stays as it is."""
    out = gate_ops.fit(noise(1280, 720), *box)
    assert (out.width, out.height) == size


def test_mask_hides_the_rectangle_and_nothing_else() -> None:
    """Inside there is one colour in all planes, outside every pixel is what it was."""
    frame = noise()
    out = gate_ops.mask(frame, [Rect(4, 2, 4, 4)], (40, 90, 160))
    expected = [plane.copy() for plane in gate_ops.planes(frame)]
    expected[0][2:6, 4:8] = 40
    expected[1][1:3, 2:4] = 90
    expected[2][1:3, 2:4] = 160
    assert_planes(out, expected)


def test_an_odd_mask_grows_outwards() -> None:
    """A mask of one pixel covers its whole block of chroma: no colour of what is hidden remains."""
    out = gate_ops.mask(noise(), [Rect(3, 3, 2, 1)])
    y, u, v = gate_ops.planes(out)
    assert (y[2:4, 2:6] == 16).all()
    assert (u[1, 1:3] == 128).all()
    assert (v[1, 1:3] == 128).all()


def test_a_mask_beyond_the_edge_covers_what_is_inside() -> None:
    """A rectangle that is half outside, or wholly, is no error."""
    frame = noise()
    out = gate_ops.mask(frame, [Rect(-5, -5, 7, 100), Rect(50, 50, 4, 4)])
    y, _, _ = gate_ops.planes(out)
    assert (y[:, :2] == 16).all()
    np.testing.assert_array_equal(y[:, 2:], gate_ops.planes(frame)[0][:, 2:])


OPERATIONS: dict[str, Callable[[Frame], Frame]] = {
    "rotate": lambda frame: gate_ops.rotate(frame, 90),
    "crop": lambda frame: gate_ops.crop(frame, Rect(2, 2, 8, 4)),
    "resize": lambda frame: gate_ops.resize(frame, 6, 4),
    "mask": lambda frame: gate_ops.mask(frame, [Rect(0, 0, 4, 4)]),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_frame_that_came_in_is_untouched_and_its_times_go_on(name: str) -> None:
    """Others may still read the camera's frame; the new one keeps when it was captured."""
    frame = noise()
    before = frame.data.copy()
    out = OPERATIONS[name](frame)
    np.testing.assert_array_equal(frame.data, before)
    assert not np.shares_memory(out.data, frame.data)
    assert (out.captured, out.sequence, out.meta) == (4.25, 7, {"number": 9})


@pytest.mark.parametrize("name", OPERATIONS)
def test_data_that_is_not_i420_is_refused(name: str) -> None:
    """A frame whose data does not fit its size is an error, never a smeared picture."""
    frame = noise()
    for wrong in (
        Frame(frame.data[:-1], 12, 8, 0.0, 0),
        Frame(frame.data.astype(np.int16), 12, 8, 0.0, 0),
        Frame(np.asfortranarray(frame.data), 12, 8, 0.0, 0),
        Frame(np.zeros((10, 7), np.uint8), 7, 7, 0.0, 0),
    ):
        with pytest.raises(ValueError, match="I420"):
            OPERATIONS[name](wrong)


def test_a_turn_by_another_angle_is_refused() -> None:
    """A setting of 45 degrees is told, not ignored."""
    with pytest.raises(ValueError, match="45"):
        gate_ops.rotate(noise(), 45)


def test_each_operation_costs_less_than_six_times_halving_the_frame() -> None:
    """The gate runs on every frame of two cameras: nothing in it may be slow (best of seven, same run)."""
    frame = noise(1280, 720)

    def best(work: Callable[[], object]) -> float:
        times = []
        for _ in range(7):
            began = time.perf_counter()
            work()
            times.append(time.perf_counter() - began)
        return min(times)

    unit = best(lambda: cv2.resize(frame.data, (640, 540), interpolation=cv2.INTER_AREA))
    costs = {
        "rotate": best(lambda: gate_ops.rotate(frame, 90)),
        "crop": best(lambda: gate_ops.crop(frame, Rect(160, 0, 960, 720))),
        "resize": best(lambda: gate_ops.resize(frame, 640, 360)),
        "mask": best(lambda: gate_ops.mask(frame, [Rect(100, 100, 300, 200)])),
    }
    ratios = {name: cost / unit for name, cost in costs.items()}
    print({"unit_ms": round(unit * 1e3, 3)} | {name: round(ratio, 2) for name, ratio in ratios.items()})
    assert max(ratios.values()) < 6, ratios
