"""The media of a call on a bad line, beside aiortc as it comes: freezes, delay and the way back after a cut.

Each run is a fresh laboratory, a fresh browser and a fresh peer; ours and stock take turns. `MADOGUCHI_RUNS`
says how many runs each row has (5). Values are medians; a note names the worst and how many runs counted.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.calm import calm
from tests.bench.media.conversation import Conversation, PageDesk, page_desk
from tests.bench.media.gaps import back_after, delays, frozen_for, longest_freeze, median
from tests.bench.media.peers.drawn import wall_ms
from tests.bench.report import Goal, Row
from tests.network.lab import Lab, refusal

RUNS = int(os.environ.get("MADOGUCHI_RUNS", "5"))
WARM_S = 4.0  # after the first pictures, before the line turns bad
LOSSY_S = 12.0
CUT_S = 5.0
PATIENCE_S = 15.0  # how long a picture may stay away after a cut before it counts as never
NARROW_BPS = 500_000
ADAPT_S = 10.0
NARROW_S = 15.0

Found = dict[str, float | None]
Talk = Conversation[PageDesk]
Scenario = Callable[[Lab, Talk], Awaitable[Found]]


async def lossy(lab: Lab, talk: Talk, share: float) -> Found:
    """Longest freeze of either direction while each packet is lost with this chance."""
    lab.lose("kiosk", share)
    before = await talk.desk.counters()
    start = wall_ms()
    await asyncio.sleep(LOSSY_S)
    end = wall_ms()
    after = await talk.desk.counters()
    up, down = await talk.pictures()
    made_up = (after["concealed"] - before["concealed"]) / max(1, after["samples"] - before["samples"])
    freezes = (longest_freeze(up, start, end), longest_freeze(down, start, end))
    return {"up": freezes[0], "down": freezes[1], "freeze": max(freezes), "made_up": 100 * made_up}


async def outage(lab: Lab, talk: Talk, seconds: float, moves: bool = False) -> Found:
    """How long after its end both pictures are back."""
    talk.cut()
    await asyncio.sleep(seconds)
    if moves:
        lab.move("kiosk")
    talk.heal()
    healed = wall_ms()
    backs: list[int | None] = [None]
    while None in backs and wall_ms() - healed < PATIENCE_S * 1000:
        await asyncio.sleep(0.5)
        backs = [back_after(seen, healed) for seen in await talk.pictures(healed)]
    known = [back for back in backs if back is not None]
    return {"back": max(known) if len(known) == len(backs) else None}


async def narrow(lab: Lab, talk: Talk) -> Found:
    """Freezes and delay of the face through a narrow uplink, after some seconds to adapt."""
    lab.limit("kiosk", up_bps=NARROW_BPS)
    await asyncio.sleep(ADAPT_S)
    start = wall_ms()
    await asyncio.sleep(NARROW_S)
    end = wall_ms()
    up, _ = await talk.pictures()
    return {
        "frozen": frozen_for(up, start, end),
        "freeze": longest_freeze(up, start, end),
        "delay": median(delays(up, start, end)),
    }


@dataclass(frozen=True, slots=True)
class Wanted:
    """A row: which value of a scenario, and its goal. `never` stands for a value that never came."""

    what: str
    key: str
    goal: Goal
    unit: str = "ms"
    never: float = PATIENCE_S * 1000


PLAN: Mapping[str, tuple[Scenario, tuple[str, ...], tuple[Wanted, ...]]] = {
    **{
        f"loss{percent}": (
            lambda lab, talk, percent=percent: lossy(lab, talk, percent / 100),
            ("ours", "stock"),
            (
                Wanted(f"longest freeze, {percent} % loss both ways", "freeze", Goal.at_most(limit)),
                Wanted(
                    f"voice that the desk makes up, {percent} % loss", "made_up", Goal.at_most(made_up), "%"
                ),
            ),
        )
        for percent, limit, made_up in ((2, 300, 1), (5, 300, 2), (10, 600, 4))
    },
    "cut": (
        lambda lab, talk: outage(lab, talk, CUT_S),
        ("ours", "stock"),
        (Wanted("both pictures back after a cut of 5 s", "back", Goal.at_most(1500)),),
    ),
    "narrow": (
        narrow,
        ("ours", "stock"),
        (
            Wanted("frozen in 15 s, uplink 500 kbit/s", "frozen", Goal.at_most(0)),
            Wanted("delay of the face, uplink 500 kbit/s", "delay", Goal.at_most(400)),
        ),
    ),
    **{
        f"outage{seconds}{'moved' if moves else ''}": (
            lambda lab, talk, seconds=seconds, moves=moves: outage(lab, talk, seconds, moves),
            ("ours",),
            (
                Wanted(
                    f"both pictures back after {seconds} s{' and a new address' if moves else ''}",
                    "back",
                    Goal.at_most(5000),
                ),
            ),
        )
        for seconds, moves in ((10, False), (30, False), (60, False), (2, True))
    },
}


def rows(only: Sequence[str] = ()) -> list[Row]:
    """All rows, or those of the named scenarios. RuntimeError where there are no namespaces."""
    if reason := refusal():
        raise RuntimeError(reason)
    return [row for name in only or PLAN for row in _rows(name)]


def _rows(name: str) -> list[Row]:
    scenario, peers, wanted = PLAN[name]
    found: dict[str, list[Found]] = {peer: [] for peer in peers}
    for number in range(RUNS):
        for peer in peers:
            result = calm(lambda peer=peer: asyncio.run(_run(peer, scenario)))  # type: ignore[misc]
            print(f"   {name}, run {number + 1}, {peer}: {result or 'void'}", flush=True)
            if result is not None:
                found[peer].append(result)
    return [_row(want, found) for want in wanted]


def _row(want: Wanted, found: Mapping[str, list[Found]]) -> Row:
    values = {
        peer: [want.never if (value := run[want.key]) is None else value for run in runs]
        for peer, runs in found.items()
    }
    notes = [f"{peer}: worst {max(all_):.3g} of {len(all_)}" for peer, all_ in values.items() if all_]
    ours = values.pop("ours")
    peers = {peer: median(all_) for peer, all_ in values.items()}
    return Row(want.what, want.unit, median(ours), peers, want.goal, "; ".join(notes))


async def _run(peer: str, scenario: Scenario) -> Found:
    with Lab("kiosk", "desk") as lab:
        async with page_desk(lab) as desk, Conversation(lab, desk, peer) as talk:
            await talk.flows()
            await asyncio.sleep(WARM_S)
            return await scenario(lab, talk)
