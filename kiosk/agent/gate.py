"""The one place that every frame and every still passes before anybody sees it: rotate, freeze, mask.

What leaves here goes to the encoder, to the upload and to the resident's own screen alike, so the resident
sees exactly what the operator sees, and nothing that was masked can leave by another way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hardware.errors import DeviceRefused
from hardware.ports import Frame
from kiosk.vision import gate_ops
from protocol.values import CameraRole

Sink = Callable[[CameraRole, Frame], None]


class Gate:
    """`pass_frame` for the stream, `pass_still` for stills; sinks get the same frame, newest only."""

    def __init__(self, rotation: dict[CameraRole, int]) -> None:
        self._rotation = rotation
        self._sinks: list[Sink] = []
        self._frozen: frozenset[CameraRole] = frozenset()
        self._current: dict[CameraRole, Frame] = {}  # what was last shown; also the picture that is frozen

    def add_sink(self, sink: Sink) -> None:
        """Gets every frame that passed; must not block and must not change the array."""
        self._sinks.append(sink)

    @property
    def held(self) -> int:
        """Frames that are in memory here."""
        return len(self._current)

    def freeze(self, cameras: frozenset[CameraRole]) -> None:
        """These pictures stand still from now on, for everybody."""
        self._frozen = cameras

    def pass_frame(self, role: CameraRole, frame: Frame) -> Frame:
        """The frame that leaves; while frozen the held picture leaves again with the new times."""
        held = self._current.get(role)
        if role in self._frozen and held is not None:
            passed = replace(held, captured=frame.captured, sequence=frame.sequence)
        else:
            passed = self._shape(role, frame)
            self._current[role] = passed
        for sink in self._sinks:
            sink(role, passed)
        return passed

    def pass_still(self, role: CameraRole, frame: Frame) -> Frame:
        """A still in full size. DeviceRefused while its picture is frozen: it would show something else."""
        if role in self._frozen:
            raise DeviceRefused(
                role.value, "画面を止めているあいだは撮れません。止めるのをやめてから撮ってください"
            )
        return self._shape(role, frame)

    def wipe(self) -> int:
        """Forgets every picture; returns how many there were."""
        count = len(self._current)
        self._current.clear()
        self._frozen = frozenset()
        return count

    def _shape(self, role: CameraRole, frame: Frame) -> Frame:
        turns = self._rotation.get(role, 0)
        return gate_ops.rotate(frame, turns) if turns else frame
