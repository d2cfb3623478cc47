"""What the board and the panel tell, from trees of files as the kernel lays them out."""

from __future__ import annotations

from pathlib import Path

import pytest

from hardware.board import LinuxBoard, supply_of
from hardware.display import PanelDisplay, panel_size
from hardware.errors import DeviceRefused


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def board(root: Path) -> LinuxBoard:
    return LinuxBoard(root / "proc", root / "sys", root / "etc")


def test_a_raspberry_pi_tells_who_it_is(tmp_path: Path) -> None:
    """Serial and model come without the device tree's closing zero byte."""
    write(tmp_path / "proc/device-tree/serial-number", "10000000abcdef01\0")
    write(tmp_path / "proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0")
    assert board(tmp_path).serial == "10000000abcdef01"
    assert board(tmp_path).model == "Raspberry Pi 5 Model B Rev 1.0"


def test_any_other_computer_has_a_lasting_number_too(tmp_path: Path) -> None:
    """Derived from the machine id without giving it away."""
    write(tmp_path / "etc/machine-id", "0123456789abcdef0123456789abcdef\n")
    serial = board(tmp_path).serial
    assert serial == board(tmp_path).serial
    assert len(serial) == 16
    assert serial not in "0123456789abcdef0123456789abcdef"
    assert board(tmp_path).model == "unknown computer"


def test_under_voltage_is_told_now_and_for_the_past(tmp_path: Path) -> None:
    """Acceptance is refused while it lasts, and a weak supply is known afterwards."""
    write(tmp_path / "sys/devices/platform/soc/soc:firmware/get_throttled", "50005\n")
    write(tmp_path / "sys/class/thermal/thermal_zone0/temp", "61234\n")
    write(tmp_path / "sys/class/thermal/thermal_zone1/temp", "48000\n")
    write(tmp_path / "proc/loadavg", "0.52 0.41 0.30 1/200 999\n")
    told = board(tmp_path).health()
    assert told["temperature_c"] == 61.234
    assert told["load_1min"] == 0.52
    for key in ("under_voltage", "throttled", "under_voltage_since_start", "throttled_since_start"):
        assert told[key] is True


@pytest.mark.parametrize(
    ("word", "true"),
    [
        (0x0, set()),
        (0x1, {"under_voltage"}),
        (0x8, {"throttled"}),
        (0x10000, {"under_voltage_since_start"}),
        (0x40000, {"throttled_since_start"}),
    ],
)
def test_each_bit_means_one_thing(word: int, true: set[str]) -> None:
    """Now and since the start are never confused."""
    assert {key for key, value in supply_of(word).items() if value} == true


def test_the_mainline_kernel_tells_under_voltage_too(tmp_path: Path) -> None:
    """Through its voltage monitor, where the firmware's file does not exist."""
    write(tmp_path / "sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n")
    assert board(tmp_path).health()["under_voltage"] is True


@pytest.mark.parametrize(
    ("text", "share"), [("some avg10=37.50 avg60=1.00\nfull avg10=9.00", 0.375), ("", None)]
)
def test_pressure_on_the_processor_is_a_share_where_the_kernel_counts_it(
    tmp_path: Path, text: str, share: float | None
) -> None:
    """The newest ten seconds; a kernel without the count is no error."""
    (tmp_path / "pressure").mkdir()
    (tmp_path / "pressure/cpu").write_text(text)
    assert LinuxBoard(proc=tmp_path).cpu_pressure() == share


def test_a_board_that_tells_nothing_is_no_error(tmp_path: Path) -> None:
    """What cannot be read is left out rather than invented."""
    assert board(tmp_path).health() == {"model": "unknown computer"}


def panel(root: Path, name: str, status: str, modes: str) -> None:
    write(root / f"class/drm/{name}/status", status + "\n")
    write(root / f"class/drm/{name}/modes", modes)


def test_the_size_is_the_connected_panels_preferred_mode(tmp_path: Path) -> None:
    """Unconnected outputs are passed over; an interlaced mode is read all the same."""
    panel(tmp_path, "card0-HDMI-A-1", "disconnected", "1920x1080\n")
    panel(tmp_path, "card1-DSI-1", "connected", "800x480i\n640x480\n")
    assert panel_size(tmp_path) == (800, 480)


def test_a_turned_panel_has_turned_sides(tmp_path: Path) -> None:
    """The UI draws upright; a size from the settings is meant as the UI sees it."""
    panel(tmp_path, "card1-DSI-1", "connected", "1280x800\n")
    assert PanelDisplay(rotation=90, sysfs=tmp_path).size == (800, 1280)
    assert PanelDisplay(rotation=180, sysfs=tmp_path).size == (1280, 800)
    assert PanelDisplay((800, 1280), 90, tmp_path).size == (800, 1280)
    with pytest.raises(DeviceRefused, match="choose 0, 90, 180 or 270"):
        PanelDisplay(rotation=45, sysfs=tmp_path)


async def test_dimming_writes_the_backlight_and_nothing_else(tmp_path: Path) -> None:
    """In the panel's own steps, bounded, and the signal stays on."""
    write(tmp_path / "class/backlight/10-0045/max_brightness", "31\n")
    write(tmp_path / "class/backlight/10-0045/brightness", "31")
    write(tmp_path / "class/backlight/10-0045/bl_power", "0")
    display = PanelDisplay((1280, 800), sysfs=tmp_path)
    assert display.dimmable
    light = tmp_path / "class/backlight/10-0045/brightness"
    for level, written in ((0.5, "16"), (0.0, "0"), (7.0, "31")):
        await display.dim(level)
        assert light.read_text() == written
    assert (tmp_path / "class/backlight/10-0045/bl_power").read_text() == "0"


async def test_a_panel_without_backlight_is_no_error(tmp_path: Path) -> None:
    """HDMI monitors stay as they are; without any panel the size is the usual one."""
    display = PanelDisplay(sysfs=tmp_path)
    await display.dim(0.2)
    assert not display.dimmable
    assert display.size == (1280, 800)
