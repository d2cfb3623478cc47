"""A peer program in a host of the laboratory: orders in, words out, a JSON object a line.

async with Program(lab.prefix("kiosk"), "tests.bench.media.peers.ours", heard) as program:
    program.order("start")
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from typing import Any, Self

from tests.bench.report import ROOT

PATIENCE_S = 20.0
LINE_BYTES = 1 << 22


class Program:
    """`heard` gets every word on the event loop's thread; "report" words go to who asked instead."""

    def __init__(self, prefix: Sequence[str], module: str, heard: Callable[[dict[str, Any]], None]) -> None:
        self._command = [*prefix, sys.executable, "-m", module]
        self._heard = heard
        self._reports: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._process: Process | None = None
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, cwd=ROOT, limit=LINE_BYTES
        )
        self._listener = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._listener is not None
        with contextlib.suppress(ConnectionError):
            self.order("end")
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._listener

    def order(self, what: str, **fields: Any) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **fields}).encode() + b"\n")

    async def report(self, since: int = 0) -> dict[str, Any]:
        """Its own words on what it has seen since `since` (wall clock, ms)."""
        self.order("report", since=since)
        async with asyncio.timeout(PATIENCE_S):
            report = await self._reports.get()
        if not report:
            raise RuntimeError(f"{self._command[-1]} has ended; its last words stand above")
        return report

    async def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            word = json.loads(line)
            if word["say"] == "report":
                self._reports.put_nowait(word)
            else:
                self._heard(word)
        self._reports.put_nowait({})  # it has ended: whoever waits shall not wait in vain
