"""The computer itself: who it is, how warm it is, whether its supply is good. Reads /proc and /sys only."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

# The firmware's word for the supply and the clock; low bits now, high bits since the start.
_UNDER_VOLTAGE: Final = 1 << 0
_CAPPED: Final = 1 << 1
_THROTTLED: Final = 1 << 2
_SOFT_LIMIT: Final = 1 << 3
_SINCE_START: Final = 16
_THROTTLED_FILE: Final = "devices/platform/*/*firmware/get_throttled"  # the bus is named after the model


class LinuxBoard:
    """Stands behind `ports.Board`: a Raspberry Pi, or any other Linux as far as that can tell."""

    def __init__(
        self, proc: Path = Path("/proc"), sysfs: Path = Path("/sys"), etc: Path = Path("/etc")
    ) -> None:
        self._proc, self._sysfs, self._etc = proc, sysfs, etc

    @property
    def serial(self) -> str:
        """The board's own number; without one, 16 hex digits that stay the same for this installation."""
        for path in (
            self._proc / "device-tree/serial-number",
            self._sysfs / "firmware/devicetree/base/serial-number",
            self._sysfs / "class/dmi/id/product_uuid",
        ):
            text = _text(path)
            if text:
                return text
        # the machine id is confidential: only a digest of it leaves this function
        machine = _text(self._etc / "machine-id")
        return hashlib.sha256(b"madoguchi board " + machine.encode()).hexdigest()[:16]

    @property
    def model(self) -> str:
        for path in (self._proc / "device-tree/model", self._sysfs / "class/dmi/id/product_name"):
            text = _text(path)
            if text:
                return text
        return "unknown computer"

    def health(self) -> dict[str, float | bool | str]:
        """What can be read now: temperature_c, under_voltage, throttled (and both since the start), load."""
        told: dict[str, float | bool | str] = {"model": self.model}
        temperature = self._temperature()
        if temperature is not None:
            told["temperature_c"] = temperature
        told.update(self._supply())
        load = _text(self._proc / "loadavg").split()
        if load:
            told["load_1min"] = float(load[0])
        return told

    def cpu_pressure(self) -> float | None:
        """Share of the last 10 s in which some work waited for a processor, 0..1; None where the kernel does
        not count it (Linux PSI, on a Raspberry Pi with `psi=1` on the kernel's command line)."""
        for part in _text(self._proc / "pressure/cpu").split():
            if part.startswith("avg10="):  # the first line is 'some'
                return min(1.0, float(part.removeprefix("avg10=")) / 100)
        return None

    def _temperature(self) -> float | None:
        """Of the warmest thermal zone, in degrees Celsius."""
        read = [_text(path) for path in sorted(self._sysfs.glob("class/thermal/thermal_zone*/temp"))]
        degrees = [int(text) / 1000 for text in read if text.lstrip("-").isdigit()]
        return max(degrees) if degrees else None

    def _supply(self) -> dict[str, float | bool | str]:
        for path in self._sysfs.glob(_THROTTLED_FILE):
            text = _text(path)
            if text:
                return supply_of(int(text, 16))
        alarms = [_text(path) for path in sorted(self._sysfs.glob("class/hwmon/hwmon*/in0_lcrit_alarm"))]
        known = [text == "1" for text in alarms if text in ("0", "1")]
        return {"under_voltage": any(known)} if known else {}


def supply_of(word: int) -> dict[str, float | bool | str]:
    """What the firmware's word says: faults of this moment, and those since the start."""
    slow = _CAPPED | _THROTTLED | _SOFT_LIMIT
    past = word >> _SINCE_START
    return {
        "under_voltage": bool(word & _UNDER_VOLTAGE),
        "throttled": bool(word & slow),
        "under_voltage_since_start": bool(past & _UNDER_VOLTAGE),
        "throttled_since_start": bool(past & slow),
    }


def _text(path: Path) -> str:
    try:
        return path.read_bytes().rstrip(b"\0\n ").decode("utf-8", "replace").strip()
    except OSError:
        return ""
