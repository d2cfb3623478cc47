"""`make kill-harness`: a day of calls while hubs are killed without a word; does every invariant hold?

    make kill-harness                                  # 1,000 calls at one hub, 1,000 at two, two mutants
    make kill-harness ARGS="--calls 100 --seed 7"
    make kill-harness ARGS="--only two"

At one hub the store is a file, at two a PostgreSQL server. The mutants are hubs with a fault; a harness that
does not see them proves nothing.

The table goes to var/bench/kill-harness.json. Exit 1 when something was violated; the sentences are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.report import Goal, Row, publish
from tests.fakes.postgres import new_database
from tests.kill.day import Report, Setting, play
from tests.kill.mutant import MUTANTS

CALLS = 1000


def main() -> int:
    """0 when all held."""
    parser = argparse.ArgumentParser(prog="make kill-harness", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=CALLS, help=f"calls ({CALLS})")
    parser.add_argument("--seed", type=int, default=1, help="of all that people and fate decide (1)")
    parser.add_argument("--only", choices=["one", "two", *MUTANTS], action="append", help="may be repeated")
    chosen = parser.parse_args()
    wanted = chosen.only or ["one", "two", *MUTANTS]
    found: list[Row] = []
    if "one" in wanted:
        report = _day(chosen.seed, calls=chosen.calls)
        found += rows("one hub, SQLite", report, chosen.calls, back_s=10)
    if "two" in wanted:
        report = _day(chosen.seed, calls=chosen.calls, hubs=2)
        found += rows("two hubs, PostgreSQL", report, chosen.calls, back_s=2)
    for name in MUTANTS:
        if name in wanted:
            report = _day(chosen.seed, calls=chosen.calls, hubs=2, mutant=name)
            note = f"after {report.calls} calls, {report.kills} kills; " + "; ".join(report.violations)[:200]
            seen = len(report.violations)
            found.append(Row(f"mutant {name}: violations seen", "", seen, goal=Goal.at_least(1), note=note))
    return 0 if publish("kill-harness", found) else 1


def _day(seed: int, **size: Any) -> Report:
    with tempfile.TemporaryDirectory(prefix="kill-") as directory:
        url = new_database() if size.get("hubs", 1) > 1 else ""
        report = asyncio.run(play(Setting(Path(directory), database_url=url, **size), seed))
    print(f"   {size}: {report.calls} calls, {report.kills} kills, {report.took_s:.0f} s", flush=True)
    print(
        *(f"   {number} x {text}" for text, number in report.warnings.most_common(12)), sep="\n", flush=True
    )
    print(*report.violations[:20], sep="\n", flush=True)
    return report


def rows(what: str, report: Report, calls: int, *, back_s: float) -> list[Row]:
    """One day as lines of the table."""
    day = ", ".join(f"{number} {state}" for state, number in report.states.most_common())
    moved = ", ".join(f"{number} {kind}" for kind, number in report.events.most_common())
    back = sorted(report.kiosk_back_s + report.desk_back_s)
    late = sorted(report.warnings.items())
    return [
        Row(f"{what}: violations", "", len(report.violations), goal=Goal.at_most(0),
            note="; ".join(report.violations)[:300]),
        Row(f"{what}: calls", "", report.calls, goal=Goal.at_least(calls),
            note=f"{day} in {report.took_s:.0f} s"),
        Row(f"{what}: kill -9", "", report.kills, goal=Goal.at_least(1), note=moved),
        Row(f"{what}: messages looked at", "", report.told, note=f"{report.looks} looks into the store"),
        Row(f"{what}: a side is back after a kill, median", "s", share(back, 0.5), goal=Goal.at_most(back_s),
            note=f"of {len(back)}; terminals {share(report.kiosk_back_s, 0.5):.2f} s, "
            f"desks {share(report.desk_back_s, 0.5):.2f} s"),
        Row(f"{what}: the same, 95 of 100", "s", share(back, 0.95), goal=Goal.at_most(back_s)),
        Row(f"{what}: the same, worst", "s", share(back, 1), goal=Goal.at_most(back_s),
            note=f"a hub needs {median(report.start_s or [0]):.1f} s to start"),
        Row(f"{what}: warnings and errors in the hubs' logs", "", report.warnings.total(),
            note="; ".join(f"{number} x {text}" for text, number in late)[:600]),
    ]  # fmt: skip


def share(values: Sequence[float], part: float) -> float:
    """The smallest value that so large a part of them does not exceed; not a number when there is none."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(part * len(ranked)) - 1)] if ranked else math.nan


if __name__ == "__main__":
    sys.exit(main())
