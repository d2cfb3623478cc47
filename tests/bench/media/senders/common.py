"""What the senders written with asyncio share: options, the clip at its pace, words on stdin and stdout.

in   {"do": "offer"} {"do": "answer", "sdp": ...} {"do": "mark"} {"do": "times"} {"do": "stop"}
out  {"offer": sdp, "mid": of the picture} {"cpu": user and system s, "frames": encoded so far}
     {"sent": {number of the picture: when it was given}, "offer": when it was begun, "seen": first picture}

All times are seconds since 1970, for a browser on the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hardware.ports import Frame
from tests.bench.media import clip


@dataclass(frozen=True, slots=True)
class Task:
    """What to send."""

    directory: Path
    width: int
    height: int
    bps: int

    @classmethod
    def from_arguments(cls) -> Task:
        parser = argparse.ArgumentParser()
        parser.add_argument("directory", type=Path)
        for name in ("width", "height", "bps"):
            parser.add_argument(name, type=int)
        return cls(**vars(parser.parse_args()))


class Times:
    """When what happened."""

    def __init__(self) -> None:
        self.sent: dict[int, float] = {}  # by number in the clip
        self.offer: float | None = None
        self.seen: float | None = None

    def saw(self) -> None:
        """A picture of the other side is there."""
        self.seen = self.seen or time.time()


def cpu_s() -> float:
    """User and system time of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def say(**words: Any) -> None:
    print(json.dumps(words), flush=True)


async def at_pace(task: Task, take: Callable[[Frame], None], times: Times) -> None:
    """Gives every frame of the clip when it is due, in a loop; each is a copy, as a camera's frame is."""
    pictures = clip.load(task.directory, task.width, task.height)
    start, number = time.monotonic(), 0
    while True:
        number += 1
        await asyncio.sleep(max(0.0, start + number / clip.FPS - time.monotonic()))
        data = pictures[number % len(pictures)].copy()
        times.sent[number % len(pictures)] = time.time()
        take(Frame(data, task.width, task.height, time.monotonic(), number))


async def serve(
    offer: Callable[[], Awaitable[tuple[str, str]]],
    answer: Callable[[str], Awaitable[object]],
    encoded: Callable[[], int],
    times: Times,
) -> None:
    """Obeys until told to stop."""
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        word = json.loads(line)
        match word["do"]:
            case "offer":
                times.offer = time.time()
                sdp, mid = await offer()
                say(offer=sdp, mid=mid)
            case "answer":
                await answer(word["sdp"])
            case "mark":
                say(cpu=cpu_s(), frames=encoded())
            case "times":
                say(sent=times.sent, offer=times.offer, seen=times.seen)
            case "stop":
                return
