"""What is missing or wrong is named where somebody reads it, and costs nobody else anything."""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.core import ui_wire
from kiosk.core.view import Screen, View
from provisioning.demo.programs import Program, wait_for
from provisioning.demo.stage import DEVICE, OPERATOR
from tests.system.live import Live

pytestmark = [pytest.mark.system, pytest.mark.timeout(200)]


def ends(*command: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, timeout=60, env=env, check=False
    )


def change(live: Live, before: str, after: str) -> Callable[[], None]:
    """Another line in the terminal's settings; the agent starts again with it. Gives the way back."""
    path = live.stage.terminal.settings
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")
    begin_again(live.stage.terminal.agent)

    def back() -> None:
        path.write_text(text, "utf-8")
        begin_again(live.stage.terminal.agent)

    return back


def begin_again(program: Program | None) -> None:
    assert program is not None
    program.kill()
    program.restart()


# ---------------------------------------------------------------------- beside a call


def test_a_second_hub_on_the_same_port_ends_and_the_first_goes_on(live: Live) -> None:
    """Port in use: who listens is to be found, the exit code is its own, the running call notices nothing."""
    before = live.talk()
    done = ends("hub", "--config", str(live.stage.root / "hub.yaml"))
    assert done.returncode == 3
    assert f"port {live.stage.port}" in done.stderr
    assert "--port" in done.stderr
    live.says_and_is_read("ポート")
    assert live.talk() == before


def test_a_wrong_login_is_told_and_the_operator_in_a_call_notices_nothing(live: Live) -> None:
    """Somebody at another desk mistypes; the call goes on, the words say what to look at."""
    before = live.talk()
    browser = live.desk.page.context.browser
    assert browser is not None
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(live.stage.address)
        page.get_by_test_id("login-name").fill(OPERATOR)
        page.get_by_test_id("login-password").fill("not the password")
        page.get_by_test_id("login-submit").click()
        page.get_by_test_id("login-error").wait_for()
        assert "パスワードが違います" in page.get_by_test_id("login-error").inner_text()
    finally:
        context.close()
    assert live.talk() == before


def test_a_login_that_expires_in_a_call_costs_no_picture(live: Live) -> None:
    """The desk says so, the media go on without the hub's word, and a new login is back in the same call."""
    before = live.talk()
    with contextlib.closing(sqlite3.connect(live.stage.database, timeout=10)) as connection, connection:
        connection.execute("delete from login")
    begin_again(live.stage.hub)  # every link must show its cookie again
    live.desk.shows("login", 40)
    assert "期限" in live.desk.part("login-why").inner_text()
    live.moves_at_kiosk(20)
    live.hears_at_desk()
    live.desk.part("login-name").fill(OPERATOR)
    live.desk.part("login-password").fill(live.stage.password)
    live.desk.press("login-submit")
    live.desk.shows("stage")
    live.moves_at_desk("face")
    live.says_and_is_read("ログイン")
    assert live.talk() == before, "the same call, the same media epoch"


# ---------------------------------------------------------------------- devices


@pytest.fixture
def missing_camera(live: Live) -> Iterator[None]:
    """The face camera is a USB camera that nobody has plugged in."""
    if live.is_talking():
        live.hang_up()
    missing = "{kind: v4l2, path: /dev/v4l/by-path/none-index0, width: 640, height: 480, fps: 15}"
    wanted = f"{{kind: synthetic, width: 640, height: 480, fps: 15, run: {live.stage.run}}}"
    back = change(live, wanted, missing)
    yield
    back()


def test_a_missing_camera_costs_its_picture_and_not_the_call(live: Live, missing_camera: None) -> None:
    """Voice and paper go on; the operator reads which camera it is and what can be done."""
    live.talk()
    assert live.stage.terminal.agent is not None
    assert "cameras.face: device_missing" in live.stage.terminal.agent.log.read_text("utf-8")
    live.hears_at_desk()
    over = live.desk.shows("over-face")
    assert "ケーブル" in over.inner_text()
    verdict = live.desk.page.locator('[data-testid="quality-terminal"][data-light="bad"]')
    verdict.wait_for()
    assert "顔カメラ" in (verdict.get_attribute("title") or "")
    live.says_and_is_read("声だけ")
    live.hang_up()


SILENT = "audio: {kind: silent}"
NO_SOUND = "audio: {kind: device, input: usb_mic, output: usb_speaker}"
"""A microphone and a speaker on a machine without an audio server."""


