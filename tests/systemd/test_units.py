"""The units start programs that exist, come back by themselves and give away no more than they need."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

UNITS = sorted(Path("systemd").glob("*.service"))


def settings(unit: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in unit.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def test_there_is_a_unit_for_each_program() -> None:
    """Hub, agent and screen are services of their own."""
    assert [unit.stem for unit in UNITS] == ["madoguchi-agent", "madoguchi-hub", "madoguchi-ui"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_program_exists_and_comes_back(unit: Path) -> None:
    """What crashes is started again at once: an agent is back within 3 s."""
    found = settings(unit)
    module = re.search(r"-m (\S+)", found["ExecStart"][0])
    assert module is not None
    assert find_spec(module[1]) is not None
    assert found["Restart"] == ["always"]
    assert float(found["RestartSec"][0]) <= 1


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_nothing_of_a_call_can_reach_the_disk_by_a_crash(unit: Path) -> None:
    """No core dumps, no new privileges, a read-only system."""
    found = settings(unit)
    assert found["LimitCORE"] == ["0"]
    assert found["NoNewPrivileges"] == ["yes"]
    assert found["ProtectSystem"] == ["strict"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_the_exposure_is_small(unit: Path) -> None:
    """systemd's own measure of what a unit may still do."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", str(unit)],
        capture_output=True,
        text=True,
        check=True,
    )
    level = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert level is not None
    assert float(level[1]) <= 2.0
