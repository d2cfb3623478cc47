"""A stand-in for pyudev: devices as plain objects, and an observer thread that the test drives.

udev = FakePyudev([device("video4linux", "/dev/video0", id_path="usb-0:1")])
watcher = UdevWatcher(udev)
watcher.start(seen.append)
udev.happen(device("video4linux", "/dev/video2", id_path="usb-0:1", action="add"))
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any


def device(
    subsystem: str,
    node: str | None,
    id_path: str = "",
    links: Iterable[str] = (),
    action: str = "add",
    **properties: str,
) -> Any:
    return SimpleNamespace(
        subsystem=subsystem,
        device_node=node,
        device_links=tuple(links),
        action=action,
        properties={**({"ID_PATH": id_path} if id_path else {}), **properties},
    )


class FakePyudev:
    def __init__(self, devices: Iterable[Any] = ()) -> None:
        self.devices = list(devices)
        self.filters: list[str] = []
        self.observers: list[FakeObserver] = []
        self.Monitor = SimpleNamespace(from_netlink=lambda context: self)

    def Context(self) -> FakePyudev:
        return self

    def list_devices(self, subsystem: str) -> list[Any]:
        return [device for device in self.devices if device.subsystem == subsystem]

    def filter_by(self, subsystem: str) -> None:
        self.filters.append(subsystem)

    def MonitorObserver(self, monitor: Any, callback: Callable[[Any], None], name: str) -> FakeObserver:
        observer = FakeObserver(callback)
        self.observers.append(observer)
        return observer

    def happen(self, event: Any) -> None:
        """Tells every running observer on a thread of its own, and returns when they were told."""
        for observer in self.observers:
            if observer.running:
                thread = threading.Thread(target=observer.callback, args=(event,))
                thread.start()
                thread.join()


class FakeObserver:
    def __init__(self, callback: Callable[[Any], None]) -> None:
        self.callback, self.running = callback, False

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False
