"""The queue before the line: what waits leaves in time, what is too much is given up, nothing stays stuck."""

from __future__ import annotations

import asyncio
from typing import Any

from kiosk.media.outbound import CONGESTED_S, PacketLine


class Out:
    """Stands for a picture's sender: remembers what left, and that it was told of a loss."""

    def __init__(self) -> None:
        self.left: list[bytes] = []
        self.lost = 0
        self.tap: Any = self

    def transmit(self, packet: bytes, now: float) -> None:
        self.left.append(packet)

    def lost_place(self) -> None:
        self.lost += 1


async def test_a_crowded_line_clears_by_itself() -> None:
    """Whoever waits for room is let in again although nothing more was sent meanwhile."""
    line, out = PacketLine(lambda: 800_000), Out()
    line.send(out, [bytes(1200)] * 40)  # type: ignore[arg-type]
    assert line.backlog_s > CONGESTED_S
    assert 0 < len(out.left) < 40
    async with asyncio.timeout(5):
        while line.backlog_s > 0:
            await asyncio.sleep(0.01)
    assert len(out.left) == 40
    assert out.lost == 0


async def test_a_line_that_carries_far_too_little_starts_again_at_a_key_frame() -> None:
    """Pictures that would be a second old are not sent; their sender is told to begin with a key frame."""
    line, out = PacketLine(lambda: 0), Out()
    line.send(out, [bytes(1200)] * 60)  # type: ignore[arg-type]
    assert out.lost == 1
    assert line.backlog_s == 0
    left = len(out.left)
    await asyncio.sleep(0.05)
    assert len(out.left) == left


async def test_a_closed_line_sends_nothing_more() -> None:
    """After an epoch's end no packet of it leaves."""
    line, out = PacketLine(lambda: 800_000), Out()
    line.send(out, [bytes(1200)] * 30)  # type: ignore[arg-type]
    line.close()
    left = len(out.left)
    await asyncio.sleep(0.05)
    assert len(out.left) == left < 30
