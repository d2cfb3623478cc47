"""`make kill-harness`: a day of calls while hubs are killed without a word; does every invariant hold?

    make kill-harness                                  # 1,000 calls
    make kill-harness ARGS="--calls 100 --seed 7"

The table goes to var/bench/kill-harness.json. Exit 1 when something was violated; the sentences are printed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.bench.report import Goal, Row, publish
from tests.kill.day import Report, Setting, play

CALLS = 1000


def main() -> int:
    """0 when all held."""
    parser = argparse.ArgumentParser(prog="make kill-harness", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=CALLS, help=f"calls ({CALLS})")
    parser.add_argument("--seed", type=int, default=1, help="of all that people and fate decide (1)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kill-") as directory:
        report = asyncio.run(play(Setting(Path(directory), calls=chosen.calls), chosen.seed))
    print(*report.violations, sep="\n")
    return 0 if publish("kill-harness", rows("one hub, SQLite", report, chosen.calls)) else 1


def rows(what: str, report: Report, calls: int) -> list[Row]:
    """One day as lines of the table."""
    day = ", ".join(f"{number} {state}" for state, number in report.states.most_common())
    moved = ", ".join(f"{number} {kind}" for kind, number in report.events.most_common())
    back = sorted(report.back_s) or [float("nan")]
    return [
        Row(f"{what}: violations", "", len(report.violations), goal=Goal.at_most(0),
            note="; ".join(report.violations)[:300]),
        Row(f"{what}: calls", "", report.calls, goal=Goal.at_least(calls),
            note=f"{day} in {report.took_s:.0f} s"),
        Row(f"{what}: kill -9", "", report.kills, goal=Goal.at_least(1), note=moved),
        Row(f"{what}: messages looked at", "", report.told, note=f"{report.looks} looks into the store"),
        Row(f"{what}: a side is back after a kill, median", "s", median(back)),
        Row(f"{what}: the same, worst", "s", back[-1], goal=Goal.at_most(10),
            note=f"a hub needs {median(report.start_s or [0]):.1f} s to start"),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
