"""Which attached camera serves which role, and how the operator has set it: focus, light, how fine.

Opens and closes what a choice needs. Everything that is set here is forgotten when the cameras close.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hardware.ports import AUTO_FOCUS, EXPOSURE, FOCUS_STEP, Camera, Profile
from kiosk.agent.gate import Shape
from protocol.values import WHOLE, AttachedCamera, CameraRole, Cameras, CameraSetting

log = logging.getLogger(__name__)

FINEST = Profile(1920, 1440, 0.0)
"""A stream is never made finer than this: more would cost the small computer its other camera."""

NAMES = {"face": "顔カメラ", "document": "書画カメラ"}


@dataclass(frozen=True, slots=True)
class CameraPart:
    """An attached camera: its id (face, document, spare-1), the stream that is wanted of it, how it hangs."""

    id: str
    camera: Camera
    profile: Profile
    rotation: int = 0  # degrees clockwise
    name: str = ""  # as operators read it


class CameraBank:
    """`set` says how it is to be; `open` and `close` follow the call."""

    def __init__(self, parts: Iterable[CameraPart]) -> None:
        self._parts = {str(part.id): part for part in parts}
        self._cameras = Cameras()
        self._told: dict[str, dict[str, float]] = {}  # controls that the open cameras have heard

    @property
    def parts(self) -> tuple[CameraPart, ...]:
        return tuple(self._parts.values())

    @property
    def attached(self) -> tuple[AttachedCamera, ...]:
        """All cameras that could serve a role."""
        return tuple(
            AttachedCamera(
                id=id, name=part.name or NAMES.get(id, id), simulated=part.camera.info.simulated
            )
            for id, part in self._parts.items()
        )  # fmt: skip

    def part(self, role: CameraRole) -> CameraPart | None:
        """The camera that serves this role now; None when the terminal has none."""
        return self._parts.get(self._cameras.of(role).source or role.value)

    def shape(self, role: CameraRole, setting: CameraSetting) -> Shape:
        """What the gate makes of this role's pictures under a setting."""
        part = self._parts.get(setting.source or role.value)
        turn = ((part.rotation if part else 0) + setting.turned) % 360
        width, height = (part.profile.width, part.profile.height) if part else (0, 0)
        return Shape(turn, setting.region, width, height)

    async def open(self) -> None:
        """Those that serve a role."""
        await _all(part.camera.open(self._profile(role, part)) for role, part in self._serving())
        for role, part in self._serving():
            await self._control(role, part)

    async def close(self) -> None:
        """All of them; returns when no process holds a camera."""
        self._told.clear()
        await _all(part.camera.close() for part in self._parts.values())

    async def set(self, cameras: Cameras, *, opened: bool) -> None:
        """Bring the cameras there; while nothing is open, only for the next opening."""
        before = {part.id for _, part in self._serving()}
        self._cameras = cameras
        if not opened:
            return
        for id in before - {part.id for _, part in self._serving()}:
            self._told.pop(id, None)
            await self._parts[id].camera.close()
        await self.open()

    async def restart(self, role: CameraRole) -> None:
        """Close the camera of this role and open it again, set as it was."""
        part = self.part(role)
        if part is not None:
            self._told.pop(part.id, None)
            await part.camera.close()
            await part.camera.open(self._profile(role, part))
            await self._control(role, part)

    def _serving(self) -> Iterator[tuple[CameraRole, CameraPart]]:
        for role in CameraRole:
            part = self.part(role)
            if part is not None:
                yield role, part

    def _profile(self, role: CameraRole, part: CameraPart) -> Profile:
        """Finer while only a region is shown, as far as the camera goes."""
        plain, info = part.profile, part.camera.info
        if self._cameras.of(role).region == WHOLE:
            return plain
        widest, highest = min(info.still_width, FINEST.width), min(info.still_height, FINEST.height)
        more = min(2.0, widest / plain.width, highest / plain.height)
        if more <= 1.0:
            return plain
        return Profile(int(plain.width * more) // 2 * 2, int(plain.height * more) // 2 * 2, plain.fps)

    async def _control(self, role: CameraRole, part: CameraPart) -> None:
        """Tell the camera what it has not heard yet."""
        setting = self._cameras.of(role)
        told = self._told.setdefault(part.id, {AUTO_FOCUS: 1, FOCUS_STEP: 0, EXPOSURE: 0})
        wanted = {
            AUTO_FOCUS: 0 if setting.focus_held else 1,
            FOCUS_STEP: setting.focus_step,
            EXPOSURE: setting.exposure,
        }
        for name, value in wanted.items():
            if told[name] != value:
                told[name] = value
                await part.camera.control(name, value)


async def _all(work: Iterable[object]) -> None:
    """Side by side; one that fails costs itself alone."""
    for result in await asyncio.gather(*work, return_exceptions=True):  # type: ignore[call-overload]
        if isinstance(result, BaseException):
            log.error("a camera did not do it: %s", result)
