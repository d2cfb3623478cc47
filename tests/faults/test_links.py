"""The short form of `make faults`: a few faults on real programs in namespaces cost no word."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from tests.faults import links
from tests.faults.links import Fault, Toll
from tests.network.lab import refusal


def test_the_menu_is_had_whole_before_anything_comes_twice() -> None:
    """Twenty faults are each kind on each host; the same seed is the same order."""
    chosen = links.faults(40, random.Random(1))
    assert chosen == links.faults(40, random.Random(1))
    counted = Counter((one.kind, one.whom) for one in chosen)
    assert counted == {place: 2 * links.MENU.count(place) for place in set(links.MENU)}


def test_a_toll_counts_what_went_wrong() -> None:
    """A word that is missing, twice or out of order shows, and a snapshot stands for what it replaces."""
    toll = Toll()
    toll.judge("a", 5, [1, 2, 2, 5, 4])
    assert (toll.lost, toll.doubled, toll.reordered) == (1, 1, 1)
    toll = Toll()
    toll.judge_heard("b", [("present", 1), ("snapshot", 4), ("present", 5), ("present", 5), ("present", 8)])
    assert (toll.lost, toll.doubled, toll.reordered) == (2, 1, 0)
    toll.judge_heard("c", [("snapshot", 3), ("present", 2)])
    assert toll.reordered == 1


@pytest.mark.system
@pytest.mark.timeout(300)
async def test_a_few_faults_cost_no_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reset, a cut, a hub and an agent that are killed: nothing is lost or doubled, and links go on."""
    if reason := refusal():
        pytest.skip(f"NOTHING IS PROVEN ABOUT FAULTS ON LINKS HERE: {reason}")
    few = [
        Fault("reset", "kiosk", 2.0), Fault("cut", "hub", 3.0), Fault("kill", "hub", 1.0),
        Fault("kill", "kiosk", 1.0), Fault("move", "desk", 0.0),
    ]  # fmt: skip
    monkeypatch.setattr(links, "faults", lambda *_: few)
    toll = await links.run(tmp_path, count=len(few), seed=1)
    assert (toll.lost, toll.doubled, toll.reordered, toll.remarks) == (0, 0, 0, [])
    assert toll.resumed >= 1
    assert toll.said > 50
    log = (tmp_path / "hub.log").read_text()
    assert "Traceback" not in log
