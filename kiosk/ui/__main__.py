"""The terminal's screen: draws what the agent says and reports touches.

It knows nothing else: killing it never ends a call, and it may be started before or after the agent. With no
agent it waits and tries again every 0.3 s.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk.ui.boot import NoDisplay, WindowWish, configure, video_driver
from kiosk.ui.raster import RasterError, face
from kiosk.ui.tokens import metrics

NOTHING_TO_DRAW_ON = 2


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{3,4})x(\d{3,4})", text)
    if match is None or min(int(match[1]), int(match[2])) < 400:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no size: write WIDTHxHEIGHT, such as 1280x800, 400 or more"
        )
    return int(match[1]), int(match[2])


def _diagonal(text: str) -> float:
    try:
        inches = float(text)
    except ValueError:
        inches = 0.0
    if not 4 <= inches <= 60:
        raise argparse.ArgumentTypeError(f"{text!r} is no diagonal: write inches, 4 to 60")
    return inches


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m kiosk.ui", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument(
        "--socket", default="/run/madoguchi/ui.sock", help="Unix socket of the agent (default: %(default)s)"
    )
    made.add_argument(
        "--size",
        type=_size,
        default=(1280, 800),
        metavar="WxH",
        help="working size after rotation (default: 1280x800)",
    )
    made.add_argument("--rotation", type=int, choices=(0, 90, 180, 270), default=0, help="degrees, clockwise")
    made.add_argument(
        "--diagonal",
        type=_diagonal,
        help="of the panel in inches, for sizes in millimetres; common panels are known",
    )
    made.add_argument("--windowed", action="store_true", help="in a window with a frame and a mouse pointer")
    made.add_argument("--panel", default="", help="pattern for the name of the touch panel (default: any)")
    made.add_argument(
        "--telephone", default="", help="number to show when the agent does not come back within a minute"
    )
    made.add_argument("--check", action="store_true", help="check display, fonts and options, then exit")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """0 after a normal end, 2 when there is nothing to draw on or with."""
    wanted = parser().parse_args(arguments)
    try:
        driver = video_driver(os.environ)
        missing = face("BIZ UDPGothic, Noto Sans CJK JP", 32, False, "ja").missing("窓口𠮷ế")
    except (NoDisplay, RasterError) as error:
        print(f"kiosk.ui: {error}", file=sys.stderr)
        return NOTHING_TO_DRAW_ON
    if missing:
        print(
            "kiosk.ui: no font for Japanese or Vietnamese: install fonts-morisawa-bizud-gothic, "
            "fonts-noto-cjk and fonts-noto-core",
            file=sys.stderr,
        )
        return NOTHING_TO_DRAW_ON
    if wanted.check:
        print(_report(wanted, driver))
        return 0
    return _run(wanted, driver)


def _report(wanted: argparse.Namespace, driver: str) -> str:
    m = metrics(*wanted.size, diagonal=wanted.diagonal)
    there = "is there" if Path(wanted.socket).exists() else "is not there yet (it will be waited for)"
    return (
        f"display: {driver}, {m.width}x{m.height}, rotation {wanted.rotation}, layout {m.form}, "
        f"{m.per_mm:.2f} px/mm\nsmallest font: {m.least} px, smallest key: {m.target} px\n"
        f"fonts: complete\nagent: {wanted.socket} {there}"
    )


def _run(wanted: argparse.Namespace, driver: str) -> int:
    wish = WindowWish(wanted.size[0], wanted.size[1], wanted.rotation, wanted.windowed, wanted.panel)
    configure(wish, driver)
    try:
        from kiosk.ui.app import KioskUI
    except SystemExit:
        print(
            f"kiosk.ui: SDL could open no window with {driver}: see the messages above; on X11 check "
            "DISPLAY and xauth, on a bare board that this user may open /dev/dri (group video)",
            file=sys.stderr,
        )
        return NOTHING_TO_DRAW_ON
    KioskUI(wanted.socket, wanted.size, telephone=wanted.telephone, diagonal=wanted.diagonal).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
