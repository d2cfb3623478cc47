"""`make soak`: many calls in a row and, beside them, a long one, with the whole product; does anything grow?

    make soak                                  # 200 calls and one of an hour
    make soak ARGS="--calls 10 --minutes 2"

The hub, the agent and a desk in a real browser run as in a call of the network tests, once for the many calls
and once for the long one, at the same time. After each call, and every ten seconds of the long one,
descriptors, threads and memory of hub and agent are read. The table goes to var/bench/soak.json, all that was
read to var/bench/soak-looks.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from tests.bench.growth import Growth
from tests.bench.report import DIRECTORY, Goal, Row, publish
from tests.network.house import House, house

N = TypeVar("N", int, float)

LOOK_S = 10.0
PATIENCE_S = 60.0  # a busy machine is no fault of the product here
TALK_S = 1.0  # with pictures both ways, before a call is ended
LEAST = 100  # calls or looks below which a slope says nothing


def main() -> int:
    """Exit codes: 0 nothing grows, 1 something does."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=200, help="calls in a row (200)")
    parser.add_argument("--minutes", type=float, default=60.0, help="length of the long call (60)")
    chosen = parser.parse_args()
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        many_calls = pool.submit(_in_a_house, _many, chosen.calls)
        long_call = pool.submit(_in_a_house, _long, chosen.minutes)
        calls, long = many_calls.result(), long_call.result()
    rows = [*_rows(calls, f"{chosen.calls} calls", 100, "100 calls")]
    rows += _rows(long, f"{chosen.minutes:g} min", 3600 / LOOK_S, "hour")
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    looks = {"calls": calls, "long": long}
    record = {part: {name: one.record() for name, one in all_.items()} for part, all_ in looks.items()}
    (DIRECTORY / "soak-looks.json").write_text(json.dumps(record) + "\n", "utf-8")
    return 0 if publish("soak", rows) else 1


def _in_a_house(part: Callable[[House, N], dict[str, Growth]], much: N) -> dict[str, Growth]:
    try:
        with tempfile.TemporaryDirectory(prefix="soak-") as root, house(Path(root), PATIENCE_S) as there:
            return part(there, much)
    except Exception:  # in words: not every error finds its way back out of a process
        raise RuntimeError(traceback.format_exc()) from None


def _watched(there: House) -> dict[str, Growth]:
    programs = {"agent": there.stage.terminal.agent, "hub": there.stage.hub}
    return {name: Growth(program.process.pid) for name, program in programs.items() if program is not None}


def _many(there: House, calls: int) -> dict[str, Growth]:
    watched = _watched(there)
    for number in range(1, calls + 1):
        there.talk()
        time.sleep(TALK_S)
        there.hang_up()
        for one in watched.values():
            one.look()
        if number % 10 == 0:
            print(f"   {number} calls: {watched['agent'].looks[-1]}", flush=True)
    return watched


def _long(there: House, minutes: float) -> dict[str, Growth]:
    watched = _watched(there)
    there.talk()
    until = time.monotonic() + minutes * 60
    while time.monotonic() < until:
        time.sleep(LOOK_S)
        there.pictures_back(time.time(), PATIENCE_S)  # they have not stopped
        for one in watched.values():
            one.look()
    there.hang_up()
    return watched


def _rows(watched: Mapping[str, Growth], span: str, per: float, each: str) -> list[Row]:
    rows = []
    for name, one in watched.items():
        few = f"{len(one.looks)} looks" + (": too few to say anything" if len(one.looks) < LEAST else "")
        for what, unit in (("descriptors", "fds"), ("threads", "threads")):
            rows.append(
                Row(f"{name}: {what} risen in {span}", unit, one.risen(what), {}, Goal.at_most(0), few)
            )
        slope = one.slope("rss_kb", per) / 1024
        rows.append(Row(f"{name}: memory per {each}, {span}", "MB", slope, {}, Goal.at_most(1.0), few))
    return rows


if __name__ == "__main__":
    sys.exit(main())
