"""Kivy's settings, made before Kivy is imported. Import this module, call `configure`, then import the rest.

Kivy reads its environment at import and writes files into the home directory unless told not to; a terminal's
root is read-only, and neither a settings panel (F1) nor escape may exist at a counter.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ENVIRONMENT: Final = {
    "KIVY_NO_ARGS": "1",
    "KIVY_NO_CONFIG": "1",
    "KIVY_NO_FILELOG": "1",
    "KIVY_NO_ENV_CONFIG": "1",
    "KIVY_LOG_MODE": "MIXED",
    "KIVY_METRICS_DENSITY": "1",
    "KIVY_DPI": "96",
}
FRAMES_A_SECOND: Final = 30


class NoDisplay(RuntimeError):  # noqa: N818 - reads as what it says
    """There is nothing to draw on; the message says what to do."""


@dataclass(frozen=True, slots=True)
class WindowWish:
    """How the window shall be. `panel` is a pattern for the touch panel's name, '' for any."""

    width: int
    height: int
    rotation: int = 0
    windowed: bool = False
    panel: str = ""


def video_driver(environment: Mapping[str, str], *, drm: Path = Path("/dev/dri")) -> str:
    """SDL's driver to ask for by name. NoDisplay when none can work.

    SDL left alone falls back to 'offscreen' and the program would run where nobody can see it.
    """
    wished = environment.get("SDL_VIDEODRIVER", "")
    if wished and wished.lower() != "x11":
        return wished
    display = environment.get("DISPLAY", "")
    if display:
        _check_x11(display)
        return "x11"
    if any(drm.glob("card*")):
        return "KMSDRM"
    if environment.get("WAYLAND_DISPLAY"):
        raise NoDisplay(
            "only Wayland is running, and this draws through X11 or KMSDRM: start Xwayland and set DISPLAY"
        )
    raise NoDisplay(
        "no display: DISPLAY is not set and /dev/dri has no card. Start it inside a desktop, or on a virtual "
        "one (xvfb-run -s '-screen 0 1280x800x24' python -m kiosk.ui), or on a board with its panel; "
        "SDL_VIDEODRIVER=offscreen draws without showing"
    )


def _check_x11(display: str) -> None:
    match = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", display)
    if match is None:
        return  # a display on another machine: X itself will tell
    path = f"/tmp/.X11-unix/X{match[1]}"  # noqa: S108 - where X servers listen
    for address in (path, "\0" + path):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(address)
            except OSError:
                continue
            return
    raise NoDisplay(f"no X server answers at DISPLAY={display}: start it, or correct DISPLAY")


def configure(wish: WindowWish, driver: str) -> None:
    """Sets the environment and Kivy's configuration. Call once, before any other import of Kivy."""
    if any(name == "kivy.core.window" for name in sys.modules):
        raise RuntimeError("Kivy's window was imported before it was configured")
    os.environ.update(_ENVIRONMENT)
    os.environ["SDL_VIDEODRIVER"] = driver
    from kivy.config import Config

    for key, value in _graphics(wish, driver).items():
        Config.set("graphics", key, value)
    Config.set("kivy", "exit_on_escape", "0")
    Config.set("kivy", "log_level", "warning")
    Config.remove_section("input")
    Config.add_section("input")
    name, provider = _input(wish, driver)
    Config.set("input", name, provider)


def _graphics(wish: WindowWish, driver: str) -> dict[str, str]:
    swapped = wish.rotation in (90, 270)
    width, height = (wish.height, wish.width) if swapped else (wish.width, wish.height)
    desk = wish.windowed or driver == "offscreen"
    return {
        "width": str(width),
        "height": str(height),
        "rotation": str(wish.rotation),
        "fullscreen": "0" if desk or driver == "x11" else "auto",
        "borderless": "0" if wish.windowed else "1",
        "resizable": "0",
        "show_cursor": "1" if wish.windowed else "0",
        "multisamples": "0",
        "maxfps": str(FRAMES_A_SECOND),
        "vsync": "1",
        "allow_screensaver": "0",
    }


def _input(wish: WindowWish, driver: str) -> tuple[str, str]:
    """Exactly one provider: two of them report every touch twice."""
    if driver.lower() == "kmsdrm":
        match = f",match={wish.panel}" if wish.panel else ""
        return "panel_%(name)s", f"probesysfs,provider=mtdev{match}"
    return "mouse", "mouse,disable_multitouch"
