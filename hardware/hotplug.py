"""Devices that come and go, told by udev on a thread of its own and handed to the event loop.

Stable paths: a video node is named by its /dev/v4l/by-path link, anything else by udev's ID_PATH.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from hardware.ports import DeviceEvent

log = logging.getLogger(__name__)

SUBSYSTEMS: Final = ("video4linux", "sound", "input")
_ACTIONS: Final = {"add": "add", "remove": "remove", "bind": "add", "unbind": "remove"}


def stable_path(subsystem: str, properties: Mapping[str, str], links: Iterable[str]) -> str:
    """The path that survives a replug; '' for a device that has none and so cannot have a role."""
    if subsystem == "video4linux":
        for link in sorted(links):
            if link.startswith("/dev/v4l/by-path/"):
                return link
        index = properties.get("ID_V4L_INDEX") or properties.get("index", "0")
        place = properties.get("ID_PATH", "")
        return f"/dev/v4l/by-path/{place}-video-index{index}" if place else ""
    return properties.get("ID_PATH", "")


def event_of(action: str, device: Any) -> DeviceEvent | None:
    """A pyudev device as our event; None for what has no node, no stable path, or captures no pictures."""
    told = _ACTIONS.get(action)
    subsystem = str(device.subsystem or "")
    properties = {str(key): str(value) for key, value in device.properties.items()}
    if told is None or subsystem not in SUBSYSTEMS or not device.device_node:
        return None
    capabilities = properties.get("ID_V4L_CAPABILITIES", ":capture:")
    if subsystem == "video4linux" and ":capture:" not in capabilities:
        return None  # a webcam's second node carries metadata, not pictures
    path = stable_path(subsystem, properties, tuple(device.device_links))
    return DeviceEvent(told, subsystem, path, str(device.device_node)) if path else None


class UdevWatcher:
    """Stands behind `ports.DeviceWatcher`; to be started on the event loop's thread.

    `pyudev` is the module, imported at the first use when not given.
    """

    def __init__(self, pyudev: Any = None) -> None:
        self._pyudev = pyudev
        self._observer: Any = None

    def start(self, on_event: Callable[[DeviceEvent], None]) -> None:
        """`on_event` is called on the running loop until `stop`."""
        self.stop()
        loop = asyncio.get_running_loop()
        pyudev = self._library()
        monitor = pyudev.Monitor.from_netlink(pyudev.Context())
        for subsystem in SUBSYSTEMS:
            monitor.filter_by(subsystem)

        def hand_over(device: Any) -> None:
            event = event_of(device.action, device)
            if event is not None and not loop.is_closed():
                loop.call_soon_threadsafe(self._tell, on_event, event)

        self._observer = pyudev.MonitorObserver(monitor, callback=hand_over, name="hotplug")
        self._observer.start()

    def stop(self) -> None:
        """No event is told afterwards."""
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()

    def current(self) -> tuple[DeviceEvent, ...]:
        context = self._library().Context()
        found = []
        for subsystem in SUBSYSTEMS:
            for device in context.list_devices(subsystem=subsystem):
                event = event_of("add", device)
                if event is not None:
                    found.append(event)
        return tuple(found)

    def _tell(self, on_event: Callable[[DeviceEvent], None], event: DeviceEvent) -> None:
        if self._observer is not None:
            log.info("device", extra={"action": event.action, "path": event.path, "node": event.node})
            on_event(event)

    def _library(self) -> Any:
        if self._pyudev is None:
            import pyudev

            self._pyudev = pyudev
        return self._pyudev
