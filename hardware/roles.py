"""Which of the cameras that are there is the face camera and which the document camera.

A role belongs to a place (the socket a cable is in), not to a number that changes with every replug. Pure:
the settings name a pattern for each role, hotplug names the paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from hardware.ports import DeviceEvent


def assign(patterns: Mapping[str, str], present: Iterable[DeviceEvent]) -> dict[str, DeviceEvent]:
    """Role to device, for every role whose pattern matches a stable path; a device serves one role only.

    Roles are served in the order of `patterns`, devices in the order of their paths; `*` and `?` match as in
    file names. A role without a device is absent from the result.
    """
    left = sorted((device for device in present if device.action == "add"), key=lambda device: device.path)
    roles: dict[str, DeviceEvent] = {}
    for role, pattern in patterns.items():
        for device in left:
            if fnmatchcase(device.path, pattern):
                roles[role] = device
                left.remove(device)
                break
    return roles


def after(present: Iterable[DeviceEvent], event: DeviceEvent) -> tuple[DeviceEvent, ...]:
    """What is there after `event`: one device a subsystem and path, whatever its node is called now."""
    others = tuple(d for d in present if (d.subsystem, d.path) != (event.subsystem, event.path))
    return (*others, event) if event.action == "add" else others
