"""Whatever program dies in a call, the call lives: the same record, and pictures that move again.

The tests stand in for the service manager, which starts again what ended.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from provisioning.demo.programs import Program, wait_for
from tests.system.live import CallRow, Live

pytestmark = [pytest.mark.system, pytest.mark.timeout(150)]


def kill_and_restart(program: Program | None) -> None:
    assert program is not None
    program.kill()
    program.restart()


def the_same_call(live: Live, before: CallRow, words: str) -> CallRow:
    """Pictures both ways, the hub's record unchanged, and every program hears the other."""
    live.moves_at_desk("face")
    live.moves_at_desk("document")
    live.moves_at_kiosk()
    live.says_and_is_read(words)
    after = live.call()
    assert after is not None
    assert (after.id, after.state, after.ended_by) == (before.id, "talking", "")
    return after


def test_the_screen_may_die(live: Live) -> None:
    """A killed screen shows the same call again; the operator's pictures never stop, no new epoch is made."""
    before = live.talk()
    assert live.stage.terminal.ui is not None
    live.stage.terminal.ui.kill()
    live.moves_at_desk("face", 20)
    live.stage.terminal.ui.restart()
    assert the_same_call(live, before, "画面").epoch == before.epoch


def test_each_camera_may_die(live: Live) -> None:
    """A killed camera process is replaced by a new one; no new epoch, and the other camera's stays."""
    before = live.talk()
    for victim in sorted(live.cameras()):
        (other,) = live.cameras() - {victim}
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: len(live.cameras() - {victim}) == 2, 15, "a new camera process")  # noqa: B023
        assert other in live.cameras()
        live.moves_at_desk("face")
        live.moves_at_desk("document")
    assert the_same_call(live, before, "カメラ").epoch == before.epoch


def test_the_agent_may_die(live: Live) -> None:
    """A killed agent takes its cameras with it, comes back and takes the call up with a new epoch."""
    before = live.talk()
    orphans = live.cameras()
    kill_and_restart(live.stage.terminal.agent)
    after = the_same_call(live, before, "端末")
    assert after.epoch > before.epoch
    assert not any(Path(f"/proc/{pid}").exists() for pid in orphans), "a camera outlived its agent"


def test_the_hub_may_die(live: Live) -> None:
    """Pictures go on while there is no hub; both sides come back to the same call and the same media."""
    before = live.talk()
    assert live.stage.hub is not None
    live.stage.hub.kill()
    live.desk.shows("link-bar")
    for _ in range(2):
        live.moves_at_desk("face", 20)
        live.moves_at_kiosk(20)
    live.stage.hub.restart()
    live.desk.gone("link-bar", 30)
    assert the_same_call(live, before, "窓口").epoch == before.epoch


def test_the_hub_may_hang(live: Live) -> None:
    """A hub that does not answer for seconds costs the media nothing."""
    before = live.talk()
    assert live.stage.hub is not None
    hub = live.stage.hub.process.pid
    os.kill(hub, signal.SIGSTOP)
    try:
        live.desk.shows("link-bar", 30)  # both sides have given the silent link up
        live.moves_at_desk("face", 20)
        live.moves_at_kiosk(20)
    finally:
        os.kill(hub, signal.SIGCONT)
    live.desk.gone("link-bar", 30)
    assert the_same_call(live, before, "待つ").epoch == before.epoch


def test_the_operator_may_reload(live: Live) -> None:
    """A reload in a call leads back into it in seconds, without a login and without a click."""
    before = live.talk()
    live.desk.page.reload()
    live.desk.shows("stage", 10)
    live.moves_at_desk("face", 15)
    assert the_same_call(live, before, "再読込").epoch > before.epoch


def test_after_all_that_the_call_ends_as_any_other(live: Live) -> None:
    """Nothing is left of it: no camera process, nothing in the agent's memory, and the next call comes."""
    before = live.talk()
    live.hang_up()
    wait_for(lambda: _wiped(live, before.id) is not None, 15, "the kiosk's proof of wiping")
    assert _wiped(live, before.id) == (0, True)
    assert live.cameras() == set()
    assert live.talk().id != before.id


def _wiped(live: Live, call: str) -> tuple[int, bool] | None:
    """How much was left and whether the screen was seen to be clean, as the kiosk told the hub."""
    row = live.query("select detail from call_event where kind = 'Wiped' and call = ?", call)
    if row is None:
        return None
    detail = json.loads(row["detail"])
    return detail["left"], detail["ui"]
