"""The resident sees what the operator sees, and nothing leaves by another way."""

from __future__ import annotations

import numpy as np
import pytest

from hardware.errors import DeviceRefused
from hardware.ports import Frame
from kiosk.agent.gate import Gate, Shape
from protocol.values import CameraRole, Region


def frame(value: int, sequence: int, width: int = 8, height: int = 4) -> Frame:
    data = np.full((height * 3 // 2, width), value, np.uint8)
    return Frame(data, width, height, float(sequence), sequence)


def test_every_sink_gets_the_very_same_frame() -> None:
    """Encoder and screen cannot differ."""
    gate = Gate()
    seen: list[Frame] = []
    gate.add_sink(lambda _, f: seen.append(f))
    gate.add_sink(lambda _, f: seen.append(f))
    passed = gate.pass_frame(CameraRole.FACE, frame(1, 1))
    assert seen[0] is seen[1] is passed


def test_a_frozen_picture_stands_still_but_goes_on() -> None:
    """Frozen frames keep coming, with the old content and the new time, and run on afterwards."""
    gate = Gate()
    gate.pass_frame(CameraRole.DOCUMENT, frame(1, 1))
    gate.freeze(frozenset({CameraRole.DOCUMENT}))
    held = gate.pass_frame(CameraRole.DOCUMENT, frame(2, 2))
    assert held.data[0, 0] == 1
    assert (held.captured, held.sequence) == (2.0, 2)
    assert gate.pass_frame(CameraRole.FACE, frame(3, 3)).data[0, 0] == 3, "only the named camera is frozen"
    gate.freeze(frozenset())
    assert gate.pass_frame(CameraRole.DOCUMENT, frame(4, 4)).data[0, 0] == 4


def test_a_still_of_a_frozen_picture_is_not_what_is_there_now() -> None:
    """Nothing is taken that neither side can see: the frozen moment, or nothing."""
    gate = Gate()
    gate.pass_frame(CameraRole.DOCUMENT, frame(1, 1))
    gate.freeze(frozenset({CameraRole.DOCUMENT}))
    with pytest.raises(DeviceRefused):
        gate.pass_still(CameraRole.DOCUMENT, frame(2, 2))
    assert gate.frozen_still(CameraRole.DOCUMENT).data[0, 0] == 1
    gate.freeze(frozenset())
    with pytest.raises(DeviceRefused):
        gate.frozen_still(CameraRole.DOCUMENT)


def test_a_frozen_moment_in_full_size_is_shown_no_larger_than_the_stream() -> None:
    """The line pays for nothing new, and the still has every pixel."""
    gate = Gate()
    gate.shape(CameraRole.DOCUMENT, Shape(width=8, height=4))
    gate.pass_frame(CameraRole.DOCUMENT, frame(1, 1))
    gate.freeze(frozenset({CameraRole.DOCUMENT}))
    gate.sharpen(CameraRole.DOCUMENT, frame(5, 2, 32, 16))
    shown = gate.pass_frame(CameraRole.DOCUMENT, frame(3, 3))
    assert (shown.width, shown.height, shown.data[0, 0]) == (8, 4, 5)
    assert gate.frozen_still(CameraRole.DOCUMENT).width == 32
    gate.freeze(frozenset())
    gate.sharpen(CameraRole.DOCUMENT, frame(6, 4))
    assert gate.pass_frame(CameraRole.DOCUMENT, frame(7, 5)).data[0, 0] == 7, "too late: it runs again"


def test_frames_and_stills_are_turned_alike() -> None:
    """A rotated camera is right in the stream and in the still."""
    gate = Gate()
    gate.shape(CameraRole.DOCUMENT, Shape(turn=90))
    assert gate.pass_frame(CameraRole.DOCUMENT, frame(1, 1)).width == 4
    assert gate.pass_still(CameraRole.DOCUMENT, frame(1, 1)).width == 4


def quarters() -> Frame:
    """8 x 8 pixels: 10 and 20 above, 30 and 40 below."""
    data = np.full((12, 8), 128, np.uint8)
    data[:4, :4], data[:4, 4:], data[4:8, :4], data[4:8, 4:] = 10, 20, 30, 40
    return Frame(data, 8, 8, 1.0, 1)


def test_a_region_is_a_part_of_the_turned_picture() -> None:
    """What was chosen on the desk is what leaves, in stream and still; nothing beside it does."""
    gate = Gate()
    gate.shape(CameraRole.DOCUMENT, Shape(turn=90, region=Region(left=0.5, top=0.0, side=0.5)))
    for passed in (
        gate.pass_frame(CameraRole.DOCUMENT, quarters()),
        gate.pass_still(CameraRole.DOCUMENT, quarters()),
    ):
        assert (passed.width, passed.height) == (4, 4)
        assert (passed.data[:4] == 10).all(), "turned clockwise, the upper left part lies at the upper right"


def test_a_region_of_a_finer_picture_keeps_its_pixels() -> None:
    """A camera that gives twice the pixels gives the region in the stream's own size."""
    gate = Gate()
    gate.shape(CameraRole.DOCUMENT, Shape(region=Region(side=0.5), width=8, height=4))
    assert gate.pass_frame(CameraRole.DOCUMENT, frame(1, 1)).width == 4, "nothing is blown up"
    assert gate.pass_frame(CameraRole.DOCUMENT, frame(1, 2, 16, 8)).width == 8
    assert gate.pass_frame(CameraRole.DOCUMENT, frame(1, 3, 32, 16)).width == 8


def test_a_frozen_picture_can_be_turned_and_enlarged() -> None:
    """The moment is held as the camera gave it, not as it was shown."""
    gate = Gate()
    gate.pass_frame(CameraRole.DOCUMENT, quarters())
    gate.freeze(frozenset({CameraRole.DOCUMENT}))
    gate.shape(CameraRole.DOCUMENT, Shape(region=Region(left=0.5, top=0.5, side=0.5)))
    assert (gate.pass_frame(CameraRole.DOCUMENT, frame(1, 2, 8, 8)).data[:4] == 40).all()
    gate.shape(CameraRole.DOCUMENT, Shape())
    assert gate.pass_frame(CameraRole.DOCUMENT, frame(1, 3, 8, 8)).width == 8


def test_nothing_is_held_after_a_wipe() -> None:
    """The end of a call leaves no frame here, and no freeze for the next resident."""
    gate = Gate()
    gate.pass_frame(CameraRole.FACE, frame(1, 1))
    gate.freeze(frozenset({CameraRole.FACE}))
    assert gate.wipe() == 1
    assert gate.held == 0
    assert gate.pass_frame(CameraRole.FACE, frame(2, 2)).data[0, 0] == 2
