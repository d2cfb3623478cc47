"""The kill harness in small: a hub that dies again and again, and a harness that sees what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kill.day import Setting, play


@pytest.mark.system
@pytest.mark.timeout(240)
async def test_no_call_is_lost_or_doubled_while_the_hub_is_killed(tmp_path: Path) -> None:
    """Whatever was told was written, every touch is one call, everybody comes back and every call ends."""
    setting = Setting(tmp_path, calls=25, terminals=12, desks=4, kill_every_s=(1.0, 3.0))
    report = await play(setting, seed=3, within_s=200)
    assert report.violations == []
    assert report.calls >= 25
    assert report.kills >= 1
