"""Idle means that no device is open: the kernel is asked, not our own records."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hardware.cameras.supervised import SupervisedCamera
from hardware.ports import Profile
from kiosk.agent import open_devices
from kiosk.agent.open_devices import found
from protocol.kiosk_link import DevicesClosed, Wiped
from protocol.values import CallState
from tests.kiosk.agent.agent_rig import Rig


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stands for a camera's node on a machine that has none."""
    monkeypatch.setattr(open_devices, "DEVICES", (f"{tmp_path}/video",))
    node = tmp_path / "video0"
    os.mkfifo(node)
    return node


def test_a_node_that_this_program_holds_is_found(node: Path) -> None:
    """Open, it is counted; closed, it is not."""
    assert found() == (0, 0)
    held = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    assert found() == (0, 1)
    os.close(held)
    assert found() == (0, 0)


def test_a_node_that_a_child_of_a_child_holds_is_found(node: Path) -> None:
    """No process of the terminal escapes, however deep it was started."""
    inner = f"import sys; held = open({str(node)!r}, 'r+b', 0); print('held', flush=True); sys.stdin.read()"
    outer = f"import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', {inner!r}]))"
    child = subprocess.Popen(
        [sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    assert found() == (0, 1)
    child.communicate()
    assert found() == (0, 0)


async def test_a_camera_child_is_found_until_it_is_closed() -> None:
    """A process that could see somebody is counted, whatever it holds."""
    camera = SupervisedCamera({"kind": "synthetic", "scene": "face"})
    await camera.open(Profile(160, 120, 5.0))
    assert await camera.next_frame(0, 8.0) is not None
    assert (await asyncio.to_thread(found))[0] == 1
    await camera.close()
    assert await asyncio.to_thread(found) == (0, 0)


def test_a_process_that_ends_meanwhile_is_no_trouble(tmp_path: Path) -> None:
    """/proc changes under whoever reads it."""
    assert found(tmp_path / "no-proc", 1) == (0, 0)


async def test_the_agent_says_so_after_each_call(tmp_path: Path) -> None:
    """Before the first call, and again when the call's devices are closed: nothing is open."""
    rig = Rig(tmp_path)
    await rig.start()
    await rig.until(lambda: rig.said(DevicesClosed))
    await rig.talk()
    assert rig.open_devices == {"face", "document", "audio"}
    rig.says(CallState.ENDED)
    await rig.until(lambda: len(rig.said(DevicesClosed)) == 2)
    assert rig.said(DevicesClosed)[-1] == DevicesClosed(cameras=0, sounds=0, files=0)
    await rig.until(lambda: rig.said(Wiped))
    assert rig.said(Wiped)[-1].left == 0
    await rig.stop()
