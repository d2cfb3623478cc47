"""Hub, one kiosk and their sound, set up in a directory of their own and started as their own programs.

The demonstration and the system tests stand on the same stage, so what is proved is what is shown.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.audio_server import KIOSK_MIC, KIOSK_SPEAKER, PrivateAudioServer
from protocol.errors import LocalError
from provisioning.demo.programs import Program, Programs, answers, free_port

CONTENT = Path(__file__).resolve().parents[2] / "config" / "municipalities"
MUNICIPALITY = "minami"
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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a terminal stands: as the municipality's file has it, and with the colour of its button."""

    device: str
    municipality: str
    municipality_name: str
    telephone: str
    site: str
    terminal: str
    brand: str


COUNTER = Place(DEVICE, MUNICIPALITY, "みなみ市", "0000-00-1100", "taiken", "taiken-1", BRAND)
"""Its hours are all hours, as those of every 体験コーナー."""

TOWN_COUNTER = Place(
    "kitamidai-taiken-1",
    "kitamidai",
    "春海県大島原郡北見台町",
    "0000-00-2100",
    "taiken",
    "taiken-1",
    "#7A2E5D",
)
"""Of the second municipality, whose terminals show tiles."""


@dataclass(frozen=True, slots=True)
class HeadOffice:
    """Somebody of a department who is consulted."""

    login: str
    name: str
    municipality: str
    department: str


SPECIALIST = HeadOffice("mori", "森 みどり", TOWN_COUNTER.municipality, "fukushi")


class Terminal:
    """One kiosk with simulated cameras; the hub of its stage must know its key."""

    def __init__(self, stage: Stage, place: Place, root: Path, sound: Sound) -> None:
        self.stage = stage
        self.place = place
        self.root = root
        self.sound = sound
        self.agent: Program | None = None
        self.ui: Program | None = None
        self._first = place == COUNTER  # its programs need no longer name

    @property
    def ui_socket(self) -> Path:
        return self.root / "run" / "ui.sock"

    @property
    def settings(self) -> Path:
        return self.root / "kiosk.yaml"

    def prepare(self) -> str:
        """Writes its settings, makes its key and gives the public one."""
        self.root.mkdir(parents=True)
        self.settings.write_text(self._settings(), "utf-8")
        return self.stage.tool("kiosk.agent", "--config", str(self.settings), "--make-key").strip()

    def start_agent(self) -> Program:
        """Returns when the screen could connect."""
        command = [sys.executable, "-m", "kiosk.agent", "--config", str(self.settings)]
        self.agent = self.stage.programs.start(self._named("agent"), command, self.sound.environment())
        self.stage.programs.wait(self.agent, self.ui_socket.exists, 30, "the agent listens")
        return self.agent

    def start_ui(self, size: tuple[int, int], env: Mapping[str, str], *, windowed: bool = False) -> Program:
        """The screen on the display that `env` names."""
        command = [sys.executable, "-m", "kiosk.ui", "--socket", str(self.ui_socket)]
        command += ["--size", f"{size[0]}x{size[1]}", *(["--windowed"] if windowed else [])]
        # an inherited driver such as 'offscreen' would draw where nobody looks
        self.ui = self.stage.programs.start(self._named("ui"), command, {**env, "SDL_VIDEODRIVER": "x11"})
        agent = self.agent
        if agent is not None:
            shown = "screen is "  # the agent says so when the screen has told its size
            self.stage.programs.wait(
                self.ui, lambda: shown in agent.log.read_text("utf-8", "replace"), 30, shown
            )
        return self.ui

    def _named(self, program: str) -> str:
        return program if self._first else f"{program}-{self.place.device}"

    def _settings(self) -> str:
        # between null sinks there is no room and no echo, and what takes noise out of a voice changes the
        # signal by which the run proves that it was heard
        sound = (
            f"{{kind: device, input: {KIOSK_MIC}.monitor, output: {KIOSK_SPEAKER}, simulated: true, "
            "echo: 'off'}"
            if self.sound.server
            else "{kind: silent}"
        )
        return f"""\
device: {self.place.device}
hub:
  url: ws://127.0.0.1:{self.stage.port}/ws/kiosk
  name: madoguchi
place:
  municipality_name: {self.place.municipality_name}
  telephone: {self.place.telephone}
cameras:
  face: {{kind: synthetic, width: 640, height: 480, fps: 15, run: {self.stage.run}}}
  document: {{kind: synthetic, width: 1280, height: 720, fps: 8, run: {self.stage.run}}}
audio: {sound}
paths:
  run: {self.root / "run"}
  data: {self.root / "data"}
"""


