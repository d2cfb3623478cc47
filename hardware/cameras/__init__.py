"""Cameras: each in a child process of its own, because a hung driver freezes the process that asks it.

`open_source` turns a description from the settings into a source; only the child calls it. The agent holds a
`supervised.SupervisedCamera` made from the same description. Descriptions are plain dicts:

    {"kind": "picamera2", "id": "/base/axi/pcie@1000120000/rp1/i2c@88000/imx708@1a"}
    {"kind": "v4l2", "path": "/dev/v4l/by-path/...-video-index0", "format": "MJPG", "still": [1920, 1080]}
    {"kind": "file", "path": "clip.mp4"}
    {"kind": "synthetic", "scene": "face" | "document", "run": "0123abcd"}
    {"kind": "fault", "source": {...one of the above...}}

All but `fault` take an optional "still": [width, height] and "name".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hardware.errors import DeviceRefused
from hardware.ports import CameraInfo, CameraSource

Description = Mapping[str, Any]

_STILLS = {"face": (1920, 1080), "document": (2592, 1944)}


def describe(description: Description) -> CameraInfo:
    """What the settings alone say of a camera, without touching it. DeviceRefused for a wrong description."""
    kind = description.get("kind")
    if kind == "fault":
        return describe(_inner(description))
    scene = str(description.get("scene", "face"))
    if kind == "synthetic" and scene not in _STILLS:
        raise DeviceRefused("synthetic", f"no scene '{scene}': choose face or document")
    places = {"picamera2": "id", "v4l2": "path", "file": "path"}
    if kind in places:
        path = str(description.get(places[kind], ""))
        if not path:
            raise DeviceRefused(str(kind), f"the camera's '{places[kind]}' is missing in the settings")
    elif kind == "synthetic":
        path = f"synthetic:{scene}"
    else:
        raise DeviceRefused("camera", f"no kind '{kind}': choose picamera2, v4l2, file, synthetic or fault")
    width, height = still_size(description, _STILLS.get(scene, (1920, 1080)))
    simulated = kind in ("file", "synthetic")
    return CameraInfo(path, str(description.get("name", path)), str(kind), simulated, width, height)


def still_size(description: Description, default: tuple[int, int]) -> tuple[int, int]:
    """Width and height of stills: `still` of the settings, else `default`. DeviceRefused unless even."""
    width, height = description.get("still") or default
    if not all(isinstance(side, int) and 2 <= side <= 8192 and side % 2 == 0 for side in (width, height)):
        raise DeviceRefused("camera", f"still: two even numbers of pixels up to 8192, not {width} x {height}")
    return width, height


def open_source(description: Description) -> CameraSource:
    """A source, not started yet. Imports only what its kind needs. DeviceRefused for a wrong description."""
    info = describe(description)
    match description["kind"]:
        case "picamera2":
            from hardware.cameras.picamera2_source import Picamera2Source

            return Picamera2Source(info)
        case "v4l2":
            from hardware.cameras.v4l2_source import V4l2Source

            return V4l2Source(info, str(description.get("format", "MJPG")))
        case "file":
            from hardware.cameras.file_source import FileSource

            return FileSource(info)
        case "synthetic":
            from hardware.cameras.synthetic_source import SyntheticSource

            return SyntheticSource(info, str(description.get("scene", "face")), description.get("run", ""))
        case _:
            from hardware.cameras.fault_source import FaultSource

            return FaultSource(open_source(_inner(description)))


def _inner(description: Description) -> Description:
    inner = description.get("source")
    if not isinstance(inner, Mapping):
        raise DeviceRefused("fault", "a fault wrapper needs a 'source' to wrap")
    return inner
