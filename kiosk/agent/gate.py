"""The one place that every frame and every still passes before anybody sees it: turn, crop, freeze.

What leaves here goes to the encoder, to the upload and to the resident's own screen alike, so the resident
sees exactly what the operator sees, and nothing that was cut off can leave by another way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hardware.errors import DeviceRefused
from hardware.ports import Frame
from kiosk.vision import gate_ops
from kiosk.vision.gate_ops import Rect
from protocol.values import WHOLE, CameraRole, Region

Sink = Callable[[CameraRole, Frame], None]


@dataclass(frozen=True, slots=True)
class Shape:
    """What becomes of a camera's picture: `turn` degrees clockwise, then the part `region` of it.

    The stream is never larger than `width` x `height` (of the picture before it is turned; 0 is no limit), so
    that a camera that gives more pixels for a region does not cost the line more. Stills have no limit.
    """

    turn: int = 0
    region: Region = WHOLE
    width: int = 0
    height: int = 0


@dataclass(slots=True)
class _Lane:
    """One camera. `newest` and `held` are as the camera gave them; `shown` is `held` in its shape."""

    shape: Shape = Shape()
    newest: Frame | None = None
    held: Frame | None = None  # what stands still; None while the picture runs
    shown: Frame | None = None


class Gate:
    """`pass_frame` for the stream, `pass_still` for stills; sinks get the same frame, newest only."""

    def __init__(self) -> None:
        self._lanes = {role: _Lane() for role in CameraRole}
        self._sinks: list[Sink] = []
        self._frozen: frozenset[CameraRole] = frozenset()

    def add_sink(self, sink: Sink) -> None:
        """Gets every frame that passed; must not block and must not change the array."""
        self._sinks.append(sink)

    @property
    def held(self) -> int:
        """Cameras of which pictures are in memory here."""
        return sum(lane.newest is not None or lane.held is not None for lane in self._lanes.values())

    def shape(self, role: CameraRole, shape: Shape) -> None:
        """From now on, for a picture that stands still as well."""
        lane = self._lanes[role]
        if lane.shape != shape:
            lane.shape, lane.shown = shape, None

    def freeze(self, cameras: frozenset[CameraRole]) -> None:
        """These pictures stand still from now on, for everybody."""
        for role, lane in self._lanes.items():
            if role not in cameras:
                lane.held = lane.shown = None
            elif role not in self._frozen:
                lane.held = lane.newest
        self._frozen = cameras

    def frozen(self, role: CameraRole) -> bool:
        """Whether its picture stands still."""
        return role in self._frozen

    def sharpen(self, role: CameraRole, frame: Frame) -> None:
        """The picture that stands still, in full size; too late, once it runs again."""
        if role in self._frozen:
            lane = self._lanes[role]
            lane.held, lane.shown = frame, None

    def pass_frame(self, role: CameraRole, frame: Frame) -> Frame:
        """The frame that leaves; while frozen the held picture leaves again with the new times."""
        lane = self._lanes[role]
        lane.newest = frame
        if role in self._frozen:
            passed = replace(self._standing(lane), captured=frame.captured, sequence=frame.sequence)
        else:
            passed = _shaped(frame, lane.shape, limited=True)
        for sink in self._sinks:
            sink(role, passed)
        return passed

    def pass_still(self, role: CameraRole, frame: Frame) -> Frame:
        """A still in full size. DeviceRefused while its picture is frozen: it would show something else."""
        if role in self._frozen:
            text = "画面を止めているあいだは撮れません。止めるのをやめてから撮ってください"
            raise DeviceRefused(role.value, text)
        return _shaped(frame, self._lanes[role].shape)

    def frozen_still(self, role: CameraRole) -> Frame:
        """The moment that stands still, as large as it is held. DeviceRefused when nothing does."""
        lane = self._lanes[role]
        if lane.held is None:
            raise DeviceRefused(role.value, "止めた映像がありません。止めるのをやめてから撮ってください")
        return _shaped(lane.held, lane.shape)

    def wipe(self) -> int:
        """Forgets every picture; returns of how many cameras there were any."""
        count = self.held
        self._lanes = {role: _Lane(lane.shape) for role, lane in self._lanes.items()}
        self._frozen = frozenset()
        return count

    def _standing(self, lane: _Lane) -> Frame:
        assert lane.newest is not None
        lane.held = lane.held or lane.newest  # frozen before its first picture
        lane.shown = lane.shown or _shaped(lane.held, lane.shape, limited=True)
        return lane.shown


def _shaped(frame: Frame, shape: Shape, *, limited: bool = False) -> Frame:
    turned = gate_ops.rotate(frame, shape.turn) if shape.turn else frame
    cut = gate_ops.crop(turned, _rect(turned, shape.region))
    if not limited or not (shape.width and shape.height):
        return cut
    upright = shape.turn in (90, 270)
    width, height = (shape.height, shape.width) if upright else (shape.width, shape.height)
    return gate_ops.fit(cut, width, height)


def _rect(frame: Frame, region: Region) -> Rect:
    """The region in even pixels of the frame."""
    width, height = _even(frame.width * region.side), _even(frame.height * region.side)
    left = min(_even(frame.width * region.left), frame.width - width)
    top = min(_even(frame.height * region.top), frame.height - height)
    return Rect(left, top, max(2, width), max(2, height))


def _even(length: float) -> int:
    return round(length / 2) * 2
