"""The whole product on two hosts of a laboratory: the agent in `kiosk`; hub and a real desk in `desk`.

    with house(tmp_path) as house:
        house.talk()
        house.lab.cut("kiosk"); ...; house.lab.heal("kiosk")
        back = house.pictures_back(since=time.time())

The terminal's screen is a thread that draws nothing and notes when the operator's pictures come; everything
else is the real program.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from hardware.simulated import desk_clip, speech_like
from kiosk.core import ui_wire
from kiosk.core.ui_wire import Drawn, FrameReady
from kiosk.core.view import Picture, Screen, Touch, TouchKind, View
from provisioning.demo.desk_browser import DeskBrowser
from provisioning.demo.programs import Program, Programs, wait_for
from provisioning.demo.sound import write_wave
from provisioning.demo.stage import OPERATOR, Sound, Stage
from tests.network.lab import Lab

WATCH = """
() => {
  window.faceCame = [];
  setInterval(() => {
    const video = document.querySelector('[data-testid="video-face"]');
    if (!video || video.watchedForLines) return;
    video.watchedForLines = true;
    const look = () => { window.faceCame.push(Date.now()); video.requestVideoFrameCallback(look); };
    video.requestVideoFrameCallback(look);
  }, 100);
}
"""
ENOUGH = 3
"""So many pictures are a picture that is back."""


class PlainScreen:
    """Says that every View is drawn, touches, and notes when the operator's pictures came (wall clock, s)."""

    def __init__(self, path: Path) -> None:
        self.view: View | None = None
        self.came: list[float] = []
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._sock.connect(str(path))
        self._thread = threading.Thread(target=self._read, name="plain-screen", daemon=True)
        self._thread.start()

    def touch(self, kind: TouchKind, value: str = "") -> None:
        self._sock.send(ui_wire.encode(Touch(kind=kind, value=value)))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._sock.close()

    def _read(self) -> None:
        while True:
            try:
                data, fds, _, _ = socket.recv_fds(self._sock, ui_wire.MESSAGE_BYTES, 4)
            except OSError:
                return
            for fd in fds:
                os.close(fd)
            if not data:
                return
            match ui_wire.decode(data):
                case View() as view:
                    self.view = view
                    self._sock.send(ui_wire.encode(Drawn(revision=view.revision, screen=view.screen)))
                case FrameReady(stream=Picture.OPERATOR):
                    self.came.append(time.time())


class _Inside(Programs):
    """Starts each program in its host."""

    def __init__(self, logs: Path, lab: Lab) -> None:
        super().__init__(logs)
        self._lab = lab

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> Program:
        host = "kiosk" if name == "agent" else "desk"
        return super().start(name, [*self._lab.prefix(host), *command], env)


class _Stage(Stage):
    """The hub listens on all addresses of its host; the agent reaches it through its own loopback."""

    def start_hub(self) -> Program:
        self.hub = self.programs.start(
            "hub", [sys.executable, "-m", "hub", "--config", str(self.root / "hub.yaml")]
        )
        hub = self.hub
        listens = "Started server process"
        self.programs.wait(hub, lambda: listens in hub.log.read_text("utf-8", "replace"), 30, listens)
        return hub

    def _hub_settings(self) -> str:
        return super()._hub_settings().replace("listen:\n", "listen:\n  host: 0.0.0.0\n")


class House:
    """What a test sees of it. `patience_s`: how long a step of a call may take."""

    def __init__(
        self, lab: Lab, stage: Stage, desk: DeskBrowser, screen: PlainScreen, patience_s: float
    ) -> None:
        self.lab, self.stage, self.desk, self.screen = lab, stage, desk, screen
        self._patience_s = patience_s

    def talk(self) -> None:
        """A call with pictures both ways."""
        self._await(lambda: self._shows(Screen.IDLE), "the idle screen")
        began = time.time()
        self.screen.touch(TouchKind.START)
        self.desk.shows("ring-card")
        self.desk.press("accept")
        self._await(lambda: None not in self.back_at(began), "pictures both ways")

    def hang_up(self) -> None:
        """The operator ends the call and wraps it up; returns when a resident could start the next."""
        self.desk.press("end-call")
        self.desk.press("end-confirm")
        self.desk.shows("wrap-up")
        self.desk.press("outcome-completed")
        self.desk.part("wrap-up-procedure").locator("input").first.check()
        self.desk.press("wrap-up-save")
        self.desk.gone("wrap-up")
        if self.desk.part("presence").get_attribute("data-state") == "away":
            self.desk.press("set-available")
        self._await(lambda: self._shows(Screen.ENDED), "the thank-you screen")
        self.screen.touch(TouchKind.DONE)
        self._await(lambda: self._shows(Screen.IDLE), "the idle screen")

    def back_at(self, since: float) -> tuple[float | None, float | None]:
        """Seconds from `since` (wall clock) to the third picture after it: at the desk, at the terminal."""
        desk: list[float] = self.desk.page.evaluate("window.faceCame")
        came = ([ms / 1000 for ms in desk], list(self.screen.came))
        return tuple(_third_after(since, moments) for moments in came)  # type: ignore[return-value]

    def pictures_back(self, since: float, seconds: float) -> tuple[float, float]:
        """Waits for both. LocalError after `seconds`, with the agent's last words."""
        wait_for(
            lambda: None not in self.back_at(since), seconds, "pictures both ways", self.stage.terminal.agent
        )
        desk, kiosk = self.back_at(since)
        assert desk is not None
        assert kiosk is not None
        return desk, kiosk

    def call(self) -> tuple[str, str, int]:
        """Id, state and epoch of the newest call, as the hub has them."""
        with contextlib.closing(sqlite3.connect(f"file:{self.stage.database}?mode=ro", uri=True)) as hub:
            row = hub.execute("select id, state, epoch from call order by queued_at desc limit 1").fetchone()
        return str(row[0]), str(row[1]), int(row[2])

    def link_is_down(self) -> bool:
        """The agent has noticed that the hub does not answer."""
        assert self.stage.terminal.agent is not None
        return "link up -> down" in self.stage.terminal.agent.log.read_text("utf-8", "replace")

    def _await(self, there: Callable[[], bool], what: str) -> None:
        wait_for(there, self._patience_s, what, self.stage.terminal.agent)

    def _shows(self, screen: Screen) -> bool:
        return self.screen.view is not None and self.screen.view.screen is screen


@contextlib.contextmanager
def house(root: Path, patience_s: float = 20.0) -> Iterator[House]:
    """Everything runs and the operator waits for calls."""
    with Lab("kiosk", "desk") as lab, _Inside(root / "logs", lab) as programs:
        stage = _Stage(programs, root / "stage", Sound(None))
        stage.prepare()
        lab.reach("kiosk", stage.port, "desk")
        stage.start_hub()
        stage.terminal.start_agent()
        clip, voice = root / "operator.mjpeg", root / "operator.wav"
        desk_clip(clip, stage.run, 5, 20)
        write_wave(voice, speech_like(7, 5.0))
        chromium = lab.wrapper("desk", "/usr/bin/chromium")
        screen = PlainScreen(stage.terminal.ui_socket)
        try:
            with DeskBrowser(clip, voice, os.environ, program=chromium) as desk:
                desk.begin_shift(stage.address, OPERATOR, stage.password)
                desk.page.evaluate(WATCH)
                yield House(lab, stage, desk, screen, patience_s)
        finally:
            screen.close()


def _third_after(since: float, moments: Sequence[float]) -> float | None:
    later = [moment for moment in moments if moment > since]
    return later[ENOUGH - 1] - since if len(later) >= ENOUGH else None
