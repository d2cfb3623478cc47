"""Each program explains itself, and `--check` says what is wrong before anything is started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from provisioning.demo.programs import Programs
from provisioning.demo.stage import Sound, Stage
from tests.system.live import no_display

pytestmark = [pytest.mark.system, pytest.mark.beside]
MADOGUCHI = str(Path(sys.executable).with_name("madoguchi"))


def run(*command: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A program to its end; it may not ask anything."""
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, env=env, check=False
    )


def python(module: str, *words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", module, *words, env=env)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """Good settings of hub and terminal, with key and accounts; nothing runs."""
    root = tmp_path_factory.mktemp("commands")
    stage = Stage(Programs(root / "logs"), root / "stage", Sound(None))
    stage.prepare()
    return stage


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ([MADOGUCHI, "--help"], ["demo", "hub", "agent", "ui", "check"]),
        ([MADOGUCHI, "demo", "--help"], ["--size", "--port", "--directory", "report.json"]),
        ([sys.executable, "-m", "hub", "--help"], ["--config", "--check", "add-admin", "exit codes"]),
        ([sys.executable, "-m", "kiosk.agent", "--help"], ["--config", "--check", "--make-key"]),
        ([sys.executable, "-m", "kiosk.ui", "--help"], ["--socket", "--size", "--rotation", "--check"]),
    ],
    ids=["madoguchi", "demo", "hub", "agent", "ui"],
)
def test_help_explains_the_program(command: list[str], names: list[str]) -> None:
    """--help names every option that one needs first, without a display, a hub or a configuration."""
    done = run(*command, env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"})
    assert (done.returncode, done.stderr) == (0, "")
    assert [name for name in names if name not in done.stdout] == []


def test_the_hub_checks_good_settings(stage: Stage) -> None:
    """`--check` reads settings and all content, says so and ends."""
    done = python("hub", "--config", str(stage.root / "hub.yaml"), "--check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "good" in done.stdout


def test_the_agent_checks_good_settings(stage: Stage) -> None:
    """Settings, key, models and devices are looked at; nothing is opened."""
    done = python("kiosk.agent", "--config", str(stage.terminal.settings), "--check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "ready" in done.stdout
    assert not stage.terminal.ui_socket.exists()


def test_the_screen_checks_where_it_would_draw() -> None:
    """Display, fonts and layout are looked at; no window opens."""
    done = python("kiosk.ui", "--check", env={**os.environ, "SDL_VIDEODRIVER": "offscreen"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "fonts: complete" in done.stdout


@pytest.mark.parametrize(
    ("module", "file", "before", "after", "key"),
    [
        ("hub", "hub.yaml", "name: madoguchi", "name: Mado Guchi", "name"),
        ("hub", "hub.yaml", "  port: ", "  port: 7", "listen.port"),
        ("hub", "hub.yaml", "database:", "databases:", "databases"),
        ("kiosk.agent", "kiosk/kiosk.yaml", "device: ", "device: Kiosk ", "device"),
        ("kiosk.agent", "kiosk/kiosk.yaml", "fps: 15", "fps: many", "cameras.face.fps"),
        ("kiosk.agent", "kiosk/kiosk.yaml", "  telephone: ", "  telephone: call ", "place.telephone"),
    ],
)
def test_a_wrong_setting_is_named_with_file_line_and_key(
    stage: Stage, tmp_path: Path, module: str, file: str, before: str, after: str, key: str
) -> None:
    """Whoever reads the message can go to the line; the program starts nothing and ends with 2."""
    text = (stage.root / file).read_text("utf-8")
    (line,) = [n for n, words in enumerate(text.splitlines(), 1) if before in words]
    wrong = tmp_path / Path(file).name
    wrong.write_text(text.replace(before, after, 1), "utf-8")
    first = key in ("name", "device")  # the same code reads the others
    for words in (("--check",), ()) if first else (("--check",),):
        done = python(module, "--config", str(wrong), *words)
        assert done.returncode == 2
        assert f"{wrong}:{line}" in done.stderr
        assert key in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("module", ["hub", "kiosk.agent"])
def test_settings_that_are_not_there_are_named(module: str, tmp_path: Path) -> None:
    """A wrong path is told as such."""
    done = python(module, "--config", str(tmp_path / "none.yaml"))
    assert done.returncode == 2
    assert "none.yaml" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--size", "big"], "1280x800"),
        (["--rotation", "45"], "90"),
        (["--diagonal", "0"], "inches"),
        (["--sise", "1280x800"], "--sise"),
    ],
)
def test_a_wrong_option_of_the_screen_is_named(words: list[str], named: str) -> None:
    """What is allowed stands in the message."""
    done = python("kiosk.ui", *words)
    assert done.returncode == 2
    assert named in done.stderr


@pytest.mark.parametrize("display", ["", ":77"])
def test_a_screen_without_a_display_says_what_to_do(display: str) -> None:
    """It never draws where nobody can see it."""
    for words in (["--check"], []):
        done = python("kiosk.ui", *words, env=no_display(display))
        assert done.returncode == 2
        assert "DISPLAY" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_demo_refuses_a_size_that_no_panel_has() -> None:
    """The sizes that there are stand in the message."""
    done = run(MADOGUCHI, "demo", "--size", "640x480")
    assert done.returncode == 2
    assert "1280x800" in done.stderr
