"""Short forms of what the network benchmark measures: a call's media survive a bad line.

The terminal's real media run in one namespace and a desk of aiortc, with our reception, in another. Nothing
here is a claim of speed: a test waits for pictures, and fails when they never come.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator

import pytest

from tests.bench.media.conversation import Conversation, ProgramDesk
from tests.bench.media.gaps import Pictures
from tests.bench.media.peers.drawn import age_ms, wall_ms
from tests.network.lab import Lab

pytestmark = [pytest.mark.system, pytest.mark.usefixtures("namespaces"), pytest.mark.timeout(120)]

Talk = Conversation[ProgramDesk]

MANY = 40  # pictures: two seconds of a good line
STANDSTILL_MS = 2_500
"""A picture that waits for its key frame stands for 0.3 s; one that waits for ever is what is looked for."""


@contextlib.asynccontextmanager
async def talk_over(lab: Lab) -> AsyncIterator[Talk]:
    """A call with pictures both ways over the laboratory's line as it is."""
    async with ProgramDesk(lab) as desk, Conversation(lab, desk, "ours") as talk:
        await talk.flows(5)
        yield talk


def longest_step(pictures: Pictures) -> int:
    """The longest time, in ms of the camera, that lies between two pictures that came one after the other."""
    return max(age_ms(first, second) for (_, first), (_, second) in itertools.pairwise(pictures))


async def test_a_line_that_loses_one_packet_in_ten_shows_pictures_all_the_time() -> None:
    """What is lost is sent again or made good by a key frame; neither side's picture stops."""
    with Lab("kiosk", "desk") as lab:
        async with talk_over(lab) as talk:
            lab.lose("kiosk", 0.10)
            start = wall_ms()
            await talk.flows(MANY, 60, since=start)
            up, down = await talk.pictures(start)
            assert longest_step(up) < STANDSTILL_MS
            assert longest_step(down) < STANDSTILL_MS
            assert not any(event.startswith(("silent", "lost")) for event in talk.events)


async def test_after_a_cut_the_same_connection_goes_on() -> None:
    """Three seconds without a packet are told, and healed without a new connection."""
    with Lab("kiosk", "desk") as lab:
        async with talk_over(lab) as talk:
            talk.cut()
            await _saw(talk, "silent 1")
            talk.heal()
            await talk.flows(MANY // 2, since=wall_ms())
            assert talk.epochs == 1


async def test_after_an_outage_and_with_a_new_address_the_call_goes_on_in_a_new_epoch() -> None:
    """A terminal that comes back elsewhere offers anew, and both pictures are there again."""
    with Lab("kiosk", "desk") as lab:
        async with talk_over(lab) as talk:
            talk.cut()
            await _saw(talk, "lost 1")
            lab.move("kiosk")
            talk.heal()
            await talk.flows(MANY // 2, since=wall_ms())
            assert talk.epochs >= 2


async def test_a_narrow_uplink_carries_fewer_pictures_and_no_standstill() -> None:
    """On 500 kbit/s the terminal sends what fits, and the face keeps moving."""
    with Lab("kiosk", "desk") as lab:
        async with talk_over(lab) as talk:
            lab.limit("kiosk", up_bps=500_000)
            await asyncio.sleep(5)  # the desk's estimate needs time to see it
            start = wall_ms()
            await talk.flows(MANY // 2, 60, since=start)
            up, _ = await talk.pictures(start)
            assert longest_step(up) < STANDSTILL_MS
            assert (await talk.report())["target_kbps"] < 700


async def _saw(talk: Talk, event: str) -> None:
    async with asyncio.timeout(20):
        while event not in talk.events:
            await asyncio.sleep(0.05)
