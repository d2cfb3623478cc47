"""A real disk of two megabytes that fills up in the middle of a call."""

from __future__ import annotations

import contextlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.common import Candidate, Refused
from protocol.desk_link import Caption, EndCall, RequestCapture
from protocol.kiosk_link import TakeCapture
from protocol.values import CaptureKind
from tests.fakes.hub_client import FakeDesk, FakeKiosk
from tests.fakes.hub_program import CONTENT, PASSWORD
from tests.fakes.mounts import private_mounts
from tests.hub.core.test_captures import picture

pytestmark = pytest.mark.system

SCRIPT = """
mount -t tmpfs -o size=2m tmpfs "$1"
hub="$2 -m hub --config $3"
printf %s "$5" | $hub add-operator hana --municipality minami
$hub add-kiosk t1 --municipality minami --site taiken --terminal taiken-1 --public-key "$4"
exec $hub
"""


class SmallDisk:
    """A hub whose database, keys and stills lie on a disk of its own; the disk ends with the hub."""

    def __init__(self, root: Path) -> None:
        (root / "disk").mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        config = root / "hub.yaml"
        config.write_text(
            f"content: {CONTENT}\nlisten: {{port: {port}}}\ndatabase: {{path: {root}/disk/hub.db}}\n"
            f"keys: {{directory: {root}/disk/keys}}\ncaptures: {{directory: {root}/disk/captures}}\n"
        )
        self.url = f"http://127.0.0.1:{port}"
        self.kiosk = FakeKiosk(self.url, "t1")
        self.desk = FakeDesk(self.url, "hana", PASSWORD)
        self._log = (root / "log").open("w+")
        self._hub = subprocess.Popen(
            [*private_mounts(), "sh", "-ec", SCRIPT, "sh", str(root / "disk"), sys.executable,
             str(config), self.kiosk.public_key, PASSWORD],
            stdout=self._log, stderr=self._log,
        )  # fmt: skip
        self.disk = Path(f"/proc/{self._hub.pid}/root{root}/disk")  # as the hub sees it
        self._await(port)

    def _await(self, port: int) -> None:
        until = time.monotonic() + 40
        while time.monotonic() < until:
            if self._hub.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        self.end()
        raise AssertionError(self.log())

    def log(self) -> str:
        """What hub and commands have said."""
        self._log.flush()
        return Path(self._log.name).read_text()

    def fill(self) -> None:
        """To the last byte."""
        with (self.disk / "fill").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 1024)
        assert shutil.disk_usage(self.disk).free == 0

    def free(self) -> None:
        """Room again."""
        (self.disk / "fill").unlink()

    def end(self) -> None:
        """The hub, and its disk with it."""
        self._hub.terminate()
        self._hub.wait(20)
        self._log.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path)
    yield disk
    disk.end()


async def test_a_call_survives_a_full_disk(small: SmallDisk, tmp_path: Path) -> None:
    """Stills and commands are refused in words, both links stay, nothing is lost; with room all works."""
    async with small.kiosk as kiosk, small.desk as desk:
        await desk.available()
        call = (await kiosk.touch()).id
        await desk.rung()
        await kiosk.offer(1)
        await desk.accept(call)
        await desk.say(RequestCapture(kind=CaptureKind.ID_PHOTO), call=call)
        take = (await kiosk.expect(TakeCapture)).message

        small.fill()
        answer = await kiosk.upload(take.capture, take.upload_token, picture())
        assert (answer.status_code, answer.json()["code"]) == (507, "no_space")
        said = await desk.say(Caption(text="お待ちください"), call=call)
        refused = (await desk.expect(Refused)).message
        assert (refused.about, refused.code) == (said, "not_written")
        await desk.say(EndCall(), call=call, id="the end")
        assert (await desk.expect(Refused)).message.about == "the end"
        await kiosk.say(Candidate(candidate="candidate:1", mid="0"), call=call, epoch=1)
        await desk.expect(Candidate)
        snapshot = await desk.reload()
        assert snapshot.call is not None
        assert snapshot.call.presentation.caption == ""
        assert "Traceback" not in small.log(), "what a full disk does is no mistake of ours"

        small.free()
        answer = await kiosk.upload(take.capture, take.upload_token, picture())
        assert answer.status_code == 201, small.log()
        await desk.say(EndCall(), call=call, id="the end")
        await kiosk.expect_call("ended")
        for name in ("hub.db", "hub.db-wal"):
            shutil.copy(small.disk / name, tmp_path / name)
    with sqlite3.connect(tmp_path / "hub.db") as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT state FROM call").fetchone() == ("ended",)
        assert copy.execute("SELECT count(*) FROM capture_key").fetchone() == (1,)
    copy.close()
