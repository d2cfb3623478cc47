"""A terminal's name without its key."""

from __future__ import annotations

import pytest

from hub.core.audit import Action
from hub.sockets.kiosk import REFUSALS_PER_MINUTE
from hub.store import trail
from hub.store.fences import POOL
from tests.fakes.hub_client import FakeKiosk
from tests.fakes.hub_program import RunningHub


async def _rows(hub: RunningHub) -> int:
    async with hub.house.database.read(POOL) as tx:
        return sum(entry.action is Action.KIOSK_REFUSED for entry, *_ in await trail.entries(tx))


async def _wrong(hub: RunningHub, times: int) -> None:
    for _ in range(times):
        with pytest.raises(AssertionError, match="4003"):
            await FakeKiosk(hub.url, "t1").connect()


async def test_wrong_signatures_do_not_fill_the_trail(hub: RunningHub) -> None:
    """Every try is refused, a few a minute are written down, and the true terminal still comes in."""
    true = await hub.kiosk("t1")
    await _wrong(hub, REFUSALS_PER_MINUTE + 4)
    assert await _rows(hub) == REFUSALS_PER_MINUTE
    async with true:
        pass
    hub.clock.jump_steady(60)
    await _wrong(hub, 1)
    assert await _rows(hub) == REFUSALS_PER_MINUTE + 1
