"""`madoguchi demo`: one hub, one desk, one simulated kiosk on this machine."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hardware.audio_server import KIOSK_MIC, KIOSK_SPEAKER, PrivateAudioServer
from hardware.errors import DeviceError
from hardware.simulated import desk_clip, speech_like
from protocol.errors import LocalError
from provisioning.demo.desk_browser import DeskBrowser
from provisioning.demo.display import VirtualDisplay
from provisioning.demo.programs import Programs
from provisioning.demo.script import DESK_SPEAKER, Script
from provisioning.demo.second_call import SecondCall
from provisioning.demo.sound import write_wave
from provisioning.demo.stage import OPERATOR, SPECIALIST, TOWN_COUNTER, Sound, Stage
from provisioning.demo.verdict import shortfalls

DESK = Path(__file__).resolve().parents[2] / "hub" / "desk" / "dist" / "index.html"
MARKER = ".madoguchi-demo"
SIZES = ("1280x800", "800x480", "800x1280", "1920x1080")
CLIP_S, CLIP_FPS = 30, 20
VOICE_S = 20.0


def main(arguments: Sequence[str] | None = None) -> int:
    """0 shown; 1 something fell short or did not come; 2 this machine lacks something."""
    options = _parser().parse_args(arguments)
    size = tuple(int(side) for side in options.size.split("x"))
    root = Path(options.directory).resolve()
    began = time.monotonic()

    def tell(text: str) -> None:
        print(f"[{time.monotonic() - began:6.1f} s] {text}", flush=True)

    try:
        if options.check:
            return check(options.scripted or not os.environ.get("DISPLAY"))
        if options.scripted or not os.environ.get("DISPLAY"):
            return scripted(root, (size[0], size[1]), options.port, tell)
        return in_a_window(root, (size[0], size[1]), options.port, tell)
    except (LocalError, DeviceError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2 if isinstance(error, LocalError) and error.code == "missing" else 1
    except KeyboardInterrupt:
        return 130


def check(script: bool) -> int:
    """Whether everything is here that a run needs, and whether its settings are valid; starts no program."""
    wanted = ("chromium", "Xvfb", "xdotool", "pulseaudio", "pactl", "parec", "pacat") if script else ()
    missing = [program for program in wanted if shutil.which(program) is None]
    if not DESK.exists():
        missing.append(f"{DESK} (the built desk)")
    for name in missing:
        print(f"demo: {name}: missing; run `make setup`", file=sys.stderr)
    with tempfile.TemporaryDirectory() as directory, Programs(Path(directory) / "logs") as programs:
        stage = Stage(programs, Path(directory) / "stage", Sound(None))
        stage.prepare()
        stage.check()
    print(f"demo: {'not ' if missing else ''}ready")
    return 2 if missing else 0


def in_a_window(root: Path, size: tuple[int, int], port: int, tell: Any) -> int:
    """The kiosk in a window, the desk in the user's own browser; until Ctrl-C or until the window closes."""
    fresh(root)
    with Programs(root / "logs") as programs:
        stage = Stage(programs, root / "stage", Sound(None), port=port)
        tell("settings, keys and accounts")
        stage.prepare()
        stage.start_hub()
        stage.terminal.start_agent()
        screen = stage.terminal.start_ui(size, dict(os.environ), windowed=True)
        tell("ready")
        print(
            f"\n  kiosk   the window that has just opened (simulated cameras, no sound)"
            f"\n  desk    {stage.address}"
            f"\n  login   {OPERATOR}   password   {stage.password}"
            f"\n\n  Log in, choose 受付可, then touch the button in the window. Ctrl-C ends everything.\n",
            flush=True,
        )
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        while screen.running and not stop.wait(0.3):
            pass
        if not stop.is_set():
            raise LocalError("ended", f"the kiosk's window closed\n{screen.tail()}")
    return 0


