"""`make faults`: what lines and power cuts do to the product, and to what stands beside it.

    python -m tests.faults                      # 40 faults on the links, 600 power cuts
    python -m tests.faults --faults 3000 --cuts 10000 --seed 2 links stores

The table goes to var/bench/faults.json; a row that falls short of its goal stays in it.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.report import Goal, Row, publish
from tests.faults import links, power

STORES = {"sqlite": "database: rows of a turn", "file": "files of the vault"}
BESIDE = {"sqlite": ("synchronous=OFF", "sqlite-off"), "file": ("in place", "file-in-place")}


def rows_of_links(count: int, seed: int) -> list[Row]:
    """One long talk with so many faults."""
    with tempfile.TemporaryDirectory() as name:
        toll = asyncio.run(links.run(Path(name), count=count, seed=seed))
        for log in sorted(Path(name).glob("*.log")):
            print(f"-- {log.name}: {log.read_text()[-2000:]}")
    for remark in toll.remarks:
        print(f"-- {remark}")
    said = f"{toll.said} words, {count} faults, seed {seed}"
    beside = f"of {toll.plain_said} words of a terminal that only connects again"
    back = sorted(toll.back_s)
    return [
        Row("words lost", "words", toll.lost, {"connects again only": toll.plain_lost}, Goal.at_most(0),
            f"{said}; beside: {beside}"),
        Row("words doubled", "words", toll.doubled, {"connects again only": toll.plain_doubled},
            Goal.at_most(0), said),
        Row("words out of order", "words", toll.reordered, {}, Goal.at_most(0), said),
        Row("words flow again after a fault, median", "s", statistics.median(back)),
        Row("words flow again after a fault, longest", "s", back[-1], {}, Goal.at_most(60.0)),
        Row("links of the terminal that went on", "links", toll.resumed, {"began anew": toll.begun}),
    ]  # fmt: skip


def rows_of_stores(cuts: int, seed: int) -> list[Row]:
    """Half of the cuts on each of our two ways to write."""
    found = []
    for kind, what in STORES.items():
        ours = power.run(kind, rows=300, cuts=cuts // len(STORES), seed=seed)
        name, other = BESIDE[kind]
        beside = power.run(other, rows=60, cuts=max(20, cuts // 10), seed=seed)
        note = f"{ours.made} cuts in {ours.events} calls to the disk; beside: of {beside.made} cuts"
        if ours.first:
            print(f"-- {what}: {ours.first}")
        found += [
            Row(f"{what}: cuts that lost a promised one", "cuts", ours.lost, {name: beside.lost},
                Goal.at_most(0), note),
            Row(f"{what}: cuts that left something torn", "cuts", ours.torn, {name: beside.torn},
                Goal.at_most(0), note),
        ]  # fmt: skip
    return found


def main() -> int:
    """1 when a row falls short of its goal."""
    reader = argparse.ArgumentParser(prog="python -m tests.faults")
    reader.add_argument("suites", nargs="*", help="links, stores; both when none is named")
    reader.add_argument("--faults", type=int, default=40, help="faults on the links")
    reader.add_argument("--cuts", type=int, default=600, help="power cuts on the stores")
    reader.add_argument("--seed", type=int, default=int(time.time()) % 100_000, help="to see the same again")
    chosen = reader.parse_args()
    suites = chosen.suites or ["links", "stores"]
    if unknown := set(suites) - {"links", "stores"}:
        reader.error(f"no suite {sorted(unknown)}; there are links and stores")
    print(f"seed {chosen.seed}")
    rows: list[Row] = []
    if "stores" in suites:
        rows += rows_of_stores(chosen.cuts, chosen.seed)
    if "links" in suites:
        rows += rows_of_links(chosen.faults, chosen.seed)
    return 0 if publish("faults", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
