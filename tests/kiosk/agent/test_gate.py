"""The resident sees what the operator sees, and nothing leaves by another way."""

from __future__ import annotations

import numpy as np
import pytest

from hardware.errors import DeviceRefused
from hardware.ports import Frame
from kiosk.agent.gate import Gate
from protocol.values import CameraRole


def frame(value: int, sequence: int, width: int = 8, height: int = 4) -> Frame:
    data = np.full((height * 3 // 2, width), value, np.uint8)
    return Frame(data, width, height, float(sequence), sequence)


def test_every_sink_gets_the_very_same_frame() -> None:
    """Encoder and screen cannot differ."""
    gate = Gate({})
    seen: list[Frame] = []
    gate.add_sink(lambda _, f: seen.append(f))
    gate.add_sink(lambda _, f: seen.append(f))
    passed = gate.pass_frame(CameraRole.FACE, frame(1, 1))
    assert seen[0] is seen[1] is passed


def test_a_frozen_picture_stands_still_but_goes_on() -> None:
    """Frozen frames keep coming, with the old content and the new time, and run on afterwards."""
    gate = Gate({})
    gate.pass_frame(CameraRole.DOCUMENT, frame(1, 1))
    gate.freeze(frozenset({CameraRole.DOCUMENT}))
    held = gate.pass_frame(CameraRole.DOCUMENT, frame(2, 2))
    assert held.data[0, 0] == 1
    assert (held.captured, held.sequence) == (2.0, 2)
    assert gate.pass_frame(CameraRole.FACE, frame(3, 3)).data[0, 0] == 3, "only the named camera is frozen"
    gate.freeze(frozenset())
    assert gate.pass_frame(CameraRole.DOCUMENT, frame(4, 4)).data[0, 0] == 4


def test_a_still_of_a_frozen_picture_is_refused() -> None:
    """Nothing is taken that neither side can see."""
    gate = Gate({})
    gate.freeze(frozenset({CameraRole.DOCUMENT}))
    with pytest.raises(DeviceRefused):
        gate.pass_still(CameraRole.DOCUMENT, frame(1, 1))


def test_frames_and_stills_are_turned_alike() -> None:
    """A rotated camera is right in the stream and in the still."""
    gate = Gate({CameraRole.DOCUMENT: 90})
    assert gate.pass_frame(CameraRole.DOCUMENT, frame(1, 1)).width == 4
    assert gate.pass_still(CameraRole.DOCUMENT, frame(1, 1)).width == 4


def test_nothing_is_held_after_a_wipe() -> None:
    """The end of a call leaves no frame here, and no freeze for the next resident."""
    gate = Gate({})
    gate.pass_frame(CameraRole.FACE, frame(1, 1))
    gate.freeze(frozenset({CameraRole.FACE}))
    assert gate.wipe() == 1
    assert gate.held == 0
    assert gate.pass_frame(CameraRole.FACE, frame(2, 2)).data[0, 0] == 2
