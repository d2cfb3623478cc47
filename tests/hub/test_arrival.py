"""A terminal that comes back finds its place without a disk: thousands do so at once after a restart."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select, update

from hub.counter import views
from hub.store.database import NotWrittenError, Tx
from hub.store.fences import POOL, Towns
from hub.store.tables import kiosk as kiosk_table
from protocol.kiosk_link import Snapshot
from tests.fakes.hub_program import RunningHub


@contextlib.asynccontextmanager
async def _no_disk(_: Towns) -> AsyncIterator[Tx]:
    raise NotWrittenError("not_written", "nobody was to write")
    yield


async def test_an_idle_terminal_arrives_without_a_transaction(
    hub: RunningHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is to be decided, so it waits for no writer; its snapshot is the whole truth."""
    kiosk = await hub.kiosk("t1")
    with monkeypatch.context() as patch:
        patch.setattr(hub.house.database, "write", _no_disk)
        patch.setattr(hub.house.database, "telemetry", _no_disk)
        snapshot = await kiosk.connect()
        assert (snapshot.site.municipality, snapshot.call) == ("minami", None)
        await kiosk.drop()
        assert (await kiosk.connect()).site == snapshot.site
    await kiosk.drop()


async def test_a_terminal_in_a_call_finds_it_in_its_snapshot(hub: RunningHub) -> None:
    """As it is written."""
    kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
    async with kiosk, desk:
        await desk.available()
        call = (await kiosk.touch()).id
        await desk.rung()
        await kiosk.drop()
        snapshot = await kiosk.connect()
        assert snapshot.call is not None
        assert (snapshot.call.id, snapshot.call.state) == (call, "ringing")


async def test_terminals_of_one_place_share_what_they_are_told(hub: RunningHub) -> None:
    """Looked up once for all of them, and again as soon as somebody is on duty."""
    one, other, desk = await hub.kiosk("t1"), await hub.kiosk("t2"), await hub.desk("hana")
    async with hub.house.database.write(POOL) as tx:
        await tx.execute(update(kiosk_table).values(terminal="taiken-1"))
    sides = hub.house.counter.board.kiosks
    async with one, other:
        assert sides["t1"].told_site is sides["t2"].told_site
        async with desk:
            await desk.available()
            for kiosk in (one, other):
                await kiosk.expect(Snapshot, lambda said: said.site.operators_on_duty)
        assert sides["t1"].told_site is sides["t2"].told_site


async def test_a_place_is_looked_up_again_when_it_may_read_differently(hub: RunningHub) -> None:
    """No sooner: thousands of terminals are not looked through at each deadline."""
    async with await hub.kiosk("t1"):
        board = hub.house.counter.board
        due, side = board.next_place, board.kiosks["t1"]
        assert due is not None
        assert side.site_changes_at == due
        assert hub.house.counter.deadline() is not None
        await hub.jump((due - hub.clock.now()).total_seconds() + 1)
        assert board.next_place is not None
        assert board.next_place > due
        assert side.told_site == views.site(side.kiosk, hub.house.content, hub.clock.now(), on_duty=False)


async def test_what_terminals_run_is_written_together(hub: RunningHub) -> None:
    """Telemetry, at the next inspection."""
    kiosks = [await hub.kiosk(f"t{number}") for number in range(3)]
    async with contextlib.AsyncExitStack() as stack:
        for kiosk in kiosks:
            await stack.enter_async_context(kiosk)
        await hub.house.inspection.look()
        async with hub.house.database.read(POOL) as tx:
            rows = (await tx.execute(select(kiosk_table.c.id, kiosk_table.c.seen_at))).all()
    assert {id for id, at in rows if at is not None} == {"t0", "t1", "t2"}
