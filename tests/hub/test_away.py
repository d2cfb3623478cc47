"""Breaks: a closed list of reasons that is stored, comes back after a reload, and lets nobody be rung."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.core import away
from hub.settings import Away, load
from hub.store import people
from hub.store.fences import POOL
from protocol.common import Refused
from protocol.desk_link import Presence, SetPresence
from protocol.errors import ConfigError
from tests.fakes.hub_program import running
from tests.hub.conftest import Cast


async def test_a_break_is_stored_and_comes_back_after_a_reload(cast: Cast) -> None:
    """Figures can tell a break from paperwork, and a reload forgets neither reason nor beginning."""
    await cast.desk.say(SetPresence(state="away", reason="break"))
    told = (await cast.desk.expect(Presence)).message
    assert (told.state, told.reason) == ("away", "break")
    async with cast.hub.house.database.read(POOL) as tx:
        record = await people.presence_of(tx, cast.desk.user)
    assert record is not None
    assert record.reason == "break"
    snapshot = await cast.desk.reload()
    assert (snapshot.presence_reason, snapshot.presence_since) == ("break", told.since)
    assert snapshot.away_reasons == away.DEFAULTS


async def test_a_reason_that_is_not_in_the_list_changes_nothing(cast: Cast) -> None:
    """The list is closed: no free text about people in the records."""
    await cast.desk.say(SetPresence(state="away", reason="toothache"))
    assert (await cast.desk.expect(Refused)).message.code == "unknown_reason"
    assert (await cast.desk.reload()).presence == "available"


async def test_a_service_names_its_own_reasons(tmp_path: Path) -> None:
    """What stands in the settings is what the desk offers, and nothing else."""
    reasons = (Away(id="tea", name="お茶", minutes=5),)
    async with running(tmp_path, away_reasons=reasons) as hub, await hub.desk("hana") as desk:
        await desk.say(SetPresence(state="away", reason="break"))
        assert (await desk.expect(Refused)).message.code == "unknown_reason"
        snapshot = await desk.reload()
        assert [(one.id, one.name, one.minutes) for one in snapshot.away_reasons] == [("tea", "お茶", 5)]


def test_a_reason_that_stands_twice_is_a_mistake(tmp_path: Path) -> None:
    """The check names the line."""
    file = tmp_path / "hub.yaml"
    file.write_text("away_reasons:\n  - {id: a, name: A}\n  - {id: a, name: B}\n", "utf-8")
    with pytest.raises(ConfigError, match=r"hub.yaml:3: away_reasons\[1\].id: .*stands twice"):
        load(file)
