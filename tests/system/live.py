"""The whole product on one machine for a module of tests: hub, agent, screen, a headless desk.

    live.talk()                              # a call with pictures both ways; an old one is used again
    live.stage.terminal.agent.kill(); live.stage.terminal.agent.restart()
    live.moves_at_desk("face"); live.moves_at_kiosk()
    assert live.call() == before

Tests act as the resident (touches), the operator (the desk's buttons) and the service manager (restart).
Nothing waits for a time: every method waits for what can be seen, and says what did not come.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.simulated import desk_clip, speech_like
from protocol.errors import LocalError
from provisioning.demo.counters import Seen, look
from provisioning.demo.desk_browser import DeskBrowser
from provisioning.demo.display import VirtualDisplay, largest_area
from provisioning.demo.programs import Program, Programs, wait_for
from provisioning.demo.sound import write_wave
from provisioning.demo.stage import BRAND, OPERATOR, Sound, Stage

SIZE = (1280, 800)  # smaller panels cut the counter off the operator's picture
CLIP_S, CLIP_FPS = 10, 20
LAP = CLIP_S * CLIP_FPS
SCENES = {"face": "F", "document": "D"}
ENOUGH = 4
"""So many different rising counters are a moving picture; a frozen one shows a single counter."""

PATIENCE_S = 40.0
AUDIO = """
async () => {
  const peer = window.peersForDemo.filter((p) => p.connectionState === 'connected').at(-1);
  if (!peer) return [0, 0];
  let packets = 0, frames = 0;
  for (const s of (await peer.getStats()).values()) {
    if (s.type !== 'inbound-rtp') continue;
    if (s.kind === 'audio') packets += s.packetsReceived ?? 0; else frames += s.framesReceived ?? 0;
  }
  return [packets, frames];
}
"""


@dataclass(frozen=True)
class CallRow:
    """The hub's record of a call, as far as it must not change."""

    id: str
    state: str
    epoch: int
    ended_by: str


class Live:
    """One stage with its eyes and hands. Programs that a test killed are started again by that test."""

    def __init__(self, stage: Stage, display: VirtualDisplay, desk: DeskBrowser) -> None:
        self.stage, self.display, self.desk = stage, display, desk

    def evidence(self, directory: Path, name: str) -> str:
        """Saves pictures of both sides; gives their place and the end of every program's log."""
        directory.mkdir(parents=True, exist_ok=True)
        self.display.save(directory / f"{name}-kiosk.png")
        self.desk.save(directory / f"{name}-desk.png")
        parts = [f"pictures: {directory}/{name}-*.png"]
        for program in (self.stage.hub, self.stage.terminal.agent, self.stage.terminal.ui):
            if program is not None:
                state = "runs" if program.running else f"ended with {program.process.returncode}"
                parts.append(f"--- {program.name} ({state})\n{program.tail(25)}")
        parts.append("--- desk\n" + "\n".join(self.desk.said[-25:]))
        return "\n".join(parts)

    # ------------------------------------------------------------------ a call

    def talk(self) -> CallRow:
        """A call with pictures both ways, whatever the test before has left."""
        row = self.call()
        if row is None or row.state != "talking":
            self.ring()
            self.desk.press("accept")
            wait_for(lambda: self.is_talking(), 20, "the hub's record of the accepted call")
        self.moves_at_desk("document")
        self.moves_at_kiosk()
        row = self.call()
        assert row is not None
        return row

    def ring(self) -> None:
        """A finger on whatever can be touched until there is a new call; returns when the desk rings."""
        if self.desk.part("wrap-up").is_visible():
            self.wrap_up()
        if self.desk.part("presence").get_attribute("data-state") == "away":
            self.desk.press("set-available")
        before = self.call()
        self.touch("the button on the idle screen", lambda: self.call() != before)
        self.desk.shows("ring-card")

    def touch(self, what: str, taken: Callable[[], bool]) -> None:
        """As a resident does: once more when nothing has happened for a while.

        The screen lets no finger press what has only just appeared, and after a call it says thank you first.
        """
        until = time.monotonic() + PATIENCE_S
        while not taken():
            assert time.monotonic() < until, f"a touch had no effect: {what}"
            self.display.tap(*self.button(what))
            with contextlib.suppress(LocalError):
                wait_for(taken, 2, what)

    def hang_up(self) -> None:
        """The operator ends the call and wraps it up."""
        self.desk.press("end-call")
        self.desk.press("end-confirm")
        self.wrap_up()

    def wrap_up(self) -> None:
        self.desk.shows("wrap-up")
        self.desk.press("outcome-completed")
        self.desk.part("wrap-up-procedure").locator("input").first.check()
        self.desk.press("wrap-up-save")
        self.desk.gone("wrap-up")

    def is_talking(self) -> bool:
        row = self.call()
        return row is not None and row.state == "talking"

    def says_and_is_read(self, words: str) -> None:
        """A caption that the resident's screen confirms: desk, hub, agent and screen hear each other."""
        self.desk.part("caption-input").fill(words)
        self.desk.press("caption-send")
        shown = self.desk.page.locator('[data-testid="caption-shown"][data-drawn="true"]', has_text=words)
        shown.wait_for(timeout=PATIENCE_S * 1000)
        self.desk.press("caption-clear")  # it covers a part of the operator's picture
        self.desk.gone("caption-clear")

    # ------------------------------------------------------------------ what is seen

    def button(self, what: str) -> tuple[int, int]:
        """Where the largest thing in the municipality's colour stands still on the kiosk's display."""
        found: list[tuple[int, int, int]] = []

        def there() -> bool:
            area = largest_area(self.display.shot(), BRAND)
            if area is not None and area[2] > 8000:
                found.append(area)
            return len(found) > 1 and found[-1] == found[-2]

        wait_for(there, PATIENCE_S, what, self.stage.terminal.ui)
        return found[-1][:2]

    def no_button(self, what: str) -> None:
        """Waits until nothing can be started by a touch."""

        def gone() -> bool:
            area = largest_area(self.display.shot(), BRAND)
            return area is None or area[2] < 8000

        wait_for(gone, PATIENCE_S, what, self.stage.terminal.ui)

    def moves_at_desk(self, role: str, seconds: float = PATIENCE_S) -> Seen:
        """Waits until the page's video of `role` shows enough new counters in a row."""
        return self._moves(lambda s: self.desk.collect(self.stage.run, SCENES[role], role, s), role, seconds)

    def moves_at_kiosk(self, seconds: float = PATIENCE_S) -> Seen:
        """Waits until the operator's picture on the kiosk's display shows enough new counters in a row."""

        def watch(window: float) -> Seen:
            seen, until = Seen(self.stage.run, "O", LAP), time.monotonic() + window
            while time.monotonic() < until:
                seen.take(look(self.display.shot()), time.time() * 1000)
            return seen

        return self._moves(watch, "operator", seconds)

    def _moves(self, look: Callable[[float], Seen], what: str, seconds: float) -> Seen:
        """Looks for a second, then longer: on a busy machine the call sends fewer pictures, and rightly."""
        until, window = time.monotonic() + seconds, 1.0
        while True:
            seen = look(window)
            if seen.rising >= ENOUGH:
                return seen
            window = 3.0
            assert time.monotonic() < until, f"{what}: no moving picture within {seconds:.0f} s: {seen}"

    def received_at_desk(self) -> tuple[int, int]:
        """Audio packets and video frames that the desk's newest connection has received."""
        packets, frames = self.desk.page.evaluate(AUDIO)
        return int(packets), int(frames)

    def hears_at_desk(self) -> None:
        """Waits until more sound has come to the desk."""
        before = self.received_at_desk()[0]
        wait_for(lambda: self.received_at_desk()[0] > before + 20, 20, "the resident's sound at the desk")

    # ------------------------------------------------------------------ what is known

    def query(self, statement: str, *values: object) -> dict[str, Any] | None:
        """The first row of a question to the hub's database."""
        with sqlite3.connect(f"file:{self.stage.database}?mode=ro", uri=True) as connection:
            connection.row_factory = sqlite3.Row
            row = connection.execute(statement, values).fetchone()
        connection.close()
        return dict(row) if row is not None else None

    def call(self) -> CallRow | None:
        """The newest call."""
        row = self.query("select id, state, epoch, ended_by from call order by queued_at desc limit 1")
        return CallRow(**row) if row else None

    def agent_log(self) -> str:
        """All that the agent has logged."""
        assert self.stage.terminal.agent is not None
        return self.stage.terminal.agent.log.read_text("utf-8", "replace")

    def cameras(self) -> set[int]:
        """Process ids of the agent's camera children."""
        assert self.stage.terminal.agent is not None
        return camera_children(self.stage.terminal.agent.process.pid)


