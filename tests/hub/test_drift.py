"""The drift report: what is passed on too often shows, and single calls never do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub import drift_report
from hub.core.drift import Count, lines
from hub.store import calls
from hub.store.fences import POOL
from protocol.values import CallState
from tests.fakes.hub_program import content, running, settings_in
from tests.hub.store.cast import a_call

BOSS, SYSTEM = "本庁の判断が必要", "システムの操作が必要"


def test_many_transfers_for_one_reason_are_a_candidate_and_few_are_not() -> None:
    """At least five, and at least a fifth of the procedure's calls."""
    care, card = lines([
        Count("card", "completed", "", 90), Count("card", "transferred", BOSS, 9),
        Count("care", "completed", "", 20), Count("care", "transferred", BOSS, 10),
        Count("care", "transferred", SYSTEM, 4), Count("care", "callback", "担当者が不在", 6),
    ])  # fmt: skip
    assert (care.procedure, care.calls, care.completed, care.transferred) == ("care", 40, 20, 14)
    assert care.reasons == ((BOSS, 10), (SYSTEM, 4))
    assert care.candidates == ((BOSS, 10),)
    assert (card.procedure, card.candidates) == ("card", ()), "nine of ninety-nine"


async def test_the_report_counts_its_own_municipality_and_its_own_days(tmp_path: Path) -> None:
    """Out of what operators wrote down at the end of calls."""
    now = datetime.now(UTC)
    async with running(tmp_path) as hub:
        for town in ("minami", "kitamidai"):
            await hub.kiosk(f"k-{town}", town)
        async with hub.house.database.write(POOL) as tx:
            for number in range(8):
                town = "kitamidai" if number == 7 else "minami"
                record = replace(
                    a_call(f"c{number}"), municipality=town, kiosk=f"k-{town}", request_id=f"r{number}",
                    state=CallState.ENDED,
                )  # fmt: skip
                await calls.rows.insert(tx, record)
                at = now - timedelta(days=100) if number == 6 else now
                await calls.write_outcome(
                    tx, record, at=at, outcome="transferred", procedure="care-insurance", reason=BOSS, note=""
                )
        read = await drift_report.report(hub.house.settings, content(), "minami", 90)
    assert "■ 介護保険の相談 応対 6件、その場で完了 0件(0%)" in read
    assert f"本庁へ引き継ぎ: {BOSS} 6件 ← 見直しの候補" in read


async def test_without_wrap_ups_it_says_so(tmp_path: Path) -> None:
    """No empty table."""
    read = await drift_report.report(settings_in(tmp_path), content(), "minami", 90)
    assert "まだありません" in read
