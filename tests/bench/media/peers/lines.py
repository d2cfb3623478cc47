"""What all peers share: JSON lines on standard input and output, and the record of the pictures that came."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from typing import Any, Protocol

from tests.bench.media.peers.drawn import Luma, read_stamp, wall_ms

LINE_BYTES = 1 << 20


class Lines:
    """Standard output, a JSON object a line."""

    def say(self, what: str, **fields: Any) -> None:
        print(json.dumps({"say": what, **fields}), flush=True)


class Seen:
    """The pictures that came, each once."""

    def __init__(self) -> None:
        self._all: list[tuple[int, int]] = []

    def add(self, luma: Luma) -> None:
        """A picture whose stamp cannot be read is no picture."""
        drawn = read_stamp(luma)
        if drawn is not None and (not self._all or self._all[-1][1] != drawn):
            self._all.append((wall_ms(), drawn))

    def since(self, ms: int) -> list[tuple[int, int]]:
        """(when it came, when it was drawn) of those that came from `ms` on."""
        return [pair for pair in self._all if pair[0] >= ms]


class Peer(Protocol):
    async def obey(self, order: dict[str, Any]) -> None: ...

    async def close(self) -> None: ...


def run_peer(make: Callable[[Lines], Peer]) -> int:
    """Obeys lines until "end" or the end of input."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    asyncio.run(_serve(make))
    return 0


async def _serve(make: Callable[[Lines], Peer]) -> None:
    reader = asyncio.StreamReader(limit=LINE_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    peer = make(Lines())
    try:
        while line := await reader.readline():
            order = json.loads(line)
            if order["do"] == "end":
                break
            await peer.obey(order)
    finally:
        await peer.close()