class Stage:
    """`prepare` writes everything; then start the hub, and `terminal`. All paths lie below `root`."""

    def __init__(self, programs: Programs, root: Path, sound: Sound, *, run: str = "", port: int = 0) -> None:
        self.programs = programs
        self.root = root.resolve()
        self.sound = sound
        self.run = run or secrets.token_hex(4).upper()
        self.port = port or free_port()
        self.password = secrets.token_urlsafe(9)
        self.hub: Program | None = None
        self.terminal = Terminal(self, COUNTER, self.root / "kiosk", sound)

    @property
    def address(self) -> str:
        """Where the desk is."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def database(self) -> Path:
        return self.root / "hub.db"

    def prepare(self) -> None:
        """Settings, keys and accounts, all new."""
        shutil.rmtree(self.root, ignore_errors=True)
        self.root.mkdir(parents=True)
        (self.root / "hub.yaml").write_text(self._hub_settings(), "utf-8")
        self.hub_tool(
            "add-operator", OPERATOR, "--display", OPERATOR_NAME, "--municipality", MUNICIPALITY,
            "--municipality", TOWN_COUNTER.municipality, said=self.password + "\n",
        )  # fmt: skip
        self._know(self.terminal)

    def add_terminal(self, place: Place, sound: Sound) -> Terminal:
        """One more kiosk, with settings and a key of its own; start it when the hub runs."""
        terminal = Terminal(self, place, self.root / place.device, sound)
        self._know(terminal)
        return terminal

    def add_specialist(self, who: HeadOffice) -> None:
        """An account with the stage's password."""
        self.hub_tool(
            "add-user", who.login, "--display", who.name, "--role", "specialist", "--municipality",
            who.municipality, "--department", who.department, said=self.password + "\n",
        )  # fmt: skip

    def query(self, statement: str, *values: str) -> dict[str, Any] | None:
        """The first row of what the hub's database holds now."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            row = connection.execute(statement, values).fetchone()
            return dict(row) if row is not None else None

    def _know(self, terminal: Terminal) -> None:
        place = terminal.place
        self.hub_tool(
            "add-kiosk", place.device, "--municipality", place.municipality, "--site", place.site,
            "--terminal", place.terminal, "--public-key", terminal.prepare(),
        )  # fmt: skip

    def check(self) -> None:
        """Lets hub and agent look at their settings. LocalError with what they say."""
        self.hub_tool("--check")
        self.tool("kiosk.agent", "--config", str(self.terminal.settings), "--check")

    def start_hub(self) -> Program:
        """Returns when it listens."""
        command = [sys.executable, "-m", "hub", "--config", str(self.root / "hub.yaml")]
        self.hub = self.programs.start("hub", command)
        self.programs.wait(self.hub, lambda: answers(self.port), 30, "the hub listens")
        return self.hub

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

    def hub_tool(self, *words: str, said: str = "") -> str:
        """What `python -m hub` prints about this stage's hub. LocalError when it refuses."""
        return self.tool("hub", "--config", str(self.root / "hub.yaml"), *words, said=said)

    def tool(self, module: str, *words: str, said: str = "") -> str:
        """What a program of ours prints. LocalError with its own words when it refuses."""
        done = subprocess.run(
            [sys.executable, "-m", module, *words], input=said, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise LocalError("setup", f"{module} {words[-1]}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout
