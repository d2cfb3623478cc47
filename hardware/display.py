"""The panel: its working size, rotation and light. The signal is never cut: some panels do not wake."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from hardware.errors import DeviceRefused

log = logging.getLogger(__name__)

ROTATIONS: Final = (0, 90, 180, 270)
_FALLBACK: Final = (1280, 800)


def panel_size(sysfs: Path) -> tuple[int, int] | None:
    """The preferred mode of the first connected DRM output under /sys, in pixels; None without one."""
    for status in sorted(sysfs.glob("class/drm/card*-*/status")):
        if _text(status) != "connected":
            continue
        for mode in _text(status.with_name("modes")).splitlines():
            width, _, height = mode.rstrip("ip").partition("x")
            if width.isdigit() and height.isdigit():
                return int(width), int(height)
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""


class PanelDisplay:
    """Stands behind `ports.Display`. `size` None means: as the connected panel says, else 1280x800.

    `size` is after the rotation: what the UI draws. DeviceRefused unless that is 0, 90, 180 or 270.
    """

    def __init__(
        self, size: tuple[int, int] | None = None, rotation: int = 0, sysfs: Path = Path("/sys")
    ) -> None:
        if rotation not in ROTATIONS:
            raise DeviceRefused("display", f"rotation {rotation}: choose 0, 90, 180 or 270")
        width, height = size or panel_size(sysfs) or _FALLBACK
        self._size = (height, width) if rotation in (90, 270) and size is None else (width, height)
        self._rotation = rotation
        self._sysfs = sysfs

    @property
    def size(self) -> tuple[int, int]:
        return self._size

    @property
    def rotation(self) -> int:
        return self._rotation

    async def dim(self, level: float) -> None:
        """0 dark to 1 full, on every backlight; a panel without one stays as it is (see `dimmable`)."""
        wanted = min(1.0, max(0.0, level))
        for folder in sorted(self._sysfs.glob("class/backlight/*")):
            top = _text(folder / "max_brightness")
            if not top.isdigit():
                continue
            try:
                (folder / "brightness").write_text(str(round(int(top) * wanted)))
            except OSError as error:
                log.warning("backlight refused", extra={"backlight": folder.name, "cause": str(error)})

    @property
    def dimmable(self) -> bool:
        """Whether `dim` can do anything here."""
        return any(self._sysfs.glob("class/backlight/*/brightness"))
