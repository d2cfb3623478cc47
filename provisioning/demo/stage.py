"""Hub, one kiosk and their sound, set up in a directory of their own and started as their own programs.

The demonstration and the system tests stand on the same stage, so what is proved is what is shown.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hardware.audio_server import KIOSK_MIC, KIOSK_SPEAKER, PrivateAudioServer
from protocol.errors import LocalError
from provisioning.demo.programs import Program, Programs, answers, free_port

CONTENT = Path(__file__).resolve().parents[2] / "config" / "municipalities"
MUNICIPALITY = "minami"
SITE = "taiken"  # its hours are all hours
BRAND = "#006365"
DEVICE = "taiken-1"
OPERATOR = "sato"
OPERATOR_NAME = "佐藤 ひかり"


@dataclass(frozen=True)
class Sound:
    """What the kiosk hears and speaks with: null sinks of a private server, or silence."""

    server: PrivateAudioServer | None

    def environment(self) -> dict[str, str]:
        return {**os.environ, **(self.server.environment() if self.server else {})}


class Stage:
    """`prepare` writes everything, `start_hub` and `start_kiosk` run it. All paths lie below `root`."""

    def __init__(self, programs: Programs, root: Path, sound: Sound, *, run: str = "", port: int = 0) -> None:
        self.programs = programs
        self.root = root.resolve()
        self.sound = sound
        self.run = run or secrets.token_hex(4).upper()
        self.port = port or free_port()
        self.password = secrets.token_urlsafe(9)
        self.hub: Program | None = None
        self.agent: Program | None = None
        self.ui: Program | None = None

    @property
    def address(self) -> str:
        """Where the desk is."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def database(self) -> Path:
        return self.root / "hub.db"

    @property
    def ui_socket(self) -> Path:
        return self.root / "kiosk" / "run" / "ui.sock"

    def prepare(self) -> None:
        """Settings, keys and accounts, all new."""
        shutil.rmtree(self.root, ignore_errors=True)
        (self.root / "kiosk").mkdir(parents=True)
        self._write("hub.yaml", self._hub_settings())
        self._write("kiosk.yaml", self._kiosk_settings())
        public_key = self._tool(
            "kiosk.agent", "--config", str(self.root / "kiosk.yaml"), "--make-key"
        ).strip()
        hub = ("--config", str(self.root / "hub.yaml"))
        self._tool(
            "hub", *hub, "add-operator", OPERATOR, "--display", OPERATOR_NAME, "--municipality", MUNICIPALITY,
            said=self.password + "\n",
        )  # fmt: skip
        self._tool(
            "hub", *hub, "add-kiosk", DEVICE, "--municipality", MUNICIPALITY, "--site", SITE,
            "--public-key", public_key,
        )  # fmt: skip

    def check(self) -> None:
        """Lets hub and agent look at their settings. LocalError with what they say."""
        self._tool("hub", "--config", str(self.root / "hub.yaml"), "--check")
        self._tool("kiosk.agent", "--config", str(self.root / "kiosk.yaml"), "--check")

    def start_hub(self) -> Program:
        """Returns when it listens."""
        command = [sys.executable, "-m", "hub", "--config", str(self.root / "hub.yaml")]
        self.hub = self.programs.start("hub", command)
        self.programs.wait(self.hub, lambda: answers(self.port), 30, "the hub listens")
        return self.hub

    def start_agent(self) -> Program:
        """Returns when the screen could connect."""
        command = [sys.executable, "-m", "kiosk.agent", "--config", str(self.root / "kiosk.yaml")]
        self.agent = self.programs.start("agent", command, self.sound.environment())
        self.programs.wait(self.agent, self.ui_socket.exists, 30, "the agent listens")
        return self.agent

    def start_ui(self, size: tuple[int, int], env: Mapping[str, str], *, windowed: bool = False) -> Program:
        """The screen on the display that `env` names."""
        command = [sys.executable, "-m", "kiosk.ui", "--socket", str(self.ui_socket)]
        command += ["--size", f"{size[0]}x{size[1]}", *(["--windowed"] if windowed else [])]
        # an inherited driver such as 'offscreen' would draw where nobody looks
        self.ui = self.programs.start("ui", command, {**env, "SDL_VIDEODRIVER": "x11"})
        agent = self.agent
        if agent is not None:
            shown = "screen is "  # the agent says so when the screen has told its size
            self.programs.wait(self.ui, lambda: shown in agent.log.read_text("utf-8", "replace"), 30, shown)
        return self.ui

    def _write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text, "utf-8")

    def _hub_settings(self) -> str:
        return f"""\
name: madoguchi
listen:
  port: {self.port}
content: {CONTENT}
database:
  path: {self.database}
keys:
  directory: {self.root / "keys"}
captures:
  directory: {self.root / "captures"}
"""

    def _kiosk_settings(self) -> str:
        # between null sinks there is no room and no echo, and what takes noise out of a voice changes the
        # signal by which the run proves that it was heard
        sound = (
            f"{{kind: device, input: {KIOSK_MIC}.monitor, output: {KIOSK_SPEAKER}, simulated: true, "
            "echo: 'off'}"
            if self.sound.server
            else "{kind: silent}"
        )
        return f"""\
device: {DEVICE}
hub:
  url: ws://127.0.0.1:{self.port}/ws/kiosk
  name: madoguchi
place:
  municipality_name: みなみ市
  telephone: 0000-00-1100
cameras:
  face: {{kind: synthetic, width: 640, height: 480, fps: 15, run: {self.run}}}
  document: {{kind: synthetic, width: 1280, height: 720, fps: 8, run: {self.run}}}
audio: {sound}
paths:
  run: {self.root / "kiosk" / "run"}
  data: {self.root / "kiosk" / "data"}
"""

    def _tool(self, module: str, *words: str, said: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", module, *words], input=said, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise LocalError("setup", f"{module} {words[-1]}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout
