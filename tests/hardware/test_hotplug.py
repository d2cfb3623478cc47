"""Devices come and go; roles stay with places."""

from __future__ import annotations

import asyncio
import threading

from hardware.hotplug import UdevWatcher, event_of
from hardware.ports import DeviceEvent
from hardware.roles import after, assign
from tests.fakes.devices import FakeWatcher
from tests.fakes.fake_pyudev import FakePyudev, device

FACE = "/dev/v4l/by-path/platform-xhci-usb-0:1.1:1.0-video-index0"
PAPER = "/dev/v4l/by-path/platform-xhci-usb-0:1.2:1.0-video-index0"
PATTERNS = {"face": "*usb-0:1.1:*-video-index0", "document": "*usb-0:1.2:*-video-index0"}


def video(path: str, node: str, action: str = "add") -> DeviceEvent:
    return DeviceEvent(action, "video4linux", path, node)


def test_roles_follow_the_socket_not_the_number() -> None:
    """After both cables were pulled and came back in the other order, each camera has its role again."""
    before = assign(PATTERNS, [video(FACE, "/dev/video0"), video(PAPER, "/dev/video2")])
    later = assign(PATTERNS, [video(PAPER, "/dev/video0"), video(FACE, "/dev/video4")])
    assert (before["face"].node, before["document"].node) == ("/dev/video0", "/dev/video2")
    assert (later["face"].node, later["document"].node) == ("/dev/video4", "/dev/video0")


def test_a_renumbered_node_replaces_the_old_one() -> None:
    """A device that comes back under another number is not there twice, also when its removal was missed."""
    present = after((video(FACE, "/dev/video0"),), video(FACE, "/dev/video3"))
    assert present == (video(FACE, "/dev/video3"),)
    assert after(present, video(FACE, "/dev/video3", "remove")) == ()


def test_a_missing_camera_leaves_its_role_empty() -> None:
    """The other camera does not step in: a paper camera shows no faces."""
    assert set(assign(PATTERNS, [video(PAPER, "/dev/video0")])) == {"document"}


def test_a_device_serves_one_role() -> None:
    """Patterns that overlap are served in their order."""
    roles = assign({"face": "*", "document": "*"}, [video(FACE, "/dev/video0"), video(PAPER, "/dev/video2")])
    assert roles["face"].path == FACE
    assert roles["document"].path == PAPER
    assert set(assign({"face": "*", "document": "*"}, [video(FACE, "/dev/video0")])) == {"face"}


def test_a_camera_is_named_by_its_by_path_link() -> None:
    """The link wins; without one udev's path gives the same name."""
    linked = device("video4linux", "/dev/video0", links=["/dev/v4l/by-id/x", FACE])
    unlinked = device("video4linux", "/dev/video0", id_path="platform-xhci-usb-0:1.1:1.0", ID_V4L_INDEX="0")
    assert event_of("add", linked) == event_of("add", unlinked) == video(FACE, "/dev/video0")


def test_what_gives_no_pictures_is_no_camera() -> None:
    """Metadata nodes, devices without a node, and devices without a place are passed over."""
    meta = device("video4linux", "/dev/video1", id_path="usb-0:1.1", ID_V4L_CAPABILITIES=":")
    assert event_of("add", meta) is None
    assert event_of("add", device("video4linux", None, id_path="usb-0:1.1")) is None
    assert event_of("add", device("input", "/dev/input/event3")) is None
    assert event_of("change", device("video4linux", "/dev/video0", links=[FACE])) is None


async def test_events_arrive_on_the_loops_thread() -> None:
    """udev's thread never touches the agent's state."""
    udev = FakePyudev()
    watcher = UdevWatcher(udev)
    seen: asyncio.Queue[tuple[DeviceEvent, int]] = asyncio.Queue()
    watcher.start(lambda event: seen.put_nowait((event, threading.get_ident())))
    udev.happen(device("video4linux", "/dev/video2", links=[FACE], action="remove"))
    event, thread = await asyncio.wait_for(seen.get(), 5)
    assert event == video(FACE, "/dev/video2", "remove")
    assert thread == threading.get_ident()
    assert set(udev.filters) == {"video4linux", "sound", "input"}


async def test_nothing_is_told_after_stop() -> None:
    """Not even what was on its way."""
    udev = FakePyudev()
    watcher = UdevWatcher(udev)
    seen: list[DeviceEvent] = []
    watcher.start(seen.append)
    udev.happen(device("video4linux", "/dev/video2", links=[FACE]))
    watcher.stop()
    udev.happen(device("video4linux", "/dev/video3", links=[PAPER]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert seen == []


def test_what_is_there_at_the_start() -> None:
    """The agent begins with the present devices, not with the first change."""
    udev = FakePyudev([device("video4linux", "/dev/video0", links=[FACE]), device("net", None)])
    assert UdevWatcher(udev).current() == (video(FACE, "/dev/video0"),)


def test_the_fake_watcher_keeps_the_ports_promise() -> None:
    """What tests build on behaves as the real one."""
    watcher, seen = FakeWatcher([video(FACE, "/dev/video0")]), []
    watcher.start(seen.append)
    watcher.tell(video(FACE, "/dev/video0", "remove"))
    assert watcher.current() == ()
    watcher.stop()
    watcher.tell(video(FACE, "/dev/video1"))
    assert seen == [video(FACE, "/dev/video0", "remove")]
