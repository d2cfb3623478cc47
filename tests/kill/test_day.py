"""The kill harness in small: hubs that die again and again, and a harness that sees what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.postgres import new_database
from tests.kill.day import Setting, play
from tests.kill.mutant import MUTANTS

pytestmark = [pytest.mark.system, pytest.mark.beside, pytest.mark.timeout(300)]


@pytest.mark.parametrize("hubs", [1, 2])
async def test_no_call_is_lost_or_doubled_while_hubs_are_killed(tmp_path: Path, hubs: int) -> None:
    """Whatever was told was written, every touch is one call, everybody comes back and every call ends."""
    url = new_database() if hubs > 1 else ""
    setting = Setting(
        tmp_path, calls=20, hubs=hubs, terminals=12, desks=5, kill_every_s=(1.0, 3.0), database_url=url
    )
    report = await play(setting, seed=3, within_s=240)
    assert report.violations == []
    assert report.calls >= 20
    assert report.kills >= 1


@pytest.mark.parametrize("mutant", MUTANTS)
async def test_the_harness_sees_a_hub_with_a_fault(tmp_path: Path, mutant: str) -> None:
    """Without lock, compare-and-set and unique indexes, or without looking at what other hubs wrote, the same
    day breaks invariants: so a day that breaks none says something."""
    setting = Setting(tmp_path, calls=300, hubs=2, mutant=mutant, database_url=new_database())
    report = await play(setting, seed=3, within_s=240)
    assert report.violations != []
