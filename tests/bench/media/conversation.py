"""A conversation between a peer program in the kiosk's namespace and Chromium in the desk's.

    async with desk_browser(lab) as browser, Conversation(lab, browser, "ours") as talk:
        await talk.flows()                             # pictures both ways
        lab.lose("kiosk", 0.05)
        await asyncio.sleep(12)
        up, down = await talk.pictures()               # what the page saw, what the terminal saw

Offers and answers pass through this program, and, as in the product, not while the line is cut.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

from tests.bench.media.gaps import Pictures
from tests.bench.report import ROOT
from tests.network.lab import Lab

PAGE = Path(__file__).parent / "peers" / "desk.html"
PEERS = {name: f"tests.bench.media.peers.{name}" for name in ("ours", "stock")}
PATIENCE_S = 20.0
LINE_BYTES = 1 << 22


@contextlib.asynccontextmanager
async def desk_browser(lab: Lab) -> AsyncIterator[Any]:
    """Chromium in the desk's namespace; Playwright speaks to it through pipes, so no network is needed."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=lab.wrapper("desk", "/usr/bin/chromium"),
            args=[
                "--no-sandbox",
                "--autoplay-policy=no-user-gesture-required",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
            ],
        )
        try:
            yield browser
        finally:
            await browser.close()


class Conversation:
    """One page, one peer program, one line."""

    def __init__(self, lab: Lab, browser: Any, peer: str) -> None:
        self._lab, self._browser, self._peer = lab, browser, peer
        self._page: Any = None
        self._program: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._reports: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._signals: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._passing = asyncio.Event()
        self._passing.set()
        self._tasks: list[asyncio.Task[None]] = []
        self.events: list[str] = []  # of the terminal: "lost 1", "active 2"
        self.epochs = 0

    async def __aenter__(self) -> Self:
        self._page = await self._browser.new_page()
        await self._page.route("**/*", lambda route: route.fulfill(path=PAGE, content_type="text/html"))
        await self._page.goto("http://localhost/")
        await self._page.evaluate("begin()")
        command = [*self._lab.prefix("kiosk"), sys.executable, "-m", PEERS[self._peer]]
        self._program = await asyncio.create_subprocess_exec(
            *command, stdin=PIPE, stdout=PIPE, cwd=ROOT, limit=LINE_BYTES
        )
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._signal())]
        self._order("start")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._program is not None
        with contextlib.suppress(ConnectionError):
            self._order("end")
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._program.wait()
        except TimeoutError:
            self._program.kill()
            await self._program.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._page.close()

    async def flows(self, pictures: int = 10, seconds: float = PATIENCE_S) -> None:
        """Until both sides have seen so many different pictures."""
        async with asyncio.timeout(seconds):
            while any(len(seen) < pictures for seen in await self.pictures()):
                await asyncio.sleep(0.2)

    async def pictures(self, since: int = 0) -> tuple[Pictures, Pictures]:
        """(face that the page saw, picture that the terminal saw), each (came, drawn) in ms."""
        page = await self._page.evaluate("since => seen.face.filter(([came]) => came >= since)", since)
        report = await self.report(since)
        return [tuple(pair) for pair in page], [tuple(pair) for pair in report["seen"]]

    async def report(self, since: int = 0) -> dict[str, Any]:
        """The terminal's own words."""
        self._order("report", since=since)
        async with asyncio.timeout(PATIENCE_S):
            return await self._reports.get()

    async def counters(self) -> dict[str, Any]:
        """The page's getStats, in short."""
        return dict(await self._page.evaluate("counters()"))

    def cut(self) -> None:
        """The terminal's line is dead, for its signalling too."""
        self._lab.cut("kiosk")
        self._passing.clear()

    def heal(self) -> None:
        self._lab.heal("kiosk")
        self._passing.set()

    def renew(self) -> None:
        """The desk asks for a new epoch."""
        self._order("start")

    def _order(self, what: str, **fields: Any) -> None:
        assert self._program is not None
        assert self._program.stdin is not None
        self._program.stdin.write(json.dumps({"do": what, **fields}).encode() + b"\n")

    async def _listen(self) -> None:
        assert self._program is not None
        assert self._program.stdout is not None
        while line := await self._program.stdout.readline():
            said = json.loads(line)
            match said["say"]:
                case "offer":
                    self._signals.put_nowait(said)
                case "report":
                    self._reports.put_nowait(said)
                case "event":
                    self.events.append(f"{said['kind']} {said['epoch']}")

    async def _signal(self) -> None:
        """Passes offers and answers while the line is up; the newest offer is the one that counts."""
        while True:
            offer = await self._signals.get()
            await self._passing.wait()
            while not self._signals.empty():
                offer = self._signals.get_nowait()
            answer = await self._page.evaluate("o => answer(o)", offer)
            self._order("answer", epoch=offer["epoch"], sdp=answer)
            self.epochs += 1