def camera_children(parent: int) -> set[int]:
    """Living camera processes of an agent."""
    found = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it ended meanwhile
        if int(fields[1]) == parent and fields[0] != "Z" and b"hardware.cameras.child" in words:
            found.add(int(entry.name))
    return found


@contextlib.contextmanager
def programs_on_stage(root: Path, sound: Sound) -> Iterator[tuple[Stage, VirtualDisplay]]:
    """A prepared stage and its display, nothing started yet; everything ends with the block."""
    with Programs(root / "logs") as programs:
        stage = Stage(programs, root / "stage", sound)
        stage.prepare()
        yield stage, VirtualDisplay(programs, root / "display", *SIZE)


def start_screen(stage: Stage, display: VirtualDisplay) -> Program:
    """The terminal's screen on the virtual display."""
    return stage.terminal.start_ui(SIZE, {**os.environ, "DISPLAY": display.name})


@contextlib.contextmanager
def desk_at(stage: Stage, root: Path) -> Iterator[DeskBrowser]:
    """A browser whose camera plays the run's clip; nobody has logged in yet."""
    clip, voice = root / "operator.mjpeg", root / "operator.wav"
    desk_clip(clip, stage.run, CLIP_S, CLIP_FPS)
    write_wave(voice, speech_like(7, 5.0))
    with DeskBrowser(clip, voice, stage.sound.environment()) as desk:
        try:
            yield desk
        finally:
            (root / "logs" / "desk.log").write_text("\n".join(desk.said), "utf-8")


@contextlib.contextmanager
def whole(root: Path, sound: Sound | None = None) -> Iterator[Live]:
    """Everything runs and the operator waits for calls."""
    with programs_on_stage(root, sound or Sound(None)) as (stage, display):
        stage.start_hub()
        stage.terminal.start_agent()
        start_screen(stage, display)
        with desk_at(stage, root) as desk:
            desk.begin_shift(stage.address, OPERATOR, stage.password)
            yield Live(stage, display, desk)


def no_display(name: str = "") -> dict[str, str]:
    """This environment without a display, or with one that nobody serves."""
    env = {key: value for key, value in os.environ.items() if key not in _DISPLAYS}
    return {**env, "DISPLAY": name} if name else env


_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")
