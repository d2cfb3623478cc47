"""A sender as a child process: how it is started and spoken to."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.bench.media import clip
from tests.bench.report import ROOT

DEBIAN = ["/usr/bin/python3", str(Path(__file__).parent / "senders" / "gstreamer.py")]
OURS = [sys.executable, "-m"]
COMMANDS: Mapping[str, list[str]] = {
    "ours": [*OURS, "tests.bench.media.senders.ours"],
    "bare encoder": [*OURS, "tests.bench.media.senders.bare"],
    "bare GStreamer": [*DEBIAN, "bare"],
    "webrtcbin": [*DEBIAN, "webrtc"],
    "stock aiortc": [*OURS, "tests.bench.media.senders.stock"],
}
ANSWER_S = 20.0


class Sender:
    """One running sender; `tell` and `ask` take the words of senders/common.py."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def tell(self, **word: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(word).encode() + b"\n")

    async def ask(self, **word: object) -> dict[str, Any]:
        """RuntimeError when it has ended, TimeoutError when it is silent."""
        self.tell(**word)
        assert self._process.stdout is not None
        async with asyncio.timeout(ANSWER_S):
            line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("the sender ended")
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def running(name: str, width: int, height: int, bps: int) -> AsyncIterator[Sender]:
    """The sender `name` with the clip of this size; ended at the end."""
    arguments = [str(clip.frames(width, height)), str(width), str(height), str(bps)]
    process = await asyncio.create_subprocess_exec(
        *COMMANDS[name], *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    sender = Sender(process)
    try:
        yield sender
    finally:
        if process.returncode is None:
            sender.tell(do="stop")
            try:
                async with asyncio.timeout(ANSWER_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
