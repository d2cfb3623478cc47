"""Decides how the cameras of a terminal are set after a word of the operator.

A step that a camera cannot take, or that leads nowhere, is refused with words. Knows neither terminal nor
picture: what a camera can do, and which cameras there are, is told by the caller.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec.structs import replace

from hub.core.call import NotNow
from protocol.desk_link import AdjustCamera, ChooseCamera
from protocol.values import WHOLE, CameraChange, CameraRole, Cameras, CameraSetting, Region

Word = AdjustCamera | ChooseCamera
FOCUS_STEPS = 10
HALF_STOPS = 4

_FOCUS = frozenset(
    {CameraChange.HOLD_FOCUS, CameraChange.AUTO_FOCUS, CameraChange.NEARER, CameraChange.FARTHER}
)
_EXPOSURE = frozenset({CameraChange.LIGHTER, CameraChange.DARKER})


def after(cameras: Cameras, word: Word, *, can: Collection[str], attached: Collection[str]) -> Cameras:
    """Both cameras after the word. `can` of the camera that is meant, `attached` the ids of all cameras."""
    if isinstance(word, ChooseCamera):
        return _chosen(cameras, word, attached)
    return _with(cameras, word.camera, _adjusted(cameras.of(word.camera), word, can))


def source(cameras: Cameras, role: CameraRole) -> str:
    """The id of the attached camera that serves a role."""
    return cameras.of(role).source or role.value


def _with(cameras: Cameras, role: CameraRole, setting: CameraSetting) -> Cameras:
    return replace(cameras, **{role.value: setting})


def _adjusted(now: CameraSetting, word: AdjustCamera, can: Collection[str]) -> CameraSetting:
    change = word.change
    if change in _FOCUS and "focus" not in can:
        raise NotNow("cannot", "このカメラは、ピントを変えられません。")
    if change in _EXPOSURE and "exposure" not in can:
        raise NotNow("cannot", "このカメラは、明るさを変えられません。")
    match change:
        case CameraChange.TURN:
            return replace(now, turned=(now.turned + 90) % 360, region=_turned(now.region))
        case CameraChange.REGION:
            return replace(now, region=_within(word.region))
        case CameraChange.HOLD_FOCUS:
            return replace(now, focus_held=True, focus_step=0)
        case CameraChange.AUTO_FOCUS:
            return replace(now, focus_held=False, focus_step=0)
        case CameraChange.NEARER | CameraChange.FARTHER:
            step = _step(now.focus_step, change is CameraChange.NEARER, FOCUS_STEPS)
            return replace(now, focus_held=True, focus_step=step)
        case CameraChange.LIGHTER | CameraChange.DARKER:
            return replace(now, exposure=_step(now.exposure, change is CameraChange.LIGHTER, HALF_STOPS))
        case CameraChange.RESET:
            return CameraSetting(source=now.source)


def _step(now: int, up: bool, most: int) -> int:
    step = now + (1 if up else -1)
    if abs(step) > most:
        raise NotNow("at_end", "これ以上は変えられません。")
    return step


def _within(region: Region) -> Region:
    """Pushed back into the picture where it would reach over its edge."""
    if region.side >= 1:
        return WHOLE
    room = 1.0 - region.side
    return replace(region, left=min(room, region.left), top=min(room, region.top))


def _turned(region: Region) -> Region:
    """The same part of the paper, once the picture is turned a quarter clockwise."""
    if region == WHOLE:
        return WHOLE
    return replace(region, left=max(0.0, 1.0 - region.top - region.side), top=region.left)


def _chosen(cameras: Cameras, word: ChooseCamera, attached: Collection[str]) -> Cameras:
    if word.source not in attached:
        raise NotNow("no_camera", "このカメラは、窓口端末にありません。")
    before = source(cameras, word.camera)
    if word.source == before:
        return cameras
    other = CameraRole.DOCUMENT if word.camera is CameraRole.FACE else CameraRole.FACE
    if word.source == source(cameras, other):
        cameras = _with(cameras, other, _served_by(other, before))
    return _with(cameras, word.camera, _served_by(word.camera, word.source))


def _served_by(role: CameraRole, source: str) -> CameraSetting:
    """Another lens in another place: nothing that was set for the one before means anything to it."""
    return CameraSetting(source="" if source == role.value else source)