def test_sound_that_is_lost_in_a_call_is_told_and_the_pictures_go_on(live: Live) -> None:
    """The call is taken up again without sound: pictures go on, the operator reads why nobody hears."""
    live.talk()
    back = change(live, SILENT, NO_SOUND)
    try:
        lost = '[data-testid="quality-terminal"][data-light="bad"][title*="音声"]'
        live.desk.page.locator(lost).wait_for()
        live.moves_at_desk("face")
        live.hang_up()
    finally:
        back()


def test_a_terminal_without_sound_invites_nobody_and_comes_back_by_itself(live: Live) -> None:
    """Nobody is sent into a call in which nobody hears: telephone, and a code for the technician."""
    if live.is_talking():
        live.hang_up()
    back = change(live, SILENT, NO_SOUND)
    try:
        live.no_button("no call can be started")
        watcher = Watcher(live.stage.terminal.ui_socket)
        wait_for(lambda: watcher.shows(Screen.TROUBLE), 15, "the trouble screen", live.stage.terminal.agent)
        assert watcher.view is not None
        assert watcher.view.notice is not None
        assert watcher.view.notice.code == "device_missing: audio"
        assert watcher.view.notice.telephone
        watcher.close()
    finally:
        back()
    live.button("the idle screen, by itself")


# ---------------------------------------------------------------------- alone


class Watcher:
    """Takes the screen's place at the agent and reads its View; takes it back from a screen that returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sock: socket.socket | None = None
        self.view: View | None = None

    def shows(self, screen: Screen) -> bool:
        try:
            self._read(self._sock or self._connect())
        except TimeoutError:
            pass
        except (ConnectionError, FileNotFoundError):  # the agent is starting, or the screen has its place
            self.close()
        return self.view is not None and self.view.screen is screen

    def close(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _connect(self) -> socket.socket:
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._sock.settimeout(0.2)
        self._sock.connect(str(self._path))
        return self._sock

    def _read(self, sock: socket.socket) -> None:
        data, fds, _, _ = socket.recv_fds(sock, ui_wire.MESSAGE_BYTES, 4)
        for fd in fds:
            os.close(fd)
        if not data:
            raise ConnectionResetError
        message = ui_wire.decode(data)
        self.view = message if isinstance(message, View) else self.view


def test_a_terminal_without_a_hub_shows_the_telephone_and_comes_back_by_itself(live: Live) -> None:
    """Started new and before the hub: its settings' number, no way to start; then the call as ever."""
    if live.is_talking():
        live.hang_up()
    stage = live.stage
    assert stage.hub is not None
    assert stage.terminal.agent is not None
    assert stage.terminal.ui is not None
    for program in (stage.terminal.ui, stage.terminal.agent, stage.hub):
        program.kill()
    (stage.root / "kiosk" / "data" / "site.json").unlink()  # it has never heard of a hub
    stage.terminal.ui_socket.unlink()
    stage.terminal.agent.restart()
    wait_for(stage.terminal.ui_socket.exists, 20, "the agent listens", stage.terminal.agent)
    watcher = Watcher(stage.terminal.ui_socket)
    wait_for(lambda: watcher.shows(Screen.OFFLINE), 15, "the offline screen", stage.terminal.agent)
    assert watcher.view is not None
    assert watcher.view.notice is not None
    assert (watcher.view.notice.telephone, watcher.view.notice.code) == ("0000-00-1100", "link_down")
    watcher.close()
    screens = live.agent_log().count("screen is")
    stage.terminal.ui.restart()
    wait_for(lambda: live.agent_log().count("screen is") > screens, 20, "the screen", stage.terminal.ui)
    live.no_button("the offline screen has nothing to start a call with")
    live.desk.shows("link-bar")
    stage.hub.restart()
    live.desk.gone("link-bar", 30)
    live.button("the idle screen, by itself")
    live.talk()


def test_a_revoked_terminal_says_why_and_comes_back_when_it_is_known_again(live: Live) -> None:
    """An unknown key is told to the technician; the desk notices nothing; a new enrolment is enough."""
    if live.is_talking():
        live.hang_up()
    known = live.query("select public_key from kiosk where id = ?", DEVICE)
    assert known is not None
    enrol(live, b"x" * 32)
    begin_again(live.stage.terminal.agent)
    wait_for(lambda: "code 4003" in live.agent_log(), 20, "the hub's refusal", live.stage.terminal.agent)
    live.no_button("no call can be started")
    assert live.desk.part("presence").get_attribute("data-state") == "available"
    enrol(live, known["public_key"])
    live.button("the idle screen, by itself")


def enrol(live: Live, key: bytes) -> None:
    """Another public key for the terminal."""
    with contextlib.closing(sqlite3.connect(live.stage.database, timeout=10)) as connection, connection:
        connection.execute("update kiosk set public_key = ? where id = ?", (key, DEVICE))