def scripted(root: Path, size: tuple[int, int], port: int, tell: Any) -> int:
    """The whole call without anybody; leaves report.json and pictures in `root`."""
    fresh(root)
    if os.geteuid() == 0:
        os.nice(-5)  # pictures and sound are real time: before whatever else this machine does
    tell("no display: a virtual one, a headless browser at the desk, pictures as proof")
    audio = PrivateAudioServer(root / "sound", (KIOSK_MIC, KIOSK_SPEAKER, DESK_SPEAKER))
    with audio as server, Programs(root / "logs") as programs:
        stage = Stage(programs, root / "stage", Sound(server), port=port)
        display = VirtualDisplay(programs, root / "display", *size)
        stage.prepare()
        stage.start_hub()
        stage.terminal.start_agent()
        stage.terminal.start_ui(size, {**os.environ, "DISPLAY": display.name})
        tell(f"hub, agent and screen run; desk at {stage.address}")
        clip, voice_file = root / "operator.mjpeg", root / "operator.wav"
        desk_clip(clip, stage.run, CLIP_S, CLIP_FPS)
        voice = speech_like(secrets.randbits(32), VOICE_S)
        write_wave(voice_file, voice)
        sound = {**stage.sound.environment(), "PULSE_SINK": DESK_SPEAKER}
        with DeskBrowser(clip, voice_file, sound) as desk:
            script = Script(stage, display, desk, voice, CLIP_S * CLIP_FPS, root, tell)
            try:
                script.play()
                second_call(stage, programs, script, root, size, voice_file)
            except Exception:
                display.save(root / "failed-kiosk.png")
                desk.save(root / "failed-desk.png")
                (root / "logs" / "desk.log").write_text("\n".join(desk.said), "utf-8")
                raise
            finally:
                write_report(root, script.report)
    short = shortfalls(script.report)
    for line in short:
        tell(f"fell short: {line}")
    for leftover in (clip, voice_file):
        leftover.unlink()
    tell(f"report and pictures: {root}")
    return 1 if short else 0


def second_call(
    stage: Stage, programs: Programs, script: Script, root: Path, size: tuple[int, int], voice: Path
) -> None:
    """Another town's terminal and a specialist join the same hub and the same operator."""
    terminal = stage.add_terminal(TOWN_COUNTER, Sound(None))
    stage.add_specialist(SPECIALIST)
    display = VirtualDisplay(programs, root / "display-2", *size)
    terminal.start_agent()
    terminal.start_ui(size, {**os.environ, "DISPLAY": display.name})
    run, clip = secrets.token_hex(4).upper(), root / "specialist.mjpeg"
    desk_clip(clip, run, CLIP_S, CLIP_FPS)
    sound = {**stage.sound.environment(), "PULSE_SINK": DESK_SPEAKER}
    with DeskBrowser(clip, voice, sound, beside=script.desk) as specialist:
        specialist.begin_shift(stage.address, SPECIALIST.login, stage.password)
        call = SecondCall(
            stage, terminal, display, script.desk, specialist, run, CLIP_S * CLIP_FPS, script.picture
        )
        script.report["second_call"] = call.report
        try:
            call.play()
        except Exception:
            display.save(root / "failed-kiosk-2.png")
            specialist.save(root / "failed-specialist.png")
            (root / "logs" / "specialist.log").write_text("\n".join(specialist.said), "utf-8")
            raise
    clip.unlink()


def fresh(root: Path) -> None:
    """An empty directory of ours. LocalError for one that holds anything that no run has left there."""
    marker = root / MARKER
    if root.exists() and not root.is_dir():
        raise LocalError("directory", f"{root}: not a directory; name another with --directory")
    if root.exists() and any(root.iterdir()) and not marker.exists():
        raise LocalError(
            "directory",
            f"{root}: holds files that are not of a run and would be lost; name an empty directory",
        )
    try:
        if root.exists():
            shutil.rmtree(root)
        root.mkdir(parents=True)
        marker.write_text("made by `madoguchi demo`; everything here is replaced by the next run\n", "utf-8")
    except OSError as error:
        raise LocalError("directory", f"{root}: cannot be used: {error.strerror}") from None


def write_report(root: Path, report: dict[str, Any]) -> None:
    """report.json, whole."""
    temporary = root / ".report.json"
    temporary.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n", "utf-8")
    temporary.replace(root / "report.json")


def port_number(text: str) -> int:
    """A TCP port; 0 for a free one. ValueError makes argparse explain itself."""
    number = int(text)
    if not 0 <= number <= 65535:
        raise ValueError(text)
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="madoguchi demo",
        description="Hub, desk and a kiosk with simulated devices on this machine. With a display the kiosk "
        "opens in a window; without one a headless browser takes the operator's part and the run leaves "
        "report.json and pictures.",
    )
    parser.add_argument("--size", choices=SIZES, default=SIZES[0], help="size of the kiosk's screen")
    parser.add_argument("--check", action="store_true", help="look whether a run is possible, then end")
    parser.add_argument("--directory", default="var/demo", help="where everything of the run is kept")
    parser.add_argument("--port", type=port_number, default=0, help="port of the hub; a free one by default")
    parser.add_argument(
        "--scripted", action="store_true", help="play the scripted call although there is a display"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
