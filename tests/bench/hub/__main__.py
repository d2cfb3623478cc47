"""`make bench-hub`: what links cost at our hub, beside Node's ws in the same run.

    make bench-hub                       # three interleaved rounds, 2,000 links, 5,000 idle terminals
    make bench-hub ARGS="--rounds 1 --links 500 --terminals 500"

Ours proves who is there (Ed25519 against the store), routes by call and epoch, numbers and keeps what it
says; Node's server looks a name up in a map. The crowd is the same program for both. Medians of the rounds;
the worst round stands in the note. The way from hub to hub is measured beside bare clients of the same
servers. The table goes to var/bench/hub.json.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median, quantiles

import uvloop

from tests.bench.hub import buses
from tests.bench.hub.processes import Server, crowd, hub_server, install, node_server
from tests.bench.report import Goal, Row, publish

PAIRS = 20
MESSAGES = 200  # of a pair, in each round
BYTES = 1500

Opened = Callable[[], AbstractAsyncContextManager[Server]]


@dataclass
class Figures:
    """Of one server, an entry for each round."""

    memory_kb: list[float] = field(default_factory=list)
    storm_s: list[float] = field(default_factory=list)
    storm_cpu_ms: list[float] = field(default_factory=list)  # for each link
    relay_us: list[float] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)


def main() -> int:
    """0 when every goal is reached."""
    parser = argparse.ArgumentParser(prog="make bench-hub", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (3)")
    parser.add_argument("--links", type=int, default=2000, help="links of a storm (2000)")
    parser.add_argument("--terminals", type=int, default=5000, help="idle terminals at a touch (5000)")
    parser.add_argument("--touches", type=int, default=300, help="touches (300)")
    chosen = parser.parse_args()
    install()
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    return 0 if publish("hub", uvloop.run(_measure(chosen))) else 1


async def _measure(chosen: argparse.Namespace) -> list[Row]:
    theirs, ours = Figures(), Figures()
    for number in range(chosen.rounds):
        print(f"   round {number + 1} of {chosen.rounds}", flush=True)
        await _round(node_server, theirs, chosen.links)
        with tempfile.TemporaryDirectory(prefix="bench-hub-") as directory:
            hub = partial(hub_server, Path(directory), terminals=chosen.links, desks=PAIRS)
            await _round(hub, ours, chosen.links)
    print(f"   touches among {chosen.terminals} idle terminals", flush=True)
    touches, idle, failed = await _touches(chosen.terminals, chosen.touches)
    print("   from hub to hub", flush=True)
    between = await buses.measure()
    return [*_rows(theirs, ours, chosen.links), *_touch_rows(touches, idle, failed), *between]


async def _round(opened: Opened, figures: Figures, links: int) -> None:
    """Idle memory, relayed words, then a storm: all on a server that has just been started."""
    async with opened() as server, crowd() as people:
        warm = links // 5  # a program that has just been started grows by other things than links
        crowd_of = {"kind": server.kind, "url": server.url, "prefix": "t", "key": server.key}
        found = await people.do("open", count=warm, **crowd_of)
        figures.failed.append(found["failed"])
        before = server.memory_kb()
        found = await people.do("open", count=links - warm, **crowd_of)
        figures.failed.append(found["failed"])
        await asyncio.sleep(1)
        figures.memory_kb.append((server.memory_kb() - before) / (links - warm))
        if server.cookies:
            await people.do("talk", url=server.url, desks=server.cookies)
        cpu = server.cpu_s()
        relayed = await people.do("relay", messages=MESSAGES, bytes=BYTES)
        figures.relay_us.append((server.cpu_s() - cpu) / relayed["relayed"] * 1e6)
        cpu = server.cpu_s()
        storm = await people.do("storm")
        figures.storm_s.append(storm["wall_s"])
        figures.storm_cpu_ms.append((server.cpu_s() - cpu) / links * 1e3)
        figures.failed.append(storm["failed"])
        if storm["failed"]:
            print(f"   {server.name}: {storm['failed']} failed: {storm['why']}", flush=True)


async def _touches(terminals: int, touches: int) -> tuple[list[float], float, int]:
    """Milliseconds from a touch to the ring, the hub's load while nobody touched, and who could not link."""
    with tempfile.TemporaryDirectory(prefix="bench-hub-") as directory:
        async with hub_server(Path(directory), terminals=terminals, desks=1) as hub, crowd() as people:
            found = await people.do(
                "open", kind="kiosk", url=hub.url, prefix="t", count=terminals, key=hub.key
            )
            cpu = hub.cpu_s()
            await asyncio.sleep(20)  # a heartbeat of each
            idle = (hub.cpu_s() - cpu) / 20
            rung = await people.do("ring", url=hub.url, desk=hub.cookies[0], touches=touches)
            return rung["ms"], idle, found["failed"]


def _rows(theirs: Figures, ours: Figures, links: int) -> list[Row]:
    def row(what: str, unit: str, figure: Callable[[Figures], list[float]], goal: Goal | None) -> Row:
        mine, peer = figure(ours), figure(theirs)
        note = f"worst {max(mine):.3g}, node ws {max(peer):.3g}; {len(mine)} rounds, {links} links"
        return Row(what, unit, median(mine), {"node ws": median(peer)}, goal, note)

    return [
        row("memory of an idle link", "KiB", lambda one: one.memory_kb, Goal.ratio_at_most(2.5)),
        row("CPU of a relayed word, 1.5 KB, with login and routing", "us", lambda one: one.relay_us,
            Goal.ratio_at_most(3)),
        row(f"storm: {links} links are back", "s", lambda one: one.storm_s, Goal.ratio_at_most(3)),
        row("CPU of a link in the storm", "ms", lambda one: one.storm_cpu_ms, None),
        Row("links that failed", "", sum(ours.failed), {"node ws": sum(theirs.failed)}, Goal.at_most(0)),
    ]  # fmt: skip


def _touch_rows(touches: list[float], idle: float, failed: int) -> list[Row]:
    steps = quantiles(touches, n=100)
    note = f"{len(touches)} touches one after the other; worst {max(touches):.3g}"
    return [
        Row("touch to ring, median", "ms", median(touches)),
        Row("touch to ring, p99", "ms", steps[98], note=note),
        Row("terminals that could not link", "", failed, goal=Goal.at_most(0)),
        Row("load of the hub by idle terminals", "CPU", idle),
    ]


if __name__ == "__main__":
    sys.exit(main())
