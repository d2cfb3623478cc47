"""The whole product on a line that goes away: hub, agent and a real desk, in the same call afterwards."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from provisioning.demo.programs import wait_for
from tests.network.house import house

pytestmark = [pytest.mark.system, pytest.mark.usefixtures("namespaces"), pytest.mark.timeout(150)]

PATIENCE_S = 40.0


def test_a_call_survives_an_outage_and_a_new_address(tmp_path: Path) -> None:
    """After seconds without a line the terminal comes back with another address, into the same call, and
    both pictures move again; nobody has touched anything."""
    with house(tmp_path) as there:
        there.talk()
        before = there.call()
        there.lab.cut("kiosk")
        wait_for(there.link_is_down, PATIENCE_S, "a link that is given up", there.stage.terminal.agent)
        there.lab.move("kiosk")
        there.lab.heal("kiosk")
        there.pictures_back(time.time(), PATIENCE_S)
        identity, state, epoch = there.call()
        assert (identity, state) == before[:2]
        assert epoch > before[2]
