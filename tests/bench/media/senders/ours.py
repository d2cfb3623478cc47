"""Our media path with everything switched on: allocator, pacing, NACK, epochs."""

from __future__ import annotations

import asyncio
import contextlib

from kiosk.media import CallMedia, MediaSettings
from kiosk.media.allocator import StreamPlan
from protocol.values import MediaRole
from tests.bench.media import clip
from tests.bench.media.senders.common import Task, Times, at_pace, serve


async def main() -> None:
    task = Task.from_arguments()
    plan = StreamPlan(weight=1, min_bps=80_000, easy_bps=200_000, max_bps=task.bps, fps=clip.FPS, min_fps=6)
    settings = MediaSettings(start_bps=2 * task.bps, plans={MediaRole.FACE: plan, MediaRole.DOCUMENT: plan})
    times = Times()
    media = CallMedia(lambda event: None, lambda frame: times.saw(), settings)
    feed = asyncio.create_task(at_pace(task, media.face.push, times))

    async def offer() -> tuple[str, str]:
        made = await media.start(1)
        return made.sdp, next(mid for mid, role in made.mids.items() if role is MediaRole.FACE)

    await serve(offer, lambda sdp: media.answer(1, sdp), lambda: media.report().sent_face_frames, times)
    feed.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await feed
    await media.close()


if __name__ == "__main__":
    asyncio.run(main())
