"""The encoder alone, with our settings, at the camera's pace: no network, no decisions."""

from __future__ import annotations

import asyncio

from hardware.ports import Frame
from kiosk.media.vp8 import Vp8Encoder
from tests.bench.media import clip
from tests.bench.media.senders.common import Task, Times, at_pace, serve


async def main() -> None:
    task = Task.from_arguments()
    encoder = Vp8Encoder(task.bps, clip.FPS)
    made = 0

    def encode(frame: Frame) -> None:
        nonlocal made
        made += encoder.encode(frame, task.bps, 1, False) is not None

    times = Times()
    feed = asyncio.create_task(at_pace(task, encode, times))

    async def nothing(*_: object) -> tuple[str, str]:
        return "", ""

    await serve(nothing, nothing, lambda: made, times)
    feed.cancel()


if __name__ == "__main__":
    asyncio.run(main())
